// Subscriptions that are not established yet. Between the permission check of a subscription and its first live push lie
// several round trips; a user who is removed meanwhile is not among the subscribers yet, and must be found here.

import type { Identity } from "../../common/identity.ts";
import type { ChannelPosition } from "../../messaging/broker.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import type { SubscribeOptions } from "../call.ts";
import type { Connection } from "../connection.ts";

/** A pending subscription of one connection to one channel. */
export interface PendingSubscription {
	readonly connection: Connection;
	readonly channel: string;
	/** The identity of the connection when the subscription began. */
	readonly identity: Identity;
	/** Missed publications after this position are still to be sent; undefined when the client presented no position. */
	since: ChannelPosition | undefined;
	readonly options: SubscribeOptions;
	/** Missed publications were sent, whole. */
	hasRecovered: boolean;
	/** An event since the permission check may have changed its result: the check has to be repeated. */
	isInvalidated: boolean;
}

/** The pending subscriptions of one connection. */
interface Pending {
	readonly byChannel: Map<string, Set<PendingSubscription>>;
	/** The channels among them to which it is not subscribed yet. */
	readonly fresh: Set<string>;
}

export class PendingSubscriptions {
	private readonly byConnection = new Map<Connection, Pending>();

	/**
	 * Records the beginning of a subscription. From here on it counts towards the limit.
	 *
	 * @param maxChannels - how many channels the connection may subscribe to, pending ones included.
	 * @throws GatewayError UNAUTHENTICATED for a connection without identity, RATE_LIMITED beyond the limit.
	 */
	begin(
		connection: Connection,
		channel: string,
		since: ChannelPosition | undefined,
		maxChannels: number,
		options: SubscribeOptions = {},
	): PendingSubscription {
		const { identity, subscriptions } = connection;
		if (identity === undefined) throw new GatewayError(ErrorCode.UNAUTHENTICATED, "log in first");
		const pending = this.byConnection.get(connection) ?? { byChannel: new Map(), fresh: new Set() };
		if (!subscriptions.has(channel) && !pending.fresh.has(channel)) {
			if (subscriptions.size + pending.fresh.size >= maxChannels) {
				const message = `more than ${maxChannels} channels on one connection`;
				throw new GatewayError(ErrorCode.RATE_LIMITED, message, { retryAfterMs: 1000 });
			}
			pending.fresh.add(channel);
		}
		this.byConnection.set(connection, pending);
		const intent = { connection, channel, identity, since, options, hasRecovered: false, isInvalidated: false };
		const together = pending.byChannel.get(channel);
		if (together === undefined) pending.byChannel.set(channel, new Set([intent]));
		else together.add(intent);
		return intent;
	}

	/** The connection is subscribed to the channel now. */
	established({ connection, channel }: PendingSubscription): void {
		this.byConnection.get(connection)?.fresh.delete(channel);
	}

	end(intent: PendingSubscription): void {
		const { connection, channel } = intent;
		const pending = this.byConnection.get(connection);
		const together = pending?.byChannel.get(channel);
		if (pending === undefined || !together?.delete(intent) || together.size > 0) return;
		pending.byChannel.delete(channel);
		pending.fresh.delete(channel);
		if (pending.byChannel.size === 0) this.byConnection.delete(connection);
	}

	/** Makes the connection's pending subscriptions to the channel repeat their permission check. */
	invalidate(connection: Connection, channel: string): void {
		const pending = this.byConnection.get(connection);
		const together = pending?.byChannel.get(channel);
		if (pending === undefined || together === undefined) return;
		if (!connection.subscriptions.has(channel)) pending.fresh.add(channel);
		for (const intent of together) intent.isInvalidated = true;
	}
}
