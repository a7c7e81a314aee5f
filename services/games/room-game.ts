// The game in a room: start, moves, the end, and another one. Changes to a draft.
import { v7 as uuidv7 } from "uuid";
import { unavailable } from "../../protocol/error.ts";
import { GameResult, RoomEvent_Kind as Kind, RoomStatus } from "../../protocol/gen/schema.ts";
import type { GameModule, GameResults, GameStep } from "./game-module.ts";
import type { RoomDraft } from "./room-draft.ts";
import { forbidden, notNow } from "./room-errors.ts";
import type { Rules } from "./room-rules.ts";
import { playersOf, type RoomMember } from "./room-state.ts";
import { playerView } from "./room-view.ts";

const MAX_EVENTS = 16;

/** Of a running game in real time, by its run. */
export interface SnapshotCommand {
	readonly type: "snapshot";
	readonly gameId: string;
	readonly game: Uint8Array;
	/** Further parts of its record. */
	readonly entries: readonly Uint8Array[];
	/** A part of its record is missing. */
	readonly isTruncated: boolean;
	/** Players have done something. */
	readonly isActive: boolean;
}

export interface EndedCommand extends Pick<SnapshotCommand, "gameId" | "entries" | "isTruncated"> {
	readonly type: "ended";
	readonly results: GameResults;
	/** "" when it ended by its own rules. */
	readonly reason: string;
}

export function setReady(draft: RoomDraft, member: RoomMember, isReady: boolean): void {
	if (member.isSpectator) throw forbidden("spectators do not play");
	if (draft.room.info.status !== RoomStatus.WAITING) throw notNow("the room does not wait for players");
	if (member.isReady === isReady) return;
	const changed = { ...member, isReady };
	draft.putMember(changed);
	draft.publishEvent(isReady ? Kind.READY : Kind.NOT_READY, changed);
}

/** The host starts when all others are ready. */
export function start(draft: RoomDraft, module: GameModule): void {
	const { info } = draft.room;
	if (info.status !== RoomStatus.WAITING) throw notNow("the room does not wait for players");
	const players = playersOf(draft.room);
	if (players.length < module.minPlayers) throw notNow(`the game needs ${module.minPlayers} players`);
	if (!players.every((player) => player.isReady || player.userId === info.hostId)) {
		throw notNow("not every player is ready");
	}
	begin(draft, module, players);
}

/** The first game of a room may start by itself, with enough players, whether these are ready or not; further ones the host starts. */
export function startIfFull(draft: RoomDraft, module: GameModule): void {
	const startsWith = module.realtime?.startsWith;
	const players = playersOf(draft.room);
	const { status, rounds } = draft.room.info;
	if (status === RoomStatus.WAITING && rounds === 0 && startsWith !== undefined && players.length >= startsWith)
		begin(draft, module, players);
}

function begin(draft: RoomDraft, module: GameModule, players: readonly RoomMember[]): void {
	const { info } = draft.room;
	const userIds = players.map((player) => player.userId);
	const names = new Map(players.map(({ userId, username }) => [userId, username]));
	const game = module.start(userIds, info.rounds, { names, metadata: info.metadata });
	const participants = players.map(({ userId, username }) => ({ userId, username, result: GameResult.UNSPECIFIED }));
	draft.setInfo({
		status: RoomStatus.PLAYING,
		gameId: uuidv7({ msecs: draft.nowMs }),
		rounds: info.rounds + 1,
		startedAtMs: draft.nowMs,
		participants,
	});
	draft.setProgress({ actionNumber: 0, game });
	draft.beginLog();
	draft.publishEvent(Kind.STARTED);
}

/** @returns the place that the move has in the game. */
export function move(
	draft: RoomDraft,
	member: RoomMember,
	payload: Uint8Array,
	{ module, options, budget }: Rules,
): number {
	const { info, progress } = draft.room;
	if (member.isSpectator) throw forbidden("spectators do not play");
	if (info.status !== RoomStatus.PLAYING || progress.game === undefined) throw notNow("no game is running");
	const step = module.act(progress.game, member.userId, payload);
	const actionNumber = record(draft, member.userId, payload, { options, budget });
	take(draft, member.userId, step);
	return actionNumber;
}

/** @returns the number of the entry, which is recorded if there is room. */
function record(
	draft: RoomDraft,
	userId: string,
	payload: Uint8Array,
	{ options, budget }: Pick<Rules, "options" | "budget">,
): number {
	const { recordedActions, recordedBytes, actionNumber: last } = draft.room.progress;
	const actionNumber = last + 1;
	draft.setProgress({ actionNumber });
	const isRecorded =
		recordedActions === actionNumber - 1 &&
		recordedActions < options.maxRecordedActions &&
		recordedBytes + payload.length <= options.maxRecordedBytes &&
		budget.takeRecorded(recordedBytes, payload.length);
	if (isRecorded) draft.appendLog({ actionNumber, userId, payload, atMs: draft.nowMs });
	return actionNumber;
}

/** A game in real time has come so far; entries of its record are actions of the log that no single user did. */
export function takeSnapshot(draft: RoomDraft, command: SnapshotCommand, rules: Rules): void {
	const { info } = draft.room;
	if (info.status !== RoomStatus.PLAYING || info.gameId !== command.gameId) return;
	takeEntries(draft, command, rules);
	draft.setProgress({ game: command.game });
	if (command.isActive) draft.touch();
}

/** A game in real time is over. */
export function takeEnd(draft: RoomDraft, command: EndedCommand, rules: Rules): void {
	const { info } = draft.room;
	if (info.status !== RoomStatus.PLAYING || info.gameId !== command.gameId) return;
	takeEntries(draft, command, rules);
	finish(draft, command.results, command.reason);
}

function takeEntries(draft: RoomDraft, { entries, isTruncated }: SnapshotCommand | EndedCommand, rules: Rules): void {
	for (const entry of entries) record(draft, "", entry, rules);
	const { recordedActions, actionNumber } = draft.room.progress;
	// An entry that was not recorded: no further one is.
	if (isTruncated && recordedActions === actionNumber) draft.setProgress({ actionNumber: actionNumber + 1 });
}

/** @param abandons - all players leave the room: no one wins. */
export function playerLeft(draft: RoomDraft, userId: string, module: GameModule, abandons = false): void {
	const { info, progress } = draft.room;
	if (info.status !== RoomStatus.PLAYING || progress.game === undefined) return;
	setResults(draft, new Map([[userId, GameResult.ABANDONED]]));
	const remaining = draft.room.info.participants
		.filter((participant) => participant.result === GameResult.UNSPECIFIED)
		.map((participant) => participant.userId);
	if (remaining.length === 0) finish(draft, new Map());
	else if (!abandons) take(draft, userId, module.leave(progress.game, userId, remaining));
}

export function finishByHost(draft: RoomDraft, module: GameModule): void {
	const { info, progress } = draft.room;
	if (info.status !== RoomStatus.PLAYING || progress.game === undefined) throw notNow("no game is running");
	if (module.finish === undefined) throw notNow("this game ends by its own rules");
	const players = playersOf(draft.room).map((player) => player.userId);
	finish(draft, module.finish(progress.game, players));
}

export function rematch(draft: RoomDraft): void {
	const { info } = draft.room;
	if (info.status !== RoomStatus.FINISHED) throw notNow("the game is not over");
	// One record waits at a time; the next game would overwrite what it is made of.
	if (info.isUnrecorded) throw unavailable("the record of the last game", 1000);
	draft.setInfo({ status: RoomStatus.WAITING });
	draft.setProgress({ game: undefined, actionNumber: 0 });
	const members = [...draft.room.members].map(([id, member]) => [id, { ...member, isReady: false }] as const);
	draft.replaceMembers(new Map(members));
	draft.publishEvent(Kind.REOPENED);
}

function take(draft: RoomDraft, userId: string, step: GameStep): void {
	if (step.events.length > MAX_EVENTS) throw new Error("a game module caused too many events at once");
	draft.setProgress({ game: step.state });
	for (const payload of step.events) draft.publishGame(userId, payload);
	if (step.results !== undefined) finish(draft, step.results);
}

function finish(draft: RoomDraft, results: GameResults, reason = ""): void {
	setResults(draft, results);
	const participants = draft.room.info.participants.map((participant) => {
		const isOpen = participant.result === GameResult.UNSPECIFIED;
		return isOpen ? { ...participant, result: GameResult.ABANDONED } : participant;
	});
	draft.setInfo({ status: RoomStatus.FINISHED, finishedAtMs: draft.nowMs, participants, isUnrecorded: true });
	const more = reason === "" ? {} : { reason };
	draft.publishEvent(Kind.FINISHED, undefined, { results: participants.map(playerView), ...more });
}

/** A result that stands is not changed: who abandoned the game does not win it afterwards. */
function setResults(draft: RoomDraft, results: GameResults): void {
	const participants = draft.room.info.participants.map((participant) => {
		const result = results.get(participant.userId);
		return result === undefined || participant.result !== GameResult.UNSPECIFIED
			? participant
			: { ...participant, result };
	});
	draft.setInfo({ participants });
}
