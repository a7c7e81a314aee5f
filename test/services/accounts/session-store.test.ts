// One contract for the session store, run in memory and on a real Redis.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { v7 as uuidv7 } from "uuid";
import { GatewayError } from "../../../protocol/error.ts";
import type { SessionRecord, SessionStore } from "../../../services/accounts/session-store.ts";
import { MemorySessionStore } from "../../../services/accounts/session-store-memory.ts";
import { RedisSessionStore } from "../../../services/accounts/session-store-redis.ts";
import { openRedis, type RedisConnection } from "../../../stores/redis/connection.ts";
import { handClock } from "../../support/hand-clock.ts";
import { quietLogger } from "../../support/quiet-logger.ts";
import type { RealServer } from "../../support/real-server.ts";
import { startRedisCluster, startRedisSentinel } from "../../support/redis-cluster.ts";
import { startRedis } from "../../support/redis-server.ts";
import { until, untilReady } from "../../support/until.ts";

const HOUR_MS = 3_600_000;

function session(fields: Partial<SessionRecord> = {}): SessionRecord {
	const nowMs = Date.now();
	return {
		id: uuidv7(),
		userId: uuidv7(),
		deviceId: "phone",
		deviceName: "Pixel 9, “Ünicode”",
		ip: "192.0.2.1",
		createdAtMs: nowMs,
		lastSeenAtMs: nowMs,
		expiresAtMs: nowMs + HOUR_MS,
		generation: 0,
		rotatedAtMs: nowMs,
		profile: {
			...{ nickname: "Zoë “Z”", email: "zoe@example.org", avatarUrl: "https://example.org/z.png" },
			...{ roles: ["a", "b"], version: 3, registeredAtMs: nowMs - HOUR_MS },
		},
		...fields,
	};
}

interface Backend {
	readonly store: SessionStore;
	stop(): Promise<void>;
}

async function redisBackend(starter: () => Promise<{ url: string; stop(): Promise<void> }>): Promise<Backend> {
	const server = await starter();
	const redis = openRedis({ url: server.url, keyPrefix: "t:" }, quietLogger());
	await untilReady(redis);
	return {
		store: new RedisSessionStore(redis),
		stop: async () => {
			await redis.close();
			await server.stop();
		},
	};
}

const backends: Record<string, () => Promise<Backend>> = {
	memory: async () => ({ store: new MemorySessionStore(Date.now), stop: async () => {} }),
	Redis: () => redisBackend(startRedis),
	"Redis Cluster": () => redisBackend(startRedisCluster),
	"Redis by Sentinel": () => redisBackend(startRedisSentinel),
};

for (const [name, start] of Object.entries(backends)) {
	describe(`session store in ${name}`, () => {
		let backend: Backend;
		let store: SessionStore;
		before(async () => {
			backend = await start();
			store = backend.store;
		});
		after(async () => {
			await store.close();
			await backend.stop();
		});

		test("what was created is found whole", async () => {
			const created = session();
			await store.create(created);
			assert.deepEqual(await store.get(created.id), created);
			assert.equal(await store.get(uuidv7()), undefined);
		});

		test("a user's sessions are listed oldest first", async () => {
			const userId = uuidv7();
			const made = Array.from({ length: 5 }, () => session({ userId }));
			for (const entry of [...made].reverse()) await store.create(entry);
			await store.create(session());
			assert.deepEqual(await store.listByUser(userId), made);
			assert.deepEqual(await store.listByUser(uuidv7()), []);
		});

		test("an expired session is gone", async () => {
			const created = session({ expiresAtMs: Date.now() - 1 });
			await store.create(created);
			assert.equal(await store.get(created.id), undefined);
			assert.deepEqual(await store.listByUser(created.userId), []);
			const { id, userId, profile } = created;
			const rotation = { id, userId, expectedGeneration: 0, profile, leewayMs: 0 };
			assert.equal(await store.rotate({ ...rotation, expiresAtMs: Date.now() + HOUR_MS }), "missing");
			assert.equal(await store.get(created.id), undefined);
		});

		test("rotation moves generation and expiry; the old generation is reused", async () => {
			const created = session();
			await store.create(created);
			const expiresAtMs = created.expiresAtMs + HOUR_MS;
			const rotation = {
				id: created.id,
				userId: created.userId,
				expectedGeneration: 0,
				expiresAtMs,
				profile: { ...created.profile, nickname: "Zoe" },
				leewayMs: 0,
			};
			assert.equal(await store.rotate(rotation), "rotated");
			const stored = await store.get(created.id);
			const rotatedAtMs = stored?.rotatedAtMs ?? 0;
			assert.ok(rotatedAtMs >= created.rotatedAtMs && rotatedAtMs <= Date.now());
			const rotated = { ...created, generation: 1, expiresAtMs, rotatedAtMs, profile: rotation.profile };
			assert.deepEqual(stored, rotated);
			assert.equal(await store.rotate(rotation), "reused");
			assert.deepEqual(await store.get(created.id), rotated);
			assert.equal(await store.rotate({ ...rotation, expectedGeneration: 1 }), "rotated");
		});

		test("the generation before is repeated within the leeway, by the clock of the store", async () => {
			const created = session();
			await store.create(created);
			const { id, userId, expiresAtMs, profile } = created;
			const rotation = { id, userId, expectedGeneration: 0, expiresAtMs, profile, leewayMs: HOUR_MS };
			assert.equal(await store.rotate(rotation), "rotated");
			assert.equal(await store.rotate(rotation), "repeated");
			assert.equal((await store.get(id))?.generation, 1);
			await until(async () => (await store.rotate({ ...rotation, leewayMs: 1 })) === "reused");
			assert.equal(await store.rotate({ ...rotation, leewayMs: 0 }), "reused");
			assert.equal(await store.rotate({ ...rotation, expectedGeneration: 1 }), "rotated");
			assert.equal(await store.rotate(rotation), "reused");
		});

		test("a profile is replaced, but never by one of an earlier version, also by a rotation", async () => {
			const created = session();
			await store.create(created);
			const { id, userId, expiresAtMs } = created;
			const later = { ...created.profile, roles: [], version: 5 };
			await store.setProfile([id, uuidv7()], later);
			await store.setProfile([id], { ...created.profile, version: 4 });
			assert.deepEqual((await store.get(id))?.profile, later);
			const rotation = { id, userId, expectedGeneration: 0, expiresAtMs, leewayMs: 0 };
			assert.equal(await store.rotate({ ...rotation, profile: created.profile }), "rotated");
			assert.deepEqual((await store.get(id))?.profile, later);
			const latest = { ...later, nickname: "Z", version: 6 };
			assert.equal(await store.rotate({ ...rotation, expectedGeneration: 1, profile: latest }), "rotated");
			assert.deepEqual((await store.get(id))?.profile, latest);
		});

		test("of concurrent rotations one wins", async () => {
			const created = session();
			await store.create(created);
			const { id, userId, expiresAtMs, profile } = created;
			const rotation = { id, userId, expectedGeneration: 0, expiresAtMs, profile, leewayMs: 0 };
			const results = await Promise.all(Array.from({ length: 20 }, () => store.rotate(rotation)));
			assert.equal(results.filter((result) => result === "rotated").length, 1);
			assert.equal(results.filter((result) => result === "reused").length, 19);
		});

		test("touching many sets when they were seen, and brings nothing back", async () => {
			const userId = uuidv7();
			const made = Array.from({ length: 450 }, () => session({ userId }));
			await Promise.all(made.map((entry) => store.create(entry)));
			const gone = uuidv7();
			const seenMs = Date.now() + 7;
			await store.touch([...made.map((entry) => entry.id), gone], seenMs);
			const listed = await store.listByUser(userId);
			assert.equal(listed.length, 450);
			assert.ok(listed.every((entry) => entry.lastSeenAtMs === seenMs));
			assert.equal(await store.get(gone), undefined);
		});

		test("touching returns the sessions that were ended, but not unknown ids", async () => {
			const userId = uuidv7();
			const [kept, ended] = [session({ userId }), session({ userId })];
			await store.create(kept);
			await store.create(ended);
			await store.delete(userId, [ended.id]);
			const touched = await store.touch([kept.id, ended.id, uuidv7()], Date.now());
			assert.deepEqual(touched, { ended: [ended.id], versions: new Map([[kept.id, 3]]) });
			assert.equal(await store.get(ended.id), undefined);
			assert.deepEqual(await store.delete(userId, [ended.id]), []);
			const { expiresAtMs, profile } = ended;
			const again = { id: ended.id, userId, expectedGeneration: 0, expiresAtMs, profile, leewayMs: 0 };
			assert.equal(await store.rotate(again), "missing");
		});

		test("deleting returns the sessions that it ended", async () => {
			const userId = uuidv7();
			const made = Array.from({ length: 3 }, () => session({ userId }));
			for (const entry of made) await store.create(entry);
			const [first, second, third] = made.map((entry) => entry.id) as [string, string, string];
			assert.deepEqual(await store.delete(userId, [first]), [first]);
			assert.deepEqual([...(await store.delete(userId, [first, second, uuidv7()]))], [second]);
			assert.deepEqual(
				(await store.listByUser(userId)).map((entry) => entry.id),
				[third],
			);
			assert.equal(await store.get(first), undefined);
		});

		test("of concurrent deletions one ends the session", async () => {
			const created = session();
			await store.create(created);
			const calls = Array.from({ length: 10 }, () => store.delete(created.userId, [created.id]));
			assert.equal((await Promise.all(calls)).flat().length, 1);
		});
	});
}

test("the memory store refuses more sessions than it may hold, and forgets expired ones", async () => {
	const clock = handClock();
	const store = new MemorySessionStore(clock.now, { maxSessions: 2 });
	const expiresAtMs = clock.now() + 1000;
	await store.create(session({ expiresAtMs }));
	await store.create(session({ expiresAtMs }));
	await assert.rejects(store.create(session({ expiresAtMs })), (error: unknown) => {
		return error instanceof GatewayError && error.code === 13 && error.retryAfterMs > 0;
	});
	clock.advance(1000);
	await store.create(session({ expiresAtMs: clock.now() + 1000 }));
	await store.close();
});

test("a full memory store looks for expired sessions once a second at most", async () => {
	const clock = handClock();
	const store = new MemorySessionStore(clock.now, { maxSessions: 1 });
	await store.create(session({ expiresAtMs: clock.now() + 500 }));
	const another = () => store.create(session({ expiresAtMs: clock.now() + 10_000 }));
	await assert.rejects(another(), { code: 13 });
	clock.advance(999);
	await assert.rejects(another(), { code: 13 });
	clock.advance(1);
	await another();
	await store.close();
});

test("the memory store remembers no more ended sessions than it may hold", async () => {
	const clock = handClock();
	const store = new MemorySessionStore(clock.now, { maxSessions: 2 });
	const ids: string[] = [];
	for (let n = 0; n < 3; n++) {
		const created = session({ expiresAtMs: clock.now() + 10_000 });
		await store.create(created);
		await store.delete(created.userId, [created.id]);
		ids.push(created.id);
	}
	assert.deepEqual((await store.touch(ids, clock.now())).ended, ids.slice(1));
	await store.close();
});

test("no keys of a user remain in Redis after the sessions have expired", async () => {
	const server: RealServer = await startRedis();
	const redis: RedisConnection = openRedis({ url: server.url }, quietLogger());
	await untilReady(redis);
	const store = new RedisSessionStore(redis);
	const created = session({ expiresAtMs: Date.now() + HOUR_MS });
	await store.create(created);
	await store.touch([created.id, "never-there"], Date.now());
	const keys = await redis.run((client) => client.keys("*"));
	assert.equal(keys.length, 2);
	for (const key of keys) assert.equal(await redis.run((client) => client.pexpiretime(key)), created.expiresAtMs);
	await redis.close();
	await server.stop();
});
