// The only user of the broker: joins connections to recoverable channels, recovers them, passes on what is published,
// and sees to it that the live path has no hole that nobody knows of.

import type { Identity } from "../../common/identity.ts";
import type { Logger } from "../../common/logger.ts";
import type { Broker, BrokerListener, ChannelPosition, Publication } from "../../messaging/broker.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { EnvelopeWriter } from "../../protocol/envelope.ts";
import { GatewayError } from "../../protocol/error.ts";
import { pushes } from "../../protocol/gen/schema.ts";
import type { SubscribeResult } from "../call.ts";
import type { Connection } from "../connection.ts";
import type { ChannelSubscriptions, Gateway } from "../gateway.ts";
import type { Hub } from "../hub.ts";
import { ChannelAdmission } from "./admission.ts";
import { ChannelState, MAX_RECOVERED } from "./channel-state.ts";
import { type Follower, MembershipReview } from "./membership-review.ts";
import { type PendingSubscription, PendingSubscriptions } from "./pending-subscriptions.ts";
import { RecoveryFlowControl } from "./recovery-flow-control.ts";

export interface ChannelHubOptions {
	readonly broker: Broker;
	/** Decides who may follow what. */
	readonly access: { canSubscribe(identity: Identity, channel: string): Promise<boolean> };
	readonly gateway: Gateway;
	readonly hub: Hub;
	readonly logger: Logger;
	/** Channels that one connection may follow. */
	readonly maxPerConnection: number;
	/** Bytes of what it missed that may wait for one connection at a time. */
	readonly maxBufferedBytes: number;
	/** Monotonic milliseconds. */
	readonly now: () => number;
}

/** A channel that nobody follows is kept this long: those who left often come back, and a reconnect is one of them. */
const LINGER_MS = 10_000;
/** Each channel's position is compared with the broker's once in this many sweeps. */
const SWEEPS_PER_CHECK = 5;
const CHECK_BATCH = 500;
/** A removal takes effect after this even if what was published before it has not arrived. */
const DEPARTURE_MS = 3_000;
const NO_POSITION: ChannelPosition = { offset: 0, epoch: "" };

export class ChannelHub implements ChannelSubscriptions, BrokerListener {
	/** Channels whose hole could not be filled, since the start. */
	resets = 0;
	/** Holes found on the live path, since the start. */
	gaps = 0;
	/** Positions that were presented and made good for, since the start. */
	recovered = 0;
	/** Positions that were presented in vain, since the start. */
	unrecovered = 0;
	private readonly states = new Map<string, ChannelState>();
	private readonly intents = new PendingSubscriptions();
	private readonly review: MembershipReview;
	private readonly pace: RecoveryFlowControl;
	private readonly admission: ChannelAdmission;
	private readonly options: ChannelHubOptions;
	private readonly writer = new EnvelopeWriter();
	private sweeps = 0;
	private checking = false;

	constructor(options: ChannelHubOptions) {
		this.options = options;
		this.review = new MembershipReview({
			...options,
			followers: () => this.followers(),
			expel: ({ connection, channel }) => this.expel(connection, channel),
		});
		this.pace = new RecoveryFlowControl(options.maxBufferedBytes);
		options.gateway.watchers.push(this.pace);
		this.admission = new ChannelAdmission({ ...options, intents: this.intents, pace: this.pace });
		options.broker.listen(this);
	}

	/** Channels that this process takes part in. */
	get size(): number {
		return this.states.size;
	}

	/** Noted first, asked about then: whoever is removed from there on is found among the intents or the followers. */
	async follow(connection: Connection, channel: string, since: ChannelPosition | undefined): Promise<SubscribeResult> {
		const intent = this.intents.begin(connection, channel, since, this.options.maxPerConnection);
		try {
			await this.admission.ask(intent);
			const followed = await this.enterAndJoin(intent);
			if (since !== undefined) this[followed.isRecovered ? "recovered" : "unrecovered"]++;
			return followed;
		} finally {
			this.intents.end(intent);
		}
	}

	unfollow(connection: Connection, channel: string): void {
		this.options.hub.unsubscribe(connection, channel);
		this.intents.invalidate(connection, channel);
		const state = this.states.get(channel);
		if (state?.followers.delete(connection)) this.noteUse(state);
	}

	forget(connection: Connection): void {
		for (const channel of connection.subscriptions) {
			const state = this.states.get(channel);
			if (state?.followers.delete(connection)) this.noteUse(state);
		}
	}

	membershipChanged(userId: string, channel: string, follows: boolean, after?: ChannelPosition): void {
		const state = this.states.get(channel);
		const connections = this.options.hub.ofUser(userId);
		if (follows) {
			// Nothing was missed by those who were still to leave.
			state?.departures.delete(userId);
			for (const connection of connections) this.autoSubscribe(connection, channel);
			return;
		}
		for (const connection of connections) this.intents.invalidate(connection, channel);
		if (state !== undefined && after !== undefined && state.isBehind(after)) {
			state.departures.set(userId, { after, atMs: this.options.now() });
			return;
		}
		this.depart(userId, channel);
	}

	/** Removals may have been missed: asks soon, for everybody who follows something, whether they still may. */
	revalidateMemberships(): void {
		this.review.runNow();
	}

	private depart(userId: string, channel: string): void {
		for (const connection of this.options.hub.ofUser(userId)) {
			if (connection.subscriptions.has(channel)) this.expel(connection, channel);
		}
	}

	/** Takes a connection off a channel, and asks again at once: its user may have come back before this was heard. */
	private expel(connection: Connection, channel: string): void {
		this.unfollow(connection, channel);
		this.autoSubscribe(connection, channel);
	}

	/** Begins to follow for a client that did not ask, and tells it from which position on, or that it does not. */
	private autoSubscribe(connection: Connection, channel: string): void {
		if (connection.subscriptions.has(channel) || !connection.isOpen) return;
		const tell = ({ offset, epoch }: ChannelPosition) => {
			this.options.gateway.push(connection, pushes.channelReset, { channel, offset, epoch });
		};
		this.follow(connection, channel, undefined).then(tell, (error: unknown) => {
			if (error instanceof GatewayError && error.code === ErrorCode.PERMISSION_DENIED) return;
			this.options.logger.debug({ err: error, channel }, "a user's connection could not join a channel");
			tell(NO_POSITION);
		});
	}

	onPublication(channel: string, publication: Publication): void {
		const state = this.states.get(channel);
		if (state === undefined) return;
		if (state.waiting !== undefined) {
			// A read is under way that will tell what to make of it.
			state.hold(publication);
			return;
		}
		this.take(state, publication);
	}

	onInterrupted(): void {
		void this.check([...this.states.values()]);
	}

	/** Forgets channels that nobody follows, and looks for subscriptions that died silently. Call once a second. */
	sweep(): void {
		const nowMs = this.options.now();
		const share: ChannelState[] = [];
		let index = 0;
		this.sweeps++;
		for (const state of this.states.values()) {
			if (state.departures.size > 0) this.applyPendingRemovals(state);
			if (state.unusedSinceMs !== undefined && nowMs - state.unusedSinceMs > LINGER_MS) this.drop(state);
			else if ((index++ + this.sweeps) % SWEEPS_PER_CHECK === 0) share.push(state);
		}
		if (!this.checking) void this.check(share);
		this.review.sweep();
	}

	private *followers(): Generator<Follower> {
		for (const { name: channel, followers } of this.states.values()) {
			for (const connection of followers) {
				if (connection.identity !== undefined) yield { connection, channel, identity: connection.identity };
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

	/** The state of a channel, made if need be, and kept while the caller is busy with it. */
	private enter(channel: string): ChannelState {
		let state = this.states.get(channel);
		if (state === undefined) {
			state = new ChannelState(channel, (opened) => this.open(opened));
			this.states.set(channel, state);
			// A failure is told to everybody who waits for it; the next one tries again.
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
		this.noteUse(state);
	}

	private noteUse(state: ChannelState): void {
		if (state.followers.size === 0 && state.joining === 0) state.unusedSinceMs ??= this.options.now();
	}

	private async open(state: ChannelState): Promise<void> {
		const { broker } = this.options;
		await broker.subscribe(state.name);
		const { top } = await broker.history(state.name, undefined, 0);
		this.resume(state, top);
	}

	/** A publication in its turn: passes it on, or starts to fill the hole before it. */
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
		this.repair(state, publication);
	}

	private pass(state: ChannelState, publication: Publication): void {
		state.advance(publication);
		this.options.gateway.publish(state.name, publication.frame);
		if (state.departures.size > 0) this.applyPendingRemovals(state);
	}

	/** Carries out removals that waited for what was published before them. */
	private applyPendingRemovals(state: ChannelState): void {
		const nowMs = this.options.now();
		for (const [userId, { after, atMs }] of state.departures) {
			if (state.isBehind(after) && nowMs - atMs < DEPARTURE_MS) continue;
			state.departures.delete(userId);
			this.depart(userId, state.name);
		}
	}

	/** Holds the live path back until what is missing was read, or given up. */
	private repair(state: ChannelState, publication?: Publication): void {
		if (state.waiting !== undefined) {
			if (publication) state.hold(publication);
			return;
		}
		state.beginWaiting();
		if (publication) state.hold(publication);
		void this.fill(state);
	}

	private async fill(state: ChannelState): Promise<void> {
		const { broker, logger } = this.options;
		const since = state.position ?? NO_POSITION;
		try {
			const { publications, top, isComplete } = await broker.history(state.name, since, MAX_RECOVERED);
			if (isComplete && top.epoch === since.epoch) {
				for (const missing of publications) this.pass(state, missing);
				this.resume(state, state.position ?? top);
			} else {
				this.reset(state, top);
				this.resume(state, top);
			}
		} catch (error) {
			// The next check, within seconds, tries again; till then followers get nothing rather than a hole.
			state.waiting = undefined;
			logger.warn({ err: error, channel: state.name }, "a hole in a channel could not be filled yet");
		}
	}

	/** The live path goes on from a known position, first with what waited for it. */
	private resume(state: ChannelState, position: ChannelPosition): void {
		const waiting = state.waiting ?? [];
		state.waiting = undefined;
		state.position = position;
		if (state.departures.size > 0) this.applyPendingRemovals(state);
		for (const publication of waiting) {
			// One of them may open the next hole, behind which the others wait in turn.
			this.onPublication(state.name, publication);
		}
	}

	/** Tells all followers that they cannot be told everything. */
	private reset(state: ChannelState, top: ChannelPosition): void {
		this.resets++;
		const { channelReset } = pushes;
		const frame = this.writer.push(channelReset.number, channelReset.message, { channel: state.name, ...top });
		this.options.gateway.publish(state.name, frame);
	}

	/** Compares positions with the broker's, and fills what turns out to be missing. */
	private async check(states: readonly ChannelState[]): Promise<void> {
		this.checking = true;
		try {
			for (let start = 0; start < states.length; start += CHECK_BATCH) {
				const batch = states.slice(start, start + CHECK_BATCH);
				const before = batch.map((state) => state.position);
				const positions = await this.options.broker.positions(batch.map((state) => state.name));
				for (const [index, state] of batch.entries()) {
					const there = positions[index];
					// What arrived meanwhile has answered the question.
					if (there === undefined || state.waiting !== undefined || state.position !== before[index]) continue;
					if (differs(state.position, there)) this.repair(state);
				}
			}
		} catch (error) {
			this.options.logger.debug({ err: error }, "channel positions could not be compared; the next sweep tries again");
		} finally {
			this.checking = false;
		}
	}

	private drop(state: ChannelState): void {
		this.states.delete(state.name);
		this.options.broker.unsubscribe(state.name).catch((error: unknown) => {
			this.options.logger.debug({ err: error, channel: state.name }, "leaving a channel failed");
		});
	}
}

/** An offset that went back is a store that lost something, which the reading of the history finds out. */
function differs(here: ChannelPosition | undefined, there: ChannelPosition): boolean {
	if (here === undefined) return false;
	return here.epoch !== there.epoch || here.offset !== there.offset;
}
