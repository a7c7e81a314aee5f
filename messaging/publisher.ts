// How services reach clients: by channel, by user, or all of them. The one path that pushes take; what implements it
// (server/channels) encodes once and leaves the rest to the broker.

import type { Identity } from "../common/identity.ts";
import type { PushContract } from "../protocol/contract.ts";
import type { Published, PublishOptions } from "./broker.ts";

export interface Publisher {
	/**
	 * Publishes on a recoverable channel.
	 *
	 * @param options - what is kept of the channel, where that is not what the configuration says of all channels.
	 * @throws GatewayError VALIDATION_FAILED when `options.once` was used for something else, UNAVAILABLE when the broker did not confirm.
	 */
	publish<Message, Properties>(
		channel: string,
		push: PushContract<Message, Properties>,
		message: Properties,
		options?: PublishOptions,
	): Promise<Published>;
	/** Subscribes every connection of a user, on every node, to a channel. */
	joinUser(userId: string, channel: string): Promise<void>;
	/**
	 * The reverse of `joinUser`: a user who left or was removed gets nothing more once this has resolved, but everything that
	 * was published on the channel before. Call it after the change is visible to the channel's authorizer.
	 */
	removeUser(userId: string, channel: string): Promise<void>;
}

/** Decides which user may subscribe to a channel; registered by the service that owns the channel's prefix. */
export interface ChannelAuthorizer {
	/** What channel names of this kind begin with: `room:`. */
	readonly prefix: string;
	/** @throws GatewayError UNAVAILABLE when it cannot decide. */
	canSubscribe(identity: Identity, channel: string): Promise<boolean>;
	/**
	 * The same for several at once, of one user or of many, where that is cheaper; a few hundred at most.
	 *
	 * @returns an answer for each, in the order requested.
	 */
	canSubscribeEach?(queries: readonly SubscribeQuery[]): Promise<readonly boolean[]>;
}

/** The query whether a user may subscribe to a channel. */
export interface SubscribeQuery {
	readonly identity: Identity;
	readonly channel: string;
}
