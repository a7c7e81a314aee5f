// What is asked of a room, by clients and by the gateway itself, and how it goes from one process to another.

import { createHash } from "node:crypto";
import { ErrorCode } from "../../protocol/codes.ts";
import { fieldError } from "../../protocol/error.ts";
import {
	type GetGameStateResponseProperties,
	RoomAction,
	RoomEvent_Kind,
	RoomStatus,
} from "../../protocol/gen/schema.ts";
import type { GameModule } from "./game-module.ts";
import type { GamesOptions } from "./options.ts";
import { RoomDraft } from "./room-draft.ts";
import { forbidden, invalid, noSuchRoom, notMember } from "./room-errors.ts";
import {
	type EndedCommand,
	finishByHost,
	move,
	rematch,
	type SnapshotCommand,
	setReady,
	start,
	startIfFull,
	takeEnd,
	takeSnapshot,
} from "./room-game.ts";
import { appear, close, disappear, join, kick, leave, makeHost, removeOverdue } from "./room-members.ts";
import type { Rules } from "./room-rules.ts";
import type { LogEntry, RoomMember, RoomState } from "./room-state.ts";
import { roomView } from "./room-view.ts";

export interface JoinCommand {
	readonly type: "join";
	readonly userId: string;
	readonly username: string;
	readonly asSpectator: boolean;
	readonly node: string;
	readonly password: string;
	/** Set by the room's owner. */
	readonly verifiedHash?: string;
}

export interface ActCommand {
	readonly type: "act";
	readonly userId: string;
	readonly action: RoomAction;
	readonly payload: Uint8Array;
	readonly targetUserId: string;
	readonly clientActionId: string;
}

/** From other processes. */
export type RoomCommand =
	| JoinCommand
	| ActCommand
	| { readonly type: "leave"; readonly userId: string }
	/** Without a cursor from a process of an earlier version. */
	| { readonly type: "view"; readonly userId: string; readonly membersCursor?: string }
	| { readonly type: "presence"; readonly userId: string; readonly node: string; readonly isConnected: boolean };

/** From the owner itself: deadlines; a state to be saved again; a game that is in the history. */
export type OwnCommand =
	| { readonly type: "tick"; readonly deadNodes: ReadonlySet<string> }
	| { readonly type: "settle" }
	/** The room is new: a game that starts with one player starts. */
	| { readonly type: "begin" }
	/** The game goes on from what was saved of it. */
	| { readonly type: "resumed" }
	| SnapshotCommand
	| EndedCommand
	| { readonly type: "recorded"; readonly gameId: string };

/** What a room answers; room and state only where they are asked for. */
export type RoomReply = GetGameStateResponseProperties;

export interface Applied {
	readonly state: RoomState;
	readonly log: readonly LogEntry[];
	readonly startsLog: boolean;
	readonly clearsLog: boolean;
	readonly reply: RoomReply;
}

/** @throws GatewayError when the room does not do it; nothing has changed then. */
export function applyCommand(
	state: RoomState,
	command: RoomCommand | OwnCommand,
	rules: Rules,
	nowMs: number,
): Applied {
	const draft = new RoomDraft(state, nowMs);
	const reply = answer(draft, command, rules);
	const { entries, startsLog } = draft.logged;
	return { state: draft.room, log: entries, startsLog, clearsLog: command.type === "recorded", reply };
}

function answer(draft: RoomDraft, command: RoomCommand | OwnCommand, rules: Rules): RoomReply {
	const isClosed = draft.room.info.status === RoomStatus.CLOSED;
	switch (command.type) {
		case "settle":
			return {};
		case "begin":
			startIfFull(draft, rules.module);
			return {};
		case "resumed":
			if (draft.room.info.status === RoomStatus.PLAYING) draft.publishEvent(RoomEvent_Kind.RESUMED);
			return {};
		case "snapshot":
			takeSnapshot(draft, command, rules);
			return {};
		case "ended":
			takeEnd(draft, command, rules);
			return {};
		case "recorded":
			if (draft.room.info.gameId === command.gameId) draft.setInfo({ isUnrecorded: false });
			return {};
		case "tick":
			if (!isClosed) tick(draft, command.deadNodes, rules);
			return {};
		case "leave":
			if (!isClosed) leave(draft, command.userId, rules.module);
			return {};
		default:
			if (isClosed) throw noSuchRoom();
			return answerOpen(draft, command, rules);
	}
}

function answerOpen(
	draft: RoomDraft,
	command: Exclude<RoomCommand, { readonly type: "leave" }>,
	rules: Rules,
): RoomReply {
	switch (command.type) {
		case "view":
			return view(draft.room, command.userId, rules.module, command.membersCursor ?? "");
		case "join":
			join(draft, { ...command, verifiedHash: command.verifiedHash ?? "" }, rules);
			return {};
		case "presence":
			if (command.isConnected) appear(draft, command.userId, command.node);
			else disappear(draft, command.userId, (node) => node === command.node);
			return {};
		case "act":
			return act(draft, command, rules);
		default:
			return command satisfies never;
	}
}

function tick(draft: RoomDraft, deadNodes: ReadonlySet<string>, { module, options }: Rules): void {
	if (deadNodes.size > 0) {
		for (const userId of draft.room.members.keys()) disappear(draft, userId, (node) => deadNodes.has(node));
	}
	removeOverdue(draft, options.reconnectGraceMs, module);
	const { lastActiveAtMs } = draft.room.progress;
	if (lastActiveAtMs + options.idleTimeoutMs <= draft.nowMs) close(draft, module);
}

/** When `tick` will have something to do, if no process dies. */
export function deadlineOf(state: RoomState, options: GamesOptions): number {
	if (state.info.status === RoomStatus.CLOSED) return Number.POSITIVE_INFINITY;
	let deadlineMs = state.progress.lastActiveAtMs + options.idleTimeoutMs;
	for (const { disconnectedAtMs } of state.members.values()) {
		if (disconnectedAtMs !== 0) deadlineMs = Math.min(deadlineMs, disconnectedAtMs + options.reconnectGraceMs);
	}
	return deadlineMs;
}

function view(room: RoomState, userId: string, module: GameModule, membersCursor: string): RoomReply {
	const { info, progress, members } = room;
	const member = members.get(userId);
	if (member === undefined && !info.isPublic) throw notMember();
	const seesGame = member !== undefined || (info.allowsSpectators && info.passwordHash === "");
	const player = member === undefined || member.isSpectator ? undefined : userId;
	return {
		...roomView(room, membersCursor),
		eventNumber: progress.eventNumber,
		actionNumber: progress.actionNumber,
		...(seesGame && progress.game !== undefined && { state: module.view(progress.game, player) }),
	};
}

function act(draft: RoomDraft, command: ActCommand, rules: Rules): RoomReply {
	const { userId, clientActionId } = command;
	const member = draft.room.members.get(userId);
	if (member === undefined) throw notMember();
	const contentHash = clientActionId === "" ? "" : hashOf(command);
	const earlier = draft.room.recent.get(userId)?.find(({ id }) => clientActionId !== "" && id === clientActionId);
	if (earlier !== undefined) {
		if (earlier.contentHash === contentHash) {
			return { actionNumber: earlier.actionNumber, eventNumber: earlier.eventNumber };
		}
		throw fieldError("client_action_id", "belongs to another action of yours", { code: ErrorCode.CONFLICT });
	}
	const actionNumber = perform(draft, member, command, rules);
	draft.touch();
	const { eventNumber } = draft.room.progress;
	if (clientActionId !== "") draft.remember(userId, { id: clientActionId, contentHash, actionNumber, eventNumber });
	return { actionNumber, eventNumber };
}

/** @returns the number of the move, 0 for other actions. */
function perform(draft: RoomDraft, member: RoomMember, command: ActCommand, rules: Rules): number {
	const { module } = rules;
	switch (command.action) {
		case RoomAction.MOVE:
			return move(draft, member, command.payload, rules);
		case RoomAction.READY:
		case RoomAction.NOT_READY:
			setReady(draft, member, command.action === RoomAction.READY);
			return 0;
		default:
	}
	if (draft.room.info.hostId !== member.userId) throw forbidden("only the host may do this");
	switch (command.action) {
		case RoomAction.START:
			start(draft, module);
			return 0;
		case RoomAction.FINISH:
			finishByHost(draft, module);
			return 0;
		case RoomAction.REMATCH:
			rematch(draft);
			return 0;
		case RoomAction.KICK:
			kick(draft, targetOf(draft, command), module);
			return 0;
		case RoomAction.MAKE_HOST: {
			const newOwner = targetOf(draft, command);
			if (newOwner.isSpectator) throw invalid("target_user_id", "is a spectator");
			makeHost(draft, newOwner);
			return 0;
		}
		default:
			throw invalid("action", "must be an action of rooms");
	}
}

function targetOf(draft: RoomDraft, { userId, targetUserId }: ActCommand): RoomMember {
	const target = draft.room.members.get(targetUserId);
	if (target === undefined) throw invalid("target_user_id", "is not in this room");
	if (targetUserId === userId) throw invalid("target_user_id", "must not be your own id");
	return target;
}

function hashOf({ action, targetUserId, payload }: ActCommand): string {
	const hash = createHash("sha256").update(`${action}\n${targetUserId}\n`).update(payload);
	return hash.digest("base64url").slice(0, 22);
}
