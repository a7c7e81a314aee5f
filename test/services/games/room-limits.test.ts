// The limits of rooms, the list of them, and what strangers see.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import type { Identity } from "../../../common/identity.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import { GatewayError } from "../../../protocol/error.ts";
import { RoomAction as Do, RoomEvent_Kind as Kind } from "../../../protocol/gen/schema.ts";
import type { Games } from "../../../services/games/games.ts";
import { until } from "../../support/until.ts";
import { act, defaults, type GamesFixture, gamesFixture, playing, rejection, roomOf, user } from "./fixture.ts";

const [ada, bob, cyd, eve] = ["ada", "bob", "cyd", "eve"].map(user) as [Identity, Identity, Identity, Identity];

describe("limits of rooms", () => {
	let fixture: GamesFixture;
	let games: Games;
	beforeEach(async () => {
		fixture = gamesFixture();
		games = await fixture.node();
	});
	afterEach(() => fixture.close());

	const published = (roomId: string, ...kinds: Kind[]) =>
		until(() => assert.deepEqual(fixture.publisher.kinds(roomId), kinds) === undefined);

	test("one user's ten thousand rooms are refused after twenty; leaving makes place", async () => {
		const refused = new Map<ErrorCode, number>();
		let last = "";
		for (let count = 0; count < 10_000; count++) {
			try {
				last = (await games.create(eve, roomOf())).roomId;
			} catch (error) {
				const { code } = GatewayError.from(error);
				refused.set(code, (refused.get(code) ?? 0) + 1);
			}
		}
		assert.deepEqual([...refused], [[ErrorCode.PRECONDITION_FAILED, 9980]]);
		assert.equal(games.heldRooms, 20);
		await games.leave(eve, last);
		await until(() => games.create(eve, roomOf()).then(() => true));
	});

	test("repeated joining and leaving is rate limited, and end in order", async () => {
		const { roomId } = await games.create(ada, roomOf());
		const outcomes = await Promise.allSettled(
			Array.from({ length: 500 }, async () => {
				await games.join(bob, roomId, "", false);
				await games.leave(bob, roomId);
			}),
		);
		const codes = outcomes.flatMap((outcome) =>
			outcome.status === "rejected" ? [GatewayError.from(outcome.reason).code] : [],
		);
		assert.deepEqual([...new Set(codes)], [ErrorCode.RATE_LIMITED]);
		assert.equal(codes.length, 500 - defaults.actionsBurst);
		const { room, eventNumber } = await games.view(ada, roomId);
		assert.equal(room?.playerCount, 1);
		await until(() => fixture.publisher.events(`room:${roomId}`).length === eventNumber);
		const kinds = fixture.publisher.kinds(roomId);
		assert.ok(kinds.every((kind, index) => kind === (index % 2 === 0 ? Kind.JOINED : Kind.LEFT)));
	});

	test("bad settings name their field", async () => {
		const field = async (fields: object) => (await rejection(games.create(ada, roomOf(fields))))[1];
		assert.equal(await field({ game: "chess" }), "game");
		assert.equal(await field({ game: "gomoku", capacity: 3 }), "capacity");
		assert.equal(await field({ game: "gomoku", capacity: 1 }), "capacity");
		assert.equal(await field({ metadata: { key: "x".repeat(9000) } }), "metadata");
		for (const name of ["", "  ", "a\0", "two\nlines", "\u202egnp.exe", "\ud800"])
			assert.equal(await field({ name }), "name");
		assert.equal(await field({ metadata: JSON.parse('{"__proto__": "x", "a": "b"}') }), "metadata");
		assert.equal(await field({ metadata: { key: "\0" } }), "metadata");
		const roomId = await playing(games, [ada]);
		const huge = act(games, ada, roomId, Do.MOVE, { payload: new Uint8Array(16_385) });
		assert.equal((await rejection(huge))[0], ErrorCode.PAYLOAD_TOO_LARGE);
	});

	test("non-members and spectators use no tokens of the players of a room", async () => {
		const node = await fixture.node({ actionsPerSecond: 1, actionsBurst: 10 });
		const roomId = await playing(node, [ada, bob]);
		await node.join(eve, roomId, "", true);
		for (let count = 0; count < 30; count++) {
			assert.equal((await rejection(act(node, cyd, roomId, Do.MOVE)))[0], ErrorCode.PERMISSION_DENIED);
			await node.join(eve, roomId, "", true);
		}
		const codes = new Set<ErrorCode>();
		for (let count = 0; count < 30; count++) codes.add((await rejection(act(node, eve, roomId, Do.MOVE)))[0]);
		assert.deepEqual([...codes], [ErrorCode.PERMISSION_DENIED, ErrorCode.RATE_LIMITED]);
		// Two tokens went to becoming ready and starting.
		for (let count = 0; count < 8; count++) await act(node, bob, roomId, Do.MOVE);
		assert.equal((await rejection(act(node, bob, roomId, Do.MOVE)))[0], ErrorCode.RATE_LIMITED);
	});

	test("a user starts only so many games, and each leaves its record for as long as records are kept", async () => {
		const node = await fixture.node({ startRate: { perSecond: 0.1, burst: 3 }, recordKeptMs: 60_000 });
		const { roomId } = await node.create(ada, roomOf());
		for (let count = 1; count <= 3; count++) {
			await act(node, ada, roomId, Do.START);
			await act(node, ada, roomId, Do.FINISH);
			await until(() => fixture.records.games.size === count);
			await until(() => act(node, ada, roomId, Do.REMATCH).then(() => true));
		}
		assert.equal((await rejection(act(node, ada, roomId, Do.START)))[0], ErrorCode.RATE_LIMITED);
		assert.equal(await node.deleteOld(), 0);
		fixture.clock.advance(60_001);
		assert.equal(await node.deleteOld(), 3);
		assert.equal(await (await fixture.node()).deleteOld(), 0);
	});

	test("rejections name the field: another password, an id that was used before", async () => {
		const { roomId } = await games.create(ada, roomOf({ password: "right" }));
		const wrong = await rejection(games.join(bob, roomId, "wrong", false));
		assert.deepEqual(wrong, [ErrorCode.PERMISSION_DENIED, "password"]);
		assert.deepEqual(await rejection(games.join(bob, roomId, "", false)), [ErrorCode.PERMISSION_DENIED, "password"]);
		const mine = { clientActionId: "1" };
		await act(games, ada, roomId, Do.READY, mine);
		const other = await rejection(act(games, ada, roomId, Do.NOT_READY, mine));
		assert.deepEqual(other, [ErrorCode.CONFLICT, "client_action_id"]);
	});

	test("lists show public rooms, newest first, page by page", async () => {
		const made: string[] = [];
		for (let count = 0; count < 5; count++) {
			made.unshift(
				(await games.create(ada, roomOf({ name: `room ${count}`, game: count % 2 ? "relay" : "gomoku" }))).roomId,
			);
		}
		await games.create(ada, roomOf({ isPrivate: true }));
		const found: (string | undefined)[] = [];
		let cursor = "";
		do {
			const page = await games.list.page("", false, 2, cursor);
			found.push(...page.rooms.map((room) => room.id));
			cursor = page.nextCursor;
		} while (cursor !== "");
		assert.deepEqual(found, made);
		assert.equal((await games.list.page("gomoku", false, 0, "")).rooms.length, 3);
		const page = await games.list.page("", false, 2, "");
		assert.equal((await rejection(games.list.page("gomoku", false, 2, page.nextCursor)))[1], "cursor");
		await games.join(bob, made[0] as string, "", false);
		assert.equal((await games.list.page("gomoku", true, 0, "")).rooms.length, 2);
	});

	test("strangers see public rooms, and games only where anybody may watch", async () => {
		const open = await playing(games, [ada, bob], { game: "gomoku" });
		const closed = await playing(games, [ada, bob], { game: "gomoku", allowsSpectators: false });
		assert.ok((await games.view(eve, open)).state);
		const { room, state } = await games.view(eve, closed);
		assert.equal(room?.playerCount, 2);
		assert.equal(state, undefined);
	});

	test("events that cannot be published wait, in order, and stop the room only when too many do", async () => {
		const roomId = await playing(games, [ada, bob]);
		await published(roomId, Kind.JOINED, Kind.READY, Kind.STARTED);
		fixture.publisher.failures = 3;
		for (let index = 0; index < 20; index++) await act(games, ada, roomId, Do.MOVE, { payload: Uint8Array.of(index) });
		await until(() => fixture.publisher.events(`room:${roomId}`).length === 23);
		assert.deepEqual(
			fixture.publisher.events(`room:${roomId}`).map((event) => event.eventNumber),
			Array.from({ length: 23 }, (_, index) => index + 1),
		);
		fixture.publisher.failures = Number.POSITIVE_INFINITY;
		const limited = await fixture.node({ maxUnpublished: 5, maxRoomsPerUser: 100 });
		const stuck = await playing(limited, [cyd, eve]);
		const moves = await Promise.allSettled(Array.from({ length: 5 }, () => act(limited, cyd, stuck, Do.MOVE)));
		assert.equal(moves.filter((outcome) => outcome.status === "fulfilled").length, 2);
		assert.equal((await rejection(act(limited, cyd, stuck, Do.MOVE)))[0], ErrorCode.UNAVAILABLE);
		await limited.leave(eve, stuck);
	});

	test("a long game is recorded up to a limit, and says so", async () => {
		const node = await fixture.node({ maxRecordedActions: 3 });
		const roomId = await playing(node, [ada, bob]);
		for (let index = 0; index < 5; index++) await act(node, ada, roomId, Do.MOVE);
		await act(node, ada, roomId, Do.FINISH);
		await until(() => fixture.records.games.size === 1);
		const [recorded] = [...fixture.records.games.values()];
		assert.deepEqual([recorded?.actions.length, recorded?.game.isTruncated], [3, true]);
	});

	test("a node has a limit of rooms", async () => {
		const node = await fixture.node({ maxRoomsPerNode: 1 });
		await node.create(ada, roomOf());
		assert.equal((await rejection(node.create(ada, roomOf())))[0], ErrorCode.UNAVAILABLE);
	});
});
