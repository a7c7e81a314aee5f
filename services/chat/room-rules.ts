// Who may do what to whom in a room. Pure: what is known of the room goes in, what is to change comes out.
import type { MemberRecord, RoomChange, RoomView } from "../../ports/chat-room-store.ts";
import { ChatRole, MemberAction } from "../../protocol/gen/schema.ts";
import { banned, denied, notMember, precondition, violation } from "./refusals.ts";

/** What happened; undefined member: nothing did, the room was so already. */
export interface Outcome {
	readonly member: MemberRecord | undefined;
	/** Joined, as opposed to having been a member before. */
	readonly isNew?: boolean;
	/** Whoever owns the room since then, because its owner left. */
	readonly heir?: MemberRecord;
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
	const standing = view.members.get(userId);
	if (standing?.state === "banned") throw banned();
	if (standing?.state === "member") return { result: { member: standing, isNew: false } };
	if (standing === undefined && !room.isPublic) throw denied("not open to you");
	if (room.memberCount >= room.maxMembers) throw precondition("the room is full");
	if (view.roomsOfFirst >= limits.maxJoinedRooms) {
		throw precondition(`a member of ${limits.maxJoinedRooms} rooms, which is as many as allowed`);
	}
	const member: MemberRecord = {
		...{ conversationId: room.id, userId, username: limits.username, state: "member", role: ChatRole.MEMBER },
		// What was said before is history, not unread.
		...{ joinedAtMs: limits.nowMs, mutedUntilMs: 0, readSequence: room.lastSequence },
	};
	return { put: [member], result: { member, isNew: true } };
}

export function decideLeave(view: RoomView | undefined, userId: string): RoomChange<Outcome> {
	const member = view?.members.get(userId);
	if (view === undefined || member?.state === "banned") return { result: { member: undefined } };
	// Also how an invitation is declined, quietly.
	if (member?.state === "invited") return { remove: [userId], result: { member: undefined } };
	if (member === undefined) return { result: { member: undefined } };
	if (view.room.ownerId !== userId) return { remove: [userId], result: { member } };
	const { heir } = view;
	// A room that everybody left is kept for nobody to find.
	if (heir === undefined) return { remove: [userId], ownerId: "", isPublic: false, result: { member } };
	const owner: MemberRecord = { ...heir, role: ChatRole.OWNER };
	return { remove: [userId], put: [owner], ownerId: heir.userId, result: { member, heir: owner } };
}

export interface ActionRequest {
	readonly action: MemberAction;
	readonly actorId: string;
	readonly targetId: string;
	/** Name of the target's account. */
	readonly targetName: string;
	readonly muteMs: number;
	readonly nowMs: number;
}

export function decideAction(view: RoomView | undefined, request: ActionRequest): RoomChange<Outcome> {
	const actor = view?.members.get(request.actorId);
	if (actor?.state === "banned") throw banned();
	if (view === undefined || actor?.state !== "member") throw notMember();
	if (request.targetId === request.actorId) throw violation("user_id", "is your own");
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
	const nothing: RoomChange<Outcome> = { result: { member: undefined } };
	const { action, nowMs } = request;
	switch (action) {
		case MemberAction.KICK:
			// An invitation is taken back the same way.
			if (target === undefined || target.state === "banned") return nothing;
			return { remove: [target.userId], result: { member: target } };
		case MemberAction.BAN:
			if (target?.state === "banned") return nothing;
			return put({ ...(target ?? newcomer(view, request)), state: "banned", role: ChatRole.MEMBER });
		case MemberAction.UNBAN:
			return target?.state === "banned" ? { remove: [target.userId], result: { member: target } } : nothing;
		case MemberAction.MUTE:
			if (request.muteMs <= 0) throw violation("mute_ms", "is how long, in milliseconds");
			return put({ ...memberOnly(target), mutedUntilMs: nowMs + request.muteMs });
		case MemberAction.UNMUTE:
			return memberOnly(target).mutedUntilMs > nowMs ? put({ ...memberOnly(target), mutedUntilMs: 0 }) : nothing;
		case MemberAction.MAKE_ADMIN:
			return put({ ...memberOnly(target), role: ChatRole.ADMIN });
		case MemberAction.MAKE_MEMBER:
			return put({ ...memberOnly(target), role: ChatRole.MEMBER });
		case MemberAction.MAKE_OWNER:
			return handOver(view, memberOnly(target), request.actorId);
		case MemberAction.INVITE:
			if (target?.state === "banned") throw precondition("banned: unban first");
			return target === undefined ? put({ ...newcomer(view, request), state: "invited" }) : nothing;
		case MemberAction.UNSPECIFIED:
			throw violation("action", "is what to do");
		default:
			return action satisfies never;
	}
}

function handOver(view: RoomView, target: MemberRecord, ownerId: string): RoomChange<Outcome> {
	const owner = view.members.get(ownerId) as MemberRecord;
	const heir: MemberRecord = { ...target, role: ChatRole.OWNER };
	return {
		put: [heir, { ...owner, role: ChatRole.ADMIN }],
		ownerId: heir.userId,
		result: { member: heir },
	};
}

function put(member: MemberRecord): RoomChange<Outcome> {
	return { put: [member], result: { member } };
}

function memberOnly(target: MemberRecord | undefined): MemberRecord {
	if (target?.state !== "member") throw precondition("not a member of this room");
	return target;
}

function newcomer(view: RoomView, request: ActionRequest): MemberRecord {
	return {
		...{ conversationId: view.room.id, userId: request.targetId, username: request.targetName, state: "invited" },
		...{ role: ChatRole.MEMBER, joinedAtMs: request.nowMs, mutedUntilMs: 0, readSequence: view.room.lastSequence },
	};
}
