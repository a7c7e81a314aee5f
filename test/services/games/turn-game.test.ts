// Games of turns that modules bring: what players see, what is refused, and on which code a game goes on.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { TurnAccess, TurnCode } from "../../../common/game-code.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import { GatewayError } from "../../../protocol/error.ts";
import { RoomAction as Do, GameResult, RoomStatus } from "../../../protocol/gen/schema.ts";
import { GameRandom, newSeed } from "../../../services/games/game-random.ts";
import { quietLogger } from "../../support/quiet-logger.ts";
import { until } from "../../support/until.ts";
import { act, type GamesFixture, gamesFixture, playing, rejection, user } from "./fixture.ts";

interface State {
	secrets: Record<string, number>;
	sum: number;
	value?: unknown;
}

/** Each player has a secret number; moves add to a sum, at 10 the game is won. */
const game = (factor: number): TurnCode => ({
	name: "sum",
	kind: "turns",
	minPlayers: 2,
	maxPlayers: 3,
	logger: quietLogger(),
	readInput: (payload) => JSON.parse(Buffer.from(payload).toString()),
	errorOf: (thrown) =>
		thrown instanceof GatewayError ? thrown : new GatewayError(ErrorCode.INTERNAL, "internal error", { cause: thrown }),
	start: ({ players, integer }: TurnAccess): State => {
		void integer;
		return { secrets: Object.fromEntries(players.map(({ id }, index) => [id, 1000 + index])), sum: 0 };
	},
	act: (given, move, { id }, turn) => {
		const state = given as State;
		const { add, value } = move as { add: number; value?: string };
		if (add === 0) throw new GatewayError(ErrorCode.PRECONDITION_FAILED, "nothing to add");
		state.sum += add * factor;
		if (value !== undefined) state.value = value === "NaN" ? Number.NaN : value === "Map" ? new Map() : value;
		turn.emit({ sum: state.sum, roll: turn.integer(6) });
		if (state.sum >= 10) turn.end({ [id]: "won" });
	},
	leave: undefined,
	view: (given, playerId) => {
		const { secrets, sum } = given as State;
		return { sum, secret: playerId === undefined ? undefined : secrets[playerId] };
	},
});

const [ada, bob, cyd] = ["ada", "bob", "cyd"].map(user) as [
	ReturnType<typeof user>,
	ReturnType<typeof user>,
	ReturnType<typeof user>,
];
let fixture: GamesFixture;
before(() => {
	fixture = gamesFixture();
});
after(() => fixture.close());

const findRecord = (roomId: string) => {
	return [...fixture.records.games.values()].find(({ game: { roomId: id } }) => id === roomId);
};
const recordOf = async (roomId: string) => {
	await until(() => findRecord(roomId) !== undefined);
	return findRecord(roomId);
};
const bytes = (move: object) => ({ payload: Buffer.from(JSON.stringify(move)) });
const json = (state: Uint8Array | null | undefined) => JSON.parse(Buffer.from(state ?? []).toString()) as object;

test("players see their own secrets only, spectators none", async () => {
	const games = await fixture.node();
	games.bring([game(1)]);
	const roomId = await playing(games, [ada, bob], { game: "sum" });
	await games.join(cyd, roomId, "", true);
	assert.deepEqual(json((await games.view(ada, roomId)).state), { sum: 0, secret: 1000 });
	assert.deepEqual(json((await games.view(bob, roomId)).state), { sum: 0, secret: 1001 });
	assert.deepEqual(json((await games.view(cyd, roomId)).state), { sum: 0 });
	await act(games, bob, roomId, Do.MOVE, bytes({ add: 4 }));
	await act(games, ada, roomId, Do.MOVE, bytes({ add: 6 }));
	const { room, state } = await games.view(ada, roomId);
	assert.equal(room?.status, RoomStatus.FINISHED);
	assert.deepEqual(json(state), { sum: 10, secret: 1000 });
	assert.ok(!JSON.stringify(fixture.publisher.events(`room:${roomId}`)).includes("1001"));
	const record = await recordOf(roomId);
	assert.deepEqual(
		record?.game.players.map(({ userId, result }) => [userId, result]),
		[
			[ada.userId, GameResult.WON],
			[bob.userId, GameResult.ABANDONED],
		],
	);
});

test("what the code refuses, and a state that JSON does not have, change nothing", async () => {
	const games = await fixture.node({ maxStateBytes: 1024 });
	games.bring([game(1)]);
	const roomId = await playing(games, [ada, bob], { game: "sum" });
	const move = (content: object) => rejection(act(games, ada, roomId, Do.MOVE, bytes(content)));
	assert.equal((await move({ add: 0 }))[0], ErrorCode.PRECONDITION_FAILED);
	for (const value of ["NaN", "Map", "x".repeat(2000)]) {
		assert.equal((await move({ add: 1, value }))[0], ErrorCode.INTERNAL);
	}
	assert.deepEqual(json((await games.view(ada, roomId)).state), { sum: 0, secret: 1000 });
	await act(games, ada, roomId, Do.MOVE, bytes({ add: 1 }));
});

test("the rest has won when too few are left", async () => {
	const games = await fixture.node();
	games.bring([game(1)]);
	const roomId = await playing(games, [ada, bob], { game: "sum" });
	await games.leave(ada, roomId);
	const record = await recordOf(roomId);
	assert.deepEqual(
		record?.game.players.map(({ userId, result }) => [userId, result]),
		[
			[ada.userId, GameResult.ABANDONED],
			[bob.userId, GameResult.WON],
		],
	);
});

test("a game goes on with the code with which it began, the next one has the new code", async () => {
	const games = await fixture.node();
	games.bring([game(1)]);
	const roomId = await playing(games, [ada, bob], { game: "sum" });
	games.bring([game(5)]);
	await act(games, ada, roomId, Do.MOVE, bytes({ add: 1 }));
	assert.deepEqual(json((await games.view(ada, roomId)).state), { sum: 1, secret: 1000 });
	games.bring([]);
	assert.equal((await rejection(games.create(cyd, { ...roomOfSum })))[1], "game");
	await act(games, ada, roomId, Do.MOVE, bytes({ add: 9 }));
	games.bring([game(5)]);
	await until(() => act(games, ada, roomId, Do.REMATCH).then(() => true));
	await act(games, bob, roomId, Do.READY);
	await act(games, ada, roomId, Do.START);
	await act(games, ada, roomId, Do.MOVE, bytes({ add: 1 }));
	assert.deepEqual(json((await games.view(ada, roomId)).state), { sum: 5, secret: 1000 });
});

const roomOfSum = {
	...{ name: "a room", game: "sum", capacity: 0, isPrivate: false, password: "" },
	...{ allowsSpectators: true, metadata: {} },
};

test("random numbers are determined by the seed, and are evenly spread", () => {
	const seed = newSeed();
	const one = new GameRandom(seed);
	const numbers = Array.from({ length: 100 }, () => one.integer(1000));
	const middle = one.state;
	const next = [one.random(), one.pick(["a", "b", "c"]), one.shuffle([1, 2, 3, 4, 5])];
	const again = new GameRandom(seed);
	assert.deepEqual(
		Array.from({ length: 100 }, () => again.integer(1000)),
		numbers,
	);
	const restored = new GameRandom(JSON.parse(JSON.stringify(middle)) as typeof middle);
	assert.deepEqual([restored.random(), restored.pick(["a", "b", "c"]), restored.shuffle([1, 2, 3, 4, 5])], next);
	const counts = new Array<number>(6).fill(0);
	const fixed = new GameRandom({ seed: "00", drawn: 0 });
	for (let index = 0; index < 6000; index++) {
		const side = fixed.integer(6);
		counts[side] = (counts[side] ?? 0) + 1;
	}
	assert.ok(Math.min(...counts) > 850 && Math.max(...counts) < 1150, counts.join());
	assert.throws(() => fixed.integer(0), RangeError);
});
