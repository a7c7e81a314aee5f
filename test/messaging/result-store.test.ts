// Results of calls that are not to be repeated: one contract, in memory and on real Redis.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { MAX_RESULTS_PER_OWNER, RESULT_KEPT_MS, type ResultStore } from "../../messaging/result-store.ts";
import { MemoryResultStore } from "../../messaging/result-store-memory.ts";
import { RedisResultStore } from "../../messaging/result-store-redis.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { openRedis, type RedisConnection } from "../../stores/redis/connection.ts";
import { quietLogger } from "../support/quiet-logger.ts";
import type { RealServer } from "../support/real-server.ts";
import { startRedis } from "../support/redis-server.ts";
import { until, untilReady } from "../support/until.ts";

const PRINT = "f".repeat(43);
const OTHER = "g".repeat(43);
const call = (owner: string, key: string, fingerprint = PRINT) => ({ owner, key, fingerprint });

function contract(nodes: () => readonly [ResultStore, ResultStore]): void {
	it("runs a call once: a repeat finds it running, and then its result, with what was asked for", async () => {
		const [a, b] = nodes();
		assert.deepEqual(await a.claim(call("ada", "one"), 60_000), { state: "claimed" });
		assert.deepEqual(await b.claim(call("ada", "one", OTHER), 60_000), { state: "running", fingerprint: PRINT });
		await a.complete(call("ada", "one"), Uint8Array.of(0, 255, 10));
		const done = await b.claim(call("ada", "one", OTHER), 60_000);
		assert.ok(done.state === "done" && done.fingerprint === PRINT);
		assert.deepEqual([...(done.result ?? [])], [0, 255, 10]);
	});

	it("keys of another caller are others", async () => {
		const [a, b] = nodes();
		assert.equal((await a.claim(call("ada", "shared"), 60_000)).state, "claimed");
		assert.equal((await b.claim(call("bob", "shared"), 60_000)).state, "claimed");
	});

	it("one of many concurrent calls is the first", async () => {
		const [a, b] = nodes();
		const claims = Array.from({ length: 100 }, (_, index) => (index % 2 ? a : b).claim(call("ada", "race"), 60_000));
		const states = (await Promise.all(claims)).map(({ state }) => state);
		assert.deepEqual([states.filter((state) => state === "claimed").length, new Set(states).size], [1, 2]);
	});

	it("a key is free again when its call was abandoned, or left nothing behind in time", async () => {
		const [a, b] = nodes();
		await a.claim(call("ada", "failed"), 60_000);
		await b.abandon(call("ada", "failed", OTHER));
		assert.equal((await b.claim(call("ada", "failed"), 60_000)).state, "running", "not by another call");
		await a.abandon(call("ada", "failed"));
		assert.equal((await b.claim(call("ada", "failed"), 60_000)).state, "claimed");
		await a.claim(call("ada", "crashed"), 1);
		await until(async () => (await b.claim(call("ada", "crashed"), 60_000)).state === "claimed");
	});

	it("a result that is too large is known to be there", async () => {
		const [a, b] = nodes();
		await a.claim(call("ada", "large"), 60_000);
		await a.complete(call("ada", "large"), undefined);
		const done = { state: "done", fingerprint: PRINT, result: undefined };
		assert.deepEqual(await b.claim(call("ada", "large"), 60_000), done);
	});

	it("an owner has so many and no more", async () => {
		const [a, b] = nodes();
		const claims = Array.from({ length: MAX_RESULTS_PER_OWNER }, (_, index) =>
			a.claim(call("eve", `k${index}`), 60_000),
		);
		assert.ok((await Promise.all(claims)).every(({ state }) => state === "claimed"));
		assert.deepEqual(await b.claim(call("eve", "more"), 60_000), { state: "full" });
		assert.equal((await b.claim(call("eve", "k1"), 60_000)).state, "running");
		await a.abandon(call("eve", "k1"));
		assert.equal((await b.claim(call("eve", "more"), 60_000)).state, "claimed");
	});
}

describe("results in memory", () => {
	const store = new MemoryResultStore(() => performance.now());
	contract(() => [store, store]);

	it("are forgotten after a day, and bounded all together", async () => {
		let nowMs = 0;
		const results = new MemoryResultStore(() => nowMs);
		const large = new Uint8Array(1_048_576);
		for (let index = 0; index < 16; index++) {
			assert.equal((await results.claim(call(`u${index}`, "k"), 60_000)).state, "claimed");
			await results.complete(call(`u${index}`, "k"), large);
		}
		assert.equal((await results.claim(call("new", "k"), 60_000)).state, "full");
		nowMs += RESULT_KEPT_MS;
		assert.equal((await results.claim(call("new", "k"), 60_000)).state, "claimed");
		assert.equal(results.size, 1);
	});
});

describe("results in Redis", () => {
	let server: RealServer;
	let redis: RedisConnection;
	before(async () => {
		server = await startRedis();
		redis = openRedis(
			{ url: server.url, keyPrefix: "test:", commandTimeoutMs: 2000, connectTimeoutMs: 2000 },
			quietLogger(),
		);
		await untilReady(redis);
	});
	after(async () => {
		await redis.close();
		await server.stop();
	});
	contract(() => [new RedisResultStore(redis), new RedisResultStore(redis)]);

	it("fail while Redis is unavailable", async () => {
		await server.stop();
		const store = new RedisResultStore(redis);
		await assert.rejects(store.claim(call("ada", "late"), 60_000), { code: ErrorCode.UNAVAILABLE });
		await assert.rejects(store.complete(call("ada", "late"), undefined), { code: ErrorCode.UNAVAILABLE });
	});
});
