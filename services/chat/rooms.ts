// Rooms: opening, joining, leaving, and what owners and admins do to members. Rules are in room-rules.ts; here they are
// put into effect, and the notices for everybody concerned are published.

import { v5 as uuidv5, v7 as uuidv7 } from "uuid";
import type { Clock } from "../../common/clock.ts";
import { encodeCursor, idAt } from "../../common/cursor.ts";
import type { Identity } from "../../common/identity.ts";
import { KeyedRate } from "../../common/keyed-rate.ts";
import type { Logger } from "../../common/logger.ts";
import { fillPage, type PageFill, wholePage } from "../../common/page-fill.ts";
import type { Publisher } from "../../messaging/publisher.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { fieldError } from "../../protocol/error.ts";
import { ChatRole, ChatRoomEvent_Kind as Kind, MemberAction } from "../../protocol/gen/schema.ts";
import type { UserStore } from "../accounts/user-store.ts";
import { type StorageQuota, stored } from "../storage/storage-quota.ts";
import type { ChatBlockStore } from "./chat-block-store.ts";
import { banned, denied, keptLine, keptName, notMember } from "./chat-errors.ts";
import type { ChatRoomStore, ConversationRecord, MemberRecord, MemberState } from "./chat-room-store.ts";
import type { NoticeRelay } from "./notice-relay.ts";
import { type ChatOptions, chatDefaults } from "./options.ts";
import {
	decideAction,
	decideErasure,
	decideJoin,
	decideLeave,
	noticeOf,
	tooManyJoined,
	tooManyOwned,
} from "./room-rules.ts";
import { chatChannel } from "./wire.ts";

export interface ChatRoomsServices {
	readonly rooms: ChatRoomStore;
	readonly blocks: ChatBlockStore;
	readonly users: UserStore;
	readonly publisher: Publisher;
	/** Publishes the notices of changes. */
	readonly relay: NoticeRelay;
	readonly quota?: StorageQuota;
	readonly clock: Clock;
	readonly logger: Logger;
}

export interface NewRoom {
	readonly name: string;
	readonly topic: string;
	readonly isPublic: boolean;
	/** 0 for the default. */
	readonly maxMembers: number;
	/** Invited at once. */
	readonly memberIds: readonly string[];
	/** The caller's own name for what it asks, so that a repeat opens no second room; "" for none. */
	readonly clientRoomId: string;
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

/** Characters of the columns. */
const MAX_NAME = 64;
const MAX_TOPIC = 256;
const DEFAULT_PAGE = 50;
const MAX_PAGE = 200;

/** Names the rooms that clients have named: RFC 9562, section 5.5. */
const ROOM_NAMESPACE = "5d0a1c3e-7b1f-4a53-9c58-1f6d0c4b7e21";
/** Rooms that one look for ended ones deals with. */
const CLOSED_AT_ONCE = 100;

export class ChatRooms {
	private readonly services: ChatRoomsServices;
	private readonly options: ChatOptions;
	private readonly rate: KeyedRate;
	private readonly invitationRate: KeyedRate;
	private readonly invitedRate: KeyedRate;

	constructor(services: ChatRoomsServices, options: Partial<ChatOptions> = {}) {
		this.services = services;
		this.options = { ...chatDefaults, ...options };
		const { membershipRate, invitationRate, invitedRate } = this.options;
		const now = () => services.clock.monotonic();
		this.rate = new KeyedRate(membershipRate, "changes by one user", now);
		this.invitationRate = new KeyedRate(invitationRate, "invitations by one user", now);
		this.invitedRate = new KeyedRate(invitedRate, "invitations of one user", now);
	}

	/**
	 * Opens a room that the caller owns; a repeat with the same `clientRoomId` gives the room that the first one opened.
	 *
	 * @throws GatewayError VALIDATION_FAILED, PRECONDITION_FAILED (too many rooms), PERMISSION_DENIED (an invited user has
	 *   blocked the caller), CONFLICT (another room has the `clientRoomId`), RATE_LIMITED, UNAVAILABLE.
	 */
	async create(identity: Identity, wanted: NewRoom): Promise<ConversationRecord> {
		const { userId } = identity;
		this.rate.take(userId);
		const name = keptName("name", wanted.name, MAX_NAME);
		const topic = keptLine("topic", wanted.topic, MAX_TOPIC);
		const invited = [...new Set(wanted.memberIds)].filter((id) => id !== userId);
		const maxMembers = wanted.maxMembers || this.options.defaultMaxMembers;
		if (maxMembers > this.options.maxMembers)
			throw fieldError("max_members", `must be at most ${this.options.maxMembers}`);
		const room = this.roomOf(identity, { ...wanted, name, topic }, maxMembers);
		const earlier = wanted.clientRoomId === "" ? undefined : await this.services.rooms.byId(room.id);
		if (earlier !== undefined) return await this.repeated(identity, room, earlier);
		this.invitationRate.take(userId, invited.length);
		await this.checkInvited(identity, invited, "member_ids");
		this.services.quota?.take(userId, stored.room + stored.member * (1 + invited.length));
		const { rooms, relay } = this.services;
		const { maxOwnedRooms: maxOwned, maxJoinedRooms: maxJoined } = this.options;
		const member = (id: string, state: MemberState, role: ChatRole): MemberRecord => {
			return {
				conversationId: room.id,
				userId: id,
				username: "",
				state,
				role,
				...fresh(room.createdAtMs),
			};
		};
		const owner = member(userId, "member", ChatRole.OWNER);
		const guests = invited.map((id) => member(id, "invited", ChatRole.MEMBER));
		const created = noticeOf(Kind.CREATED, { ...owner, username: identity.username }, userId, { channel: "join" });
		const invitations = guests.flatMap((guest) => {
			const id = this.notificationFor(guest.userId);
			if (id === undefined) return [];
			const invitation = { id, roomName: room.name, byName: identity.username };
			return noticeOf(Kind.INVITED, guest, userId, { toRoom: false, toMember: true, unlessBlocked: true, invitation });
		});
		const opening = { room, members: [owner, ...guests], maxOwned, maxJoined, notices: [created, ...invitations] };
		const result = await rooms.create(opening);
		if (result.kind === "too-many-owned") throw tooManyOwned(maxOwned);
		if (result.kind === "too-many-joined") throw tooManyJoined(maxJoined);
		if (result.kind === "exists") return await this.repeated(identity, room, result.room);
		await relay.flush(room.id);
		return room;
	}

	/**
	 * Makes the caller a member; nothing changes for a member.
	 *
	 * @throws GatewayError PERMISSION_DENIED (banned, not invited), PRECONDITION_FAILED (full, too many rooms), RATE_LIMITED,
	 *   UNAVAILABLE.
	 */
	async join(identity: Identity, roomId: string): Promise<Joined> {
		this.rate.take(identity.userId);
		const { rooms, relay, clock } = this.services;
		const { userId, username } = identity;
		const limits = { nowMs: clock.now(), maxJoinedRooms: this.options.maxJoinedRooms, username };
		this.services.quota?.take(userId, stored.member);
		const query = { roomId, userIds: [userId], wantsRoomsOfFirst: true };
		const { member } = await rooms.change(query, (view) => decideJoin(view, userId, limits));
		await relay.flush(roomId);
		const room = await rooms.byId(roomId);
		if (member === undefined || room === undefined) throw notMember();
		return { room, member };
	}

	/** Ends the caller's membership; an owner is succeeded by the eldest of the highest role. The last one ends the room. */
	async leave(identity: Identity, roomId: string): Promise<void> {
		this.rate.take(identity.userId);
		const { rooms, clock } = this.services;
		const { userId } = identity;
		const query = { roomId, userIds: [userId], wantsNewOwner: true };
		const { member } = await rooms.change(query, (view) => decideLeave(view, userId, clock.now()));
		await this.flushNotices(roomId, member === undefined ? userId : undefined);
	}

	/** A user whose account is gone leaves a room, whatever the user was in it; nothing of the membership is kept. */
	async forget(roomId: string, userId: string): Promise<void> {
		const { rooms, clock } = this.services;
		const query = { roomId, userIds: [userId], wantsNewOwner: true };
		await rooms.change(query, (view) => decideErasure(view, userId, clock.now()));
		await this.flushNotices(roomId, userId);
	}

	/**
	 * An action of an owner, an admin or an inviting member on another user.
	 *
	 * @throws GatewayError PERMISSION_DENIED, PRECONDITION_FAILED, VALIDATION_FAILED, RATE_LIMITED, UNAVAILABLE.
	 */
	async act(identity: Identity, { roomId, action, userId, muteMs }: RoomAction): Promise<void> {
		this.rate.take(identity.userId);
		if (userId === "") throw fieldError("user_id", "is required");
		const { rooms, users, clock } = this.services;
		const isInvitation = action === MemberAction.INVITE;
		let targetName = "";
		if (isInvitation || action === MemberAction.BAN) {
			const user = await users.byId(userId);
			if (user === undefined) throw fieldError("user_id", "is not a user");
			if (isInvitation) {
				this.invitationRate.take(identity.userId);
				await this.checkInvited(identity, [userId], "user_id");
				this.services.quota?.take(identity.userId, 2 * stored.member);
			} else this.services.quota?.spend(identity.userId, stored.member);
			targetName = user.username;
		}
		const { userId: actorId, username: actorName } = identity;
		const { maxOwnedRooms } = this.options;
		const notificationId = isInvitation ? this.notificationFor(userId) : undefined;
		const request = { action, actorId, actorName, targetId: userId, targetName, muteMs, nowMs: clock.now() };
		const query = { roomId, userIds: [actorId, userId], wantsOwnedByLast: action === MemberAction.MAKE_OWNER };
		const { member } = await rooms.change(query, (view) => {
			const maySendToInvited = () => this.invitedRate.tryTake(userId) === 0;
			return decideAction(view, { ...request, maxOwnedRooms, notificationId, maySendToInvited });
		});
		const isRemoval = action === MemberAction.KICK || action === MemberAction.BAN;
		await this.flushNotices(roomId, isRemoval && member === undefined ? userId : undefined);
	}

	/** Deletes some of the rooms that have ended; to be called now and then. @returns how many it dealt with. */
	sweep(): Promise<number> {
		const { rooms, clock } = this.services;
		return rooms.deleteClosed({ keptMs: this.options.closedRoomKeptMs, nowMs: clock.now() }, CLOSED_AT_ONCE);
	}

	/** Public rooms, or one's own. @throws GatewayError VALIDATION_FAILED (cursor), UNAVAILABLE. */
	async list(
		identity: Identity,
		onlyMine: boolean,
		cursor: string,
		limit: number,
		page: PageFill<ConversationRecord> = wholePage,
	): Promise<RoomPage> {
		const { rooms } = this.services;
		const name = onlyMine ? `rooms-of:${identity.userId}` : "rooms";
		const after = idAt(name, cursor);
		const size = Math.min(limit || DEFAULT_PAGE, MAX_PAGE);
		const found = onlyMine
			? await rooms.roomsOf(identity.userId, after, size + 1)
			: await rooms.publicRooms(after, size + 1);
		const cursorBehind = ({ id }: ConversationRecord) => encodeCursor(name, id);
		const { shown, nextCursor } = fillPage(page, { found, limit: size, cursorBehind });
		return { rooms: shown, nextCursor };
	}

	/**
	 * Members, for members; banned and invited users, for owner and admins.
	 *
	 * @throws GatewayError PERMISSION_DENIED, VALIDATION_FAILED (cursor), UNAVAILABLE.
	 */
	async members(
		identity: Identity,
		roomId: string,
		state: MemberState,
		cursor: string,
		limit: number,
		page: PageFill<MemberRecord> = wholePage,
	) {
		const { rooms } = this.services;
		const own = await rooms.member(roomId, identity.userId);
		if (own?.state === "banned") throw banned();
		if (own?.state !== "member") throw notMember();
		if (state !== "member" && own.role < ChatRole.ADMIN) throw denied("only owner and admins may see this");
		const name = `members:${roomId}:${state}`;
		const after = idAt(name, cursor);
		const size = Math.min(limit || DEFAULT_PAGE, MAX_PAGE);
		const found = await rooms.members(roomId, state, after, size + 1);
		const cursorBehind = ({ userId }: MemberRecord) => encodeCursor(name, userId);
		const { shown: members, nextCursor } = fillPage(page, { found, limit: size, cursorBehind });
		return { members, nextCursor };
	}

	private roomOf(identity: Identity, wanted: NewRoom, maxMembers: number): ConversationRecord {
		const { clientRoomId, name, topic, isPublic } = wanted;
		const { userId } = identity;
		const id = clientRoomId === "" ? uuidv7() : uuidv5(`${userId}\n${clientRoomId}`, ROOM_NAMESPACE);
		return {
			id,
			kind: "room",
			name,
			topic,
			isPublic,
			ownerId: userId,
			memberCount: 1,
			maxMembers,
			createdAtMs: this.services.clock.now(),
			lastSequence: 0,
			closedAtMs: 0,
		};
	}

	private async repeated(identity: Identity, wanted: ConversationRecord, room: ConversationRecord) {
		const isSame = (["name", "topic", "isPublic", "maxMembers"] as const).every((key) => room[key] === wanted[key]);
		const isOpen = room.closedAtMs === 0;
		if (isOpen && !isSame) throw fieldError("client_room_id", "belongs to another room", { code: ErrorCode.CONFLICT });
		const member = isOpen ? await this.services.rooms.member(room.id, identity.userId) : undefined;
		if (member?.state !== "member") {
			throw fieldError("client_room_id", "belongs to a room that you have left", { code: ErrorCode.CONFLICT });
		}
		await this.services.relay.flush(room.id);
		return room;
	}

	/** @returns the id of a notification for an invited user; undefined when the user's invitation rate is exceeded. */
	private notificationFor(userId: string): string | undefined {
		return this.invitedRate.tryTake(userId) > 0 ? undefined : uuidv7({ msecs: this.services.clock.now() });
	}

	/** @param outsiderId - a user who was no member before: a connection may still be subscribed to the channel. */
	private async flushNotices(roomId: string, outsiderId: string | undefined): Promise<void> {
		const { publisher, relay, logger } = this.services;
		await relay.flush(roomId);
		if (outsiderId === undefined) return;
		try {
			await publisher.removeUser(outsiderId, chatChannel(roomId));
		} catch (error) {
			logger.debug({ err: error, roomId }, "unsubscribing a former member again failed");
		}
	}

	private async checkInvited(identity: Identity, userIds: readonly string[], field: string): Promise<void> {
		const { blocks, rooms } = this.services;
		if (userIds.length === 0) return;
		const known = await rooms.existingUsers(userIds);
		const stranger = userIds.find((userId) => !known.has(userId));
		if (stranger !== undefined) throw fieldError(field, "must hold ids of users");
		const blockers = await blocks.blockersAmong(userIds, identity.userId);
		if (blockers.size > 0) throw denied("an invited user does not accept messages from you");
	}
}

function fresh(nowMs: number) {
	return { joinedAtMs: nowMs, mutedUntilMs: 0, readSequence: 0 };
}
