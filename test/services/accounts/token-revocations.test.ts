// One contract for revocations of issuers' tokens, run in memory and on a real Redis.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ErrorCode } from "../../../protocol/codes.ts";
import type { TokenRevocations } from "../../../services/accounts/token-revocations.ts";
import { MemoryTokenRevocations } from "../../../services/accounts/token-revocations-memory.ts";
import { RedisTokenRevocations } from "../../../services/accounts/token-revocations-redis.ts";
import { openRedis } from "../../../stores/redis/connection.ts";
import { handClock } from "../../support/hand-clock.ts";
import { quietLogger } from "../../support/quiet-logger.ts";
import { startRedisCluster } from "../../support/redis-cluster.ts";
import { startRedis } from "../../support/redis-server.ts";
import { untilReady } from "../../support/until.ts";

const HOUR_MS = 3_600_000;

interface Backend {
	readonly revocations: TokenRevocations;
	/** How long a revocation is kept, as the store has it. */
	keptMs(key: string): Promise<number>;
	stop(): Promise<void>;
}

async function redisBackend(starter: () => Promise<{ url: string; stop(): Promise<void> }>): Promise<Backend> {
	const server = await starter();
	const redis = openRedis({ url: server.url, keyPrefix: "t:" }, quietLogger());
	await untilReady(redis);
	return {
		revocations: new RedisTokenRevocations(redis, HOUR_MS),
		keptMs: (key) => redis.run((client) => client.pttl(`t:void-tokens:${key}`)),
		stop: async () => {
			await redis.close();
			await server.stop();
		},
	};
}

const backends: Record<string, () => Promise<Backend>> = {
	memory: async () => {
		const revocations = new MemoryTokenRevocations(Date.now, HOUR_MS);
		return { revocations, keptMs: async () => HOUR_MS, stop: async () => {} };
	},
	Redis: () => redisBackend(startRedis),
	"Redis Cluster": () => redisBackend(startRedisCluster),
};

for (const [name, start] of Object.entries(backends)) {
	describe(`revocations in ${name}`, () => {
		let backend: Backend;
		before(async () => {
			backend = await start();
		});
		after(async () => {
			await backend.stop();
		});

		test("hold for each key by itself, in the order in which they are asked about", async () => {
			const { revocations } = backend;
			await revocations.revoke(["a", "b"], 1000);
			await revocations.revoke(["c"], 2000);
			assert.deepEqual(await revocations.voidUntil(["c", "none", "a", "b"]), [2000, 0, 1000, 1000]);
			assert.deepEqual(await revocations.voidUntil([]), []);
		});

		test("the latest holds, whichever comes last", async () => {
			const { revocations } = backend;
			const nowMs = 1_800_000_000_123;
			await revocations.revoke(["later"], nowMs);
			await revocations.revoke(["later"], nowMs - 5000);
			assert.deepEqual(await revocations.voidUntil(["later"]), [nowMs]);
			await revocations.revoke(["later"], nowMs + 1);
			assert.deepEqual(await revocations.voidUntil(["later"]), [nowMs + 1]);
		});

		test("are kept from the last one on", async () => {
			const { revocations } = backend;
			await revocations.revoke(["kept"], 2000);
			await revocations.revoke(["kept"], 1000);
			const keptMs = await backend.keptMs("kept");
			assert.ok(keptMs > HOUR_MS - 60_000 && keptMs <= HOUR_MS, `${keptMs} ms`);
		});
	});
}

describe("revocations in memory", () => {
	test("lapse, and make room for others; a full store takes no more, since it could only forget", async () => {
		const clock = handClock();
		const revocations = new MemoryTokenRevocations(clock.now, HOUR_MS, 2);
		await revocations.revoke(["a"], 1);
		clock.advance(HOUR_MS / 2);
		await revocations.revoke(["b"], 2);
		await assert.rejects(revocations.revoke(["c"], 3), { code: ErrorCode.UNAVAILABLE });
		await revocations.revoke(["b"], 4);
		assert.deepEqual(await revocations.voidUntil(["a", "b", "c"]), [1, 4, 0]);
		clock.advance(HOUR_MS / 2);
		assert.deepEqual(await revocations.voidUntil(["a", "b"]), [0, 4]);
		await revocations.revoke(["c"], 3);
		assert.deepEqual(await revocations.voidUntil(["a", "b", "c"]), [0, 4, 3]);
	});
});
