// What was committed about a conversation and is to be told, in order, until it has been. Implementation: stores/sql.
import type { MemberRecord } from "./chat-member.ts";
import type { PublishClaim } from "./chat-message-store.ts";

/** Something changed about a room or one of its members. */
export interface RoomNotice {
	readonly kind: "room";
	/** A ChatRoomEvent_Kind. */
	readonly event: number;
	readonly member: MemberRecord;
	readonly byUserId: string;
	/** What becomes of the member's connections: they begin to follow the room's channel, or end it. */
	readonly channel?: "join" | "leave";
	/** The room hears of it. */
	readonly toRoom: boolean;
	/** The member is notified by the inbox. */
	readonly toMember: boolean;
	/** Not if the member has blocked who did it: somebody who was invited, and has never been in the room. */
	readonly unlessBlocked?: boolean;
	/** The member is notified of an invitation. */
	readonly invitation?: {
		/** Of the notification: the second of two is none. */
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
	/** Conversations that have something to tell and nobody to tell it. */
	pendingConversations(nowMs: number, limit: number): Promise<readonly string[]>;
	/** Makes the caller the one who tells. @returns false when there is nothing to tell, or another process does. */
	acquire(conversationId: string, claim: PublishClaim): Promise<boolean>;
	/** In order. */
	pending(conversationId: string, limit: number): Promise<readonly NumberedNotice[]>;
	/**
	 * Removes what was told, up to a number, and ends the claim if nothing is left.
	 *
	 * @returns whether something is left that is the caller's to tell.
	 */
	acknowledge(conversationId: string, upTo: number, claim: PublishClaim): Promise<boolean>;
	/** Leaves the rest for later: until the end of `claim`. */
	release(conversationId: string, claim: PublishClaim): Promise<void>;
}
