// Where chat messages live, in the order of their conversations. Implementation: stores/sql.
import type { Age } from "../../common/age.ts";

export interface MessageRecord {
	/** UUID version 7. */
	readonly id: string;
	readonly conversationId: string;
	/** 1, 2, 3, … without a gap within the conversation. */
	readonly sequence: number;
	readonly senderId: string;
	readonly senderName: string;
	readonly clientMsgId: string;
	/** An encoded MessageContent; empty after a recall. */
	readonly content: Uint8Array;
	readonly replyToId: string;
	readonly sentAtMs: number;
	/** 0 unless recalled. */
	readonly recalledAtMs: number;
}

/** A message that is to be appended to its conversation. */
export interface NewMessage extends Omit<MessageRecord, "sequence" | "recalledAtMs"> {
	/** Of content and reply target; distinguishes a repeat from another message under the same `clientMsgId`. */
	readonly contentHash: string;
	/** In a private conversation: the other user, whose block list counts. */
	readonly peerId: string | undefined;
}

/** What has become of one message of a batch. */
export type AppendResult =
	| { readonly kind: "appended"; readonly message: MessageRecord }
	/** It had been appended before, under the same `clientMsgId`. */
	| { readonly kind: "repeated"; readonly message: MessageRecord; readonly isPublished: boolean }
	/** Another message of the sender has this `clientMsgId`. */
	| { readonly kind: "conflict" }
	/** The message that it replies to is not one of this conversation. */
	| { readonly kind: "no-reply-target" }
	| { readonly kind: "not-member" }
	| { readonly kind: "banned" }
	| { readonly kind: "blocked" }
	| { readonly kind: "muted"; readonly remainingMs: number };

/** The right to publish a conversation's messages, which one process at a time has. */
export interface PublishClaim {
	/** Identifies the process, uniquely for its lifetime. */
	readonly publisher: string;
	/** After how long the claim ends unless renewed, by the clock of the store: those of processes may be hours apart. */
	readonly ttlMs: number;
}

export interface ClaimedConversation {
	readonly conversationId: string;
	/** Everything up to here has been published. */
	readonly publishedSequence: number;
}

export interface AppendedBatch {
	/** One per message, in their order. */
	readonly results: readonly AppendResult[];
	/** Conversations with something to publish that the caller's claim now covers. */
	readonly claimed: readonly ClaimedConversation[];
}

export interface MessageRange {
	readonly conversationId: string;
	/** First sequence wanted. */
	readonly from: number;
	/** Last sequence wanted. */
	readonly to: number;
	readonly limit: number;
	/** Newest first. */
	readonly backwards: boolean;
	/** Of content: no message is read behind the one with which this is reached. Unless given there is no such end. */
	readonly maxBytes?: number;
	/** Read on behalf of all members: it does not wait for what single callers read. */
	readonly isShared?: boolean;
}

/** Messages at several places. */
export interface PlacedMessages {
	/** In no particular order; those that are not there are left out. */
	readonly messages: readonly MessageRecord[];
	/** How many of the places were looked at, from the first on. */
	readonly places: number;
}

/** Every method throws GatewayError UNAVAILABLE when the store does not answer in time. */
export interface ChatMessageStore {
	/**
	 * Appends messages of any conversations in one transaction, which also checks, under the lock of each conversation,
	 * who may send. The sender's read mark moves along. Either the whole batch is committed or nothing of it.
	 */
	append(messages: readonly NewMessage[], claim: PublishClaim): Promise<AppendedBatch>;
	byId(messageId: string): Promise<MessageRecord | undefined>;
	range(range: MessageRange): Promise<readonly MessageRecord[]>;
	/**
	 * Single messages of several conversations.
	 *
	 * @param places - where `sequence` is 0 there is none.
	 * @param maxBytes - of content: no place is looked at behind the one with which this is reached.
	 */
	at(places: readonly { readonly id: string; readonly sequence: number }[], maxBytes?: number): Promise<PlacedMessages>;
	/**
	 * Removes the content of a message that has any, and writes the notice to be published.
	 *
	 * @returns the message without it; undefined when there was nothing to remove.
	 */
	recall(message: MessageRecord, byUserId: string, atMs: number): Promise<MessageRecord | undefined>;
	/** Deletes messages that were sent long enough ago. @returns how many, at most `limit`. */
	deleteOld(age: Age, limit: number): Promise<number>;

	/** Records what was published so far and prolongs the claim. @returns whether the claim was still valid. */
	renew(conversationId: string, publishedSequence: number, claim: PublishClaim): Promise<boolean>;
	/**
	 * Records what was published, and ends the claim of each conversation that has nothing newer.
	 *
	 * @returns the conversations that have, and stay claimed.
	 */
	release(published: ReadonlyMap<string, number>, claim: PublishClaim): Promise<readonly string[]>;
	/** Claims conversations whose publisher's claim has run out with something unpublished. */
	claimAbandoned(claim: PublishClaim, limit: number): Promise<readonly ClaimedConversation[]>;
}
