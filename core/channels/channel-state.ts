// One recoverable channel in this process: its local subscribers, the position of its live path, and the recoveries in
// flight for single subscribers or for all.
import type { Broker, ChannelPosition, Publication } from "../../messaging/broker.ts";
import type { SubscribeOptions } from "../call.ts";
import type { Connection } from "../connection.ts";
import { ChannelGrants } from "./channel-grants.ts";
import type { ChannelTraits } from "./channel-traits.ts";
import type { DeltaSubscribers } from "./delta-subscribers.ts";

/** Publications that one recovery may send; a client that missed more fetches the state again. */
export const MAX_RECOVERED = 1000;
/** Live publications kept during a recovery; more of them mean that the read takes far too long. */
const MAX_RECENT = 4096;
/** Bytes of their frames, the same. */
export const MAX_RECENT_BYTES = 4_194_304;

export interface PendingRemoval {
	readonly after: ChannelPosition;
	/** When it was requested, on the monotonic clock. */
	readonly atMs: number;
}

export class ChannelState {
	readonly name: string;
	readonly traits: ChannelTraits;
	/** Resolves when the broker subscription stands and `position` is known; rejects when that failed. */
	readonly ready: Promise<void>;
	/** The last publication sent by this process, or the channel's position when the first subscriber came. */
	position: ChannelPosition | undefined = undefined;
	readonly subscribers = new Set<Connection>();
	/** Undefined while no subscriber takes differences. */
	deltas: DeltaSubscribers | undefined = undefined;
	/** Undefined while no subscription ends at a time. */
	grants: ChannelGrants | undefined = undefined;
	/** Connections that are about to subscribe: they keep the channel as subscribers do. */
	joining = 0;
	/** Publications that arrived before `position` was known, or while a gap is being filled. */
	waiting: Publication[] | undefined = [];
	/** The last epoch that a read has shown to be over, or of another store: what is published under it is dropped. */
	endedEpoch: string | undefined = undefined;
	/** Recoveries in flight; while there are any, `recent` grows. */
	recovering = 0;
	/** Live publications sent since the oldest of those recoveries began. */
	recent: Publication[] = [];
	/** `recent` has lost its beginning. */
	recentOverflowed = false;
	private recentBytes = 0;
	private waitingBytes = 0;
	/** A read that further recoveries may still join. */
	batch: HistoryBatch | undefined = undefined;
	/** Users to unsubscribe when the live path has passed what was published before they were removed; undefined while there are none. */
	pendingRemovals: Map<string, PendingRemoval> | undefined = undefined;
	/** When the last subscriber left, on the monotonic clock; undefined while there is one. */
	unusedSinceMs: number | undefined = undefined;

	constructor(name: string, traits: ChannelTraits, open: (state: ChannelState) => Promise<void>) {
		this.name = name;
		this.traits = traits;
		this.ready = open(this);
	}

	/**
	 * Joins a connection to the live path.
	 *
	 * @param hasLast - it has been sent the channel's last publication, whole.
	 */
	join(connection: Connection, userId: string, { grant, deltas }: SubscribeOptions, hasLast: boolean): void {
		this.subscribers.add(connection);
		connection.subscribe(this.name);
		if (grant !== undefined) {
			this.grants ??= new ChannelGrants();
			this.grants.set(connection, grant);
		} else if (this.grants !== undefined) this.grants.delete(connection);
		if (deltas && this.traits.deltas !== undefined) {
			this.deltas ??= this.traits.deltas();
			this.deltas.add(connection, hasLast);
		} else this.leaveDeltas(connection);
		this.traits.users?.add(connection, userId);
	}

	/** @returns whether it was a subscriber. */
	leave(connection: Connection): boolean {
		if (!this.subscribers.delete(connection)) return false;
		this.traits.users?.delete(connection);
		this.grants?.delete(connection);
		if (this.grants?.size === 0) this.grants = undefined;
		this.leaveDeltas(connection);
		return true;
	}

	private leaveDeltas(connection: Connection): void {
		if (this.deltas === undefined) return;
		this.deltas.delete(connection);
		if (this.deltas.size > 0) return;
		this.deltas.close();
		this.deltas = undefined;
	}

	/** Whether a position of the channel's current epoch has not been reached by this process yet. */
	isBehind({ offset, epoch }: ChannelPosition): boolean {
		return this.position?.epoch === epoch && this.position.offset < offset;
	}

	/** Records that a publication was sent. */
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

	/** Holds the live path from here on. */
	beginWaiting(): void {
		this.waiting = [];
		this.waitingBytes = 0;
	}

	/** Keeps a publication until the live path continues. When too many are held, they are dropped: the read finds them. */
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

/** One read of the broker for all connections that recover the channel at the same time. */
export class HistoryBatch {
	readonly epoch: string;
	/** The oldest position that a caller requested; lowered until the read begins. */
	sinceOffset: number;
	/** The most bytes that a caller requests at a time; raised until the read begins. */
	maxBytes = 0;
	hasBegun = false;
	readonly publications: Promise<readonly Publication[]>;

	/** Begins to read at the end of this event-loop turn. */
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

/** An offset that went back is a store that lost something, which the reading of the history finds out. */
export function differs(here: ChannelPosition | undefined, there: ChannelPosition): boolean {
	if (here === undefined) return false;
	return here.epoch !== there.epoch || here.offset !== there.offset;
}
