// Two nodes and one real Redis: requests reach the room wherever they come in, a room moves when its node dies, and an owner
// that was only paused changes nothing any more.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { v7 as uuidv7 } from "uuid";
import type { Identity } from "../../../common/identity.ts";
import { RedisNodeRpc } from "../../../messaging/node-rpc-redis.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import { GatewayError, unavailable } from "../../../protocol/error.ts";
import { RoomAction as Do, GomokuState, RoomStatus } from "../../../protocol/gen/schema.ts";
import type { Games } from "../../../services/games/games.ts";
import { RedisRoomDirectory } from "../../../services/games/room-directory-redis.ts";
import type { RoomStore } from "../../../services/games/room-store.ts";
import { RedisRoomStore } from "../../../services/games/room-store-redis.ts";
import { openRedis, type RedisConnection } from "../../../stores/redis/connection.ts";
import { handClock } from "../../support/hand-clock.ts";
import { quietLogger } from "../../support/quiet-logger.ts";
import type { RealServer } from "../../support/real-server.ts";
import { startRedis } from "../../support/redis-server.ts";
import { until, untilReady } from "../../support/until.ts";
import { act, type GamesFixture, gamesFixture, playing, roomOf, stone, user } from "./fixture.ts";

const [ada, bob] = ["ada", "bob"].map(user) as [Identity, Identity];

/** Fails, or writes and then fails, by `mode`. */
function unreliable(store: RoomStore): RoomStore & { mode: "ok" | "lost" | "unknown" } {
	return {
		mode: "ok",
		restore: (...args) => store.restore(...args),
		locate: (...args) => store.locate(...args),
		claim: (...args) => store.claim(...args),
		async save(...args) {
			const { mode } = this;
			this.mode = "ok";
			if (mode === "lost") throw unavailable("Redis", 1);
			const result = await store.save(...args);
			if (mode === "unknown") throw unavailable("Redis", 1);
			return result;
		},
		close: (...args) => store.close(...args),
		peek: (...args) => store.peek(...args),
		readLog: (...args) => store.readLog(...args),
	};
}

describe("rooms on two nodes", () => {
	let server: RealServer;
	let redis: RedisConnection;
	let fixture: GamesFixture;
	before(async () => {
		server = await startRedis();
	});
	after(() => server.stop());

	/** A fixture of its own for each test: nodes that one test leaves dead are not the next one's business. */
	async function withFixture(body: () => Promise<void>): Promise<void> {
		redis = openRedis({ url: server.url, keyPrefix: `${uuidv7()}:` }, quietLogger());
		await untilReady(redis);
		fixture = gamesFixture({
			store: new RedisRoomStore(redis),
			directory: new RedisRoomDirectory(redis),
			rpc: (nodeId) => new RedisNodeRpc(`${nodeId}-${uuidv7()}`, redis, quietLogger()),
		});
		try {
			await body();
		} finally {
			await fixture.close();
			await redis.close();
		}
	}

	/** Until the nodes reach each other. */
	async function untilLinked(from: Games, to: Games): Promise<void> {
		const { roomId } = await to.create(ada, roomOf());
		await until(() => from.view(bob, roomId).then(() => true));
		await to.leave(ada, roomId);
	}

	async function untilTaken(by: Games, count: number): Promise<void> {
		await until(async () => {
			await by.tick();
			return by.heldRooms === count;
		});
	}

	test("members on both nodes see one order", () =>
		withFixture(async () => {
			const [here, there] = [await fixture.node(), await fixture.node()];
			await untilLinked(there, here);
			const { roomId } = await here.create(ada, roomOf());
			await there.join(bob, roomId, "", false);
			await act(there, bob, roomId, Do.READY);
			await act(here, ada, roomId, Do.START);
			const replies = await Promise.all(
				Array.from({ length: 200 }, (_, index) =>
					act(index % 2 ? here : there, index % 2 ? ada : bob, roomId, Do.MOVE, {
						payload: Uint8Array.of(index),
						clientActionId: `m${index}`,
					}),
				),
			);
			const numbers = replies.map((reply) => reply.actionNumber ?? 0).sort((a, b) => a - b);
			assert.deepEqual(
				numbers,
				Array.from({ length: 200 }, (_, index) => index + 1),
			);
			await until(() => fixture.publisher.published.filter((entry) => entry.isGameEvent).length === 200);
			const events = fixture.publisher.events(`room:${roomId}`);
			assert.deepEqual(
				events.map((event) => event.eventNumber),
				Array.from({ length: events.length }, (_, index) => index + 1),
			);
			assert.equal(here.heldRooms, 1);
			assert.equal(there.heldRooms, 0);
			const refused = await act(there, user("eve"), roomId, Do.READY).catch((error: unknown) => error);
			assert.equal(GatewayError.from(refused).code, ErrorCode.PERMISSION_DENIED);
		}));

	test("a room continues on another node after its node died, by request and by itself, with all that was answered", () =>
		withFixture(async () => {
			const leaseMs = 300;
			const clock = handClock();
			const dying = await fixture.node({ leaseMs });
			const living = await fixture.node({ leaseMs: 60_000 }, { clock });
			const asked = await playing(dying, [ada, bob], { game: "gomoku" });
			const orphan = await playing(dying, [ada, bob], { game: "gomoku" });
			for (const roomId of [asked, orphan]) {
				await stone(dying, ada, roomId, 7, 7, { clientActionId: "first" });
			}
			// The node is gone: nothing of it runs any more, and its lease runs out.
			await until(() => stone(living, bob, asked, 8, 8).then(() => true));
			const repeated = await stone(living, ada, asked, 7, 7, { clientActionId: "first" });
			assert.deepEqual([repeated.actionNumber, repeated.eventNumber], [1, 4]);
			const { board, moves, turnUserId } = GomokuState.decode(
				(await living.view(ada, asked)).state ?? new Uint8Array(0),
			);
			assert.deepEqual([board[7 * 15 + 7], board[8 * 15 + 8], moves, turnUserId], [1, 2, 2, ada.userId]);
			await untilTaken(living, 2);
			assert.deepEqual([living.takeovers, dying.takeovers], [2, 0]);
			assert.equal((await living.view(ada, orphan)).actionNumber, 1);
			// The dead node's connections are gone with it.
			clock.advance(120_000);
			await living.tick();
			await until(async () => {
				const { room } = await living.view(ada, orphan);
				return room?.members?.every((member) => member.isConnected === false) ?? false;
			});
		}));

	test("a room whose new owner's clock is a day ahead times out as late as any, and so does one whose is behind", () =>
		withFixture(async () => {
			const DAY_MS = 86_400_000;
			const idleTimeoutMs = 600_000;
			for (const difference of [DAY_MS, -DAY_MS]) {
				const dying = await fixture.node({ leaseMs: 200, idleTimeoutMs }, { clock: handClock(10 * DAY_MS) });
				const clock = handClock(10 * DAY_MS + difference);
				const living = await fixture.node({ leaseMs: 60_000, idleTimeoutMs }, { clock });
				const roomId = await playing(dying, [ada, bob]);
				await untilTaken(living, 1);
				await living.tick();
				await act(living, ada, roomId, Do.MOVE);
				const { room } = await living.view(ada, roomId);
				assert.deepEqual([room?.status, room?.members?.length], [RoomStatus.PLAYING, 2]);
				clock.advance(idleTimeoutMs);
				await until(async () => {
					await living.tick();
					return living.heldRooms === 0;
				});
			}
		}));

	test("an owner that was paused writes nothing when it wakes up, and asks the new one", () =>
		withFixture(async () => {
			const clock = handClock();
			const paused = await fixture.node({ leaseMs: 200 }, { clock });
			const roomId = await playing(paused, [ada, bob]);
			await act(paused, ada, roomId, Do.MOVE);
			const other = await fixture.node({ leaseMs: 60_000 });
			await untilTaken(other, 1);
			await act(other, bob, roomId, Do.MOVE);
			// It still holds the room, and by its own clock still has its lease: only the token stops it.
			assert.equal(paused.heldRooms, 1);
			assert.equal((await act(paused, ada, roomId, Do.MOVE)).actionNumber, 3);
			assert.equal(paused.heldRooms, 0);
			assert.equal((await other.view(ada, roomId)).actionNumber, 3);
		}));

	test("an owner whose lease is over does not answer from what it holds", () =>
		withFixture(async () => {
			const clock = handClock();
			const paused = await fixture.node({ leaseMs: 200 }, { clock });
			const roomId = await playing(paused, [ada, bob], { game: "gomoku" });
			const other = await fixture.node({ leaseMs: 60_000 });
			await untilTaken(other, 1);
			await stone(other, ada, roomId, 7, 7);
			clock.advance(200);
			assert.equal(paused.heldRooms, 1);
			assert.equal((await paused.view(ada, roomId)).actionNumber, 1);
			assert.equal(paused.heldRooms, 0);
			// Neither does one that renewed its lease before it found out.
			const second = await playing(paused, [ada, bob], { game: "gomoku" });
			await untilTaken(other, 2);
			await stone(other, ada, second, 7, 7);
			clock.advance(200);
			await paused.tick();
			assert.equal(paused.heldRooms, 0);
			assert.equal((await paused.view(ada, second)).actionNumber, 1);
		}));

	test("an action whose save failed happens once, or not at all", () =>
		withFixture(async () => {
			const store = unreliable(fixture.shared.store);
			const node = await fixture.node({}, { store });
			const roomId = await playing(node, [ada, bob]);
			await until(async () => (await fixture.shared.store.peek([roomId], "outbox"))[0] === "[]");
			for (const [index, mode] of (["lost", "unknown", "lost", "unknown"] as const).entries()) {
				const move = { payload: Uint8Array.of(index), clientActionId: `m${index}` };
				store.mode = mode;
				const refused = await act(node, ada, roomId, Do.MOVE, move).catch((error: unknown) => error);
				assert.equal(GatewayError.from(refused).code, ErrorCode.UNAVAILABLE);
				assert.equal((await act(node, ada, roomId, Do.MOVE, move)).actionNumber, index + 1);
				await until(async () => (await fixture.shared.store.peek([roomId], "outbox"))[0] === "[]");
			}
			const payloads = fixture.publisher.published
				.filter((entry) => entry.isGameEvent)
				.map((entry) => (entry.event as { payload: Uint8Array }).payload[0]);
			assert.deepEqual(payloads, [0, 1, 2, 3]);
		}));

	test("the owner writes its room again to a Redis that lost its data", () =>
		withFixture(async () => {
			const node = await fixture.node({ leaseMs: 60_000 });
			const roomId = await playing(node, [ada, bob], { game: "gomoku" });
			await stone(node, ada, roomId, 7, 7);
			await redis.client.flushall();
			await stone(node, bob, roomId, 8, 8);
			const idle = await playing(node, [ada, bob]);
			await redis.client.flushall();
			fixture.clock.advance(20_001);
			await node.tick();
			const [held] = await fixture.shared.store.peek([idle], "info");
			assert.ok(held);
			const other = await fixture.node();
			await until(async () => (await other.view(ada, roomId)).actionNumber === 2);
		}));

	test("a node that stops leaves its rooms to others at once", () =>
		withFixture(async () => {
			const stopping = await fixture.node({ leaseMs: 60_000 });
			const roomId = await playing(stopping, [ada, bob]);
			await stopping.close();
			const other = await fixture.node();
			assert.equal((await act(other, ada, roomId, Do.MOVE)).actionNumber, 1);
			assert.equal((await other.view(bob, roomId)).room?.status, RoomStatus.PLAYING);
		}));

	test("presence counts nodes: a user that disconnects from one stays online on the other", () =>
		withFixture(async () => {
			const [here, there] = [await fixture.node(), await fixture.node()];
			await untilLinked(there, here);
			const { roomId } = await here.create(ada, roomOf());
			const isConnected = async () => (await here.view(ada, roomId)).room?.members?.[0]?.isConnected;
			here.onOnline(ada.userId);
			there.onOnline(ada.userId);
			const nodesOf = async () => {
				const [member = "{}"] = await fixture.shared.store.peek([roomId], `m:${ada.userId}`);
				return (JSON.parse(member) as { nodes: string[] }).nodes.length;
			};
			await until(async () => (await nodesOf()) === 2);
			here.onOffline(ada.userId);
			await until(async () => (await nodesOf()) === 1);
			assert.equal(await isConnected(), true);
			there.onOffline(ada.userId);
			await until(async () => (await isConnected()) === false);
		}));
});
