// One subscription to live values: survives reconnects, keeps the newest value of every point, and asks for all of
// them again when a batch is missing.
import type {
	DataBatch,
	PointValue,
	SubscribeRequestProperties,
	SubscribeResponse,
	SubscriptionRevised,
} from "../../protocol/gen/codec/edge-telemetry.ts";
import { DataBatch_Kind, type DataType } from "../../protocol/gen/enums.ts";
import { Listeners, type Unsubscribe } from "../listeners.ts";

/** What the gateway granted. */
export interface Grant {
	readonly subscribed: readonly number[];
	readonly failed: readonly { readonly channel: number; readonly reason: string }[];
	readonly intervalMs: number;
	readonly keepaliveMs: number;
}

export interface SubscriptionHost {
	/** Asks for a FULL batch. */
	resync(subId: string): void;
	close(subscription: EdgeSubscription): Promise<void>;
	readonly onError: (error: unknown) => void;
}

export class EdgeSubscription {
	/** As it was asked for; asked again after every reconnect. */
	readonly request: Readonly<SubscribeRequestProperties>;
	private readonly host: SubscriptionHost;
	private readonly batches: Listeners<[DataBatch]>;
	private readonly revisions: Listeners<[SubscriptionRevised]>;
	/** By channel and type, then by point. */
	private points = new Map<string, Map<number, PointValue>>();
	/** Those before the FULL batch that is coming in: of a channel without data, the points that it had. */
	private pointsBefore = this.points;
	private id = "";
	private granted: Grant | undefined;
	/** Number of the batch that follows; undefined until a FULL one has come. */
	private expectedSeq: number | undefined;
	private isWithinFull = false;
	private isResyncing = false;
	private ended = false;

	constructor(request: SubscribeRequestProperties, host: SubscriptionHost) {
		this.request = Object.freeze({ ...request });
		this.host = host;
		this.batches = new Listeners(host.onError);
		this.revisions = new Listeners(host.onError);
	}

	/** Empty while there is no connection. Changes with every reconnect. */
	get subId(): string {
		return this.id;
	}

	get grant(): Grant | undefined {
		return this.granted;
	}

	/** Closed, or ended by the gateway. */
	get isClosed(): boolean {
		return this.ended;
	}

	/**
	 * The newest value of a point, undefined when none has come. Points of a channel that has no data any more are kept
	 * without a value, with the channel's quality: UNAVAILABLE, or BAD.
	 */
	value(channel: number, dataType: DataType, pointId: number): PointValue | undefined {
		return this.points.get(`${channel}:${dataType}`)?.get(pointId);
	}

	/** Listens to batches, each after its values are taken over. */
	onBatch(listener: (batch: DataBatch) => void): Unsubscribe {
		return this.batches.add(listener);
	}

	/** Listens to what the gateway changes on its own: the interval, or that it has ended. */
	onRevised(listener: (revised: SubscriptionRevised) => void): Unsubscribe {
		return this.revisions.add(listener);
	}

	/** Ends it. Its values come no more, unless another subscription made the very same request. */
	close(): Promise<void> {
		if (this.ended) return Promise.resolve();
		this.ended = true;
		return this.host.close(this);
	}

	/** The gateway has granted it, the first time or after a reconnect. */
	begin(reply: SubscribeResponse): void {
		this.id = reply.subId ?? "";
		this.expectedSeq = undefined;
		this.isWithinFull = false;
		this.isResyncing = false;
		this.granted = {
			subscribed: [...(reply.subscribed ?? [])],
			failed: (reply.failed ?? []).map(({ channel, reason }) => ({ channel: channel ?? 0, reason: reason ?? "" })),
			intervalMs: reply.revisedIntervalMs ?? 0,
			keepaliveMs: reply.revisedKeepaliveMs ?? 0,
		};
	}

	/** The connection is gone; the values stay as they were. */
	interrupt(): void {
		this.id = "";
	}

	take(batch: DataBatch): void {
		if (this.ended) return;
		const seq = Number(batch.seq ?? 0);
		const isFull = batch.kind === DataBatch_Kind.FULL;
		if (!isFull && seq !== this.expectedSeq) {
			// Before the first FULL there is nothing that it could change.
			if (this.expectedSeq !== undefined && seq < this.expectedSeq) return;
			if (!this.isResyncing) this.host.resync(this.id);
			this.isResyncing = true;
			return;
		}
		if (isFull) {
			if (!this.isWithinFull) {
				this.pointsBefore = this.points;
				this.points = new Map();
			}
			this.isWithinFull = batch.more ?? false;
			this.isResyncing = false;
		}
		this.expectedSeq = seq + 1;
		this.keep(batch);
		if (!this.isWithinFull) this.pointsBefore = this.points;
		this.batches.emit(batch);
	}

	revise(revised: SubscriptionRevised): void {
		if (revised.ended) this.ended = true;
		else if (this.granted && revised.intervalMs) this.granted = { ...this.granted, intervalMs: revised.intervalMs };
		this.revisions.emit(revised);
	}

	private keep({ updates }: DataBatch): void {
		for (const { channelId, dataType, points, quality } of updates ?? []) {
			const key = `${channelId ?? 0}:${dataType ?? 0}`;
			const kept = this.points.get(key) ?? new Map<number, PointValue>();
			this.points.set(key, kept);
			if (quality) {
				for (const pointId of this.pointsBefore.get(key)?.keys() ?? [])
					kept.set(pointId, { pointId, quality } as PointValue);
			}
			for (const point of points ?? []) kept.set(point.pointId ?? 0, point as PointValue);
		}
	}
}
