// What keys of callers take of Redis is no more than what is counted for them, so that a `KeyBudget` bounds it.
import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { publishKeyBytes } from "../../messaging/broker.ts";
import { RedisBroker } from "../../messaging/broker-redis.ts";
import { digest } from "../../messaging/keyed-calls.ts";
import { MAX_RESULT_BYTES, RESULT_ENTRY_BYTES, storedBytes } from "../../messaging/result-store.ts";
import { RedisResultStore } from "../../messaging/result-store-redis.ts";
import { openRedis, type RedisConnection } from "../../stores/redis/connection.ts";
import { quietLogger } from "../support/quiet-logger.ts";
import type { RealServer } from "../support/real-server.ts";
import { startRedis } from "../support/redis-server.ts";
import { untilReady } from "../support/until.ts";

/** Of an entry in Redis' table of expiry times, which MEMORY USAGE leaves out. */
const EXPIRY_BYTES = 48;

describe("bytes of keys in Redis", () => {
	let server: RealServer;
	let redis: RedisConnection;
	before(async () => {
		server = await startRedis();
		redis = openRedis({ url: server.url, commandTimeoutMs: 2000, connectTimeoutMs: 2000 }, quietLogger());
		await untilReady(redis);
	});
	after(async () => {
		await redis.close();
		await server.stop();
	});

	const taken = async (pattern: string): Promise<number> => {
		const [key, ...others] = await redis.client.keys(pattern);
		assert.ok(key !== undefined && others.length === 0);
		return Number(await redis.client.call("MEMORY", "USAGE", key, "SAMPLES", "0")) + EXPIRY_BYTES;
	};

	it("of publications: on channels with short and with the longest names", async () => {
		const broker = new RedisBroker(redis, quietLogger());
		const kept = { historySize: 1, historyBytes: 100, historyTtlMs: 60_000 };
		for (const channel of ["a:b", `user:${randomUUID()}`, `team:${"x".repeat(195)}`]) {
			const once = { key: digest("key", channel), print: digest(channel).slice(0, 22), keptMs: 60_000 };
			await broker.publish(channel, Buffer.from("x"), { ...kept, once });
			const bytes = await taken(`*{${channel}}:once:*`);
			assert.ok(bytes <= publishKeyBytes(channel), `${bytes} of ${channel}`);
		}
		await broker.close();
	});

	it("of results: of every size", async () => {
		const results = new RedisResultStore(redis);
		for (const size of [0, 100, 1100, 2100, 3100, MAX_RESULT_BYTES]) {
			const call = { owner: randomUUID(), key: digest("key"), fingerprint: digest("content") };
			const result = randomBytes(size);
			await results.claim(call, 60_000, 60_000);
			await results.complete(call, result, 60_000);
			const bytes = await taken(`*{${call.owner}}*`);
			assert.ok(bytes <= RESULT_ENTRY_BYTES + storedBytes(result), `${bytes} of a result of ${size}`);
		}
	});
});
