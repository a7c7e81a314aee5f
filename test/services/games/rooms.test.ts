// Rooms on one node: who may do what and when, what is published, and what timeouts do.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import type { Identity } from "../../../common/identity.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import {
	RoomAction as Do,
	GameResult,
	GomokuState,
	RoomEvent_Kind as Kind,
	type RoomEvent,
	RoomStatus,
} from "../../../protocol/gen/schema.ts";
import type { Games } from "../../../services/games/games.ts";
import { until } from "../../support/until.ts";
import { act, defaults, type GamesFixture, gamesFixture, playing, rejection, roomOf, stone, user } from "./fixture.ts";

const [ada, bob, cyd, eve] = ["ada", "bob", "cyd", "eve"].map(user) as [Identity, Identity, Identity, Identity];

const denied = [ErrorCode.PERMISSION_DENIED, undefined];
const notNow = [ErrorCode.PRECONDITION_FAILED, undefined];
const unknown = [ErrorCode.NOT_FOUND, undefined];

describe("rooms", () => {
	let fixture: GamesFixture;
	let games: Games;
	beforeEach(async () => {
		fixture = gamesFixture();
		games = await fixture.node();
	});
	afterEach(() => fixture.close());

	const published = (roomId: string, ...kinds: Kind[]) =>
		until(() => assert.deepEqual(fixture.publisher.kinds(roomId), kinds) === undefined);

	test("a room from creation to rematch, and all its published events", async () => {
		const roomId = await playing(games, [ada, bob], { game: "gomoku" });
		for (const column of [0, 1, 2, 3]) {
			await stone(games, ada, roomId, 0, column);
			await stone(games, bob, roomId, 1, column);
		}
		assert.deepEqual(await stone(games, ada, roomId, 0, 4), { actionNumber: 9, eventNumber: 13 });
		await published(roomId, Kind.JOINED, Kind.READY, Kind.STARTED, Kind.FINISHED);
		const events = fixture.publisher.events(`room:${roomId}`);
		assert.deepEqual(
			events.map((event) => event.eventNumber),
			[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13],
		);
		const { results } = events.at(-1) as RoomEvent;
		assert.deepEqual(
			results?.map(({ userId, result }) => [userId, result]),
			[
				[ada.userId, GameResult.WON],
				[bob.userId, GameResult.LOST],
			],
		);
		const { room, state } = await games.view(bob, roomId);
		assert.equal(room?.status, RoomStatus.FINISHED);
		assert.equal(GomokuState.decode(state ?? new Uint8Array(0)).winnerUserId, ada.userId);
		await until(() => fixture.records.games.size === 1);
		const [recorded] = [...fixture.records.games.values()];
		assert.equal(recorded?.actions.length, 9);
		assert.equal(recorded?.game.isTruncated, false);

		await until(() => act(games, ada, roomId, Do.REMATCH).then(() => true));
		await act(games, bob, roomId, Do.READY);
		await act(games, ada, roomId, Do.START);
		const again = GomokuState.decode((await games.view(ada, roomId)).state ?? new Uint8Array(0));
		assert.equal(again.blackUserId, bob.userId);
	});

	test("relay passes on payloads as they are, in one order", async () => {
		const roomId = await playing(games, [ada, bob]);
		const payloads = Array.from({ length: 200 }, (_, index) => Uint8Array.of(index, 255 - index));
		const replies = await Promise.all(
			payloads.map((payload, index) => act(games, index % 2 ? ada : bob, roomId, Do.MOVE, { payload })),
		);
		assert.deepEqual(
			replies.map((reply) => reply.actionNumber),
			payloads.map((_, index) => index + 1),
		);
		await until(() => fixture.publisher.published.filter((entry) => entry.isGameEvent).length === 200);
		const passed = fixture.publisher.published.filter((entry) => entry.isGameEvent).map((entry) => entry.event);
		assert.deepEqual(
			passed.map((event) => Uint8Array.from((event as { payload: Uint8Array }).payload)),
			payloads,
		);
		await act(games, ada, roomId, Do.FINISH);
		await until(() => fixture.records.games.size === 1);
		const [recorded] = [...fixture.records.games.values()];
		assert.deepEqual(
			recorded?.actions.map((entry) => Uint8Array.from(entry.payload)),
			payloads,
		);
		assert.deepEqual(
			recorded?.game.players.map((player) => player.result),
			[GameResult.DRAWN, GameResult.DRAWN],
		);
	});

	test("those who are not in the room, or not the host, are refused", async () => {
		const { roomId } = await games.create(ada, roomOf({ isPrivate: true }));
		await games.join(bob, roomId, "", false);
		for (const kind of [Do.MOVE, Do.READY, Do.START, Do.REMATCH, Do.FINISH]) {
			assert.deepEqual(await rejection(act(games, eve, roomId, kind)), denied);
		}
		for (const kind of [Do.KICK, Do.MAKE_HOST]) {
			assert.deepEqual(await rejection(act(games, eve, roomId, kind, { targetUserId: bob.userId })), denied);
			assert.deepEqual(await rejection(act(games, bob, roomId, kind, { targetUserId: ada.userId })), denied);
			const target = [ErrorCode.VALIDATION_FAILED, "target_user_id"];
			assert.deepEqual(await rejection(act(games, ada, roomId, kind, { targetUserId: eve.userId })), target);
			assert.deepEqual(await rejection(act(games, ada, roomId, kind, { targetUserId: ada.userId })), target);
			assert.deepEqual(await rejection(act(games, ada, roomId, kind)), target);
		}
		assert.deepEqual(await rejection(act(games, bob, roomId, Do.START)), denied);
		assert.deepEqual(await rejection(games.view(eve, roomId)), denied);
		assert.equal(await games.authorizer.canSubscribe(eve, `room:${roomId}`), false);
		assert.equal(await games.authorizer.canSubscribe(bob, `room:${roomId}`), true);
		const nowhere = user("x").userId;
		assert.deepEqual(await rejection(games.view(ada, nowhere)), unknown);
		assert.deepEqual(await rejection(games.join(ada, nowhere, "", false)), unknown);
		assert.deepEqual(await rejection(games.leave(ada, nowhere)), unknown);
		assert.deepEqual(await rejection(act(games, ada, nowhere, Do.READY)), unknown);
		assert.equal(await games.authorizer.canSubscribe(ada, `room:${nowhere}`), false);
	});

	test("full, wrong password, too many guesses, no spectators, game on", async () => {
		const settings = { game: "gomoku", password: "sesame", allowsSpectators: false };
		const { roomId } = await games.create(ada, roomOf(settings));
		assert.deepEqual(await rejection(games.join(bob, roomId, "", false)), [ErrorCode.PERMISSION_DENIED, "password"]);
		assert.deepEqual(await rejection(games.join(bob, roomId, "Sesame", false)), [
			ErrorCode.PERMISSION_DENIED,
			"password",
		]);
		await games.join(bob, roomId, "sesame", false);
		assert.deepEqual(await rejection(games.join(cyd, roomId, "sesame", false)), notNow);
		assert.deepEqual(await rejection(games.join(cyd, roomId, "sesame", true)), notNow);
		for (let guess = 0; guess < 3; guess++) await rejection(games.join(eve, roomId, `guess${guess}`, false));
		for (let guess = 0; guess < 2; guess++) await rejection(games.join(eve, roomId, `more${guess}`, false));
		assert.equal((await rejection(games.join(eve, roomId, "sesame", false)))[0], ErrorCode.RATE_LIMITED);
		const stored = JSON.stringify(await fixture.shared.store.peek([roomId], "info"));
		assert.ok(!stored.includes("sesame"));

		const open = await playing(games, [ada, bob]);
		assert.deepEqual(await rejection(games.join(cyd, open, "", false)), notNow);
		await games.join(cyd, open, "", true);
		assert.deepEqual(await rejection(act(games, cyd, open, Do.MOVE)), denied);
		assert.deepEqual(await rejection(act(games, cyd, open, Do.READY)), denied);
		assert.deepEqual(await rejection(act(games, ada, open, Do.START)), notNow);
		assert.deepEqual(await rejection(act(games, ada, open, Do.REMATCH)), notNow);
		assert.deepEqual(await rejection(act(games, ada, open, Do.KICK, { targetUserId: bob.userId })), notNow);
	});

	test("a start needs enough players, all ready; moves come in turn until the end", async () => {
		const { roomId } = await games.create(ada, roomOf({ game: "gomoku" }));
		assert.deepEqual(await rejection(act(games, ada, roomId, Do.START)), notNow);
		await games.join(bob, roomId, "", false);
		assert.deepEqual(await rejection(act(games, ada, roomId, Do.START)), notNow);
		assert.deepEqual(await rejection(act(games, bob, roomId, Do.MOVE)), notNow);
		await act(games, bob, roomId, Do.READY);
		await act(games, ada, roomId, Do.START);
		assert.deepEqual(await rejection(stone(games, bob, roomId, 0, 0)), notNow);
		assert.deepEqual(await rejection(act(games, ada, roomId, Do.FINISH)), notNow);
		await games.leave(bob, roomId);
		assert.equal((await games.view(ada, roomId)).room?.status, RoomStatus.FINISHED);
		assert.deepEqual(await rejection(stone(games, ada, roomId, 0, 0)), notNow);
		assert.deepEqual(await rejection(games.join(bob, roomId, "", false)), notNow);
		await until(() => fixture.records.games.size === 1);
		const [recorded] = [...fixture.records.games.values()];
		assert.deepEqual(
			recorded?.game.players.map(({ username, result }) => [username, result]),
			[
				["ada", GameResult.WON],
				["bob", GameResult.ABANDONED],
			],
		);
	});

	test("a kicked member is notified, unsubscribed and cannot rejoin", async () => {
		const { roomId } = await games.create(ada, roomOf());
		await games.join(bob, roomId, "", false);
		await act(games, ada, roomId, Do.KICK, { targetUserId: bob.userId });
		assert.equal(await games.authorizer.canSubscribe(bob, `room:${roomId}`), false);
		assert.deepEqual(await rejection(games.join(bob, roomId, "", false)), denied);
		assert.deepEqual(await rejection(games.join(bob, roomId, "", true)), denied);
		await until(() => fixture.publisher.memberships.length === 1);
		assert.deepEqual(fixture.publisher.memberships, [
			{ userId: bob.userId, channel: `room:${roomId}`, isSubscribed: false },
		]);
		const [inbox] = fixture.publisher.events(`events:${bob.userId}`) as RoomEvent[];
		const [, inRoom] = fixture.publisher.events(`room:${roomId}`) as RoomEvent[];
		assert.equal(inbox?.kind, Kind.KICKED);
		assert.equal(inbox?.eventNumber, inRoom?.eventNumber);
	});

	test("a member that leaves and rejoins at once is subscribed in the end", async () => {
		const { roomId } = await games.create(ada, roomOf());
		await games.join(bob, roomId, "", false);
		await Promise.all([games.leave(bob, roomId), games.join(bob, roomId, "", false)]);
		await until(() => fixture.publisher.memberships.length === 2);
		assert.deepEqual(
			fixture.publisher.memberships.map((membership) => membership.isSubscribed),
			[false, true],
		);
	});

	test("the longest-standing connected player becomes host", async () => {
		const { roomId } = await games.create(ada, roomOf());
		for (const other of [bob, cyd]) await games.join(other, roomId, "", false);
		await games.join(eve, roomId, "", true);
		const hostOf = async () => (await games.view(eve, roomId)).room?.members?.find((member) => member.isHost)?.userId;
		await act(games, ada, roomId, Do.MAKE_HOST, { targetUserId: cyd.userId });
		assert.equal(await hostOf(), cyd.userId);
		await act(games, cyd, roomId, Do.MAKE_HOST, { targetUserId: ada.userId });
		games.onOnline(bob.userId);
		games.onOffline(bob.userId);
		await published(
			roomId,
			Kind.JOINED,
			Kind.JOINED,
			Kind.JOINED,
			Kind.HOST_CHANGED,
			Kind.HOST_CHANGED,
			Kind.DISCONNECTED,
		);
		await games.leave(ada, roomId);
		assert.equal(await hostOf(), cyd.userId);
		await games.leave(cyd, roomId);
		assert.equal(await hostOf(), bob.userId);
		await games.leave(bob, roomId);
		assert.deepEqual(await rejection(games.view(eve, roomId)), unknown);
		await until(() => games.heldRooms === 0);
	});

	test("a place is held for a while, and then it is not", async () => {
		const { roomId } = await games.create(ada, roomOf());
		await games.join(bob, roomId, "", false);
		const connected = async () => {
			const member = (await games.view(ada, roomId)).room?.members?.find(({ userId }) => userId === bob.userId);
			return member?.isConnected;
		};
		games.onOffline(bob.userId);
		await until(async () => (await connected()) === false);
		fixture.clock.advance(defaults.reconnectGraceMs - 1);
		await games.tick();
		assert.equal(await connected(), false);
		games.onOnline(bob.userId);
		await until(async () => (await connected()) === true);
		fixture.clock.advance(defaults.reconnectGraceMs);
		await games.tick();
		assert.equal(await connected(), true);
		games.onOffline(bob.userId);
		await until(async () => (await connected()) === false);
		fixture.clock.advance(defaults.reconnectGraceMs);
		await games.tick();
		await until(async () => (await connected()) === undefined);
		await published(roomId, Kind.JOINED, Kind.DISCONNECTED, Kind.RECONNECTED, Kind.DISCONNECTED, Kind.LEFT);
		assert.equal((fixture.publisher.events(`events:${bob.userId}`)[0] as RoomEvent).kind, Kind.LEFT);
	});

	test("a player that does not reconnect loses the game", async () => {
		const roomId = await playing(games, [ada, bob], { game: "gomoku" });
		games.onOffline(ada.userId);
		await published(roomId, Kind.JOINED, Kind.READY, Kind.STARTED, Kind.DISCONNECTED);
		fixture.clock.advance(defaults.reconnectGraceMs);
		await games.tick();
		await until(() => fixture.records.games.size === 1);
		const { room } = await games.view(bob, roomId);
		assert.deepEqual([room?.status, room?.members?.[0]?.isHost], [RoomStatus.FINISHED, true]);
	});

	test("deadlines that passed while the process was paused wait until what players did meanwhile is read", async () => {
		const pauses = { isRecovering: false };
		const owner = await fixture.node({}, { pauses });
		const roomId = await playing(owner, [ada, bob], { game: "gomoku" });
		owner.onOffline(ada.userId);
		await published(roomId, Kind.JOINED, Kind.READY, Kind.STARTED, Kind.DISCONNECTED);
		fixture.clock.advance(defaults.reconnectGraceMs);
		pauses.isRecovering = true;
		await owner.tick();
		// Waited in a socket.
		owner.onOnline(ada.userId);
		await published(roomId, Kind.JOINED, Kind.READY, Kind.STARTED, Kind.DISCONNECTED, Kind.RECONNECTED);
		pauses.isRecovering = false;
		await owner.tick();
		assert.equal((await owner.view(ada, roomId)).room?.status, RoomStatus.PLAYING);
	});

	test("an idle room closes, its game abandoned, and is gone from every index", async () => {
		const roomId = await playing(games, [ada, bob]);
		fixture.clock.advance(defaults.idleTimeoutMs - 1);
		await games.tick();
		await act(games, ada, roomId, Do.MOVE);
		fixture.clock.advance(defaults.idleTimeoutMs - 1);
		await games.tick();
		assert.equal((await games.view(ada, roomId)).room?.status, RoomStatus.PLAYING);
		fixture.records.failures = 1;
		fixture.clock.advance(1);
		await games.tick();
		await until(() => fixture.records.attempts === 1);
		assert.deepEqual(await rejection(games.view(ada, roomId)), unknown);
		assert.equal(games.heldRooms, 1, "an unrecorded game keeps its room");
		await until(async () => {
			fixture.clock.advance(2000);
			await games.tick();
			return games.heldRooms === 0;
		});
		const [recorded] = [...fixture.records.games.values()];
		assert.deepEqual(
			recorded?.game.players.map((player) => player.result),
			[GameResult.ABANDONED, GameResult.ABANDONED],
		);
		assert.deepEqual(await fixture.shared.directory.roomsOf([ada.userId, bob.userId]), [[], []]);
		assert.deepEqual((await games.list.page("", false, 0, "")).rooms, []);
	});

	test("a repeated client_action_id gets the first answer; another action under it is refused", async () => {
		const roomId = await playing(games, [ada, bob]);
		const move = { payload: Uint8Array.of(1), clientActionId: "m1" };
		const first = await act(games, ada, roomId, Do.MOVE, move);
		assert.deepEqual(await act(games, ada, roomId, Do.MOVE, move), first);
		const both = await Promise.all([1, 2].map(() => act(games, bob, roomId, Do.MOVE, move)));
		assert.deepEqual(both[0], both[1]);
		assert.equal(both[0]?.actionNumber, 2);
		const other = act(games, ada, roomId, Do.MOVE, { ...move, payload: Uint8Array.of(2) });
		assert.equal((await rejection(other))[0], ErrorCode.CONFLICT);
		const otherKind = act(games, ada, roomId, Do.READY, { clientActionId: "m1" });
		assert.equal((await rejection(otherKind))[0], ErrorCode.CONFLICT);
	});
});
