// Subscribes a connection to a channel: checks the permission, sends missed publications at the pace at which the client
// reads, and joins the connection to the live path at its current position.

import type { Broker, ChannelPosition, Publication } from "../../messaging/broker.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError, unavailable } from "../../protocol/error.ts";
import type { SubscribeResult } from "../call.ts";
import type { PushSender } from "../push-sender.ts";
import type { ChannelPermissions } from "./channel-permissions.ts";
import type { ChannelState } from "./channel-state.ts";
import type { PendingSubscription, PendingSubscriptions } from "./pending-subscriptions.ts";
import { type Missed, missedSince } from "./recovery.ts";
import type { RecoveryFlowControl } from "./recovery-flow-control.ts";

export interface ChannelAdmissionOptions {
	readonly broker: Broker;
	readonly access: ChannelPermissions;
	readonly pushes: PushSender;
	readonly intents: PendingSubscriptions;
	readonly pace: RecoveryFlowControl;
}

/** Permission checks of one subscription. The check is repeated after an event that may have changed the answer. */
const MAX_CHECKS = 5;
const UNLIMITED_BYTES = Number.MAX_SAFE_INTEGER;
const NO_POSITION: ChannelPosition = { offset: 0, epoch: "" };
const NOTHING_MISSED = (): Missed => ({ publications: [], isWhole: true });

export class ChannelAdmission {
	private readonly options: ChannelAdmissionOptions;

	constructor(options: ChannelAdmissionOptions) {
		this.options = options;
	}

	/** @throws GatewayError PERMISSION_DENIED, or what the authorizer throws. */
	async checkPermission(intent: PendingSubscription): Promise<void> {
		const { connection, channel, identity, options } = intent;
		for (let asked = 0; asked < MAX_CHECKS; asked++) {
			intent.isInvalidated = false;
			const may = await this.options.access.canSubscribe(identity, channel, options.grant);
			// The connection may belong to another user by now, and the channel is not theirs.
			if (!may || connection.identity?.userId !== identity.userId) {
				throw new GatewayError(ErrorCode.PERMISSION_DENIED, "not allowed to subscribe to this channel");
			}
			if (!intent.isInvalidated) return;
		}
		throw unavailable("a channel whose members change too fast", 1000);
	}

	/**
	 * Sends missed publications, and joins the connection to the live path. Call `checkPermission` before.
	 *
	 * @throws GatewayError as `checkPermission` does, UNAVAILABLE for a connection that is gone.
	 */
	async admit(intent: PendingSubscription, state: ChannelState): Promise<SubscribeResult> {
		const { connection } = intent;
		const { pace } = this.options;
		let hasWaited = false;
		try {
			for (let checks = 0; checks < MAX_CHECKS; ) {
				const step = await this.step(intent, state);
				if (typeof step === "object") return step;
				if (!connection.isReachable) break;
				if (step === "more" || step === "full") {
					if (step === "more" && pace.isDrained(connection)) continue;
					await pace.room(connection);
					hasWaited = true;
					continue;
				}
				checks++;
				await this.checkPermission(intent);
			}
			throw unavailable("a channel whose members change too fast", 1000);
		} finally {
			// The next waiting recovery may run.
			if (hasWaited) pace.onDrained(connection);
		}
	}

	/**
	 * Sends as many missed publications as the connection has room for, and joins the live path if those were all.
	 *
	 * @returns "invalidated" when the permission has to be checked again, "full" when the connection has no room for what was
	 *   read, "more" when there is more to read.
	 */
	private async step(
		intent: PendingSubscription,
		state: ChannelState,
	): Promise<SubscribeResult | "invalidated" | "full" | "more"> {
		const { broker, intents, pace } = this.options;
		const { connection, since } = intent;
		// A connection that is subscribed already gets live pushes in between, so everything is sent at once.
		const maxBytes = connection.subscriptions.has(state.name) ? UNLIMITED_BYTES : pace.roomBytes(connection);
		state.beginRecovery();
		try {
			const missed = since === undefined ? NOTHING_MISSED : await missedSince(broker, state, since, maxBytes);
			// There is no await from here to the return: the recovered pushes and the topic's live pushes are contiguous.
			if (intent.isInvalidated || connection.identity?.userId !== intent.identity.userId) return "invalidated";
			const found = missed();
			// A connection that is subscribed already has had all live pushes, but maybe not the older ones. With a position it may
			// get some pushes twice, with the same offsets. A connection that is leaving is still sent what its reply announces.
			if (connection.isReachable) {
				if (!this.send(intent, found?.publications ?? [])) return "full";
				if (found?.isWhole === false) return "more";
				// What was sent before the rest was lost does not reach to the last publication.
				const hasLast = found !== undefined && intent.hasRecovered;
				state.join(connection, intent.identity.userId, intent.options, hasLast);
				intents.established(intent);
			}
			return { ...(state.position ?? NO_POSITION), isRecovered: since !== undefined && found !== undefined };
		} finally {
			state.endRecovery();
		}
	}

	/** @returns false when the client has to read first; `intent.since` is then the position before the rest. */
	private send(intent: PendingSubscription, publications: readonly Publication[]): boolean {
		const { pushes, pace } = this.options;
		const { connection, channel } = intent;
		// A connection that is subscribed already would get newer publications in between.
		const isPaced = !connection.subscriptions.has(channel);
		for (const publication of publications) {
			if (isPaced && !pace.hasRoomFor(connection, publication.frame.length)) return false;
			pushes.pushFrame(connection, publication.frame);
			intent.since = publication;
			intent.hasRecovered = true;
		}
		return true;
	}
}
