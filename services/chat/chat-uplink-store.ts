// How far the messages of each conversation were written to another system's log, and which process writes them. Implementation:
// store/chat-uplink-store-sql.ts.
import type { PublishClaim } from "./chat-message-store.ts";

/** A conversation that is claimed, as the store has it. */
export interface UplinkProgress {
	/** Everything up to this sequence is written. */
	readonly writtenSequence: number;
	/** Of the last message that was committed. */
	readonly lastSequence: number;
}

/** Every method throws GatewayError UNAVAILABLE when the store does not answer in time. */
export interface ChatUplinkStore {
	/**
	 * Says that a conversation has a message to be written. For a conversation that has never had one, it is the first.
	 *
	 * @param sequence - of the message.
	 */
	mark(conversationId: string, sequence: number): Promise<void>;
	/** Conversations with messages to be written that no process has claimed, the longest unclaimed first. */
	pendingConversations(limit: number): Promise<readonly string[]>;
	/** Claims a conversation. @returns undefined when there is nothing to write, or another process has it. */
	acquire(conversationId: string, claim: PublishClaim): Promise<UplinkProgress | undefined>;
	/**
	 * Records how far a conversation is written. Ends the claim if no later message is committed, otherwise renews it.
	 *
	 * @returns how it stands then; undefined when the claim was another's by then.
	 */
	acknowledge(conversationId: string, sequence: number, claim: PublishClaim): Promise<UplinkProgress | undefined>;
	/** Defers the rest until the end of `claim`. */
	release(conversationId: string, claim: PublishClaim): Promise<void>;
}
