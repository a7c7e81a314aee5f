// Where conversations and their members live. Implementation: stores/sql.

export type ConversationKind = "room" | "private";

export interface ConversationRecord {
	readonly id: string;
	readonly kind: ConversationKind;
	readonly name: string;
	readonly topic: string;
	readonly isPublic: boolean;
	/** "" for private conversations and for rooms that everybody left. */
	readonly ownerId: string;
	readonly memberCount: number;
	readonly maxMembers: number;
	readonly createdAtMs: number;
	readonly lastSequence: number;
}

export type MemberState = "member" | "invited" | "banned";

export interface MemberRecord {
	readonly conversationId: string;
	readonly userId: string;
	/** "" when the account is gone. Not written. */
	readonly username: string;
	readonly state: MemberState;
	/** A ChatRole. */
	readonly role: number;
	readonly joinedAtMs: number;
	readonly mutedUntilMs: number;
	readonly readSequence: number;
}

/** A room and those of its members that a decision is about, as they are under the room's lock. */
export interface RoomView {
	readonly room: ConversationRecord;
	readonly members: ReadonlyMap<string, MemberRecord>;
	/** Who would own the room if its owner left: the oldest of the highest role. Loaded on request. */
	readonly heir: MemberRecord | undefined;
	/** In how many rooms the first of the users asked for is a member. */
	readonly roomsOfFirst: number;
}

/** What is to change. The store keeps the count of members. */
export interface RoomChange<Result> {
	/** Written whole: added, or put in place of the earlier ones. */
	readonly put?: readonly MemberRecord[];
	/** User ids of members to remove. */
	readonly remove?: readonly string[];
	readonly ownerId?: string;
	readonly isPublic?: boolean;
	readonly result: Result;
}

export interface RoomQuestion {
	readonly roomId: string;
	/** Members to look up. */
	readonly userIds: readonly string[];
	readonly wantsHeir?: boolean;
	readonly wantsRoomsOfFirst?: boolean;
}

export interface ConversationEntry {
	readonly conversation: ConversationRecord;
	readonly readSequence: number;
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
	/** @returns false, and creates nothing, when the owner has `maxOwned` rooms already. */
	create(room: ConversationRecord, members: readonly MemberRecord[], maxOwned: number): Promise<boolean>;
	/** Creates the conversation of two users unless it is there. */
	ensurePrivate(id: string, userIds: readonly [string, string], nowMs: number): Promise<void>;
	byId(id: string): Promise<ConversationRecord | undefined>;
	member(conversationId: string, userId: string): Promise<MemberRecord | undefined>;
	/** The user ids of a private conversation, or of any small one; at most `limit`. */
	memberIds(conversationId: string, limit: number): Promise<readonly string[]>;
	/** Ordered by user id. */
	members(roomId: string, state: MemberState, after: string, limit: number): Promise<readonly MemberRecord[]>;
	/**
	 * Decides and changes under the room's lock; what `decide` throws undoes everything.
	 *
	 * @param decide - synchronous; undefined when there is no such room.
	 */
	change<Result>(question: RoomQuestion, decide: (view: RoomView | undefined) => RoomChange<Result>): Promise<Result>;
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
	): Promise<{ readonly readSequence: number; readonly lastSequence: number; readonly moved: boolean } | undefined>;
}
