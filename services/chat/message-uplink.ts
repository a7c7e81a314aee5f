// Where chat messages go beside their channels, or in their place: a log of another system, such as Kafka.
import type { MessageRecord } from "./chat-message-store.ts";

export interface MessageUplink {
	/**
	 * Appends messages of one conversation, in their order. Resolves when they are there for good.
	 *
	 * @throws GatewayError UNAVAILABLE: some of them may be there, and all are sent again.
	 */
	send(messages: readonly MessageRecord[]): Promise<void>;
}

/** A message that is not stored here: its sequence is 0. */
export interface ForwardedMessage extends MessageRecord {
	/** W3C trace id. */
	readonly traceId: string;
	/** The user it is for, where the sender named one; else "". */
	readonly toUserId: string;
}

export interface MessageForwarder {
	/**
	 * Appends a message behind those that were given before. Resolves when it is there for good.
	 *
	 * @throws GatewayError UNAVAILABLE: it may be there.
	 */
	forward(message: ForwardedMessage): Promise<void>;
	/** Appends a message that nobody waits for. @returns whether there was room for it. */
	offer(message: ForwardedMessage): boolean;
}
