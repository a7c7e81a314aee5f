// What the control's nodes have published: the stream in Redis through which they reach each other, and the messages that
// clients miss without a report.
import { Redis } from "ioredis";
import { idOf } from "../client-log.ts";
import type { LoggedMessage } from "../ledger.ts";

/** A message in its room's part of the stream; sequences are counted from 1 here. */
export interface Entry extends LoggedMessage {
	readonly offset: string;
}

const STREAM = "socket.io";
/** `MessageType.BROADCAST` of socket.io-adapter. */
const BROADCAST = "3";

interface Broadcast {
	readonly packet: { readonly data: readonly [event: string, text: string] };
	readonly opts: { readonly rooms: readonly string[] };
}

/** Everything that is in the stream, by rooms. */
export async function readStream(redisUrl: string): Promise<Map<string, Entry[]>> {
	const client = new Redis(redisUrl);
	client.on("error", () => {});
	try {
		const rooms = new Map<string, Entry[]>();
		for (const [offset, fields] of await client.xrange(STREAM, "-", "+")) {
			const field = (name: string): string => fields[fields.indexOf(name) + 1] ?? "";
			if (field("type") !== BROADCAST) continue;
			const { packet, opts } = JSON.parse(field("data")) as Broadcast;
			const room = opts.rooms[0] ?? "";
			const entries = rooms.get(room) ?? [];
			rooms.set(room, entries);
			entries.push({ id: idOf(packet.data[1]), offset, sequence: entries.length + 1 });
		}
		return rooms;
	} finally {
		client.disconnect();
	}
}

/**
 * Counts the gaps in a log that were not reported to its client: adjacent missing messages are one gap.
 *
 * @param gapsAt - positions in the log before which something may be missing, as reported to the client.
 * @param length - of the room's history.
 */
export function unreportedGaps(log: readonly LoggedMessage[], gapsAt: readonly number[], length: number): number {
	const seen = new Set(log.map(({ sequence }) => sequence));
	// What was reported as uncertain: from the last that the client had to the first that it received afterwards.
	const reported = gapsAt.map((place) => ({
		after: log.slice(0, place).reduce((highest, { sequence }) => Math.max(highest, sequence), 0),
		before: log[place]?.sequence ?? Number.POSITIVE_INFINITY,
	}));
	let gaps = 0;
	let isInGap = false;
	for (let sequence = 1; sequence <= length; sequence++) {
		const isSilent =
			!seen.has(sequence) && !reported.some(({ after, before }) => sequence > after && sequence < before);
		if (isSilent && !isInGap) gaps++;
		isInGap = isSilent;
	}
	return gaps;
}
