// One contract for the presence store, in memory and on real Redis; and presence as users see it.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { v7 as uuidv7 } from "uuid";
import { unavailable } from "../../../protocol/error.ts";
import { Presence } from "../../../services/presence/presence.ts";
import type { PresenceStore } from "../../../services/presence/presence-store.ts";
import { MemoryPresenceStore } from "../../../services/presence/presence-store-memory.ts";
import { RedisPresenceStore } from "../../../services/presence/presence-store-redis.ts";
import { openRedis } from "../../../stores/redis/connection.ts";
import { handClock } from "../../support/hand-clock.ts";
import { quietLogger } from "../../support/quiet-logger.ts";
import { startRedisCluster } from "../../support/redis-cluster.ts";
import { startRedis } from "../../support/redis-server.ts";
import { untilReady } from "../../support/until.ts";
import { RecordingPublisher } from "../chat/fixture.ts";

interface Backend {
	readonly store: PresenceStore;
	stop(): Promise<void>;
}

async function redisBackend(start: () => Promise<{ url: string; stop(): Promise<void> }>): Promise<Backend> {
	const server = await start();
	const redis = openRedis({ url: server.url, keyPrefix: "t:" }, quietLogger());
	await untilReady(redis);
	return {
		store: new RedisPresenceStore(redis, Date.now),
		stop: async () => {
			await redis.close();
			await server.stop();
		},
	};
}

const backends: Record<string, () => Promise<Backend>> = {
	memory: async () => ({ store: new MemoryPresenceStore(), stop: async () => {} }),
	Redis: () => redisBackend(startRedis),
	"Redis Cluster": () => redisBackend(startRedisCluster),
};

for (const [name, start] of Object.entries(backends)) {
	describe(`presence store in ${name}`, () => {
		let backend: Backend;
		let store: PresenceStore;
		let nowMs = Date.UTC(2026, 0, 1);
		const user = () => uuidv7();
		const isOnline = async (userId: string) => (await store.get([userId], nowMs))[0]?.isOnline;
		const onlineUsers = async () => {
			const found = new Set<string>();
			for await (const batch of store.online(nowMs)) for (const userId of batch) found.add(userId);
			return found;
		};

		before(async () => {
			backend = await start();
			store = backend.store;
		});
		after(async () => {
			await store?.close();
			await backend?.stop();
		});

		test("a user is online while at least one process reports it", async () => {
			const userId = user();
			for (const node of ["a1", "a2"]) await store.heartbeat(node, nowMs, nowMs + 10_000);
			assert.deepEqual(await store.get([userId], nowMs), [{ userId, isOnline: false, lastSeenMs: 0 }]);
			assert.equal(await store.setOnline("a1", userId, nowMs), true);
			assert.equal(await store.setOnline("a2", userId, nowMs + 1), false);
			assert.equal(await isOnline(userId), true);
			assert.ok((await onlineUsers()).has(userId));
			assert.equal(await store.setOffline("a1", userId, nowMs + 2), false);
			assert.equal(await isOnline(userId), true);
			assert.equal(await store.setOffline("a2", userId, nowMs + 3), true);
			assert.equal(await store.setOffline("a2", userId, nowMs + 4), false, "was gone");
			assert.deepEqual(await store.get([userId], nowMs), [{ userId, isOnline: false, lastSeenMs: nowMs + 3 }]);
			assert.ok(!(await onlineUsers()).has(userId));
		});

		test("several records are returned in the order of the query", async () => {
			const [one, other] = [user(), user()];
			await store.heartbeat("b1", nowMs, nowMs + 10_000);
			await store.setOnline("b1", other, nowMs);
			const found = await store.get([one, other, one], nowMs);
			assert.deepEqual(
				found.map((record) => [record.userId, record.isOnline]),
				[
					[one, false],
					[other, true],
					[one, false],
				],
			);
		});

		test("users of a dead process are offline at once, and returned once", async () => {
			const [alone, elsewhere] = [user(), user()];
			assert.equal(await store.heartbeat("c1", nowMs, nowMs + 1000), false, "was not known");
			assert.equal(await store.heartbeat("c1", nowMs, nowMs + 1000), true);
			await store.heartbeat("c2", nowMs, nowMs + 5000);
			for (const userId of [alone, elsewhere]) await store.setOnline("c1", userId, nowMs);
			await store.setOnline("c2", elsewhere, nowMs);
			nowMs += 1000;
			assert.equal(await isOnline(alone), false);
			assert.equal(await isOnline(elsewhere), true);
			const reported = (await Promise.all([store.expire(nowMs, 100), store.expire(nowMs, 100)])).flat();
			assert.deepEqual(
				reported.filter((userId) => userId === alone || userId === elsewhere),
				[alone],
			);
			assert.equal((await store.get([alone], nowMs))[0]?.lastSeenMs, nowMs);
			assert.deepEqual(await store.expire(nowMs, 100), []);
			assert.equal(await store.heartbeat("c1", nowMs, nowMs + 1000), false, "forgotten");
			assert.equal(await store.setOnline("c2", alone, nowMs), true);
		});

		test("a dead process is cleared in batches", async () => {
			const users = Array.from({ length: 7 }, user);
			await store.heartbeat("d1", nowMs, nowMs + 1000);
			for (const userId of users) await store.setOnline("d1", userId, nowMs);
			nowMs += 1000;
			const reported: string[] = [];
			for (;;) {
				const part = await store.expire(nowMs, 3);
				assert.ok(part.length <= 3);
				if (part.length === 0) break;
				reported.push(...part);
			}
			assert.deepEqual(reported.filter((userId) => users.includes(userId)).sort(), [...users].sort());
		});
	});
}

test("a process whose clock is set while it runs neither loses its own users nor takes others for dead", async (t) => {
	const server = await startRedis();
	const redis = openRedis({ url: server.url }, quietLogger());
	t.after(async () => {
		await redis.close();
		await server.stop();
	});
	await untilReady(redis);
	let setByMs = 0;
	const now = () => Date.now() + setByMs;
	const [moved, other] = [new RedisPresenceStore(redis, now), new RedisPresenceStore(redis, Date.now)];
	await other.heartbeat("other", Date.now(), Date.now() + 15_000);
	for (const stepMs of [0, 3_600_000, -3_600_000]) {
		setByMs = stepMs;
		await moved.heartbeat("moved", now(), now() + 15_000);
		const [one, two] = [uuidv7(), uuidv7()];
		await moved.setOnline("moved", one, now());
		await other.setOnline("other", two, Date.now());
		assert.deepEqual(await moved.expire(now(), 10), [], "nobody is dead");
		for (const [store, nowMs] of [
			[moved, now()],
			[other, Date.now()],
		] as const) {
			const seen = await store.get([one, two], nowMs);
			assert.deepEqual(
				seen.map(({ isOnline }) => isOnline),
				[true, true],
			);
		}
	}
});

test("clocks of processes that are an hour apart neither expire live nodes nor keep dead ones", async () => {
	const server = await startRedis();
	const redis = openRedis({ url: server.url }, quietLogger());
	await untilReady(redis);
	const clocks = [() => Date.now(), () => Date.now() + 3_600_000, () => Date.now() - 3_600_000];
	const stores = clocks.map((now) => ({ now, store: new RedisPresenceStore(redis, now) }));
	for (const [index, { now, store }] of stores.entries()) {
		const node = `node${index}`;
		const userId = uuidv7();
		await store.heartbeat(node, now(), now() + 15_000);
		await store.setOnline(node, userId, now());
		const seen = async (laterMs: number) => {
			const records = stores.map(async (reader) => (await reader.store.get([userId], reader.now() + laterMs))[0]);
			return (await Promise.all(records)).map((record) => record?.isOnline);
		};
		assert.deepEqual(await seen(10_000), [true, true, true], node);
		assert.deepEqual(await seen(20_000), [false, false, false], node);
	}
	for (const { now, store } of stores) assert.deepEqual(await store.expire(now(), 100), []);
	await redis.close();
	await server.stop();
});

describe("presence", () => {
	function node(store: PresenceStore, publisher: RecordingPublisher, clock = handClock()) {
		const services = { store, publisher, clock, logger: quietLogger() };
		return { presence: new Presence(services, "n", { heartbeatIntervalMs: 5000, graceMs: 3000 }), clock };
	}
	const changes = (publisher: RecordingPublisher, userId: string) =>
		publisher.on(`presence:${userId}`, "PresenceChanged").map((pushed) => pushed.message.user.isOnline);

	test("going online and offline is published once, and a quick reconnect not at all", async () => {
		const publisher = new RecordingPublisher();
		const { presence, clock } = node(new MemoryPresenceStore(), publisher);
		await presence.tick();
		presence.onOnline("u");
		presence.onOnline("u");
		await presence.settled();
		assert.deepEqual(changes(publisher, "u"), [true]);
		presence.onOffline("u");
		presence.onOffline("u");
		clock.advance(2000);
		await presence.tick();
		presence.onOnline("u");
		await presence.settled();
		assert.deepEqual(changes(publisher, "u"), [true]);
		presence.onOffline("u");
		clock.advance(3000);
		await presence.tick();
		await presence.settled();
		assert.deepEqual(changes(publisher, "u"), [true, false]);
		const [record] = await presence.get(["u"]);
		assert.deepEqual(record, { userId: "u", isOnline: false, lastSeenMs: clock.now() });
	});

	test("other nodes publish a killed node's users as offline", async () => {
		const store = new MemoryPresenceStore();
		const publisher = new RecordingPublisher();
		const clock = handClock();
		const [killed, other] = [node(store, publisher, clock).presence, node(store, publisher, clock).presence];
		await Promise.all([killed.tick(), other.tick()]);
		killed.onOnline("alone");
		killed.onOnline("both");
		other.onOnline("both");
		await Promise.all([killed.settled(), other.settled()]);
		for (let beat = 0; beat < 3; beat++) {
			clock.advance(5000);
			await other.tick();
		}
		assert.deepEqual(changes(publisher, "alone"), [true, false]);
		assert.deepEqual(changes(publisher, "both"), [true]);
	});

	test("a store that lost its data is written again, also after an outage", async () => {
		const publisher = new RecordingPublisher();
		let store: PresenceStore = new MemoryPresenceStore();
		let isDown = false;
		const changing = new Proxy({} as PresenceStore, {
			get: (_target, method: keyof PresenceStore) =>
				isDown
					? () => Promise.reject(unavailable("store", 1))
					: (store[method] as (...args: unknown[]) => unknown).bind(store),
		});
		const { presence, clock } = node(changing, publisher);
		await presence.tick();
		presence.onOnline("u");
		await presence.settled();
		store = new MemoryPresenceStore();
		isDown = true;
		presence.onOnline("late");
		await presence.settled();
		clock.advance(5000);
		await presence.tick();
		isDown = false;
		await presence.tick();
		await presence.settled();
		const records = await presence.get(["u", "late"]);
		assert.deepEqual(
			records.map((record) => record.isOnline),
			[true, true],
		);
		await presence.close();
		assert.equal((await presence.get(["u"]))[0]?.isOnline, false);
	});
});
