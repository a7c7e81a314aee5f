// Rooms: opening, joining, leaving, and what owners and admins do to members. Rules are in room-rules.ts; here they are
// put into effect, and everybody concerned is told.
import { v7 as uuidv7 } from "uuid";
import type { ChatBlockStore } from "../../ports/chat-block-store.ts";
import type { ChatRoomStore, ConversationRecord, MemberRecord, MemberState } from "../../ports/chat-room-store.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Identity } from "../../ports/identity.ts";
import { type Publisher, userChannel } from "../../ports/publisher.ts";
import type { UserStore } from "../../ports/user-store.ts";
import { ChatRole, ChatRoomEvent_Kind, MemberAction, pushes } from "../../protocol/gen/schema.ts";
import { decodeCursor, encodeCursor } from "../cursor.ts";
import type { Notifications } from "../notifications/notifications.ts";
import { KeyedRate } from "./keyed-rate.ts";
import { type ChatOptions, chatDefaults } from "./options.ts";
import { banned, checkText, denied, notMember, precondition, violation } from "./refusals.ts";
import { decideAction, decideJoin, decideLeave } from "./room-rules.ts";
import { chatChannel, wireMember } from "./wire.ts";

export interface ChatRoomsServices {
	readonly rooms: ChatRoomStore;
	readonly blocks: ChatBlockStore;
	readonly users: UserStore;
	readonly publisher: Publisher;
	readonly notifications: Notifications;
	readonly clock: Clock;
}

export interface NewRoom {
	readonly name: string;
	readonly topic: string;
	readonly isPublic: boolean;
	/** 0 for the default. */
	readonly maxMembers: number;
	/** Invited at once. */
	readonly memberIds: readonly string[];
}

export interface Joined {
	readonly room: ConversationRecord;
	readonly member: MemberRecord;
}

export interface RoomAction {
	readonly roomId: string;
	readonly action: MemberAction;
	readonly userId: string;
	/** With MUTE: for how long. */
	readonly muteMs: number;
}

export interface RoomPage {
	readonly rooms: readonly ConversationRecord[];
	readonly nextCursor: string;
}

const DEFAULT_PAGE = 50;
const MAX_PAGE = 200;

const eventKinds: Partial<Record<MemberAction, ChatRoomEvent_Kind>> = {
	[MemberAction.KICK]: ChatRoomEvent_Kind.KICKED,
	[MemberAction.BAN]: ChatRoomEvent_Kind.BANNED,
	[MemberAction.UNBAN]: ChatRoomEvent_Kind.UNBANNED,
	[MemberAction.MUTE]: ChatRoomEvent_Kind.MUTED,
	[MemberAction.UNMUTE]: ChatRoomEvent_Kind.UNMUTED,
	[MemberAction.INVITE]: ChatRoomEvent_Kind.INVITED,
};

export class ChatRooms {
	private readonly services: ChatRoomsServices;
	private readonly options: ChatOptions;
	private readonly rate: KeyedRate;

	constructor(services: ChatRoomsServices, options: Partial<ChatOptions> = {}) {
		this.services = services;
		this.options = { ...chatDefaults, ...options };
		this.rate = new KeyedRate(this.options.membershipRate, "changes by one user", () => services.clock.monotonic());
	}

	/**
	 * Opens a room that the caller owns.
	 *
	 * @throws GatewayError VALIDATION_FAILED, PRECONDITION_FAILED (too many rooms), PERMISSION_DENIED (an invited user has
	 *   blocked the caller), RATE_LIMITED, UNAVAILABLE.
	 */
	async create(identity: Identity, wanted: NewRoom): Promise<ConversationRecord> {
		this.rate.take(identity.userId);
		if (wanted.name.trim() === "") throw violation("name", "is empty");
		checkText("name", wanted.name);
		checkText("topic", wanted.topic);
		const invited = [...new Set(wanted.memberIds)].filter((userId) => userId !== identity.userId);
		const maxMembers = wanted.maxMembers || this.options.defaultMaxMembers;
		if (maxMembers > this.options.maxMembers) throw violation("max_members", `is at most ${this.options.maxMembers}`);
		await this.checkInvited(identity, invited);
		const nowMs = this.services.clock.now();
		const { name, topic, isPublic } = wanted;
		const room: ConversationRecord = {
			...{ id: uuidv7(), kind: "room", name: name.trim(), topic, isPublic, ownerId: identity.userId },
			...{ memberCount: 1, maxMembers, createdAtMs: nowMs, lastSequence: 0 },
		};
		const member = (userId: string, state: MemberState, role: number): MemberRecord => {
			return { ...{ conversationId: room.id, userId, username: "", state, role }, ...fresh(nowMs) };
		};
		const members = invited.map((userId) => member(userId, "invited", ChatRole.MEMBER));
		const owner = member(identity.userId, "member", ChatRole.OWNER);
		const isCreated = await this.services.rooms.create(room, [owner, ...members], this.options.maxOwnedRooms);
		if (!isCreated) throw precondition(`owner of ${this.options.maxOwnedRooms} rooms, which is as many as allowed`);
		await this.services.publisher.joinUser(identity.userId, chatChannel(room.id));
		await this.tell(room.id, ChatRoomEvent_Kind.CREATED, { ...owner, username: identity.username }, identity.userId);
		await this.invite(room, members, identity);
		return room;
	}

	/**
	 * Makes the caller a member; nothing changes for one who is.
	 *
	 * @throws GatewayError PERMISSION_DENIED (banned, not invited), PRECONDITION_FAILED (full, too many rooms), RATE_LIMITED,
	 *   UNAVAILABLE.
	 */
	async join(identity: Identity, roomId: string): Promise<Joined> {
		this.rate.take(identity.userId);
		const { rooms, publisher, clock } = this.services;
		const { userId, username } = identity;
		const limits = { nowMs: clock.now(), maxJoinedRooms: this.options.maxJoinedRooms, username };
		const question = { roomId, userIds: [userId], wantsRoomsOfFirst: true };
		const { member, isNew } = await rooms.change(question, (view) => decideJoin(view, userId, limits));
		const room = await rooms.byId(roomId);
		if (member === undefined || room === undefined) throw notMember();
		await publisher.joinUser(userId, chatChannel(roomId));
		if (isNew === true) await this.tell(roomId, ChatRoomEvent_Kind.JOINED, member, userId);
		return { room, member };
	}

	/** Ends the caller's membership; an owner is succeeded by the eldest of the highest role. */
	async leave(identity: Identity, roomId: string): Promise<void> {
		this.rate.take(identity.userId);
		const { rooms, publisher } = this.services;
		const { userId } = identity;
		const question = { roomId, userIds: [userId], wantsHeir: true };
		const { member, heir } = await rooms.change(question, (view) => decideLeave(view, userId));
		// Also if there was nothing to leave: an earlier call may have got no further than the database.
		await publisher.removeUser(userId, chatChannel(roomId));
		if (member !== undefined) await this.tell(roomId, ChatRoomEvent_Kind.LEFT, member, userId);
		if (heir !== undefined) await this.tell(roomId, ChatRoomEvent_Kind.ROLE_CHANGED, heir, userId);
	}

	/**
	 * What owners, admins and those who invite do to another user.
	 *
	 * @throws GatewayError PERMISSION_DENIED, PRECONDITION_FAILED, VALIDATION_FAILED, RATE_LIMITED, UNAVAILABLE.
	 */
	async act(identity: Identity, { roomId, action, userId, muteMs }: RoomAction): Promise<void> {
		this.rate.take(identity.userId);
		if (userId === "") throw violation("user_id", "is whom the action is about");
		const { rooms, publisher, users, clock } = this.services;
		let targetName = "";
		if (action === MemberAction.INVITE || action === MemberAction.BAN) {
			const user = await users.byId(userId);
			if (user === undefined) throw violation("user_id", "no such user");
			if (action === MemberAction.INVITE) await this.checkInvited(identity, [userId]);
			targetName = user.username;
		}
		const actorId = identity.userId;
		const request = { action, actorId, targetId: userId, targetName, muteMs, nowMs: clock.now() };
		const question = { roomId, userIds: [actorId, userId] };
		const { member } = await rooms.change(question, (view) => decideAction(view, request));
		if (action === MemberAction.KICK || action === MemberAction.BAN) {
			// Also if it was so already: an earlier call may have got no further than the database.
			await publisher.removeUser(userId, chatChannel(roomId));
		}
		if (member === undefined) return;
		const kind = eventKinds[action] ?? ChatRoomEvent_Kind.ROLE_CHANGED;
		await this.tell(roomId, kind, member, actorId);
		if (action === MemberAction.INVITE) await this.inviteById(roomId, member, identity);
	}

	/** Public rooms, or one's own. @throws GatewayError VALIDATION_FAILED (cursor), UNAVAILABLE. */
	async list(identity: Identity, onlyMine: boolean, cursor: string, limit: number): Promise<RoomPage> {
		const { rooms } = this.services;
		const name = onlyMine ? `rooms-of:${identity.userId}` : "rooms";
		const after = decodeCursor(name, cursor, 1)?.[0] ?? "";
		const size = Math.min(limit || DEFAULT_PAGE, MAX_PAGE);
		const found = onlyMine
			? await rooms.roomsOf(identity.userId, after, size + 1)
			: await rooms.publicRooms(after, size + 1);
		const page = found.slice(0, size);
		const last = page.at(-1);
		return { rooms: page, nextCursor: found.length > size && last ? encodeCursor(name, last.id) : "" };
	}

	/**
	 * Members, for members; who is banned or invited, for owner and admins.
	 *
	 * @throws GatewayError PERMISSION_DENIED, VALIDATION_FAILED (cursor), UNAVAILABLE.
	 */
	async members(identity: Identity, roomId: string, state: MemberState, cursor: string, limit: number) {
		const { rooms } = this.services;
		const own = await rooms.member(roomId, identity.userId);
		if (own?.state === "banned") throw banned();
		if (own?.state !== "member") throw notMember();
		if (state !== "member" && own.role < ChatRole.ADMIN) throw denied("only owner and admins may see this");
		const name = `members:${roomId}:${state}`;
		const after = decodeCursor(name, cursor, 1)?.[0] ?? "";
		const size = Math.min(limit || DEFAULT_PAGE, MAX_PAGE);
		const found = await rooms.members(roomId, state, after, size + 1);
		const members = found.slice(0, size);
		const last = members.at(-1);
		return { members, nextCursor: found.length > size && last ? encodeCursor(name, last.userId) : "" };
	}

	private async checkInvited(identity: Identity, userIds: readonly string[]): Promise<void> {
		const { blocks, rooms } = this.services;
		if (userIds.length === 0) return;
		const known = await rooms.existingUsers(userIds);
		const stranger = userIds.find((userId) => !known.has(userId));
		if (stranger !== undefined) throw violation("member_ids", "no such user");
		const blockers = await blocks.blockersAmong(userIds, identity.userId);
		if (blockers.size > 0) throw denied("an invited user does not accept messages from you");
	}

	private async inviteById(roomId: string, member: MemberRecord, by: Identity): Promise<void> {
		const room = await this.services.rooms.byId(roomId);
		if (room !== undefined) await this.invite(room, [member], by);
	}

	private async invite(room: ConversationRecord, members: readonly MemberRecord[], by: Identity): Promise<void> {
		const { notifications, publisher } = this.services;
		if (members.length === 0) return;
		await notifications.send(
			members.map((member) => member.userId),
			"chat.invited",
			{ room: room.name, inviter: by.username },
			{ roomId: room.id, inviterId: by.userId },
		);
		for (const member of members) {
			const event = {
				roomId: room.id,
				kind: ChatRoomEvent_Kind.INVITED,
				member: wireMember(member),
				byUserId: by.userId,
			};
			await publisher.publish(userChannel(member.userId), pushes.chatRoomEvent, event);
		}
	}

	private async tell(roomId: string, kind: ChatRoomEvent_Kind, member: MemberRecord, byUserId: string): Promise<void> {
		const event = { roomId, kind, member: wireMember(member), byUserId };
		await this.services.publisher.publish(chatChannel(roomId), pushes.chatRoomEvent, event);
		// Whoever is out no longer follows the room's channel.
		const isOut = kind === ChatRoomEvent_Kind.KICKED || kind === ChatRoomEvent_Kind.BANNED;
		if (isOut) await this.services.publisher.publish(userChannel(member.userId), pushes.chatRoomEvent, event);
	}
}

function fresh(nowMs: number) {
	return { joinedAtMs: nowMs, mutedUntilMs: 0, readSequence: 0 };
}
