// What chat stores of a user, for the deletion and the export of all of it. Implementation: store/.
import type { MessageRecord } from "./chat-message-store.ts";
import type { ConversationKind, ConversationRecord, MemberRecord } from "./chat-room-store.ts";

export interface Membership {
	readonly conversation: ConversationRecord;
	readonly kind: ConversationKind;
	readonly member: MemberRecord;
}

/** A place among all messages: behind one of a conversation. */
export interface MessagePlace {
	readonly conversationId: string;
	readonly sequence: number;
}

export interface SentMessages {
	readonly messages: readonly MessageRecord[];
	/** Where to go on; undefined at the end. */
	readonly next: MessagePlace | undefined;
}

/** Every method does a bounded part, and throws GatewayError UNAVAILABLE when the store does not answer in time. */
export interface ChatPersonalStore {
	/** Of any state, in the order of their conversations' ids. */
	memberships(userId: string, after: string, limit: number): Promise<readonly Membership[]>;
	/** Ends a membership in a private conversation. One that nobody is in any more ends. */
	leavePrivate(conversationId: string, userId: string, nowMs: number): Promise<void>;
	/** Removes blocks of and by the user, and the user as the last owner of rooms that have ended. @returns whether there may be more. */
	eraseTraces(userId: string, limit: number): Promise<boolean>;
	/**
	 * Takes content, sender and the sender's own id from messages of a user, which are then as if recalled.
	 *
	 * @param after - the id of a conversation; "" at first.
	 * @returns where to go on; undefined when all conversations were looked at.
	 */
	eraseMessages(userId: string, after: string, nowMs: number): Promise<string | undefined>;
	/** Messages that a user has sent, conversation by conversation. */
	sentBy(userId: string, after: MessagePlace, limit: number): Promise<SentMessages>;
	/** Users whom the user has blocked, by id. */
	blockedBy(
		userId: string,
		after: string,
		limit: number,
	): Promise<readonly { readonly userId: string; readonly createdAtMs: number }[]>;
}
