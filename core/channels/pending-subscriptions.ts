// Who is about to follow what. Between the question whether somebody may follow a channel and the moment from which they
// get its pushes lie several round trips; who is removed meanwhile is not among the followers yet, and must be found here.

import type { Identity } from "../../common/identity.ts";
import type { ChannelPosition } from "../../messaging/broker.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import type { Connection } from "../connection.ts";

/** One connection on its way to follow one channel. */
export interface PendingSubscription {
	readonly connection: Connection;
	readonly channel: string;
	/** Whose connection it was when it began. */
	readonly identity: Identity;
	/** After which it is still to be sent what it missed; undefined when it presented no position. */
	since: ChannelPosition | undefined;
	/** Something happened since that may have changed the answer: whether they may is to be asked again. */
	isInvalidated: boolean;
}

/** What one connection has under way. */
interface Pending {
	readonly byChannel: Map<string, Set<PendingSubscription>>;
	/** Those of the channels that it does not follow yet. */
	readonly fresh: Set<string>;
}

export class PendingSubscriptions {
	private readonly byConnection = new Map<Connection, Pending>();

	/**
	 * Notes that a connection begins. From here on its place is taken.
	 *
	 * @param maxChannels - how many it may follow, those under way included.
	 * @throws GatewayError UNAUTHENTICATED for a connection that is nobody's, RATE_LIMITED beyond the limit.
	 */
	begin(
		connection: Connection,
		channel: string,
		since: ChannelPosition | undefined,
		maxChannels: number,
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
		const intent = { connection, channel, identity, since, isInvalidated: false };
		const together = pending.byChannel.get(channel);
		if (together === undefined) pending.byChannel.set(channel, new Set([intent]));
		else together.add(intent);
		return intent;
	}

	/** The connection follows the channel now. */
	arrived({ connection, channel }: PendingSubscription): void {
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

	/** Has whoever is about to follow the channel on this connection ask again whether they may. */
	invalidate(connection: Connection, channel: string): void {
		const pending = this.byConnection.get(connection);
		const together = pending?.byChannel.get(channel);
		if (pending === undefined || together === undefined) return;
		if (!connection.subscriptions.has(channel)) pending.fresh.add(channel);
		for (const intent of together) intent.isInvalidated = true;
	}
}
