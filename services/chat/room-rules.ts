// Which member may do what in a room. Pure functions: from the state of the room to the changes.

import { fieldError } from "../../protocol/error.ts";
import { ChatRole, ChatRoomEvent_Kind as Kind, MemberAction } from "../../protocol/gen/schema.ts";
import { banned, denied, notMember, precondition } from "./chat-errors.ts";
import type { RoomNotice } from "./chat-outbox-store.ts";
import type { MemberRecord, RoomChange, RoomView } from "./chat-room-store.ts";

/** What happened; undefined member: nothing did, the room was so already. */
export interface Outcome {
	readonly member: MemberRecord | undefined;
}

export interface JoinLimits {
	readonly nowMs: number;
	readonly maxJoinedRooms: number;
	readonly username: string;
}

export function decideJoin(view: RoomView | undefined, userId: string, limits: JoinLimits): RoomChange<Outcome> {
	// A closed room that one is not invited to looks like one that is not there.
	if (view === undefined) throw denied("not open to you");
	const { room } = view;
	const present = view.members.get(userId);
	if (present?.state === "banned") throw banned();
	if (present?.state === "member") return { result: { member: present } };
	if (present?.state !== "invited" && !room.isPublic) throw denied("not open to you");
	if (room.memberCount >= room.maxMembers) throw precondition("the room is full");
	if (view.roomsOfFirst >= limits.maxJoinedRooms) throw tooManyJoined(limits.maxJoinedRooms);
	const member: MemberRecord = {
		conversationId: room.id,
		userId,
		username: limits.username,
		state: "member",
		role: ChatRole.MEMBER,
		// A muted user who left is still muted after the return. Messages from before the join are history, not unread.
		joinedAtMs: limits.nowMs,
		mutedUntilMs: present?.mutedUntilMs ?? 0,
		readSequence: room.lastSequence,
	};
	const notice = noticeOf(Kind.JOINED, member, userId, { channel: "join" });
	return { put: [member], notices: [notice], result: { member } };
}

export function tooManyJoined(maxJoinedRooms: number): Error {
	return precondition(`a member of ${maxJoinedRooms} rooms, which is as many as allowed`);
}

export function tooManyOwned(maxOwnedRooms: number): Error {
	return precondition(`owner of ${maxOwnedRooms} rooms, which is as many as allowed`);
}

/** The notice of a change, by default published to the room alone. */
export function noticeOf(
	event: Kind,
	member: MemberRecord,
	byUserId: string,
	more: Partial<RoomNotice> = {},
): RoomNotice {
	return { kind: "room", event, member, byUserId, toRoom: true, toMember: false, ...more };
}

export function decideLeave(view: RoomView | undefined, userId: string, nowMs: number): RoomChange<Outcome> {
	const member = view?.members.get(userId);
	if (view === undefined || member === undefined) return nothing;
	// Also how an invitation is declined, without a notice.
	if (member.state === "invited") return { ...without(member, view), ...nothing };
	if (member.state !== "member") return nothing;
	const left = noticeOf(Kind.LEFT, member, userId, { channel: "leave" });
	const gone = without(member, view);
	if (view.room.ownerId !== userId) return { ...gone, notices: [left], result: { member } };
	const { newOwner } = view;
	// A room without members has ended: an invited user would join a room without an owner.
	if (newOwner === undefined) return { ...gone, closedAtMs: nowMs, notices: [left], result: { member } };
	const owner: MemberRecord = { ...newOwner, role: ChatRole.OWNER };
	return {
		...gone,
		put: [...(gone.put ?? []), owner],
		ownerId: newOwner.userId,
		notices: [left, noticeOf(Kind.ROLE_CHANGED, owner, userId)],
		result: { member },
	};
}

/** A user whose account is gone leaves as others do, but that no ban, mute or invitation stays. */
export function decideErasure(view: RoomView | undefined, userId: string, nowMs: number): RoomChange<Outcome> {
	const member = view?.members.get(userId);
	if (view === undefined || member === undefined) return nothing;
	if (member.state !== "member") return { remove: [userId], ...nothing };
	const { put = [], ...left } = decideLeave(view, userId, nowMs);
	return { ...left, put: put.filter((one) => one.userId !== userId), remove: [userId] };
}

/** Ends a membership; only the remaining time of a mute is kept. */
function without(member: MemberRecord, { nowMs }: RoomView): Pick<RoomChange<Outcome>, "put" | "remove"> {
	if (member.mutedUntilMs <= nowMs) return { remove: [member.userId] };
	return { put: [{ ...member, state: "left", role: ChatRole.MEMBER }] };
}

export interface ActionRequest {
	readonly action: MemberAction;
	readonly actorId: string;
	readonly targetId: string;
	/** Name of the target's account. */
	readonly targetName: string;
	/** Name of the actor. */
	readonly actorName: string;
	readonly muteMs: number;
	readonly nowMs: number;
	readonly maxOwnedRooms: number;
	/** Id of the notification of an invitation; undefined when the invited user had enough of them for now. */
	readonly notificationId: string | undefined;
	/** Asked when an invitation is taken back: false when the invited user had enough of them for now. */
	readonly maySendToInvited: () => boolean;
}

export function decideAction(view: RoomView | undefined, request: ActionRequest): RoomChange<Outcome> {
	const actor = view?.members.get(request.actorId);
	if (actor?.state === "banned") throw banned();
	if (view === undefined || actor?.state !== "member") throw notMember();
	if (request.targetId === request.actorId) throw fieldError("user_id", "must not be your own id");
	const target = view.members.get(request.targetId);
	checkRank(view, actor, target, request.action);
	return consequence(view, target, request);
}

function checkRank(view: RoomView, actor: MemberRecord, target: MemberRecord | undefined, action: MemberAction): void {
	switch (action) {
		case MemberAction.INVITE:
			if (!view.room.isPublic && actor.role < ChatRole.ADMIN) throw denied("only owner and admins invite here");
			return;
		case MemberAction.MAKE_ADMIN:
		case MemberAction.MAKE_MEMBER:
		case MemberAction.MAKE_OWNER:
			if (actor.role !== ChatRole.OWNER) throw denied("only the owner gives roles");
			return;
		default:
			if (actor.role < ChatRole.ADMIN) throw denied("only owner and admins may do this");
			if (target?.state === "member" && target.role >= actor.role) throw denied("only for members of a lower role");
	}
}

function consequence(view: RoomView, target: MemberRecord | undefined, request: ActionRequest): RoomChange<Outcome> {
	const { action, actorId } = request;
	const put = (kind: Kind, member: MemberRecord, more: Partial<RoomNotice> = {}): RoomChange<Outcome> => {
		return { put: [member], notices: [noticeOf(kind, member, actorId, more)], result: { member } };
	};
	switch (action) {
		case MemberAction.KICK:
			// An invitation is taken back the same way.
			if (target === undefined || target.state === "banned" || target.state === "left") return nothing;
			return {
				...without(target, view),
				notices: [removal(Kind.KICKED, target, target, request)],
				result: { member: target },
			};
		case MemberAction.BAN: {
			if (target?.state === "banned") return nothing;
			const bannedMember: MemberRecord = {
				...(target ?? newcomer(view, request)),
				state: "banned",
				role: ChatRole.MEMBER,
			};
			return {
				put: [bannedMember],
				notices: [removal(Kind.BANNED, bannedMember, target, request)],
				result: { member: bannedMember },
			};
		}
		case MemberAction.UNBAN:
			if (target?.state !== "banned") return nothing;
			return {
				...without(target, view),
				notices: [noticeOf(Kind.UNBANNED, target, actorId)],
				result: { member: target },
			};
		case MemberAction.MUTE:
			if (request.muteMs <= 0) throw fieldError("mute_ms", "must be more than 0 ms");
			return put(Kind.MUTED, { ...memberOnly(target), mutedUntilMs: view.nowMs + request.muteMs });
		case MemberAction.UNMUTE: {
			const isMuted = memberOnly(target).mutedUntilMs > view.nowMs;
			return isMuted ? put(Kind.UNMUTED, { ...memberOnly(target), mutedUntilMs: 0 }) : nothing;
		}
		case MemberAction.MAKE_ADMIN:
			return setRole(memberOnly(target), ChatRole.ADMIN, actorId);
		case MemberAction.MAKE_MEMBER:
			return setRole(memberOnly(target), ChatRole.MEMBER, actorId);
		case MemberAction.MAKE_OWNER:
			return handOver(view, memberOnly(target), request);
		case MemberAction.INVITE:
			return invite(view, target, request);
		case MemberAction.UNSPECIFIED:
			throw fieldError("action", "is required");
		default:
			return action satisfies never;
	}
}

const nothing: RoomChange<Outcome> = { result: { member: undefined } };

/**
 * A removed member's connections unsubscribe from the room's channel, and the inbox has the event. An invited user is notified
 * no more often than of invitations. A user who never was in the room is not notified at all: an action on other users
 * must not reach their inboxes.
 *
 * @param before - what the user was until now.
 */
function removal(
	kind: Kind,
	member: MemberRecord,
	before: MemberRecord | undefined,
	{ actorId, maySendToInvited }: ActionRequest,
): RoomNotice {
	switch (before?.state) {
		case "member":
			return noticeOf(kind, member, actorId, { channel: "leave", toMember: true });
		case "invited":
			return noticeOf(kind, member, actorId, {
				channel: "leave",
				toMember: maySendToInvited(),
				unlessBlocked: true,
			});
		default:
			return noticeOf(kind, member, actorId, { channel: "leave" });
	}
}

function invite(view: RoomView, target: MemberRecord | undefined, request: ActionRequest): RoomChange<Outcome> {
	if (target?.state === "banned") throw precondition("banned: unban first");
	if (target?.state === "member" || target?.state === "invited") return nothing;
	const { actorId, actorName, notificationId } = request;
	const guest: MemberRecord = {
		...newcomer(view, request),
		state: "invited",
		mutedUntilMs: target?.mutedUntilMs ?? 0,
	};
	const notified = notificationId !== undefined && {
		toMember: true,
		unlessBlocked: true,
		invitation: { id: notificationId, roomName: view.room.name, byName: actorName },
	};
	return { put: [guest], notices: [noticeOf(Kind.INVITED, guest, actorId, notified || {})], result: { member: guest } };
}

function setRole(target: MemberRecord, role: MemberRecord["role"], actorId: string): RoomChange<Outcome> {
	if (target.role === role) return nothing;
	const member = { ...target, role };
	return { put: [member], notices: [noticeOf(Kind.ROLE_CHANGED, member, actorId)], result: { member } };
}

function handOver(view: RoomView, target: MemberRecord, request: ActionRequest): RoomChange<Outcome> {
	if (view.ownedByLast >= request.maxOwnedRooms) throw tooManyOwned(request.maxOwnedRooms);
	const owner = view.members.get(request.actorId) as MemberRecord;
	const newOwner: MemberRecord = { ...target, role: ChatRole.OWNER };
	return {
		put: [newOwner, { ...owner, role: ChatRole.ADMIN }],
		ownerId: newOwner.userId,
		notices: [noticeOf(Kind.ROLE_CHANGED, newOwner, request.actorId)],
		result: { member: newOwner },
	};
}

function memberOnly(target: MemberRecord | undefined): MemberRecord {
	if (target?.state !== "member") throw precondition("not a member of this room");
	return target;
}

function newcomer(view: RoomView, request: ActionRequest): MemberRecord {
	return {
		conversationId: view.room.id,
		userId: request.targetId,
		username: request.targetName,
		state: "invited",
		role: ChatRole.MEMBER,
		joinedAtMs: request.nowMs,
		mutedUntilMs: 0,
		readSequence: view.room.lastSequence,
	};
}
