// Which channels a box has: found by going through its keys, a little at a time, and kept for a moment, so that the pages
// of a list are of one finding.

import type { Redis } from "ioredis";
import { batches } from "../../../common/batches.ts";
import type { Logger } from "../../../common/logger.ts";
import { fillPage, wholePage } from "../../../common/page-fill.ts";
import type { DataType } from "../../../protocol/gen/schema.ts";
import type { BoxChannel, BoxChannelPage, PointKey } from "../boxes/box-points.ts";
import { channelBefore } from "../boxes/channel-cursor.ts";
import type { BoxLink, ReplyOrError } from "./box-link.ts";
import type { PointKeys } from "./dialect.ts";
import { parseText, toUnixMs } from "./points-values.ts";

/** Keys scanned in one step: short enough that other clients of the server do not wait for it. */
const SCAN_COUNT = 1000;
/** Steps of one finding: a million keys. */
const MAX_SCAN_STEPS = 1000;
/** Channels that are listed. */
const MAX_CHANNELS = 10_000;
/** Channels whose sizes are asked for at a time. */
const SIZES_PER_PIPELINE = 100;
const KEPT_MS = 2000;
/** A field of the hash, and no point. */
const TIMESTAMP = "_timestamp";

/** Channel → its types, by number. */
type Found = ReadonlyMap<number, readonly DataType[]>;

interface Finding {
	readonly found: Promise<Found>;
	readonly atMs: number;
}

export class ChannelList {
	private readonly link: BoxLink;
	private readonly dialect: PointKeys;
	private readonly logger: Logger;
	/** By family, of which the dialect has few. */
	private readonly findings = new Map<string, Finding>();

	constructor(link: BoxLink, dialect: PointKeys, logger: Logger) {
		this.link = link;
		this.dialect = dialect;
		this.logger = logger;
	}

	/** As `BoxPoints.channels`. */
	async page(family: string, cursor: string, limit: number): Promise<BoxChannelPage> {
		const after = channelBefore(cursor);
		const found = await this.find(family);
		const behind = [...found.keys()].filter((channel) => channel > after);
		const { shown: wanted, nextCursor } = fillPage<number>(wholePage, { found: behind, limit, cursorBehind: String });
		const channels: BoxChannel[] = [];
		for (const some of batches(wanted, SIZES_PER_PIPELINE)) {
			channels.push(...(await this.describe(family, some, found)));
		}
		return { channels, nextCursor };
	}

	private find(family: string): Promise<Found> {
		const now = performance.now();
		const last = this.findings.get(family);
		if (last !== undefined && now - last.atMs < KEPT_MS) return last.found;
		const finding = { found: this.link.run((client) => this.scan(client, family)), atMs: now };
		this.findings.set(family, finding);
		const forget = () => {
			if (this.findings.get(family) === finding) this.findings.delete(family);
		};
		finding.found.then(() => setTimeout(forget, KEPT_MS).unref(), forget);
		return finding.found;
	}

	private async scan(client: Redis, family: string): Promise<Found> {
		const found = new Map<number, Set<DataType>>();
		let cursor = "0";
		for (let step = 0; step < MAX_SCAN_STEPS && found.size < MAX_CHANNELS; step++) {
			const [next, keys] = await client.scan(cursor, "MATCH", this.dialect.scanPattern(family), "COUNT", SCAN_COUNT);
			for (const redisKey of keys) add(found, this.dialect.parse(redisKey), family);
			cursor = next;
			if (cursor === "0") break;
		}
		if (cursor !== "0") {
			this.logger.warn({ family, channels: found.size }, "the box has too many keys: not all its channels are listed");
		}
		const sorted = [...found].sort(([a], [b]) => a - b);
		return new Map(sorted.map(([channel, types]) => [channel, [...types].sort((a, b) => a - b)]));
	}

	private async describe(family: string, channels: readonly number[], found: Found): Promise<BoxChannel[]> {
		const replies = await this.link.pipeline((pipeline) => {
			for (const channel of channels) {
				for (const type of found.get(channel) ?? []) {
					const redisKey = this.dialect.keyOf({ family, channel, type }) as string;
					pipeline.hlen(redisKey).hexists(redisKey, TIMESTAMP);
				}
				pipeline.hmget(this.dialect.statusKey(family, channel), "online", "last_update");
			}
		});
		let at = 0;
		return channels.map((channel) => {
			const types = found.get(channel) ?? [];
			const data = types.map((type) => ({ type, points: numberOf(replies[at++]) - numberOf(replies[at++]) }));
			return { channel, data, ...statusOf(replies[at++]) };
		});
	}
}

function add(found: Map<number, Set<DataType>>, key: PointKey | undefined, family: string): void {
	if (key === undefined || key.family !== family) return;
	const types = found.get(key.channel);
	if (types !== undefined) types.add(key.type);
	else if (found.size < MAX_CHANNELS) found.set(key.channel, new Set([key.type]));
}

/** What is no hash has no points. */
function numberOf(reply: ReplyOrError | undefined): number {
	return reply?.[0] === null && typeof reply[1] === "number" ? reply[1] : 0;
}

function statusOf(reply: ReplyOrError | undefined): Pick<BoxChannel, "isOnline" | "lastUpdateMs"> {
	if (reply === undefined || reply[0] !== null) return { isOnline: undefined, lastUpdateMs: 0 };
	const [online, lastUpdate] = reply[1] as (string | null)[];
	const time = Buffer.from(lastUpdate ?? "");
	return { isOnline: parseOnline(online ?? ""), lastUpdateMs: toUnixMs(Number(parseText(time, 0, time.length).value)) };
}

function parseOnline(text: string): boolean | undefined {
	if (/^(1|true|online)$/i.test(text)) return true;
	return /^(0|false|offline)$/i.test(text) ? false : undefined;
}
