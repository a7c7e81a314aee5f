// One contract for where rooms are kept and indexed, in memory and on a real Redis, alone and as a Cluster; and one for calls
// between nodes.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { v7 as uuidv7 } from "uuid";
import type { NodeRpc } from "../../../messaging/node-rpc.ts";
import { MemoryNodeRpc, MemoryRpcNetwork } from "../../../messaging/node-rpc-memory.ts";
import { RedisNodeRpc } from "../../../messaging/node-rpc-redis.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import { GatewayError } from "../../../protocol/error.ts";
import type { RoomDirectory } from "../../../services/games/room-directory.ts";
import { MemoryRoomDirectory } from "../../../services/games/room-directory-memory.ts";
import { RedisRoomDirectory } from "../../../services/games/room-directory-redis.ts";
import type { RoomStore, RoomWrite } from "../../../services/games/room-store.ts";
import { MemoryRoomStore } from "../../../services/games/room-store-memory.ts";
import { RedisRoomStore } from "../../../services/games/room-store-redis.ts";
import { openRedis } from "../../../stores/redis/connection.ts";
import { quietLogger } from "../../support/quiet-logger.ts";
import { startRedisCluster } from "../../support/redis-cluster.ts";
import { startRedis } from "../../support/redis-server.ts";
import { until, untilReady } from "../../support/until.ts";

interface Backend {
	readonly store: RoomStore;
	readonly directory: RoomDirectory;
	readonly rpc: (nodeId: string) => NodeRpc;
	stop(): Promise<void>;
}

async function redisBackend(starter: () => Promise<{ url: string; stop(): Promise<void> }>): Promise<Backend> {
	const server = await starter();
	const redis = openRedis({ url: server.url, keyPrefix: "t:" }, quietLogger());
	await untilReady(redis);
	return {
		store: new RedisRoomStore(redis),
		directory: new RedisRoomDirectory(redis),
		rpc: (nodeId) => new RedisNodeRpc(nodeId, redis, quietLogger(), { maxInFlight: 3 }),
		stop: async () => {
			await redis.close();
			await server.stop();
		},
	};
}

const network = new MemoryRpcNetwork();
const backends: Record<string, () => Promise<Backend>> = {
	memory: async () => ({
		store: new MemoryRoomStore(Date.now),
		directory: new MemoryRoomDirectory(() => performance.now()),
		rpc: (nodeId) => new MemoryNodeRpc(nodeId, network, 3),
		stop: async () => {},
	}),
	Redis: () => redisBackend(startRedis),
	"Redis Cluster": () => redisBackend(startRedisCluster),
};

const TTL_MS = 600_000;

function write(set: Record<string, string>, more: Partial<RoomWrite> = {}): RoomWrite {
	return { set: new Map(Object.entries(set)), remove: [], clearsLog: false, log: [], ttlMs: TTL_MS, ...more };
}

for (const [name, start] of Object.entries(backends)) {
	describe(`rooms in ${name}`, () => {
		let backend: Backend;
		let store: RoomStore;
		let directory: RoomDirectory;
		before(async () => {
			backend = await start();
			({ store, directory } = backend);
		});
		after(() => backend.stop());

		test("the next owner reads exactly what was written", async () => {
			const id = uuidv7();
			const first = { owner: "a", token: 1 };
			assert.equal(await store.locate(id), undefined);
			assert.equal(await store.restore(id, first, write({ info: "é🎮", x: "1" }, { log: ["0"] })), "saved");
			assert.equal(await store.save(id, first, write({ y: "2" }, { remove: ["x"], log: ["1", "2"] })), "saved");
			assert.deepEqual(await store.locate(id), { owner: "a", token: 1, isClosed: false });
			const claimed = await store.claim(id, "b", 1, TTL_MS);
			assert.deepEqual(claimed?.claim, { owner: "b", token: 2 });
			assert.deepEqual(
				[...(claimed?.fields ?? [])].sort(),
				[
					["info", "é🎮"],
					["y", "2"],
				].sort(),
			);
			assert.deepEqual(await store.readLog(id, 1, 5), ["1", "2"]);
			assert.deepEqual(await store.peek([id, uuidv7()], "y"), ["2", undefined]);
			assert.equal(await store.save(id, { owner: "b", token: 2 }, write({}, { clearsLog: true, log: ["3"] })), "saved");
			assert.deepEqual(await store.readLog(id, 0, 5), ["3"]);
		});

		test("a former owner writes nothing", async () => {
			const id = uuidv7();
			const first = { owner: "a", token: 1 };
			await store.restore(id, first, write({ x: "1" }));
			await store.claim(id, "b", 1, TTL_MS);
			assert.equal(await store.save(id, first, write({ x: "late" }, { log: ["late"] })), "fenced");
			assert.equal(await store.restore(id, first, write({ x: "late" })), "fenced");
			assert.equal(await store.close(id, first, TTL_MS), "fenced");
			assert.equal(await store.save(id, { owner: "c", token: 2 }, write({ x: "forged" })), "fenced");
			assert.deepEqual(await store.peek([id], "x"), ["1"]);
			assert.deepEqual(await store.readLog(id, 0, 5), []);
		});

		test("one of many concurrent claims of a room wins", async () => {
			const id = uuidv7();
			await store.restore(id, { owner: "a", token: 1 }, write({ x: "1" }));
			const claims = await Promise.all(["b", "c", "d", "e"].map((owner) => store.claim(id, owner, 1, TTL_MS)));
			assert.equal(claims.filter((claim) => claim !== undefined).length, 1);
			assert.equal(await store.claim(id, "f", 1, TTL_MS), undefined);
			assert.equal(await store.claim(uuidv7(), "f", 0, TTL_MS), undefined);
		});

		test("a closed room stays closed; one that the store forgot is written whole", async () => {
			const id = uuidv7();
			const claim = { owner: "a", token: 4 };
			assert.equal(await store.save(id, claim, write({ x: "1" })), "missing");
			assert.equal(await store.locate(id), undefined);
			assert.equal(await store.restore(id, claim, write({ x: "1" })), "saved");
			assert.equal(await store.close(id, claim, TTL_MS), "saved");
			assert.equal((await store.locate(id))?.isClosed, true);
			assert.deepEqual(await store.peek([id], "x"), [undefined]);
			for (const result of [store.save(id, claim, write({})), store.restore(id, claim, write({}))]) {
				assert.equal(await result, "fenced");
			}
			assert.equal(await store.claim(id, "b", 4, TTL_MS), undefined);
		});

		test("a lease is in force until it ends, and its owner's rooms are known", async () => {
			const [a, b] = [uuidv7(), uuidv7()];
			assert.equal(await directory.isLive(a), false);
			assert.equal(await directory.renew(a, TTL_MS), false);
			assert.equal(await directory.renew(a, TTL_MS), true);
			await directory.renew(b, 1);
			await until(async () => !(await directory.isLive(b)));
			await directory.own(b, "r1");
			await directory.own(b, "r2");
			const { live, dead } = await directory.owners();
			assert.deepEqual([live.has(a), live.has(b), dead.includes(b)], [true, false, true]);
			assert.deepEqual([...(await directory.ownedBy(b, 10))].sort(), ["r1", "r2"]);
			await directory.disown(b, ["r1", "r2"]);
			assert.deepEqual(await directory.ownedBy(b, 10), []);
			await directory.forget(b);
			await directory.forget(a);
			await directory.release(a);
			const after = await directory.owners();
			assert.deepEqual([after.dead.includes(a), after.dead.includes(b), after.live.has(a)], [true, false, false]);
		});

		test("public rooms are listed newest first, by game and by page", async () => {
			const ids = Array.from({ length: 5 }, () => uuidv7());
			for (const [index, id] of ids.entries()) await directory.list(id, index % 2 ? "g1" : "g2");
			const newest = [...ids].reverse();
			assert.deepEqual(await directory.listed("", "", 10), newest);
			assert.deepEqual(await directory.listed("", newest[1] as string, 2), newest.slice(2, 4));
			assert.deepEqual(await directory.listed("g1", "", 10), [ids[3], ids[1]]);
			await directory.unlist(ids[3] as string, "g1");
			assert.deepEqual(await directory.listed("g1", "", 10), [ids[1]]);
			assert.deepEqual(await directory.listed("g3", "", 10), []);
		});

		test("a user is in so many rooms at most, also when entering many at once", async () => {
			const [one, two] = [uuidv7(), uuidv7()];
			const entered = await Promise.all(Array.from({ length: 10 }, (_, n) => directory.enter(one, `r${n}`, 3)));
			assert.equal(entered.filter(Boolean).length, 3);
			const [rooms = []] = await directory.roomsOf([one]);
			assert.equal(await directory.enter(one, rooms[0] as string, 3), true);
			await directory.leave(one, [rooms[0] as string]);
			assert.equal(await directory.enter(one, "other", 3), true);
			assert.deepEqual(
				(await directory.roomsOf([two, one])).map((found) => found.length),
				[0, 3],
			);
		});

		test("nodes call each other; errors arrive as they were thrown", async () => {
			const [a, b] = [backend.rpc(uuidv7()), backend.rpc(uuidv7())];
			b.serve(async (payload) => {
				if (payload[0] === 0) return Uint8Array.of(...payload, 10);
				const violations = [{ field: "f", description: "d" }];
				throw new GatewayError(ErrorCode.CONFLICT, "no", { retryAfterMs: 7, violations });
			});
			await until(async () => (await a.call(b.nodeId, Uint8Array.of(0), 200)).length > 0);
			assert.deepEqual([...(await a.call(b.nodeId, Uint8Array.of(0, 10, 255), 2000))], [0, 10, 255, 10]);
			await assert.rejects(a.call(b.nodeId, Uint8Array.of(1), 2000), (error: GatewayError) => {
				assert.deepEqual([error.code, error.message, error.retryAfterMs], [ErrorCode.CONFLICT, "no", 7]);
				return error.violations[0]?.field === "f";
			});
			await b.close();
			await a.close();
		});

		test("calls without a reply time out, and not too many wait", async () => {
			const [a, b] = [backend.rpc(uuidv7()), backend.rpc(uuidv7())];
			let release: (() => void) | undefined;
			const gate = new Promise<void>((resolve) => {
				release = resolve;
			});
			b.serve(async (payload) => {
				if (payload.length > 0) await gate;
				return payload;
			});
			const codeOf = (call: Promise<unknown>) =>
				call.then(
					() => ErrorCode.OK,
					(error: GatewayError) => error.code,
				);
			await until(async () => (await codeOf(a.call(b.nodeId, new Uint8Array(0), 200))) === ErrorCode.OK);
			const calls = Array.from({ length: 4 }, () => codeOf(a.call(b.nodeId, Uint8Array.of(1), 50)));
			assert.deepEqual((await Promise.all(calls)).sort(), [
				...[ErrorCode.UNAVAILABLE, ErrorCode.TIMEOUT, ErrorCode.TIMEOUT, ErrorCode.TIMEOUT].sort(),
			]);
			release?.();
			const gone = await codeOf(a.call(uuidv7(), Uint8Array.of(1), 50));
			assert.ok(gone === ErrorCode.UNAVAILABLE || gone === ErrorCode.TIMEOUT);
			await b.close();
			await a.close();
		});
	});
}
