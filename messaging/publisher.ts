// How services reach clients: by channel, by user, or all of them. The one path that pushes take; what implements it
// (server/channels) encodes once and leaves the rest to the broker.

import type { Identity } from "../common/identity.ts";
import type { PushContract } from "../protocol/contract.ts";
import type { Published, PublishKey, PublishOptions } from "./broker.ts";

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

/** A message that is published once under its key. */
export interface KeyedMessage<Properties> {
	readonly message: Properties;
	readonly once: PublishKey;
}

/** Publishes several messages in one step; for what comes by the hundred for one channel. */
export interface BatchPublisher {
	/**
	 * Publishes on a recoverable channel, in the order of the list.
	 *
	 * @returns for each its position; of a repeat, that of the first.
	 * @throws GatewayError as `Publisher.publish`, when any of them fails: call it again with the same keys. PAYLOAD_TOO_LARGE: nothing was published.
	 */
	publishTogether<Message, Properties>(
		channel: string,
		push: PushContract<Message, Properties>,
		messages: readonly KeyedMessage<Properties>[],
		options?: PublishOptions,
	): Promise<readonly Published[]>;
}

/** What entitles a user to a channel for some time, where who the user is does not. */
export interface ChannelGrant {
	readonly userId: string;
	readonly channel: string;
	/** Unix milliseconds. */
	readonly issuedAtMs: number;
	readonly expiresAtMs: number;
}

/** How subscriptions to channels of one kind behave. */
export interface ChannelPolicy {
	/** false: what was published after the position that a client presents is not sent, and reported as not recovered. */
	readonly isRecoverable: boolean;
	/**
	 * A subscription that the gateway ends is over, and its end is pushed as SubscriptionRevoked. Otherwise the gateway subscribes
	 * the user again as soon as the user may.
	 */
	readonly isRevocable: boolean;
	/** Clients that ask for it are sent differences between publications. */
	readonly hasDeltas: boolean;
	/** Which users are subscribed is reported. */
	readonly hasPresence: boolean;
}

/** Decides which user may subscribe to a channel; registered by the service that owns the channel's prefix. */
export interface ChannelAuthorizer {
	/** What channel names of this kind begin with: `room:`. */
	readonly prefix: string;
	/** Without one: recoverable, and nothing else. */
	readonly policy?: ChannelPolicy;
	/**
	 * @param grant - of this user for this channel, if there is one; it may have expired.
	 * @throws GatewayError UNAVAILABLE when it cannot decide.
	 */
	canSubscribe(identity: Identity, channel: string, grant?: ChannelGrant): Promise<boolean>;
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
	readonly grant?: ChannelGrant | undefined;
}

/** Is notified of the first and the last connection of a user. Calls are cheap and never throw. */
export interface ChannelUsersListener {
	onUserJoined(channel: string, userId: string): void;
	onUserLeft(channel: string, userId: string): void;
}

/** Encodes differences between frames. Knows what the frames hold. */
export interface DeltaCodec {
	/**
	 * The frame for those who have the frame before: with the difference, or `next` itself when that is no smaller.
	 *
	 * @param previous - the frame with the offset before, in the same epoch.
	 */
	encode(previous: Uint8Array, next: Uint8Array): Uint8Array;
}
