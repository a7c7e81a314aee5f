// Joining, leaving, disconnecting: the rules of membership, as changes to a draft.
import { GameResult, RoomEvent_Kind as Kind, RoomStatus } from "../../protocol/gen/schema.ts";
import type { GameModule } from "./game-module.ts";
import type { GamesOptions } from "./options.ts";
import type { RoomDraft } from "./room-draft.ts";
import { forbidden, notMember, notNow, wrongPassword } from "./room-errors.ts";
import { playerLeft, startIfFull } from "./room-game.ts";
import type { Rules } from "./room-rules.ts";
import { playersOf, type RoomMember } from "./room-state.ts";

/** Banned users that a room remembers; beyond it the oldest may join again. */
const MAX_BANNED = 256;

export interface Joining {
	readonly userId: string;
	readonly username: string;
	readonly asSpectator: boolean;
	/** The process that the user's connection is on. */
	readonly node: string;
	/** The password hash that the user's password was found to match; "" when none was given. */
	readonly verifiedHash: string;
}

/** Joining again changes nothing, except that a spectator may take a player's place and the reverse. */
export function join(draft: RoomDraft, joining: Joining, { options, module }: Rules): void {
	const { info, members } = draft.room;
	const { userId, asSpectator, node } = joining;
	const present = members.get(userId);
	if (present === undefined) {
		if (info.banned.includes(userId)) throw forbidden("you were removed from this room");
		if (info.passwordHash !== joining.verifiedHash) throw wrongPassword();
	} else if (present.isSpectator === asSpectator) {
		appear(draft, userId, node);
		return;
	}
	checkPlace(draft, asSpectator, present, options);
	draft.putMember({
		userId,
		username: joining.username,
		isReady: false,
		isSpectator: asSpectator,
		joinedAtMs: draft.nowMs,
		joinNumber: info.joins + 1,
		nodes: [...new Set([...(present?.nodes ?? []), node])],
		disconnectedAtMs: 0,
	});
	draft.setInfo({ joins: info.joins + 1 });
	draft.touch();
	draft.resubscribe(userId);
	const wasHost = info.hostId === userId;
	draft.publishEvent(Kind.JOINED, draft.room.members.get(userId));
	if (wasHost && asSpectator) handOver(draft);
	if (asSpectator) return;
	if (info.status === RoomStatus.PLAYING) addParticipant(draft, joining);
	else startIfFull(draft, module);
}

/** Who had abandoned the game and comes back plays again. */
function addParticipant(draft: RoomDraft, { userId, username }: Joining): void {
	const others = draft.room.info.participants.filter((one) => one.userId !== userId);
	draft.setInfo({ participants: [...others, { userId, username, result: GameResult.UNSPECIFIED }] });
}

function checkPlace(
	draft: RoomDraft,
	asSpectator: boolean,
	present: RoomMember | undefined,
	options: GamesOptions,
): void {
	const { info } = draft.room;
	if (asSpectator) {
		if (!info.allowsSpectators) throw notNow("the room does not allow spectators");
		if (info.spectatorCount >= options.maxSpectators) throw notNow("the room has no place for another spectator");
		if (present !== undefined && info.status === RoomStatus.PLAYING) throw notNow("a game is running");
		// A room needs somebody to host it.
		if (present !== undefined && info.playerCount === 1) throw notNow("you are the only player");
		return;
	}
	if (info.status === RoomStatus.PLAYING && info.joinsRunning !== true) throw notNow("a game is running");
	if (info.status === RoomStatus.FINISHED) throw notNow("the game is over; the host may open the room for another one");
	if (info.playerCount >= info.capacity) throw notNow("the room is full");
}

/** Leaving a room that one is not in is no error. */
export function leave(draft: RoomDraft, userId: string, module: GameModule): void {
	const member = draft.room.members.get(userId);
	if (member !== undefined) remove(draft, member, Kind.LEFT, module);
}

/** @param target - not the host; a player of a game that is on keeps the place. */
export function kick(draft: RoomDraft, target: RoomMember, module: GameModule): void {
	const { info } = draft.room;
	if (info.status === RoomStatus.PLAYING && !target.isSpectator) throw notNow("a game is running");
	draft.setInfo({ banned: [...info.banned, target.userId].slice(-MAX_BANNED) });
	remove(draft, target, Kind.KICKED, module);
}

/** @returns whether there was something to change. */
export function appear(draft: RoomDraft, userId: string, node: string): boolean {
	const member = draft.room.members.get(userId);
	if (member === undefined) throw notMember();
	if (member.nodes.includes(node)) return false;
	const wasDisconnected = member.disconnectedAtMs !== 0;
	const present = { ...member, nodes: [...member.nodes, node], disconnectedAtMs: 0 };
	draft.putMember(present);
	if (wasDisconnected) draft.publishEvent(Kind.RECONNECTED, present);
	return true;
}

/** The last connection of a user on one process, or that process, is gone. */
export function disappear(draft: RoomDraft, userId: string, isGone: (node: string) => boolean): void {
	const member = draft.room.members.get(userId);
	if (member === undefined) throw notMember();
	const nodes = member.nodes.filter((node) => !isGone(node));
	if (nodes.length === member.nodes.length) return;
	const absent = { ...member, nodes, disconnectedAtMs: nodes.length === 0 ? draft.nowMs : 0 };
	draft.putMember(absent);
	if (nodes.length === 0) draft.publishEvent(Kind.DISCONNECTED, absent);
}

/** Removes those who did not come back in time. */
export function removeOverdue(draft: RoomDraft, graceMs: number, module: GameModule): void {
	for (const member of draft.room.members.values()) {
		const { disconnectedAtMs } = member;
		const isOverdue = disconnectedAtMs !== 0 && disconnectedAtMs + graceMs <= draft.nowMs;
		if (isOverdue) remove(draft, member, Kind.LEFT, module, true);
	}
}

function remove(draft: RoomDraft, member: RoomMember, kind: Kind, module: GameModule, unsolicited = false): void {
	draft.removeMember(member.userId);
	if (!unsolicited) draft.touch();
	if (kind === Kind.KICKED || unsolicited) draft.publishRemoval(kind, member);
	else draft.publishEvent(kind, member);
	draft.unsubscribe(member.userId);
	if (draft.room.info.status === RoomStatus.PLAYING && !member.isSpectator) playerLeft(draft, member.userId, module);
	if (draft.room.info.playerCount === 0) close(draft, module);
	else if (draft.room.info.hostId === member.userId) handOver(draft);
}

/** To the connected player who joined first, or else to the player who joined first. */
function handOver(draft: RoomDraft): void {
	const players = playersOf(draft.room);
	const newOwner = players.find((player) => player.disconnectedAtMs === 0) ?? players[0];
	if (newOwner !== undefined) makeHost(draft, newOwner);
}

export function makeHost(draft: RoomDraft, newOwner: RoomMember): number {
	draft.setInfo({ hostId: newOwner.userId });
	return draft.publishEvent(Kind.HOST_CHANGED, newOwner);
}

/** Ends the room, and the game if one is on, which nobody wins. */
export function close(draft: RoomDraft, module: GameModule): void {
	if (draft.room.info.status === RoomStatus.CLOSED) return;
	if (draft.room.info.status === RoomStatus.PLAYING) {
		for (const player of playersOf(draft.room)) playerLeft(draft, player.userId, module, true);
	}
	draft.setInfo({ status: RoomStatus.CLOSED });
	draft.publishEvent(Kind.CLOSED);
	for (const userId of draft.room.members.keys()) draft.unsubscribe(userId);
}
