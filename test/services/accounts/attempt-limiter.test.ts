// One contract for the attempt limiter, in memory and on a real Redis.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { AttemptLimit, AttemptLimiter } from "../../../services/accounts/attempt-limiter.ts";
import { BoundedRateLimiterMemory, MemoryAttemptLimiter } from "../../../services/accounts/attempt-limiter-memory.ts";
import { RedisAttemptLimiter } from "../../../services/accounts/attempt-limiter-redis.ts";
import { openRedis } from "../../../stores/redis/connection.ts";
import { quietLogger } from "../../support/quiet-logger.ts";
import { startRedisCluster } from "../../support/redis-cluster.ts";
import { startRedis } from "../../support/redis-server.ts";
import { until, untilReady } from "../../support/until.ts";

interface Backend {
	limiter(limit: AttemptLimit): AttemptLimiter;
	stop(): Promise<void>;
}

let names = 0;
const insurance = (limit: AttemptLimit) =>
	new BoundedRateLimiterMemory({ points: limit.points, duration: limit.windowMs / 1000 });

async function redisBackend(starter: () => Promise<{ url: string; stop(): Promise<void> }>): Promise<Backend> {
	const server = await starter();
	const redis = openRedis({ url: server.url }, quietLogger());
	await untilReady(redis);
	return {
		limiter: (limit) => new RedisAttemptLimiter(redis, `n${names++}`, limit, insurance(limit)),
		stop: async () => {
			await redis.close();
			await server.stop();
		},
	};
}

const backends: Record<string, () => Promise<Backend>> = {
	memory: async () => ({ limiter: (limit) => new MemoryAttemptLimiter(limit), stop: async () => {} }),
	Redis: () => redisBackend(startRedis),
	"Redis Cluster": () => redisBackend(startRedisCluster),
};

for (const [name, start] of Object.entries(backends)) {
	describe(`attempt limiter in ${name}`, () => {
		let backend: Backend;
		before(async () => {
			backend = await start();
		});
		after(() => backend.stop());

		test("allows the attempts of a window and returns when to retry", async () => {
			const limiter = backend.limiter({ points: 3, windowMs: 60_000 });
			const decisions = await Promise.all(Array.from({ length: 10 }, () => limiter.consume("someone")));
			assert.equal(decisions.filter((decision) => decision.allowed).length, 3);
			const refused = await limiter.consume("someone");
			assert.equal(refused.allowed, false);
			assert.ok(refused.retryAfterMs > 0 && refused.retryAfterMs <= 60_000);
		});

		test("keys do not disturb each other, and a reset forgets", async () => {
			const limiter = backend.limiter({ points: 1, windowMs: 60_000 });
			assert.equal((await limiter.consume("one")).allowed, true);
			assert.equal((await limiter.consume("two")).allowed, true);
			assert.equal((await limiter.consume("one")).allowed, false);
			await limiter.reset("one");
			assert.equal((await limiter.consume("one")).allowed, true);
			assert.equal((await limiter.consume("two")).allowed, false);
		});

		test("a returned attempt is not counted", async () => {
			const limiter = backend.limiter({ points: 2, windowMs: 60_000 });
			for (let attempt = 0; attempt < 5; attempt++) {
				assert.equal((await limiter.consume("one")).allowed, true);
				await limiter.giveBack("one");
			}
			const decisions = await Promise.all([1, 2, 3].map(() => limiter.consume("one")));
			assert.equal(decisions.filter((decision) => decision.allowed).length, 2);
		});

		test("a window ends", async () => {
			const limiter = backend.limiter({ points: 1, windowMs: 1000 });
			assert.equal((await limiter.consume("x")).allowed, true);
			// On a busy machine a window may end between two calls.
			await until(async () => !(await limiter.consume("x")).allowed);
			await until(async () => (await limiter.consume("x")).allowed);
		});
	});
}

test("attempts are shared between processes by Redis, and still limited without it", async () => {
	const server = await startRedis();
	const limit = { points: 2, windowMs: 60_000 };
	const connections = [1, 2].map(() => openRedis({ url: server.url }, quietLogger()));
	await Promise.all(connections.map(untilReady));
	const [one, other] = connections.map((redis) => new RedisAttemptLimiter(redis, "login", limit, insurance(limit)));
	assert.ok(one && other);
	assert.equal((await one.consume("k")).allowed, true);
	assert.equal((await other.consume("k")).allowed, true);
	assert.equal((await one.consume("k")).allowed, false);
	const keys = await (connections[0] as (typeof connections)[number]).run((client) => client.keys("*"));
	assert.ok(
		keys.every((key) => key.startsWith("framegate:attempts:login:")),
		"no key contains the name in plain text",
	);
	await server.stop();
	const decisions = await Promise.all(Array.from({ length: 5 }, () => one.consume("k")));
	assert.equal(decisions.filter((decision) => decision.allowed).length, 2);
	await Promise.all(connections.map((redis) => redis.close()));
});
