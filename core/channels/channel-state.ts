// One recoverable channel as this process sees it: who follows it here, where its live path stands, and what is under
// way to bring somebody or everybody up to date.
import type { Broker, ChannelPosition, Publication } from "../../messaging/broker.ts";
import type { Connection } from "../connection.ts";

/** Publications that one recovery may bring; a client that missed more fetches the state anew. */
export const MAX_RECOVERED = 1000;
/** Live publications kept while somebody recovers; more of them mean that the read takes far too long. */
const MAX_RECENT = 4096;
/** Bytes of their frames, the same. */
export const MAX_RECENT_BYTES = 4_194_304;

export interface Departure {
	readonly after: ChannelPosition;
	/** When it was asked for, on the monotonic clock. */
	readonly atMs: number;
}

export class ChannelState {
	readonly name: string;
	/** Resolves when the broker sends us the channel and `position` is known; rejects when that failed. */
	readonly ready: Promise<void>;
	/** The last publication that went out here, or where the channel stood when the first follower came. */
	position: ChannelPosition | undefined = undefined;
	readonly followers = new Set<Connection>();
	/** Connections that are about to follow: they keep the channel as followers do. */
	joining = 0;
	/** Publications that arrived before `position` was known, or while a hole is being filled. */
	waiting: Publication[] | undefined = [];
	/** How many recoveries are under way; while there are any, `recent` grows. */
	recovering = 0;
	/** What went out live since the oldest of those recoveries began. */
	recent: Publication[] = [];
	/** `recent` has lost its beginning. */
	recentOverflowed = false;
	private recentBytes = 0;
	private waitingBytes = 0;
	/** A read that further recoveries may still join. */
	batch: HistoryBatch | undefined = undefined;
	/** Users who are to leave when the live path has passed what was published before they were removed. */
	readonly departures = new Map<string, Departure>();
	/** When the last follower left, on the monotonic clock; undefined while there is one. */
	unusedSinceMs: number | undefined = undefined;

	constructor(name: string, open: (state: ChannelState) => Promise<void>) {
		this.name = name;
		this.ready = open(this);
	}

	/** What stands at a position of this life of the channel is still to come here. */
	isBehind({ offset, epoch }: ChannelPosition): boolean {
		return this.position?.epoch === epoch && this.position.offset < offset;
	}

	/** Notes that a publication has gone out. */
	advance(publication: Publication): void {
		this.position = { offset: publication.offset, epoch: publication.epoch };
		if (this.recovering === 0) return;
		if (this.recent.length >= MAX_RECENT || this.recentBytes >= MAX_RECENT_BYTES) {
			this.recent = [];
			this.recentBytes = 0;
			this.recentOverflowed = true;
		}
		this.recent.push(publication);
		this.recentBytes += publication.frame.length;
	}

	/** Holds the live path back from here on. */
	beginWaiting(): void {
		this.waiting = [];
		this.waitingBytes = 0;
	}

	/** Keeps a publication for when the live path goes on. When too many wait, the read that it waits for finds them again. */
	hold(publication: Publication): void {
		const tooMany = this.waitingBytes >= MAX_RECENT_BYTES || (this.waiting?.length ?? 0) >= MAX_RECENT;
		if (this.waiting === undefined || tooMany) this.beginWaiting();
		this.waiting?.push(publication);
		this.waitingBytes += publication.frame.length;
	}

	beginRecovery(): void {
		this.recovering++;
	}

	endRecovery(): void {
		this.recovering--;
		if (this.recovering > 0) return;
		this.recent = [];
		this.recentBytes = 0;
		this.recentOverflowed = false;
	}
}

/** One read of the broker that serves all who recover the channel at the same time. */
export class HistoryBatch {
	readonly epoch: string;
	/** The oldest position that somebody asked for; lowered until the read begins. */
	sinceOffset: number;
	/** The most that somebody wants at a time; raised until the read begins. */
	maxBytes = 0;
	hasBegun = false;
	readonly publications: Promise<readonly Publication[]>;

	/** Begins to read at the end of this turn of the loop. */
	constructor(broker: Broker, state: ChannelState, since: ChannelPosition) {
		this.epoch = since.epoch;
		this.sinceOffset = since.offset;
		this.publications = this.read(broker, state);
	}

	private async read(broker: Broker, state: ChannelState): Promise<readonly Publication[]> {
		await new Promise((resolve) => {
			setImmediate(resolve);
		});
		this.hasBegun = true;
		const from = { epoch: this.epoch, offset: this.sinceOffset };
		try {
			return (await broker.history(state.name, from, MAX_RECOVERED, this.maxBytes)).publications;
		} finally {
			if (state.batch === this) state.batch = undefined;
		}
	}
}
