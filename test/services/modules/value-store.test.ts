// Values of modules: one contract, in memory and on real Redis.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { ErrorCode } from "../../../protocol/codes.ts";
import { MemoryValueStore } from "../../../services/modules/store/value-store-memory.ts";
import { RedisValueStore } from "../../../services/modules/store/value-store-redis.ts";
import { VALUE_OVERHEAD_BYTES, type ValueStore } from "../../../services/modules/value-store.ts";
import { openRedis, type RedisConnection } from "../../../stores/redis/connection.ts";
import { quietLogger } from "../../support/quiet-logger.ts";
import type { RealServer } from "../../support/real-server.ts";
import { startRedis } from "../../support/redis-server.ts";
import { until, untilReady } from "../../support/until.ts";

const write = (text: string, more: { ttlMs?: number; ifVersion?: string; maxBytes?: number } = {}) => {
	return { text, ttlMs: 0, ifVersion: undefined, maxBytes: 1_000_000, ...more };
};

function contract(nodes: () => readonly [ValueStore, ValueStore]): void {
	const put = async (store: ValueStore, module: string, key: string, text: string, more = {}) => {
		const written = await store.set(module, key, write(text, more));
		assert.equal(written.state, "written");
		return written.state === "written" ? written.version : "";
	};

	it("reads in one process what another one wrote, each module its own", async () => {
		const [a, b] = nodes();
		const version = await put(a, "shop", "stock", '{"é":"\\u0000"}');
		assert.deepEqual(await b.get("shop", "stock"), { text: '{"é":"\\u0000"}', version });
		assert.equal(await b.get("shop2", "stock"), undefined);
		assert.equal(await b.get("shop", "other"), undefined);
		assert.notEqual(await put(b, "shop", "stock", "1"), version, "each write makes another version");
	});

	it("writes over one version only, and over nothing", async () => {
		const [a, b] = nodes();
		const first = await put(a, "cas", "key", "1", { ifVersion: "" });
		assert.equal((await b.set("cas", "key", write("2", { ifVersion: "" }))).state, "conflict");
		const second = await put(b, "cas", "key", "2", { ifVersion: first });
		assert.equal((await a.set("cas", "key", write("3", { ifVersion: first }))).state, "conflict");
		assert.equal(await a.delete("cas", "key", first), false);
		assert.equal((await a.get("cas", "key"))?.text, "2");
		assert.equal(await a.delete("cas", "key", second), true);
		assert.equal(await a.delete("cas", "key", undefined), false);
		assert.equal((await a.set("cas", "key", write("4", { ifVersion: second }))).state, "conflict");
	});

	it("loses none of many concurrent increments", async () => {
		const stores = nodes();
		await Promise.all(
			Array.from({ length: 20 }, async (_, index) => {
				const store = stores[index % 2] as ValueStore;
				for (;;) {
					const present = await store.get("count", "n");
					const ifVersion = present?.version ?? "";
					const next = String(Number(present?.text ?? "0") + 1);
					if ((await store.set("count", "n", write(next, { ifVersion }))).state === "written") return;
				}
			}),
		);
		assert.equal((await stores[0].get("count", "n"))?.text, "20");
	});

	it("forgets a value when its time is over, and not when it was written again without one", async () => {
		const [a, b] = nodes();
		await put(a, "ttl", "short", "1", { ttlMs: 20 });
		await put(a, "ttl", "renewed", "1", { ttlMs: 20 });
		await put(a, "ttl", "renewed", "2");
		await until(async () => (await b.get("ttl", "short")) === undefined);
		assert.deepEqual(await b.keys("ttl", { prefix: "", after: "", limit: 10 }), ["renewed"]);
		assert.equal(await b.delete("ttl", "short", undefined), false);
		await put(b, "ttl", "short", "3", { ifVersion: "" });
		assert.equal((await a.get("ttl", "renewed"))?.text, "2");
	});

	it("is full at its bound; what is written over, removed or expired makes room", async () => {
		const [a, b] = nodes();
		const maxBytes = 2 * (1 + 10 + VALUE_OVERHEAD_BYTES);
		await put(a, "full", "a", "x".repeat(10), { maxBytes });
		await put(a, "full", "b", "y".repeat(10), { maxBytes });
		assert.equal((await b.set("full", "c", write("1", { maxBytes }))).state, "full");
		assert.equal((await b.set("full", "a", write("x".repeat(11), { maxBytes }))).state, "full");
		await put(b, "full", "a", "x".repeat(9), { maxBytes });
		await put(a, "full", "b", "y".repeat(10), { maxBytes, ttlMs: 1 });
		await until(async () => (await b.set("full", "c", write("z".repeat(10), { maxBytes }))).state === "written");
		assert.equal((await b.set("full", "d", write("1", { maxBytes }))).state, "full");
		await a.delete("full", "c", undefined);
		await put(b, "full", "d", "1", { maxBytes });
	});

	it("lists keys in the order of their bytes, in pages", async () => {
		const [a, b] = nodes();
		for (const key of ["user:é", "user:a", "user:b", "users", "item:1", "user:\u{1f600}", "user:"])
			await put(a, "list", key, "1");
		const page = (prefix: string, after: string, limit: number) => b.keys("list", { prefix, after, limit });
		assert.deepEqual(await page("", "", 3), ["item:1", "user:", "user:a"]);
		assert.deepEqual(await page("", "user:a", 10), ["user:b", "user:é", "user:\u{1f600}", "users"]);
		assert.deepEqual(await page("user:", "", 10), ["user:", "user:a", "user:b", "user:é", "user:\u{1f600}"]);
		assert.deepEqual(await page("user:", "user:b", 1), ["user:é"]);
		assert.deepEqual(await page("user:", "a", 1), ["user:"]);
		assert.deepEqual(await page("zzz", "", 10), []);
	});
}

describe("values of modules in memory", () => {
	const store = new MemoryValueStore(() => performance.now());
	contract(() => [store, store]);
});

describe("values of modules in Redis", () => {
	let server: RealServer;
	let redis: RedisConnection;
	before(async () => {
		server = await startRedis();
		const options = { url: server.url, keyPrefix: "test:", commandTimeoutMs: 2000, connectTimeoutMs: 2000 };
		redis = openRedis(options, quietLogger());
		await untilReady(redis);
	});
	after(async () => {
		await redis.close();
		await server.stop();
	});
	contract(() => [new RedisValueStore(redis), new RedisValueStore(redis)]);

	it("count what they take as they are, after all of the above", async () => {
		for (const module of ["shop", "cas", "count", "ttl", "full", "list"]) {
			const held = await redis.client.hgetall(`test:module:{${module}}:values`);
			const bytes = Object.entries(held).reduce((sum, [key, text]) => {
				const value = text.replace(/^\d+ \d+ /, "");
				return sum + Buffer.byteLength(key) + Buffer.byteLength(value) + VALUE_OVERHEAD_BYTES;
			}, 0);
			assert.equal(Number(await redis.client.hget(`test:module:{${module}}:totals`, "bytes")), bytes, module);
			assert.equal(await redis.client.zcard(`test:module:{${module}}:index`), Object.keys(held).length, module);
		}
	});

	it("fail while Redis is unavailable", async () => {
		await server.stop();
		const store = new RedisValueStore(redis);
		await assert.rejects(store.get("shop", "stock"), { code: ErrorCode.UNAVAILABLE });
		await assert.rejects(store.set("shop", "stock", write("1")), { code: ErrorCode.UNAVAILABLE });
	});
});
