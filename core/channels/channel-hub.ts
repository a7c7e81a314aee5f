// The only user of the broker: subscribes connections to recoverable channels, recovers missed publications, forwards live
// publications, and detects every gap on the live path.

import { batches } from "../../common/batches.ts";
import type { Logger } from "../../common/logger.ts";
import type { Broker, BrokerListener, ChannelPosition, Publication } from "../../messaging/broker.ts";
import type { ConnectionListener, LiveSubscriber } from "../../messaging/live-audience.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { EnvelopeWriter } from "../../protocol/envelope.ts";
import { GatewayError } from "../../protocol/error.ts";
import { pushes, SubscriptionRevoked_Reason } from "../../protocol/gen/schema.ts";
import type { SubscribeOptions, SubscribeResult } from "../call.ts";
import type { ChannelSubscriptions } from "../channel-subscriptions.ts";
import type { Connection } from "../connection.ts";
import type { Hub } from "../hub.ts";
import type { PushSender } from "../push-sender.ts";
import { ChannelAdmission } from "./admission.ts";
import type { ChannelGrants } from "./channel-grants.ts";
import { ChannelState, differs, MAX_RECOVERED, type PendingRemoval } from "./channel-state.ts";
import { type TraitParts, traitsOf } from "./channel-traits.ts";
import { DeltaMemory } from "./delta-memory.ts";
import { type ChannelSubscriber, MembershipReview } from "./membership-review.ts";
import { type PendingSubscription, PendingSubscriptions } from "./pending-subscriptions.ts";
import type { DeliverySpans } from "./publication-spans.ts";
import { RecoveryFlowControl } from "./recovery-flow-control.ts";

export interface ChannelHubOptions extends TraitParts {
	readonly broker: Broker;
	readonly pushes: PushSender;
	readonly hub: Hub;
	readonly logger: Logger;
	/** Channels that one connection may subscribe to. */
	readonly maxPerConnection: number;
	/** Bytes of missed publications that may be buffered for one connection at a time. */
	readonly maxBufferedBytes: number;
	/** Monotonic milliseconds. */
	readonly now: () => number;
	/** Unix milliseconds. Without it no subscription ends by the clock. */
	readonly wallNow?: () => number;
	/** Records what is delivered of recorded publications. */
	readonly deliveries?: DeliverySpans | undefined;
}

/** A channel without subscribers is kept this long: clients that unsubscribed often come back, for example by a reconnect. */
const LINGER_MS = 10_000;
/** Each channel's position is compared with the broker's once in this many sweeps. */
const SWEEPS_PER_CHECK = 5;
const CHECK_BATCH = 500;
/** A removal takes effect after this even if what was published before it has not arrived. */
const PENDING_REMOVAL_MS = 3_000;
const NO_POSITION: ChannelPosition = { offset: 0, epoch: "" };
const { UNSUBSCRIBED, EXPIRED, NOT_PERMITTED } = SubscriptionRevoked_Reason;

export class ChannelHub implements ChannelSubscriptions, BrokerListener, ConnectionListener {
	/** Gaps that could not be filled, so that the channel was reset, since the start. */
	resets = 0;
	/** Gaps found on the live path, since the start. */
	gaps = 0;
	/** Presented positions that were recovered in full, since the start. */
	recovered = 0;
	/** Presented positions that could not be recovered, since the start. */
	unrecovered = 0;
	private readonly states = new Map<string, ChannelState>();
	private readonly intents = new PendingSubscriptions();
	private readonly review: MembershipReview;
	private readonly pace: RecoveryFlowControl;
	private readonly admission: ChannelAdmission;
	private readonly deltaMemory = new DeltaMemory();
	private readonly options: ChannelHubOptions;
	private readonly writer = new EnvelopeWriter();
	private sweeps = 0;
	private checking = false;

	constructor(options: ChannelHubOptions) {
		this.options = options;
		this.review = new MembershipReview({
			...options,
			subscribers: () => this.subscribers(),
			removeSubscriber: ({ connection, channel }) => this.removeSubscriber(connection, channel, NOT_PERMITTED),
		});
		this.pace = new RecoveryFlowControl(options.maxBufferedBytes);
		this.admission = new ChannelAdmission({ ...options, intents: this.intents, pace: this.pace });
		options.broker.listen(this);
	}

	/** Channels that this process is subscribed to. */
	get size(): number {
		return this.states.size;
	}

	/** Records the intent before the permission check, so that a removal finds the user among the intents or subscribers. */
	async subscribeChannel(
		connection: Connection,
		channel: string,
		presented: ChannelPosition | undefined,
		options: SubscribeOptions = {},
	): Promise<SubscribeResult> {
		const { access, maxPerConnection } = this.options;
		const since = access.policyOf?.(channel).isRecoverable === false ? undefined : presented;
		const intent = this.intents.begin(connection, channel, since, maxPerConnection, options);
		try {
			await this.admission.checkPermission(intent);
			const result = await this.enterAndJoin(intent);
			if (presented !== undefined) {
				if (result.isRecovered) this.recovered++;
				else this.unrecovered++;
			}
			return result;
		} finally {
			this.intents.end(intent);
		}
	}

	unsubscribeChannel(connection: Connection, channel: string): void {
		connection.unsubscribe(channel);
		this.intents.invalidate(connection, channel);
		const state = this.states.get(channel);
		if (state?.leave(connection)) this.recordUse(state);
	}

	forget(connection: Connection): void {
		for (const channel of connection.subscriptions) {
			const state = this.states.get(channel);
			if (state?.leave(connection)) this.recordUse(state);
		}
	}

	onClosed(subscriber: LiveSubscriber): void {
		this.pace.onClosed(subscriber);
	}

	onDrained(subscriber: LiveSubscriber): void {
		this.pace.onDrained(subscriber);
	}

	membershipChanged(userId: string, channel: string, follows: boolean, after?: ChannelPosition): void {
		const state = this.states.get(channel);
		const connections = this.options.hub.ofUser(userId);
		if (follows) {
			// A user whose removal is still pending has missed nothing.
			state?.pendingRemovals?.delete(userId);
			for (const connection of connections) this.autoSubscribe(connection, channel);
			return;
		}
		for (const connection of connections) this.intents.invalidate(connection, channel);
		if (state !== undefined && after !== undefined && state.isBehind(after)) {
			state.pendingRemovals ??= new Map();
			state.pendingRemovals.set(userId, { after, atMs: this.options.now() });
			return;
		}
		this.removeUser(userId, channel);
	}

	/** Removals may have been missed: checks the permission of every subscriber again, soon. */
	revalidateMemberships(): void {
		this.review.runNow();
	}

	private removeUser(userId: string, channel: string): void {
		for (const connection of this.options.hub.ofUser(userId)) {
			if (connection.subscriptions.has(channel)) this.removeSubscriber(connection, channel, UNSUBSCRIBED);
		}
	}

	/**
	 * Unsubscribes a connection. Where the client did not ask for the subscription, checks again at once: the user may have
	 * rejoined before this event was received.
	 */
	private removeSubscriber(connection: Connection, channel: string, reason: SubscriptionRevoked_Reason): void {
		const isFinal = this.options.access.policyOf?.(channel).isRevocable ?? false;
		this.unsubscribeChannel(connection, channel);
		if (isFinal) this.options.pushes.push(connection, pushes.subscriptionRevoked, { channel, reason });
		else this.autoSubscribe(connection, channel);
	}

	/** Server-side subscription: sends the client the position at which it begins, or an empty one when it failed. */
	private autoSubscribe(connection: Connection, channel: string): void {
		if (connection.subscriptions.has(channel) || !connection.isOpen) return;
		const sendPosition = ({ offset, epoch }: ChannelPosition) => {
			this.options.pushes.push(connection, pushes.channelReset, { channel, offset, epoch });
		};
		this.subscribeChannel(connection, channel, undefined).then(sendPosition, (error: unknown) => {
			if (error instanceof GatewayError && error.code === ErrorCode.PERMISSION_DENIED) return;
			this.options.logger.debug({ err: error, channel }, "server-side subscription failed");
			sendPosition(NO_POSITION);
		});
	}

	onPublication(channel: string, publication: Publication): void {
		const state = this.states.get(channel);
		if (state === undefined) return;
		if (state.waiting !== undefined) {
			// A read is in flight; its result decides what to do with the publication.
			state.hold(publication);
			return;
		}
		this.take(state, publication);
	}

	onInterrupted(): void {
		void this.check([...this.states.values()]);
	}

	/** Drops channels without subscribers, and looks for broker subscriptions that ended silently. Call once a second. */
	sweep(): void {
		const nowMs = this.options.now();
		const share: ChannelState[] = [];
		let index = 0;
		this.sweeps++;
		for (const state of this.states.values()) {
			if (state.pendingRemovals !== undefined) this.applyPendingRemovals(state, state.pendingRemovals);
			if (state.grants !== undefined) this.endExpired(state, state.grants);
			if (state.unusedSinceMs !== undefined && nowMs - state.unusedSinceMs > LINGER_MS) this.drop(state);
			else if ((index++ + this.sweeps) % SWEEPS_PER_CHECK === 0) share.push(state);
		}
		if (!this.checking) void this.check(share);
		this.review.sweep();
	}

	private endExpired({ name }: ChannelState, grants: ChannelGrants): void {
		const { wallNow } = this.options;
		if (wallNow === undefined) return;
		for (const connection of grants.expired(wallNow())) this.removeSubscriber(connection, name, EXPIRED);
	}

	private *subscribers(): Generator<ChannelSubscriber> {
		for (const { name: channel, subscribers, grants } of this.states.values()) {
			for (const connection of subscribers) {
				const { identity } = connection;
				if (identity !== undefined) yield { connection, channel, identity, grant: grants?.of(connection) };
			}
		}
	}

	private async enterAndJoin(intent: PendingSubscription): Promise<SubscribeResult> {
		const state = this.enter(intent.channel);
		try {
			await state.ready;
			return await this.admission.admit(intent, state);
		} finally {
			this.exit(state);
		}
	}

	/** The state of a channel, created if needed, and kept until the caller calls `exit`. */
	private enter(channel: string): ChannelState {
		let state = this.states.get(channel);
		if (state === undefined) {
			state = new ChannelState(channel, traitsOf(channel, this.options, this.deltaMemory), (opened) =>
				this.open(opened),
			);
			this.states.set(channel, state);
			// A failure rejects for every caller that waits for it; the next caller tries again.
			const failed = state;
			state.ready.catch(() => {
				if (this.states.get(channel) === failed) this.states.delete(channel);
			});
		}
		state.joining++;
		state.unusedSinceMs = undefined;
		return state;
	}

	private exit(state: ChannelState): void {
		state.joining--;
		this.recordUse(state);
	}

	private recordUse(state: ChannelState): void {
		if (state.subscribers.size === 0 && state.joining === 0) state.unusedSinceMs ??= this.options.now();
	}

	private async open(state: ChannelState): Promise<void> {
		const { broker } = this.options;
		await broker.subscribe(state.name);
		const { top } = await broker.history(state.name, undefined, 0);
		this.resume(state, top);
	}

	/** Forwards a publication if it is the next one, or starts to fill the gap before it. */
	private take(state: ChannelState, publication: Publication): void {
		const { position } = state;
		if (position === undefined || position.epoch === "" || position.epoch === publication.epoch) {
			const expected = (position?.offset ?? 0) + 1;
			if (publication.offset < expected) return;
			if (publication.offset === expected) {
				this.pass(state, publication);
				return;
			}
			this.gaps++;
			this.repair(state, publication);
			return;
		}
		if (publication.epoch !== state.endedEpoch) this.repair(state, publication);
	}

	private pass(state: ChannelState, publication: Publication): void {
		state.advance(publication);
		const span = this.options.deliveries?.begin(state.name, publication, state.subscribers.size);
		this.options.pushes.publish(state.name, publication.frame);
		state.deltas?.publish(publication);
		span?.end();
		if (state.pendingRemovals !== undefined) this.applyPendingRemovals(state, state.pendingRemovals);
	}

	/** Applies removals whose earlier publications have been delivered. */
	private applyPendingRemovals(state: ChannelState, removals: Map<string, PendingRemoval>): void {
		const nowMs = this.options.now();
		for (const [userId, { after, atMs }] of removals) {
			if (state.isBehind(after) && nowMs - atMs < PENDING_REMOVAL_MS) continue;
			removals.delete(userId);
			this.removeUser(userId, state.name);
		}
		if (removals.size === 0) state.pendingRemovals = undefined;
	}

	/** Holds the live path until the missing publications are read, or given up. */
	private repair(state: ChannelState, publication?: Publication): void {
		if (state.waiting !== undefined) {
			if (publication) state.hold(publication);
			return;
		}
		state.beginWaiting();
		if (publication) state.hold(publication);
		void this.fill(state, publication?.epoch);
	}

	/** @param epoch - of the publication that is held: by the end of the read it is the channel's, or it never will be. */
	private async fill(state: ChannelState, epoch: string | undefined): Promise<void> {
		const { broker, logger } = this.options;
		const since = state.position ?? NO_POSITION;
		try {
			const { publications, top, isComplete } = await broker.history(state.name, since, MAX_RECOVERED);
			if (epoch !== undefined && epoch !== top.epoch) state.endedEpoch = epoch;
			if (isComplete && top.epoch === since.epoch) {
				for (const missing of publications) this.pass(state, missing);
				this.resume(state, state.position ?? top);
			} else {
				this.reset(state, top);
				this.resume(state, top);
			}
		} catch (error) {
			// The next check, within seconds, tries again; until then subscribers get no pushes, and so no gap.
			state.waiting = undefined;
			logger.warn({ err: error, channel: state.name }, "filling a gap in a channel failed; will retry");
		}
	}

	/** The live path continues from a known position, first with the held publications. */
	private resume(state: ChannelState, position: ChannelPosition): void {
		const waiting = state.waiting ?? [];
		state.waiting = undefined;
		state.position = position;
		if (state.pendingRemovals !== undefined) this.applyPendingRemovals(state, state.pendingRemovals);
		for (const publication of waiting) {
			// One of them may reveal the next gap; the others are then held again.
			this.onPublication(state.name, publication);
		}
	}

	/** Publishes ChannelReset to all subscribers: not every publication can be delivered. */
	private reset(state: ChannelState, top: ChannelPosition): void {
		this.resets++;
		const { channelReset } = pushes;
		const frame = this.writer.push(channelReset.number, channelReset.message, { channel: state.name, ...top });
		this.options.pushes.publish(state.name, frame);
		state.deltas?.send(frame);
	}

	/** Compares positions with the broker's, and fills the gaps that it finds. */
	private async check(states: readonly ChannelState[]): Promise<void> {
		this.checking = true;
		try {
			for (const batch of batches(states, CHECK_BATCH)) {
				const before = batch.map((state) => state.position);
				const positions = await this.options.broker.positions(batch.map((state) => state.name));
				for (const [index, state] of batch.entries()) {
					const there = positions[index];
					// A publication that arrived meanwhile has resynchronized the channel.
					if (there === undefined || state.waiting !== undefined || state.position !== before[index]) continue;
					if (differs(state.position, there)) this.repair(state);
				}
			}
		} catch (error) {
			this.options.logger.debug({ err: error }, "comparing channel positions failed; the next sweep retries");
		} finally {
			this.checking = false;
		}
	}

	private drop(state: ChannelState): void {
		this.states.delete(state.name);
		this.options.broker.unsubscribe(state.name).catch((error: unknown) => {
			this.options.logger.debug({ err: error, channel: state.name }, "unsubscribing from a channel failed");
		});
	}
}
