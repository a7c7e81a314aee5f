// Connections for services that push to them directly, outside the recoverable channels: for data of which only the newest
// value matters. Implemented by the connection and the gateway around it.

import type { Identity } from "../common/identity.ts";

/** Texts of one finished frame by encoding, made when the first client needs one; undefined: that encoding has none. */
export type FrameTexts = Map<string, string | undefined>;

export interface LiveSubscriber {
	/** Unique in this process. */
	readonly id: number;
	readonly isOpen: boolean;
	/** Undefined until authenticated. */
	readonly identity: Identity | undefined;
	/** Bytes that wait for the client to read. */
	bufferedBytes(): number;
	/**
	 * Sends a finished push envelope, copied before this returns, in the client's encoding.
	 *
	 * @param texts - of this very frame, where several are sent it: what one client's encoding needs is kept there for the next.
	 */
	push(frame: Uint8Array, texts?: FrameTexts): void;
	/** From now on gets what is published on the topic. */
	join(topic: string): void;
	leave(topic: string): void;
}

/** Connections of users, for pushes outside of the recoverable channels. */
export interface UserFrames {
	/** Sends a finished push envelope to the connections of these users that are subscribed to the channel. Copies. */
	push(channel: string, userIds: readonly string[], frame: Uint8Array): void;
}

export interface LiveTopics {
	/** Sends a finished push envelope to all that joined the topic, encoded once for each encoding in use. Copies. */
	publish(topic: string, frame: Uint8Array): void;
}

/** Is notified of the users and the end of connections, and of what they have read. Calls are cheap and never throw. */
export interface ConnectionListener {
	/** It has a user now, whom it did not have before. */
	onAuthenticated?(subscriber: LiveSubscriber): void;
	/** It is gone, or has another user or none: whatever it had is over. Called at most once for each such end. */
	onClosed(subscriber: LiveSubscriber): void;
	/** It has read: its buffered bytes went down. */
	onDrained(subscriber: LiveSubscriber): void;
}
