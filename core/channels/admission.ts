// Lets a connection into a channel: asks whether it may, brings it up to date at the pace at which it reads, and joins it
// to the live path where that stands.

import type { Identity } from "../../common/identity.ts";
import type { Broker, ChannelPosition, Publication } from "../../messaging/broker.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError, unavailable } from "../../protocol/error.ts";
import type { SubscribeResult } from "../call.ts";
import type { Gateway } from "../gateway.ts";
import type { Hub } from "../hub.ts";
import type { ChannelState } from "./channel-state.ts";
import type { PendingSubscription, PendingSubscriptions } from "./pending-subscriptions.ts";
import { type Missed, missedSince } from "./recovery.ts";
import type { RecoveryFlowControl } from "./recovery-flow-control.ts";

export interface ChannelAdmissionOptions {
	readonly broker: Broker;
	readonly access: { canSubscribe(identity: Identity, channel: string): Promise<boolean> };
	readonly gateway: Gateway;
	readonly hub: Hub;
	readonly intents: PendingSubscriptions;
	readonly pace: RecoveryFlowControl;
}

/** Times that one follow asks whether it may, each after something happened that may have changed the answer. */
const MAX_QUESTIONS = 5;
const UNLIMITED_BYTES = Number.MAX_SAFE_INTEGER;
const NO_POSITION: ChannelPosition = { offset: 0, epoch: "" };
const NOTHING_MISSED = (): Missed => ({ publications: [], isWhole: true });

export class ChannelAdmission {
	private readonly options: ChannelAdmissionOptions;

	constructor(options: ChannelAdmissionOptions) {
		this.options = options;
	}

	/** @throws GatewayError PERMISSION_DENIED, or what the guard throws. */
	async ask(intent: PendingSubscription): Promise<void> {
		const { connection, channel, identity } = intent;
		for (let asked = 0; asked < MAX_QUESTIONS; asked++) {
			intent.isInvalidated = false;
			const may = await this.options.access.canSubscribe(identity, channel);
			// Somebody else by now, whose channels these are not.
			if (!may || connection.identity?.userId !== identity.userId) {
				throw new GatewayError(ErrorCode.PERMISSION_DENIED, "not allowed to follow this channel");
			}
			if (!intent.isInvalidated) return;
		}
		throw unavailable("a channel whose members change faster than can be followed", 1000);
	}

	/**
	 * Sends what was missed, and joins. `ask` came before.
	 *
	 * @throws GatewayError as `ask` does, UNAVAILABLE for a connection that is gone.
	 */
	async admit(intent: PendingSubscription, state: ChannelState): Promise<SubscribeResult> {
		const { connection } = intent;
		const { pace } = this.options;
		let hasWaited = false;
		try {
			for (let questions = 0; questions < MAX_QUESTIONS; ) {
				const step = await this.step(intent, state);
				if (typeof step === "object") return step;
				if (!connection.isReachable) break;
				if (step === "more" || step === "reading") {
					if (step === "more" && pace.isDrained(connection)) continue;
					await pace.room(connection);
					hasWaited = true;
					continue;
				}
				questions++;
				await this.ask(intent);
			}
			throw unavailable("a channel whose members change faster than can be followed", 1000);
		} finally {
			// It is the next one's turn.
			if (hasWaited) pace.onDrained(connection);
		}
	}

	/**
	 * Sends as much of what was missed as the connection has room for, and joins if that was all of it.
	 *
	 * @returns "doubtful" when it is to be asked again whether the connection may, "reading" when it has no room for what was
	 *   read, "more" when there is more to read.
	 */
	private async step(
		intent: PendingSubscription,
		state: ChannelState,
	): Promise<SubscribeResult | "doubtful" | "reading" | "more"> {
		const { broker, hub, intents, pace } = this.options;
		const { connection, since } = intent;
		// One that follows already gets newer ones in between: it is sent all at once.
		const maxBytes = connection.subscriptions.has(state.name) ? UNLIMITED_BYTES : pace.roomBytes(connection);
		state.beginRecovery();
		try {
			const missed = since === undefined ? NOTHING_MISSED : await missedSince(broker, state, since, maxBytes);
			// From here to the return there is no pause: what is sent, and what the topic brings, fit together.
			if (intent.isInvalidated || connection.identity?.userId !== intent.identity.userId) return "doubtful";
			const found = missed();
			// Whoever follows already has had everything live, but maybe not what was before. Presenting a position then may
			// bring some of it twice, under the same offsets. A connection that is leaving is told what its reply says it was.
			if (connection.isReachable) {
				if (!this.send(intent, found?.publications ?? [])) return "reading";
				if (found?.isWhole === false) return "more";
				state.followers.add(connection);
				hub.subscribe(connection, state.name);
				intents.arrived(intent);
			}
			return { ...(state.position ?? NO_POSITION), isRecovered: since !== undefined && found !== undefined };
		} finally {
			state.endRecovery();
		}
	}

	/** @returns false when the connection has to read first; the intent then stands where the rest begins. */
	private send(intent: PendingSubscription, publications: readonly Publication[]): boolean {
		const { gateway, pace } = this.options;
		const { connection, channel } = intent;
		// To one that follows already, newer ones would come in between.
		const isPaced = !connection.subscriptions.has(channel);
		for (const publication of publications) {
			if (isPaced && !pace.hasRoomFor(connection, publication.frame.length)) return false;
			gateway.pushFrame(connection, publication.frame);
			intent.since = publication;
		}
		return true;
	}
}
