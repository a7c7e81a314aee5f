// Telemetry of one box: reads its keys when views are due, and publishes what they show. Views of one interval tick
// together.

import { batches } from "../../../common/batches.ts";
import type { Clock } from "../../../common/clock.ts";
import type { Logger } from "../../../common/logger.ts";
import { Semaphore } from "../../../common/semaphore.ts";
import type { LiveTopics } from "../../../messaging/live-audience.ts";
import { DataBatch_Kind, SubscriptionMode } from "../../../protocol/gen/schema.ts";
import { type BoxCondition, BoxState } from "../boxes/box.ts";
import type { NamedSource } from "../boxes/boxes.ts";
import { BatchWriter } from "./batch-writer.ts";
import { MemberState } from "./member-state.ts";
import type { TelemetryCounters } from "./metrics.ts";
import type { TelemetryOptions } from "./options.ts";
import { type CachedKey, PointCache } from "./point-cache.ts";
import type { Snapshots } from "./snapshots.ts";
import type { Ticker } from "./ticker.ts";
import type { EncodedUpdate } from "./update-encoder.ts";
import { type Member, View } from "./view.ts";
import { inTurns, type TickKind, type ViewGroup, ViewGroups } from "./view-groups.ts";
import type { ViewSpec } from "./view-spec.ts";
import { WakeUps } from "./wake-ups.ts";

export interface BoxFeedServices {
	readonly topics: LiveTopics;
	readonly ticker: Ticker;
	readonly clock: Clock;
	readonly logger: Logger;
	readonly counters: TelemetryCounters;
	/** Bytes published by the views of all boxes: one client may have received each of them. */
	readonly published: { bytes: number };
	readonly snapshots: Snapshots;
	/**
	 * Called when the number of points of a view may have changed.
	 *
	 * @returns false when it is over a limit and the view is gone.
	 */
	readonly sized: (view: View) => boolean;
}

/** Younger data is not read again for a new subscription. */
const FRESH_MS = 500;
/** Part of an interval within which another interval's tick counts as the same. */
const TICKS_SHARE = 10;
/** Changes this much sooner than the interval after those before them are in time: ticks are not exact. */
const GAP_SLACK_MS = 5;
/**
 * Part of `lagBytes` that may be published until clients are checked again: reading the buffered bytes of two hundred
 * sockets in each tick took about 2 % of the CPU of a tick.
 */
const CHECKS_SHARE = 4;
/** Keys that are read at once for views that are new: what they hold is not known yet, and may be more than is served. */
const KEYS_PER_FIRST_READ = 64;
const FIRST_READS_AT_ONCE = 2;
/** After a box is back, its views get their data within this time, spread at random. */
const RECOVERY_SPREAD_MS = 1000;

export class BoxFeed {
	readonly cache: PointCache;
	readonly views = new Map<string, View>();
	private readonly source: NamedSource;
	private readonly services: BoxFeedServices;
	private readonly options: TelemetryOptions;
	private readonly writer = new BatchWriter();
	private readonly groups: ViewGroups;
	private readonly wakeUps: WakeUps;
	private readonly firstReads = new Semaphore({ maxRunning: FIRST_READS_AT_ONCE });

	/** @param source - any of the box. */
	constructor(source: NamedSource, services: BoxFeedServices, options: TelemetryOptions) {
		this.source = source;
		this.services = services;
		this.options = options;
		const { clock, counters, ticker } = services;
		const { points } = source.box;
		this.cache = new PointCache(points, clock, counters, options.staleMs);
		if (!this.isUp) this.cache.degrade(true);
		this.groups = new ViewGroups(ticker, (group) => void this.tick(group));
		this.wakeUps = new WakeUps(points, clock, ticker, (view, keys) => this.wake(view, keys));
		source.box.onCondition((condition) => this.conditionChanged(condition));
	}

	get isUp(): boolean {
		return this.source.box.condition.state === BoxState.UP;
	}

	/** The view for a spec, made if there is none. */
	viewOf(spec: ViewSpec): View {
		const known = this.views.get(spec.id);
		if (known !== undefined) return known;
		const { cache, writer } = this;
		const view = new View(spec, { cache, writer, snapshots: this.services.snapshots }, this.options);
		this.views.set(spec.id, view);
		this.groups.enter(view, "interval");
		if (spec.mode === SubscriptionMode.BOTH && spec.intervalMs > spec.sampleMs) this.groups.enter(view, "changes");
		if (spec.mode !== SubscriptionMode.INTERVAL) this.wakeUps.add(view);
		return view;
	}

	/** The last member has left. */
	drop(view: View): void {
		this.views.delete(view.spec.id);
		this.groups.leave(view, "interval");
		this.groups.leave(view, "changes");
		this.wakeUps.remove(view);
		view.release();
	}

	/** Sends a member everything, and puts it on the topic. */
	async begin(member: Member): Promise<void> {
		const { view } = member;
		const { clock, counters } = this.services;
		if (member.state !== MemberState.JOINING) return;
		await this.refresh(view, Math.min(view.spec.intervalMs / 2, FRESH_MS));
		if (member.state !== MemberState.JOINING || !member.subscriber.isOpen || !this.services.sized(view)) return;
		if (!this.canTake(member)) {
			member.state = MemberState.LAGGING;
			return;
		}
		this.sendFull(member);
		const tookMs = clock.monotonic() - member.sinceMs;
		counters.firstData++;
		counters.firstDataMs += tookMs;
		counters.maxFirstDataMs = Math.max(counters.maxFirstDataMs, tookMs);
	}

	/**
	 * Reads what a view shows, unless it was just read or the box is unreachable.
	 *
	 * @returns whether the data is current.
	 */
	async refresh(view: View, maxAgeMs: number): Promise<boolean> {
		if (!view.isMeasured) return await this.measure(view);
		let isReadable = this.isUp;
		try {
			if (isReadable) await this.cache.refresh(view.keys, maxAgeMs);
		} catch (error) {
			// A box that has just become unreachable reports that by its condition.
			this.logFailure(error);
			isReadable = false;
		}
		this.cache.updateStaleness(view.keys, isReadable);
		return isReadable;
	}

	/** The first read of a view, in parts: a view with too many points ends before all of them are read. */
	private measure(view: View): Promise<boolean> {
		view.measuring ??= this.readParts(view).finally(() => {
			view.measuring = undefined;
		});
		return view.measuring;
	}

	private async readParts(view: View): Promise<boolean> {
		let isReadable = this.isUp;
		try {
			for (const keys of batches(isReadable ? view.keys : [], KEYS_PER_FIRST_READ)) {
				await this.firstReads.run(() => this.cache.refresh(keys, Math.min(view.spec.intervalMs / 2, FRESH_MS)));
				if (this.views.get(view.spec.id) !== view || !this.services.sized(view)) return false;
			}
			view.isMeasured = isReadable;
		} catch (error) {
			this.logFailure(error);
			isReadable = false;
		}
		this.cache.updateStaleness(view.keys, isReadable);
		return isReadable;
	}

	/** Whether a client can take another batch: a lagging one has to have read half of the lag limit. */
	canTake({ subscriber, state }: Member): boolean {
		const { lagBytes } = this.options;
		return subscriber.bufferedBytes() <= (state === MemberState.LAGGING ? lagBytes / 2 : lagBytes);
	}

	/** Everything, to one member, from the cache; it is up to date then. */
	sendFull(member: Member): void {
		const { view, subscriber } = member;
		const { counters } = this.services;
		const serverMs = this.services.clock.now();
		if (view.batchAtMs === Number.NEGATIVE_INFINITY) {
			// The first batch of the view: changes are counted from here.
			view.fullUpdates();
			view.batchAtMs = this.services.clock.monotonic();
		} else if (view.sendsDeltas) this.publishExactly(view);
		const { missed } = member;
		if (missed === 0) for (const { bytes, texts } of view.snapshotFrames(serverMs)) subscriber.push(bytes, texts);
		else {
			for (const frame of view.frames(DataBatch_Kind.FULL, view.fullUpdates(), serverMs, missed, () => view.seq)) {
				counters.bytesEncoded += frame.length;
				subscriber.push(frame);
			}
		}
		counters.batches++;
		counters.pointsDelivered += view.pointCount;
		member.missed = 0;
		if (member.state === MemberState.LIVE) return;
		member.state = MemberState.LIVE;
		subscriber.join(view.topic);
	}

	/** A client has read its buffer: its lagging subscription gets everything, and continues. */
	catchUp(member: Member): void {
		if (member.state !== MemberState.LAGGING) return;
		if (this.canTake(member)) this.sendFull(member);
	}

	private async tick(group: ViewGroup): Promise<void> {
		const { kind, periodMs } = group;
		const { counters } = this.services;
		if (group.isBusy) {
			counters.skippedTicks++;
			return;
		}
		group.isBusy = true;
		const atMs = this.services.clock.monotonic();
		const views = [...group.views].filter((view) => !view.isRecovering && this.isReadyToTick(view));
		const keys = distinctKeys(views);
		let isRead = this.isUp;
		try {
			// Keys that another tick has just read are not read again.
			if (isRead) await this.cache.refresh(keys, periodMs / TICKS_SHARE);
		} catch (error) {
			this.logFailure(error);
			isRead = false;
		}
		try {
			const isOther = this.cache.updateStaleness(keys, isRead || !this.isUp);
			await inTurns(views, (view) => {
				if (this.views.get(view.spec.id) === view && !view.isRecovering) this.emit(view, kind, atMs, isRead || isOther);
			});
		} catch (error) {
			this.services.logger.error({ err: error, box: this.source.box.name }, "a tick of telemetry failed");
		} finally {
			group.isBusy = false;
		}
	}

	/** A view that could not be read yet is read separately: its size has to be known first. */
	private isReadyToTick(view: View): boolean {
		if (view.isMeasured || !this.isUp) return true;
		if (view.measuring === undefined) void this.measure(view);
		return false;
	}

	/**
	 * @param atMs - when the tick was, on the monotonic clock: a read that took long does not shift the ticks after it.
	 * @param isNew - there may be new values to publish.
	 */
	private emit(view: View, kind: TickKind, atMs: number, isNew: boolean): void {
		for (const member of view.members) this.catchUp(member);
		if (!this.services.sized(view)) return;
		const { mode } = view.spec;
		const isFull = kind === "interval" && mode !== SubscriptionMode.ON_CHANGE && this.isUp && isNew;
		if (isFull) this.publish(view, DataBatch_Kind.FULL, view.fullUpdates());
		else if (!this.defer(view, atMs)) this.publishChanges(view, kind === "interval", atMs);
	}

	/**
	 * A wake-up may have published changes since the tick before. On change means: no more often than the interval.
	 *
	 * @returns whether this has to wait until the interval is over.
	 */
	private defer(view: View, atMs: number): boolean {
		const { mode, intervalMs } = view.spec;
		if (mode !== SubscriptionMode.ON_CHANGE) return false;
		const waitMs = view.changesAtMs + intervalMs - atMs;
		if (waitMs <= GAP_SLACK_MS) return false;
		if (view.isDeferred) return true;
		view.isDeferred = true;
		this.services.ticker.after(waitMs, () => {
			view.isDeferred = false;
			// Wake-ups of this time were too soon as well, so the keys are read again.
			void this.wake(view, view.keys, intervalMs / TICKS_SHARE);
		});
		return true;
	}

	/**
	 * Before one member is sent the contents of the cache: changes are relative to the values published last, so all
	 * members have to have the same values, or a value that changes back would be sent to no member.
	 */
	private publishExactly(view: View): void {
		const updates = view.deltaUpdates(true);
		if (updates.length > 0) this.publish(view, DataBatch_Kind.DELTA, updates);
	}

	private publishChanges(view: View, mayKeepAlive: boolean, atMs: number): void {
		const updates = view.sendsDeltas ? view.deltaUpdates() : [];
		if (updates.length > 0) {
			this.publish(view, DataBatch_Kind.DELTA, updates);
			view.changesAtMs = atMs;
		} else if (mayKeepAlive && this.services.clock.monotonic() - view.batchAtMs >= view.spec.keepaliveMs) {
			this.publish(view, DataBatch_Kind.KEEPALIVE, []);
		}
	}

	/** Publishes the same bytes to all members that keep up. */
	private publish(view: View, kind: DataBatch_Kind, updates: readonly EncodedUpdate[]): void {
		const { topics, clock, counters, published } = this.services;
		view.batchAtMs = clock.monotonic();
		const live = this.pauseSlowSubscribers(view);
		if (live === 0) return;
		for (const frame of view.frames(kind, updates, clock.now(), 0, () => view.nextSeq())) {
			counters.bytesEncoded += frame.length;
			published.bytes += frame.length;
			topics.publish(view.topic, frame);
		}
		counters.batches++;
		counters.pointsDelivered += live * updates.reduce((sum, { points }) => sum + points, 0);
	}

	/** @returns how many members get the batch. */
	private pauseSlowSubscribers(view: View): number {
		const { lagBytes } = this.options;
		const { bytes } = this.services.published;
		const isCheck = bytes - view.checkedAtBytes >= lagBytes / CHECKS_SHARE;
		if (isCheck) view.checkedAtBytes = bytes;
		let live = 0;
		for (const member of view.members) {
			if (isCheck && member.state === MemberState.LIVE && member.subscriber.bufferedBytes() > lagBytes) {
				member.state = MemberState.LAGGING;
				member.subscriber.leave(view.topic);
			}
			if (member.state === MemberState.LIVE) live++;
			else if (member.state === MemberState.LAGGING) {
				member.missed++;
				member.dropped++;
				this.services.counters.conflated++;
			}
		}
		return live;
	}

	private async wake(view: View, keys: readonly CachedKey[], maxAgeMs = 0): Promise<void> {
		if (!this.isUp || view.isRecovering || !view.isMeasured || this.views.get(view.spec.id) !== view) return;
		try {
			await this.cache.refresh(keys, maxAgeMs);
			const atMs = this.services.clock.monotonic();
			if (this.views.get(view.spec.id) === view && !this.defer(view, atMs)) this.publishChanges(view, false, atMs);
		} catch (error) {
			this.logFailure(error);
		}
	}

	private conditionChanged({ state }: BoxCondition): void {
		const isUp = state === BoxState.UP;
		// Unreachable for another reason than before.
		if (!this.cache.degrade(!isUp)) return;
		const views = [...this.views.values()];
		if (isUp) for (const view of views) this.recover(view);
		else {
			this.publishDegraded(views).catch((error: unknown) => {
				this.services.logger.error({ err: error, box: this.source.box.name }, "publishing the loss of a box failed");
			});
		}
	}

	/** Publishes the last values, which are not reliable any more. */
	private async publishDegraded(views: readonly View[]): Promise<void> {
		await inTurns(views, (view) => {
			const isLeft = this.views.get(view.spec.id) === view && !view.isRecovering;
			if (isLeft && !this.isUp) this.publish(view, DataBatch_Kind.FULL, view.fullUpdates());
		});
	}

	/** Publishes everything again, not for all views at once. */
	private recover(view: View): void {
		// The box was unreachable and back before anything was published.
		if (view.isRecovering) return;
		view.isRecovering = true;
		this.services.ticker.after(Math.random() * RECOVERY_SPREAD_MS, () => void this.notifyRecovered(view));
	}

	private async notifyRecovered(view: View): Promise<void> {
		if (this.views.get(view.spec.id) !== view) return;
		// All views of this time share their reads; keys read before the box became unreachable count as never read.
		const isReadable = await this.refresh(view, RECOVERY_SPREAD_MS);
		view.isRecovering = false;
		// Unreachable again meanwhile: the next recovery publishes. Up and yet not readable: the ticks try again.
		if (!isReadable || !this.isUp || this.views.get(view.spec.id) !== view || !this.services.sized(view)) return;
		this.publish(view, DataBatch_Kind.FULL, view.fullUpdates());
	}

	private logFailure(error: unknown): void {
		const { logger } = this.services;
		logger.debug({ err: error, box: this.source.box.name }, "points could not be read; the next tick tries again");
	}
}

function distinctKeys(views: readonly View[]): readonly CachedKey[] {
	const [only] = views;
	if (views.length === 1 && only !== undefined) return only.keys;
	return [...new Set(views.flatMap(({ keys }) => keys))];
}
