// Subscriptions of all connections: checks them, finds their views, and ends them with their connection.

import type { Clock } from "../../../common/clock.ts";
import { encodeCursor, numberAt } from "../../../common/cursor.ts";
import type { Logger } from "../../../common/logger.ts";
import { fillPage, type PageFill } from "../../../common/page-fill.ts";
import type { ConnectionListener, LiveSubscriber, LiveTopics } from "../../../messaging/live-audience.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import { EnvelopeWriter } from "../../../protocol/envelope.ts";
import { fieldError, GatewayError } from "../../../protocol/error.ts";
import { pushes, SourceState, type SubscribeRequestProperties } from "../../../protocol/gen/schema.ts";
import type { Box, BoxCondition, BoxState } from "../boxes/box.ts";
import type { Boxes, NamedSource } from "../boxes/boxes.ts";
import type { EdgePolicy } from "../edge-policy.ts";
import { BoxFeed } from "./box-feed.ts";
import { MemberState } from "./member-state.ts";
import { TelemetryCounters } from "./metrics.ts";
import { type TelemetryOptions, telemetryDefaults } from "./options.ts";
import { Owners } from "./owners.ts";
import { PointLimits } from "./point-limits.ts";
import { PointMeter } from "./point-meter.ts";
import { Snapshots } from "./snapshots.ts";
import { Ticker } from "./ticker.ts";
import type { Member, View } from "./view.ts";
import { type FailedChannel, selectionOf, specOf, type ViewSpec, withoutChannels } from "./view-spec.ts";

export interface TelemetryServices {
	readonly boxes: Boxes;
	readonly topics: LiveTopics;
	readonly policy: Pick<EdgePolicy, "isOpen">;
	readonly clock: Clock;
	readonly logger: Logger;
}

export interface Subscribed {
	readonly spec: ViewSpec;
	readonly failed: readonly FailedChannel[];
}

export const sourceStates: Readonly<Record<BoxState, SourceState>> = {
	up: SourceState.UP,
	down: SourceState.DOWN,
	loading: SourceState.LOADING,
};

const TOO_MUCH_RETRY_MS = 5000;

export class Telemetry implements ConnectionListener {
	readonly counters = new TelemetryCounters();
	private readonly services: TelemetryServices;
	private readonly options: TelemetryOptions;
	private readonly ticker: Ticker;
	private readonly feeds: ReadonlyMap<Box, BoxFeed>;
	/** Points that the requests of each user may touch; checked by every request that reads points. */
	readonly meter: PointMeter;
	private readonly owners: Owners;
	private readonly limits: PointLimits;
	private readonly snapshots: Snapshots;
	private readonly writer = new EnvelopeWriter();

	constructor(services: TelemetryServices, options: Partial<TelemetryOptions> = {}) {
		this.services = services;
		this.options = { ...telemetryDefaults, ...options };
		const { topics, clock, logger, boxes } = services;
		this.meter = new PointMeter(clock, this.options);
		this.owners = new Owners(this.options);
		this.limits = new PointLimits(this.options, this.counters);
		this.snapshots = new Snapshots(this.options.maxSnapshotBytes);
		this.ticker = new Ticker(clock, (error) => logger.error({ err: error }, "a tick of telemetry failed"));
		const { ticker, counters, snapshots } = this;
		const sized = (view: View) => this.resize(view);
		const shared = { topics, clock, logger, ticker, counters, snapshots, published: { bytes: 0 }, sized };
		const feeds = new Map<Box, BoxFeed>();
		for (const source of boxes.sources) {
			const { box } = source;
			if (feeds.has(box)) continue;
			// Before the feed, which publishes the values: clients get the condition first, then the values.
			box.onCondition((condition) => this.publishCondition(box, condition));
			feeds.set(box, new BoxFeed(source, shared, this.options));
		}
		this.feeds = feeds;
	}

	/** What views count as, the points of boxes that are kept, and the bytes of kept batches. */
	get loads() {
		let boxPoints = 0;
		for (const { cache } of this.feeds.values()) boxPoints += cache.points;
		const { points, perSecond } = this.limits.process;
		return { points, pointsPerSecond: perSecond, boxPoints, snapshotBytes: this.snapshots.bytes };
	}

	/** Different subscriptions, hashes watched, and subscriptions of all connections. */
	get sizes(): { readonly views: number; readonly keys: number; readonly subscriptions: number } {
		let [views, keys, subscriptions] = [0, 0, 0];
		for (const feed of this.feeds.values()) {
			views += feed.views.size;
			keys += feed.cache.size;
			for (const { members } of feed.views.values()) subscriptions += members.size;
		}
		return { views, keys, subscriptions };
	}

	/**
	 * Begins a subscription. Its first data is sent in a later event-loop turn, after the reply.
	 *
	 * @throws GatewayError VALIDATION_FAILED or NOT_FOUND naming the field, PRECONDITION_FAILED when the connection has
	 *   or the user has as many subscriptions, points, or points a second as they may, RATE_LIMITED when the process has, or
	 *   the user's requests have touched too many points.
	 */
	subscribe(subscriber: LiveSubscriber, request: SubscribeRequestProperties): Subscribed {
		const { boxes, policy } = this.services;
		const { maxKeysPerSubscription: maxKeys, maxPointsPerSubscription: maxPoints } = this.options;
		const selection = selectionOf(boxes, request, policy, { maxKeys, maxPoints });
		const replaced = request.replace ? this.memberOf(subscriber, request.replace, "replace") : undefined;
		const wanted = specOf(selection, request, this.options.changeSampleMs);
		if (wanted.channels.length === 0) {
			const message = "none of the channels is open to subscribers";
			throw fieldError("channels", "are not open to subscribers", {
				code: ErrorCode.PERMISSION_DENIED,
				message,
			});
		}
		this.meter.admit(subscriber.identity?.userId ?? "");
		const spec = this.fit(subscriber, wanted, replaced);
		this.join(subscriber, spec, replaced);
		if (request.exclusive) this.takeOver(subscriber, spec);
		return { spec, failed: selection.failed };
	}

	/**
	 * Ends subscriptions, or takes channels out of them.
	 *
	 * @param subId - "": all of them.
	 * @param channels - empty: whole subscriptions.
	 * @throws GatewayError NOT_FOUND naming `sub_id`, RATE_LIMITED when the user's requests have touched too many points and
	 *   channels are taken out.
	 */
	unsubscribe(subscriber: LiveSubscriber, subId: string, channels: readonly number[]) {
		const taken = new Set(channels);
		// The remaining selection is sent again as a whole. Ending whole subscriptions is always allowed.
		if (taken.size > 0) this.meter.admit(subscriber.identity?.userId ?? "");
		const remaining: ViewSpec[] = [];
		let ended = 0;
		for (const member of subId === "" ? this.membersOf(subscriber) : [this.memberOf(subscriber, subId, "sub_id")]) {
			const { spec } = member.view;
			if (taken.size > 0 && !spec.channels.some((channel) => taken.has(channel))) continue;
			const rest = taken.size > 0 ? withoutChannels(spec, taken, this.options.changeSampleMs) : undefined;
			if (rest === undefined) this.end(member);
			else {
				this.join(subscriber, rest, member);
				remaining.push(rest);
			}
			ended++;
		}
		return { ended, remaining };
	}

	/** Only after the new subscription has begun: a refused one does not end the old one. */
	private takeOver(subscriber: LiveSubscriber, { id, source, channels }: ViewSpec): void {
		const taken = new Set(channels);
		for (const member of this.membersOf(subscriber)) {
			const { spec } = member.view;
			if (spec.id === id || spec.source !== source || !spec.channels.some((channel) => taken.has(channel))) continue;
			const rest = withoutChannels(spec, taken, this.options.changeSampleMs);
			if (rest === undefined) this.end(member);
			else this.join(subscriber, rest, member);
		}
	}

	list(subscriber: LiveSubscriber): readonly Member[] {
		return this.membersOf(subscriber);
	}

	/**
	 * Fills a page with subscriptions of a connection, in the order in which they began.
	 *
	 * @param limit - 0: as many as have room.
	 * @returns the cursor of the next page, "" at the end.
	 * @throws GatewayError VALIDATION_FAILED (cursor).
	 */
	page(subscriber: LiveSubscriber, cursor: string, limit: number, fill: PageFill<Member>): string {
		const list = `subscriptions:${subscriber.id}`;
		const from = numberAt(list, cursor);
		const found = this.membersOf(subscriber).slice(from);
		const cursorBehind = (_last: Member, count: number) => encodeCursor(list, from + count);
		return fillPage(fill, { found, limit: limit || found.length, cursorBehind }).nextCursor;
	}

	/**
	 * Sends all values of a subscription, or of all.
	 *
	 * @returns whose have been sent.
	 * @throws GatewayError NOT_FOUND naming `sub_id`, RATE_LIMITED when the user's requests have touched too many points.
	 */
	async resync(subscriber: LiveSubscriber, subId: string): Promise<readonly string[]> {
		const members = subId === "" ? this.membersOf(subscriber) : [this.memberOf(subscriber, subId, "sub_id")];
		const points = members.reduce((sum, { view }) => sum + view.load.points, 0);
		this.meter.take(subscriber.identity?.userId ?? "", points);
		await Promise.all(
			members.map((member) => this.feedOf(member.view).refresh(member.view, member.view.spec.intervalMs)),
		);
		const sent: string[] = [];
		for (const member of members) {
			const feed = this.feedOf(member.view);
			const isBegun = member.state === MemberState.LIVE || member.state === MemberState.LAGGING;
			// A client that does not read gets it after it has read.
			if (!isBegun || !feed.canTake(member)) continue;
			feed.sendFull(member);
			sent.push(member.view.spec.id);
		}
		return sent;
	}

	onClosed(subscriber: LiveSubscriber): void {
		for (const member of this.membersOf(subscriber)) this.end(member);
	}

	onDrained(subscriber: LiveSubscriber): void {
		for (const member of this.owners.of(subscriber)?.members.values() ?? []) this.feedOf(member.view).catchUp(member);
	}

	/** Runs what is due. The timer calls this; a test with its own clock calls it directly. */
	tick(): void {
		this.ticker.run();
	}

	close(): void {
		this.ticker.close();
	}

	private join(subscriber: LiveSubscriber, spec: ViewSpec, replaced: Member | undefined): void {
		const feed = this.feeds.get(spec.source.box) as BoxFeed;
		const owner = this.owners.find(subscriber);
		const known = owner.members.get(spec.id);
		if (known !== undefined) {
			this.meter.charge(owner.userId, known.view.load.points);
			// A client that subscribes again gets all values again.
			this.later(() => known.state === MemberState.LIVE && feed.canTake(known) && feed.sendFull(known));
			if (replaced !== undefined && replaced !== known) this.end(replaced);
			return;
		}
		if (owner.members.size - (replaced === undefined ? 0 : 1) >= this.options.maxSubscriptions) {
			throw new GatewayError(
				ErrorCode.PRECONDITION_FAILED,
				`more than ${this.options.maxSubscriptions} subscriptions on one connection`,
			);
		}
		this.checkRoom(feed, spec);
		const view = feed.viewOf(spec);
		this.limits.count(view);
		const paidPoints = view.load.points;
		this.meter.charge(owner.userId, paidPoints);
		const sinceMs = this.services.clock.monotonic();
		const fresh = { sinceMs, state: MemberState.JOINING, missed: 0, dropped: 0, paidPoints };
		const member: Member = { subscriber, owner, view, ...fresh };
		view.members.add(member);
		owner.members.set(spec.id, member);
		this.owners.keep(subscriber, owner);
		this.limits.added(member);
		subscriber.join(statusTopic(spec.source));
		this.later(async () => {
			if (!feed.isUp && member.state === MemberState.JOINING) {
				const { box } = spec.source;
				subscriber.push(this.statusFrame(spec.source, box.condition));
			}
			await feed.begin(member);
			if (replaced !== undefined) this.end(replaced);
		});
	}

	/** As it is granted: see `PointLimits.fit`. */
	private fit(subscriber: LiveSubscriber, wanted: ViewSpec, replaced: Member | undefined): ViewSpec {
		const owner = this.owners.find(subscriber);
		if (owner.members.has(wanted.id)) return wanted;
		const { views, cache } = this.feeds.get(wanted.source.box) as BoxFeed;
		const points = cache.weigh(wanted.keys, wanted.points?.size);
		return this.limits.fit(wanted, points, { owner, replaced, boxPoints: cache.points, isNew: !views.has(wanted.id) });
	}

	/**
	 * Updates the load of a view, and ends it, or subscriptions to it, where it exceeds a limit.
	 *
	 * @returns whether it is there still.
	 */
	private resize(view: View): boolean {
		const hasGrown = this.limits.count(view);
		const { maxPointsPerSubscription } = this.options;
		const isTooLarge = view.pointCount > maxPointsPerSubscription;
		if (!isTooLarge && !hasGrown && view.isMeasured) return true;
		const boxPoints = this.feedOf(view).cache.points;
		const reason = isTooLarge ? `more than ${maxPointsPerSubscription} points` : this.limits.excess(view, boxPoints);
		for (const member of [...view.members]) {
			this.payRest(member);
			const own = reason ?? this.limits.excessOf(member);
			if (own !== undefined) this.endWith(member, own);
		}
		return view.members.size > 0;
	}

	/** What was not known of when it was granted. */
	private payRest(member: Member): void {
		const { owner, view } = member;
		const rest = view.load.points - member.paidPoints;
		if (rest <= 0) return;
		this.meter.charge(owner.userId, rest);
		member.paidPoints += rest;
	}

	private checkRoom(feed: BoxFeed, spec: ViewSpec): void {
		if (feed.views.has(spec.id)) return;
		if (this.sizes.views >= this.options.maxViews)
			throw tooMany("this node has as many different subscriptions as it may");
		if (feed.cache.size + feed.cache.unknown(spec.keys) > this.options.maxKeysPerBox) {
			throw tooMany(`more than ${this.options.maxKeysPerBox} channels of this source are watched`);
		}
	}

	/** In another event-loop turn: after the reply to the request that is being handled. */
	private later(action: () => unknown): void {
		setImmediate(() => void this.attempt(action));
	}

	private async attempt(action: () => unknown): Promise<void> {
		try {
			await action();
		} catch (error) {
			this.services.logger.error({ err: error }, "a subscription could not begin");
		}
	}

	private end(member: Member): void {
		if (member.state === MemberState.GONE) return;
		const { subscriber, view } = member;
		member.state = MemberState.GONE;
		subscriber.leave(view.topic);
		view.members.delete(member);
		const { owner } = member;
		owner.members.delete(view.spec.id);
		this.limits.removed(member);
		if (owner.members.size === 0) this.owners.drop(subscriber);
		const { source } = view.spec;
		if (![...owner.members.values()].some((other) => other.view.spec.source === source)) {
			subscriber.leave(statusTopic(source));
		}
		if (view.members.size > 0) return;
		this.limits.forget(view);
		this.feedOf(view).drop(view);
	}

	/** Ends a subscription, and says why. */
	private endWith(member: Member, reason: string): void {
		const { subscriber, view } = member;
		const { subscriptionRevised } = pushes;
		const message = { subId: view.spec.id, intervalMs: view.spec.intervalMs, ended: true, reason };
		this.counters.ended++;
		subscriber.push(this.writer.push(subscriptionRevised.number, subscriptionRevised.message, message));
		this.end(member);
	}

	private publishCondition(box: Box, condition: BoxCondition): void {
		for (const source of this.services.boxes.sources) {
			if (source.box === box) {
				this.services.topics.publish(statusTopic(source), this.statusFrame(source, condition));
			}
		}
	}

	private statusFrame({ name }: NamedSource, { state, reason, sinceMs }: BoxCondition): Uint8Array {
		const { sourceStatus } = pushes;
		const message = { source: name, state: sourceStates[state], reason, sinceMs };
		return this.writer.push(sourceStatus.number, sourceStatus.message, message);
	}

	private membersOf(subscriber: LiveSubscriber): readonly Member[] {
		return [...(this.owners.of(subscriber)?.members.values() ?? [])];
	}

	private memberOf(subscriber: LiveSubscriber, subId: string, field: string): Member {
		const member = this.owners.of(subscriber)?.members.get(subId);
		if (member !== undefined) return member;
		throw fieldError(field, "is not a subscription of this connection", { code: ErrorCode.NOT_FOUND });
	}

	private feedOf(view: View): BoxFeed {
		return this.feeds.get(view.spec.source.box) as BoxFeed;
	}
}

function statusTopic({ name }: NamedSource): string {
	return `source:${name}`;
}

function tooMany(message: string): GatewayError {
	return new GatewayError(ErrorCode.RATE_LIMITED, message, { retryAfterMs: TOO_MUCH_RETRY_MS });
}
