// Results of calls that are not to be repeated: one contract, in memory and on real Redis.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { ResultStore } from "../../messaging/result-store.ts";
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
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const call = (owner: string, key: string, fingerprint = PRINT) => ({ owner, key, fingerprint });

function contract(nodes: () => readonly [ResultStore, ResultStore]): void {
	it("runs a call once: a repeat finds it running, and then its result, with what was asked for", async () => {
		const [a, b] = nodes();
		assert.equal((await a.claim(call("ada", "one"), MINUTE_MS, DAY_MS)).state, "claimed");
		const running = await b.claim(call("ada", "one", OTHER), MINUTE_MS, DAY_MS);
		assert.deepEqual(running, { state: "running", fingerprint: PRINT });
		await a.complete(call("ada", "one"), Uint8Array.of(0, 255, 10), DAY_MS);
		const done = await b.claim(call("ada", "one", OTHER), MINUTE_MS, DAY_MS);
		assert.ok(done.state === "done" && done.fingerprint === PRINT);
		assert.deepEqual([...(done.result ?? [])], [0, 255, 10]);
	});

	it("finds what is kept without taking the key", async () => {
		const [a, b] = nodes();
		assert.equal(await a.find(call("ada", "looked-up")), undefined);
		assert.equal((await a.claim(call("ada", "looked-up"), MINUTE_MS, DAY_MS)).state, "claimed");
		assert.deepEqual(await b.find(call("ada", "looked-up")), { state: "running", fingerprint: PRINT });
		await a.complete(call("ada", "looked-up"), Uint8Array.of(0, 255), DAY_MS);
		const found = await b.find(call("ada", "looked-up"));
		assert.ok(found?.state === "done" && found.fingerprint === PRINT);
		assert.deepEqual([...(found.result ?? [])], [0, 255]);
	});

	it("keys of another caller are others", async () => {
		const [a, b] = nodes();
		assert.equal((await a.claim(call("ada", "shared"), MINUTE_MS, DAY_MS)).state, "claimed");
		assert.equal((await b.claim(call("bob", "shared"), MINUTE_MS, DAY_MS)).state, "claimed");
	});

	it("one of many concurrent calls is the first", async () => {
		const [a, b] = nodes();
		const claims = Array.from({ length: 100 }, (_, index) =>
			(index % 2 ? a : b).claim(call("ada", "race"), MINUTE_MS, DAY_MS),
		);
		const states = (await Promise.all(claims)).map(({ state }) => state);
		assert.deepEqual([states.filter((state) => state === "claimed").length, new Set(states).size], [1, 2]);
	});

	it("a key is free again when its call was abandoned", async () => {
		const [a, b] = nodes();
		await a.claim(call("ada", "failed"), MINUTE_MS, DAY_MS);
		await b.abandon(call("ada", "failed", OTHER));
		assert.equal((await b.claim(call("ada", "failed"), MINUTE_MS, DAY_MS)).state, "running", "not by another call");
		await a.abandon(call("ada", "failed"));
		assert.equal((await b.claim(call("ada", "failed"), MINUTE_MS, DAY_MS)).state, "claimed");
	});

	it("a call that left nothing behind in time is taken over, with the time of the first; but not for something else", async () => {
		const [a, b] = nodes();
		const first = await a.claim(call("ada", "crashed"), 1, DAY_MS);
		assert.ok(first.state === "claimed" && first.sinceMs > 0);
		await until(async () => {
			const other = await b.claim(call("ada", "crashed", OTHER), MINUTE_MS, DAY_MS);
			assert.equal(other.state, "running", "for something else it stays taken");
			const next = await b.claim(call("ada", "crashed"), MINUTE_MS, DAY_MS);
			if (next.state === "claimed") assert.equal(next.sinceMs, first.sinceMs);
			return next.state === "claimed";
		});
		await b.complete(call("ada", "crashed"), Uint8Array.of(1), DAY_MS);
		assert.equal((await a.claim(call("ada", "crashed"), MINUTE_MS, DAY_MS)).state, "done");
	});

	it("a result that is too large is known to be there", async () => {
		const [a, b] = nodes();
		await a.claim(call("ada", "large"), MINUTE_MS, DAY_MS);
		await a.complete(call("ada", "large"), undefined, DAY_MS);
		const done = { state: "done", fingerprint: PRINT, result: undefined };
		assert.deepEqual(await b.claim(call("ada", "large"), MINUTE_MS, DAY_MS), done);
	});

	it("a key is forgotten after its time", async () => {
		const [a, b] = nodes();
		await a.claim(call("ada", "old"), MINUTE_MS, DAY_MS);
		await a.complete(call("ada", "old"), Uint8Array.of(1), 1);
		await until(async () => (await b.claim(call("ada", "old"), MINUTE_MS, DAY_MS)).state === "claimed");
	});
}

describe("results in memory", () => {
	const clock = () => performance.now();
	const store = new MemoryResultStore(clock, Date.now);
	contract(() => [store, store]);

	it("leave nothing behind when they are forgotten", async () => {
		let nowMs = 0;
		const results = new MemoryResultStore(
			() => nowMs,
			() => nowMs,
		);
		for (let index = 0; index < 1000; index++) {
			await results.claim(call("ada", `k${index}`), MINUTE_MS, DAY_MS);
			await results.complete(call("ada", `k${index}`), new Uint8Array(10), DAY_MS);
		}
		assert.equal(results.size, 1000);
		nowMs += DAY_MS;
		// Each new one removes two.
		for (let index = 0; index < 1000; index++) await results.claim(call("bob", `k${index}`), MINUTE_MS, DAY_MS);
		assert.equal(results.size, 1000);
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

	it("of nodes of the version before are read, and theirs find ours not kept instead of reading them wrongly", async () => {
		const store = new RedisResultStore(redis);
		const theirs = `D${PRINT}${Buffer.of(0, 255, 10).toString("base64")}`;
		await redis.client.set("test:result:{ada}:before", theirs, "PX", DAY_MS);
		const found = await store.claim(call("ada", "before"), MINUTE_MS, DAY_MS);
		assert.ok(found.state === "done");
		assert.deepEqual([...(found.result ?? [])], [0, 255, 10]);
		await store.claim(call("ada", "after"), MINUTE_MS, DAY_MS);
		await store.complete(call("ada", "after"), Uint8Array.of(1), DAY_MS);
		// They read what begins with D, and know what is done and not kept by any other letter but R.
		assert.doesNotMatch((await redis.client.get("test:result:{ada}:after")) ?? "D", /^[DR]/);
	});

	it("every key has an end", async () => {
		const keys = await redis.client.keys("test:result:*");
		assert.ok(keys.length > 5);
		for (const key of keys) assert.ok((await redis.client.pttl(key)) > 0, key);
	});

	it("fail while Redis is unavailable", async () => {
		await server.stop();
		const store = new RedisResultStore(redis);
		await assert.rejects(store.claim(call("ada", "late"), MINUTE_MS, DAY_MS), { code: ErrorCode.UNAVAILABLE });
		await assert.rejects(store.complete(call("ada", "late"), undefined, DAY_MS), { code: ErrorCode.UNAVAILABLE });
	});
});
