// The notices that were committed about a conversation, in order, until they are published. Implementation: stores/sql.
import type { ChatRoomEvent_Kind } from "../../protocol/gen/schema.ts";
import type { MemberRecord } from "./chat-member.ts";
import type { PublishClaim } from "./chat-message-store.ts";

/** Something changed about a room or one of its members. */
export interface RoomNotice {
	readonly kind: "room";
	readonly event: ChatRoomEvent_Kind;
	readonly member: MemberRecord;
	readonly byUserId: string;
	/** What becomes of the member's connections: they are subscribed to the room's channel, or unsubscribed from it. */
	readonly channel?: "join" | "leave";
	/** The notice is published to the room. */
	readonly toRoom: boolean;
	/** The member is notified by the inbox. */
	readonly toMember: boolean;
	/** Not if the member has blocked the actor: the member was invited, and has never been in the room. */
	readonly unlessBlocked?: boolean;
	/** The member is notified of an invitation. */
	readonly invitation?: {
		/** Of the notification: a second one with the same id is dropped. */
		readonly id: string;
		readonly roomName: string;
		readonly byName: string;
	};
}

/** A message was taken back. */
export interface RecallNotice {
	readonly kind: "recall";
	readonly messageId: string;
	readonly byUserId: string;
}

export type Notice = RoomNotice | RecallNotice;

export interface NumberedNotice {
	readonly notice: Notice;
	/** Grows within a conversation. */
	readonly number: number;
}

/** Every method throws GatewayError UNAVAILABLE when the store does not answer in time. */
export interface ChatOutboxStore {
	/** Conversations that have unpublished notices, and whose notices no process has claimed. */
	pendingConversations(limit: number): Promise<readonly string[]>;
	/** Claims the notices for the caller. @returns false when there are none, or another process holds the claim. */
	acquire(conversationId: string, claim: PublishClaim): Promise<boolean>;
	/** In order. */
	pending(conversationId: string, limit: number): Promise<readonly NumberedNotice[]>;
	/**
	 * Removes what was published, up to a number, and ends the claim if nothing is left.
	 *
	 * @returns whether something is left that the caller is to publish.
	 */
	acknowledge(conversationId: string, upTo: number, claim: PublishClaim): Promise<boolean>;
	/** Defers the rest until the end of `claim`. */
	release(conversationId: string, claim: PublishClaim): Promise<void>;
}
