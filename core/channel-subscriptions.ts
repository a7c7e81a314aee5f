// What the life cycle of connections uses of recoverable channels. Implementation: core/channels/.
import type { ChannelPosition } from "../messaging/broker.ts";
import type { SubscribeOptions, SubscribeResult } from "./call.ts";
import type { Connection } from "./connection.ts";

/** Subscriptions to recoverable channels. */
export interface ChannelSubscriptions {
	subscribeChannel(
		connection: Connection,
		channel: string,
		since: ChannelPosition | undefined,
		options?: SubscribeOptions,
	): Promise<SubscribeResult>;
	unsubscribeChannel(connection: Connection, channel: string): void;
	/** The connection is closed; its set of subscriptions is still complete. */
	forget(connection: Connection): void;
	/**
	 * A node added a user to a channel, or removed it.
	 *
	 * @param after - for a removal: the user still gets publications up to this position.
	 */
	membershipChanged(userId: string, channel: string, follows: boolean, after?: ChannelPosition): void;
}
