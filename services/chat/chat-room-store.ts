// Where conversations and their members live. Implementation: stores/sql.
import type { Age } from "../../common/age.ts";
import type { MemberRecord, MemberState } from "./chat-member.ts";
import type { Notice } from "./chat-outbox-store.ts";

export type { MemberRecord, MemberState } from "./chat-member.ts";

export type ConversationKind = "room" | "private";

export interface ConversationRecord {
	readonly id: string;
	readonly kind: ConversationKind;
	readonly name: string;
	readonly topic: string;
	readonly isPublic: boolean;
	/** "" for private conversations. Of a room that has ended: whose it was last, among whose rooms it still counts. */
	readonly ownerId: string;
	readonly memberCount: number;
	readonly maxMembers: number;
	readonly createdAtMs: number;
	readonly lastSequence: number;
	/** When the last member left; 0 while the conversation is open. */
	readonly closedAtMs: number;
}

/** A room and those of its members that a decision is about, as they are under the room's lock. */
export interface RoomView {
	/** By the clock of the store, which judges mutes: what one process limits, the others keep to. Unix milliseconds. */
	readonly nowMs: number;
	readonly room: ConversationRecord;
	readonly members: ReadonlyMap<string, MemberRecord>;
	/** The member who becomes the owner when the owner leaves: the oldest of the highest role. Loaded on request. */
	readonly newOwner: MemberRecord | undefined;
	/** In how many rooms the first of the users asked for is a member. */
	readonly roomsOfFirst: number;
	/** How many rooms the last of the users asked for owns. */
	readonly ownedByLast: number;
}

/** What is to change. The store keeps the count of members. */
export interface RoomChange<Result> {
	/** Written whole: added, or put in place of the earlier ones. */
	readonly put?: readonly MemberRecord[];
	/** User ids of members to remove. */
	readonly remove?: readonly string[];
	readonly ownerId?: string;
	/** Ends the room: it is in no list, and it has no members. */
	readonly closedAtMs?: number;
	/** Committed with the change, to be published after it, in this order. */
	readonly notices?: readonly Notice[];
	readonly result: Result;
}

export interface RoomQuery {
	readonly roomId: string;
	/** Members to look up. */
	readonly userIds: readonly string[];
	readonly wantsNewOwner?: boolean;
	/** Keeps this user's other joins and openings of rooms apart from this change. */
	readonly wantsRoomsOfFirst?: boolean;
	/** The same for what makes an owner of the user. */
	readonly wantsOwnedByLast?: boolean;
}

/** A room that is to be. */
export interface RoomOpening {
	readonly room: ConversationRecord;
	readonly members: readonly MemberRecord[];
	/** How many rooms the owner may own, and be a member of. */
	readonly maxOwned: number;
	readonly maxJoined: number;
	readonly notices: readonly Notice[];
}

export type OpeningResult =
	| { readonly kind: "opened" }
	/** A room with this id exists. */
	| { readonly kind: "exists"; readonly room: ConversationRecord }
	| { readonly kind: "too-many-owned" }
	| { readonly kind: "too-many-joined" };

export interface MembershipQuery {
	readonly conversationId: string;
	readonly userId: string;
}

export interface ConversationEntry {
	readonly conversation: ConversationRecord;
	readonly readSequence: number;
	/** Messages behind the read mark that are still there. */
	readonly unread: number;
	readonly activeAtMs: number;
	/** In private conversations: the other user. */
	readonly peerId: string;
	readonly peerName: string;
}

/** A point in the order "latest first". */
export interface ActivityPoint {
	readonly activeAtMs: number;
	readonly id: string;
}

/** Every method throws GatewayError UNAVAILABLE when the store does not answer in time. */
export interface ChatRoomStore {
	/** Opens a room. @returns the reason when it is not opened. */
	create(opening: RoomOpening): Promise<OpeningResult>;
	/** Creates the conversation of two users unless it exists. */
	ensurePrivate(id: string, userIds: readonly [string, string], nowMs: number): Promise<void>;
	byId(id: string): Promise<ConversationRecord | undefined>;
	member(conversationId: string, userId: string): Promise<MemberRecord | undefined>;
	/** Which of these are members, in the order asked; a few hundred at most. */
	areMembers(queries: readonly MembershipQuery[]): Promise<readonly boolean[]>;
	/** The user ids of a private conversation, or of any small one; at most `limit`. */
	memberIds(conversationId: string, limit: number): Promise<readonly string[]>;
	/** Ordered by user id. */
	members(roomId: string, state: MemberState, after: string, limit: number): Promise<readonly MemberRecord[]>;
	/**
	 * Decides and changes under the room's lock; what `decide` throws undoes everything.
	 *
	 * @param decide - synchronous; undefined when there is no such room.
	 */
	change<Result>(query: RoomQuery, decide: (view: RoomView | undefined) => RoomChange<Result>): Promise<Result>;
	/** Those of the ids that are users. */
	existingUsers(userIds: readonly string[]): Promise<ReadonlySet<string>>;
	/** Ordered by id. */
	publicRooms(after: string, limit: number): Promise<readonly ConversationRecord[]>;
	roomsOf(userId: string, after: string, limit: number): Promise<readonly ConversationRecord[]>;
	/** Latest activity first; private conversations without a message are left out. */
	conversationsOf(
		userId: string,
		before: ActivityPoint | undefined,
		limit: number,
	): Promise<readonly ConversationEntry[]>;
	/** Moves a read mark forward, never back. @returns what it is then; undefined for one who is no member. */
	markRead(
		conversationId: string,
		userId: string,
		sequence: number,
	): Promise<{ readonly readSequence: number; readonly unread: number; readonly moved: boolean } | undefined>;
	/**
	 * Deletes rooms that have ended, those without a message at once, the others when they ended before `closedBeforeMs`.
	 * Of one with many messages each call deletes a part.
	 *
	 * @returns how many were dealt with, at most `limit`.
	 */
	deleteClosed(age: Age, limit: number): Promise<number>;
}
