// What game rooms hold is bounded in bytes, of one room and of all rooms of a process.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import type { Identity } from "../../common/identity.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { RoomAction as Do } from "../../protocol/gen/schema.ts";
import type { Games } from "../../services/games/games.ts";
import { act, type GamesFixture, gamesFixture, playing, rejection, user } from "../services/games/fixture.ts";
import { until } from "../support/until.ts";

const [ada, bob, cyd, eve] = ["ada", "bob", "cyd", "eve"].map(user) as [Identity, Identity, Identity, Identity];
const PAYLOAD = new Uint8Array(10_000);

describe("bytes of game rooms", () => {
	let fixture: GamesFixture;
	beforeEach(() => {
		fixture = gamesFixture();
	});
	afterEach(() => fixture.close());

	const move = (games: Games, player: Identity, roomId: string, payload = PAYLOAD) =>
		act(games, player, roomId, Do.MOVE, { payload });
	const recordOf = async (games: Games, host: Identity, roomId: string) => {
		const before = fixture.records.games.size;
		await act(games, host, roomId, Do.FINISH);
		await until(() => fixture.records.games.size === before + 1);
		const recorded = [...fixture.records.games.values()].at(-1);
		return { actions: recorded?.actions.length, isTruncated: recorded?.game.isTruncated };
	};

	test("events of one room that wait to be published: nothing more happens in it, and in others it does", async () => {
		const games = await fixture.node({ maxUnpublishedBytes: 25_000 });
		const [stuck, other] = [await playing(games, [ada, bob]), await playing(games, [cyd, eve])];
		fixture.publisher.failures = Number.POSITIVE_INFINITY;
		for (let index = 0; index < 3; index++) await move(games, ada, stuck);
		assert.equal((await rejection(move(games, ada, stuck)))[0], ErrorCode.UNAVAILABLE);
		await move(games, cyd, other);
		await games.leave(bob, stuck);
		fixture.publisher.failures = 0;
		await until(() => move(games, ada, stuck).then(() => true));
	});

	test("events of all rooms that wait to be published: nothing more happens until some are out", async () => {
		const games = await fixture.node({ maxTotalUnpublishedBytes: 45_000 });
		const rooms = [await playing(games, [ada, bob]), await playing(games, [cyd, eve])] as const;
		fixture.publisher.failures = Number.POSITIVE_INFINITY;
		for (let index = 0; index < 5; index++) await move(games, ada, rooms[0]);
		assert.equal((await rejection(move(games, cyd, rooms[1])))[0], ErrorCode.UNAVAILABLE);
		await games.tick();
		assert.equal((await rejection(move(games, cyd, rooms[1])))[0], ErrorCode.UNAVAILABLE);
		fixture.publisher.failures = 0;
		await until(async () => {
			await games.tick();
			return await move(games, cyd, rooms[1]).then(
				() => true,
				() => false,
			);
		});
	});

	test("records of all games together: further actions are not recorded, short games are", async () => {
		const games = await fixture.node({ maxTotalRecordedBytes: 30_000 });
		const [long, short] = [await playing(games, [ada, bob]), await playing(games, [cyd, eve])];
		for (let index = 0; index < 5; index++) await move(games, ada, long);
		for (let index = 0; index < 5; index++) await move(games, cyd, short, new Uint8Array(100));
		assert.deepEqual(await recordOf(games, cyd, short), { actions: 5, isTruncated: false });
		assert.deepEqual(await recordOf(games, ada, long), { actions: 3, isTruncated: true });
		// What is over is not counted any more, once its room begins another game or is gone.
		await games.leave(ada, long);
		await games.leave(bob, long);
		await until(() => games.heldRooms === 1);
		await games.tick();
		const next = await playing(games, [ada, bob]);
		for (let index = 0; index < 2; index++) await move(games, ada, next);
		assert.deepEqual(await recordOf(games, ada, next), { actions: 2, isTruncated: false });
	});
});
