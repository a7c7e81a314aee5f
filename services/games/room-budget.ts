// What the rooms of this process may hold together, in bytes: the record of games that are on, and events that wait for the
// broker. Counted again with every tick of the room owner; between two ticks what is added is added here as well.
import type { GamesOptions } from "./options.ts";
import type { OutboxEntry, RoomState } from "./room-state.ts";

/** Of an entry that is no push: two ids and their names. */
const ENTRY_BYTES = 128;
/** So much of every game is recorded, whatever others have: a game of turns ends within it. */
const SHORT_RECORD_BYTES = 4096;

export class RoomBudget {
	private readonly options: GamesOptions;
	private recordedBytes = 0;
	private unpublishedBytes = 0;

	constructor(options: GamesOptions) {
		this.options = options;
	}

	/** An action of a game is to be recorded, which has so much on record. @returns whether there is room for it. */
	takeRecorded(recordedBytes: number, bytes: number): boolean {
		const isShort = recordedBytes + bytes <= SHORT_RECORD_BYTES;
		if (!isShort && this.recordedBytes + bytes > this.options.maxTotalRecordedBytes) return false;
		this.recordedBytes += bytes;
		return true;
	}

	/** An event of so many bytes is to be published. */
	addUnpublished(bytes: number): void {
		this.unpublishedBytes += bytes;
	}

	/** Whether a room with this outbox may not put more into it. */
	isFull(outbox: readonly OutboxEntry[]): boolean {
		const { maxUnpublished, maxUnpublishedBytes, maxTotalUnpublishedBytes } = this.options;
		if (outbox.length >= maxUnpublished || this.unpublishedBytes >= maxTotalUnpublishedBytes) return true;
		return bytesOf(outbox) >= maxUnpublishedBytes;
	}

	/** @param unpublished - what of a room's outbox has not been published. */
	recount(states: Iterable<{ readonly state: RoomState; readonly unpublished: readonly OutboxEntry[] }>): void {
		this.recordedBytes = 0;
		this.unpublishedBytes = 0;
		for (const { state, unpublished } of states) {
			this.recordedBytes += state.progress.recordedBytes;
			this.unpublishedBytes += bytesOf(unpublished);
		}
	}
}

export function bytesOf(outbox: readonly OutboxEntry[]): number {
	let bytes = 0;
	for (const entry of outbox) bytes += ENTRY_BYTES + (entry.kind === "publish" ? entry.message.length : 0);
	return bytes;
}
