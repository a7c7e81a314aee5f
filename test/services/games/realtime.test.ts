// Games in real time: what players see and do, how they end, and what is kept of them.
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import type { RealtimeCode } from "../../../common/game-code.ts";
import type { Identity } from "../../../common/identity.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import {
	RoomAction as Do,
	GameResult,
	RoomEvent_Kind as Kind,
	type RoomEvent,
	RoomStatus,
} from "../../../protocol/gen/schema.ts";
import type { Games } from "../../../services/games/games.ts";
import type { GamesOptions } from "../../../services/games/options.ts";
import { replay } from "../../../services/games/realtime/run-record.ts";
import { TickPace } from "../../../services/games/realtime/tick-pace.ts";
import { until } from "../../support/until.ts";
import { type Arena, arena, Screens } from "./arena.ts";
import { act, defaults, type GamesFixture, gamesFixture, playing, rejection, roomOf, user } from "./fixture.ts";

const [ada, bob, cyd] = ["ada", "bob", "cyd"].map(user) as [Identity, Identity, Identity];
let fixture: GamesFixture;
let screens: Screens;
beforeEach(() => {
	fixture = gamesFixture();
	screens = new Screens();
});
afterEach(() => fixture.close());

async function node(code: RealtimeCode = arena(), realtime: Partial<GamesOptions["realtime"]> = {}): Promise<Games> {
	const games = await fixture.node({ realtime: { ...defaults.realtime, ...realtime } }, { frames: screens });
	games.bring([code]);
	// As the gateway does for users with a connection.
	for (const { userId } of [ada, bob, cyd]) games.onOnline(userId);
	return games;
}

const input = (games: Games, who: Identity, roomId: string, content: object, fields: object = {}) =>
	act(games, who, roomId, Do.MOVE, { payload: Buffer.from(JSON.stringify(content)), ...fields });
const recordOf = (roomId: string) =>
	[...fixture.records.games.values()].find(({ game: { roomId: id } }) => id === roomId);
const finished = async (roomId: string): Promise<RoomEvent> => {
	const find = () =>
		fixture.publisher.events(`room:${roomId}`).find((event) => "kind" in event && event.kind === Kind.FINISHED);
	await until(() => find() !== undefined);
	return find() as RoomEvent;
};

test("players see what happens, each their own part, as whole states once and then as differences", {
	timeout: 15_000,
}, async () => {
	const games = await node();
	const roomId = await playing(games, [ada, bob], { game: "arena" });
	const [seen, other] = [screens.of(ada.userId), screens.of(bob.userId)];
	await until(() => seen.differences > 5 && other.differences > 5);
	await input(games, ada, roomId, { add: 5 });
	await until(() => other.view?.players[ada.userId]?.score === 5);
	await input(games, bob, roomId, { do: "flag" });
	await until(() => seen.view?.flag === true);
	assert.equal(seen.view?.own?.secret, 1000);
	assert.equal(other.view?.own?.secret, 1001);
	assert.deepEqual([seen.wholes, seen.gaps, other.wholes, other.gaps], [1, 0, 1, 0]);
	// What one asks for is what the others were sent.
	const { gameState, state, room } = await games.view(bob, roomId);
	assert.equal(room?.status, RoomStatus.PLAYING);
	assert.equal(gameState?.baseVersion, 0);
	assert.equal(gameState?.epoch, other.epoch);
	assert.ok(gameState?.version === other.version && gameState.state !== undefined && state?.length === 0);
	// One who comes later, and spectators.
	await games.join(cyd, roomId, "", false);
	await until(() => seen.view?.players[cyd.userId] !== undefined && screens.of(cyd.userId).view !== undefined);
	assert.equal(screens.of(cyd.userId).view?.own?.secret, 1002);
	await games.leave(cyd, roomId);
	await until(() => seen.view?.players[cyd.userId] === undefined);
	await games.join(cyd, roomId, "", true);
	const before = screens.of(cyd.userId).wholes;
	await until(() => screens.of(cyd.userId).wholes > before);
	assert.equal(screens.of(cyd.userId).view?.own, undefined);
	assert.equal((await rejection(input(games, cyd, roomId, { add: 1 })))[0], ErrorCode.PERMISSION_DENIED);
	assert.deepEqual([seen.gaps, other.gaps], [0, 0]);
});

test("a game ends by its rules, is recorded, and runs again to the same state", { timeout: 15_000 }, async () => {
	const code = arena();
	const games = await node(code, { snapshotIntervalMs: 100 });
	const roomId = await playing(games, [ada, bob], { game: "arena" });
	await input(games, ada, roomId, { add: 3 });
	await until(() => screens.of(ada.userId).version > 10);
	await games.join(cyd, roomId, "", false);
	await input(games, bob, roomId, { do: "flag" });
	await until(() => screens.of(cyd.userId).view?.flag === true);
	await games.leave(bob, roomId);
	await input(games, cyd, roomId, { add: 2 });
	await until(() => screens.of(ada.userId).view?.players[cyd.userId]?.score === 2);
	await input(games, ada, roomId, { do: "win" });
	assert.equal((await finished(roomId)).reason, "");
	await until(() => recordOf(roomId) !== undefined);
	const record = recordOf(roomId);
	assert.deepEqual(
		record?.game.players.map(({ userId, result }) => [userId, result]),
		[
			[ada.userId, GameResult.WON],
			[bob.userId, GameResult.ABANDONED],
			[cyd.userId, GameResult.ABANDONED],
		],
	);
	assert.equal(record?.game.isTruncated, false);
	const entries = record?.actions.map(({ payload }) => payload) ?? [];
	const { run, recordedHash } = replay(code, entries);
	assert.equal(run.hash(), recordedHash);
	assert.ok(run.tick > 10);
	// A tick's chance differs with one input.
	const changed = entries.map((entry) =>
		Buffer.from(Buffer.from(entry).toString().replace('\\"add\\":3', '\\"add\\":4')),
	);
	assert.notEqual(replay(code, changed).run.hash(), recordedHash);
	assert.equal((await rejection(input(games, ada, roomId, { add: 1 })))[0], ErrorCode.PRECONDITION_FAILED);
});

for (const [what, more, content] of [
	["its code throws", {}, { do: "throw" }],
	["its state is no JSON", {}, { do: "NaN" }],
	["a view is not what it declares", {}, { do: "unseen" }],
	[
		"a view is too long",
		{
			viewType: { kind: "object", fields: [{ name: "text", type: { kind: "string" } }] },
			show: () => ({ text: "x".repeat(40_000) }),
		},
		{},
	],
] as const) {
	test(`a game ends with a reason when ${what}`, { timeout: 15_000 }, async () => {
		const games = await node(arena(more as Partial<RealtimeCode>), { snapshotIntervalMs: 100 });
		const roomId = await playing(games, [ada, bob], { game: "arena" });
		await input(games, ada, roomId, content).catch(() => {});
		const { reason, results } = await finished(roomId);
		assert.equal(reason, "the game failed");
		assert.deepEqual(
			results.map(({ result }) => result),
			[GameResult.DRAWN, GameResult.DRAWN],
		);
	});
}

test("inputs have a rate and a place for each player, and are not taken twice", { timeout: 15_000 }, async () => {
	const games = await node(arena({ tickRate: 1 }), { maxQueuedInputs: 3, inputRate: { perSecond: 1, burst: 5 } });
	const roomId = await playing(games, [ada, bob], { game: "arena" });
	assert.deepEqual(await rejection(act(games, ada, roomId, Do.MOVE, { payload: Buffer.from("{") })), [
		ErrorCode.VALIDATION_FAILED,
		"payload",
	]);
	for (let index = 0; index < 3; index++) await input(games, ada, roomId, { add: 1 }, { clientActionId: "the same" });
	await input(games, ada, roomId, { add: 1 });
	await input(games, ada, roomId, { add: 1 });
	assert.equal((await rejection(input(games, ada, roomId, { add: 1 })))[0], ErrorCode.RATE_LIMITED);
	await input(games, bob, roomId, { add: 1 });
	await until(() => screens.of(bob.userId).view?.players[ada.userId]?.score === 3);
});

test("a running game goes on with its code, or with new code that takes its state over", {
	timeout: 15_000,
}, async () => {
	const games = await node();
	const roomId = await playing(games, [ada, bob], { game: "arena" });
	const seen = screens.of(ada.userId);
	const doubling: Partial<RealtimeCode> = {
		onInput: (state, given, { id }) => {
			const own = (state as Arena).players[id];
			if (own !== undefined) own.score += 10 * ((given as { add?: number }).add ?? 0);
		},
	};
	games.bring([arena(doubling)]);
	await input(games, ada, roomId, { add: 1 });
	await until(() => seen.view?.players[ada.userId]?.score === 1);
	games.bring([arena({ ...doubling, importState: () => assert.fail("broken") })]);
	await input(games, ada, roomId, { add: 1 });
	await until(() => seen.view?.players[ada.userId]?.score === 2);
	games.bring([arena({ ...doubling, importState: (state) => state })]);
	await input(games, ada, roomId, { add: 1 });
	await until(() => seen.view?.players[ada.userId]?.score === 12);
	assert.equal(seen.gaps, 0);
	assert.equal(seen.wholes, 2);
	games.bring([]);
	await input(games, ada, roomId, { add: 1 });
	await until(() => seen.view?.players[ada.userId]?.score === 22);
});

test("a game that starts by itself is joined by those who come", { timeout: 15_000 }, async () => {
	const games = await node(arena({ startsWith: 1 }));
	const { roomId, room } = await games.create(ada, roomOf({ game: "arena" }));
	assert.equal(room?.status, RoomStatus.PLAYING);
	await until(() => screens.of(ada.userId).view !== undefined);
	await games.join(bob, roomId, "", false);
	await until(() => screens.of(ada.userId).view?.players[bob.userId] !== undefined);
	const { rooms } = await games.list.page("arena", true, 0, "");
	assert.deepEqual(
		rooms.map(({ id }) => id),
		[roomId],
	);
});

test("a game that takes too long is slowed, then ended; one that recovers is not", () => {
	const pace = new TickPace(10);
	const verdicts = new Set<string>();
	for (let index = 0; index < 1000; index++) verdicts.add(pace.judge(index % 30 === 0 ? 11 : 5));
	assert.deepEqual([...verdicts], ["late", "fine"]);
	assert.equal(pace.factor, 1);
	let ticks = 0;
	while (pace.judge(15) !== "slowed") ticks++;
	assert.ok(ticks > 3 && ticks < 10, `${ticks}`);
	assert.equal(pace.factor, 2);
	for (let index = 0; index < 200; index++) pace.judge(5);
	assert.equal(pace.factor, 1);
	let verdict = pace.judge(1000);
	for (let index = 0; index < 100 && verdict !== "hopeless"; index++) verdict = pace.judge(1000);
	assert.equal(verdict, "hopeless");
});
