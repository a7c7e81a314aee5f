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
	const actionNumber = progress.actionNumber + 1;
	draft.setProgress({ actionNumber });
	const { recordedActions, recordedBytes } = progress;
	const isRecorded =
		recordedActions === actionNumber - 1 &&
		recordedActions < options.maxRecordedActions &&
		recordedBytes + payload.length <= options.maxRecordedBytes &&
		budget.takeRecorded(recordedBytes, payload.length);
	if (isRecorded) draft.appendLog({ actionNumber, userId: member.userId, payload, atMs: draft.nowMs });
	take(draft, member.userId, step);
	return actionNumber;
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

function finish(draft: RoomDraft, results: GameResults): void {
	setResults(draft, results);
	const participants = draft.room.info.participants.map((participant) => {
		const isOpen = participant.result === GameResult.UNSPECIFIED;
		return isOpen ? { ...participant, result: GameResult.ABANDONED } : participant;
	});
	draft.setInfo({ status: RoomStatus.FINISHED, finishedAtMs: draft.nowMs, participants, isUnrecorded: true });
	draft.publishEvent(Kind.FINISHED, undefined, { results: participants.map(playerView) });
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
