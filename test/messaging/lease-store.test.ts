// Leases: one contract, in memory and on real Redis.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { LeaseStore } from "../../messaging/lease.ts";
import { MemoryLeaseStore } from "../../messaging/lease-store-memory.ts";
import { RedisLeaseStore } from "../../messaging/lease-store-redis.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { openRedis, type RedisConnection } from "../../stores/redis/connection.ts";
import { quietLogger } from "../support/quiet-logger.ts";
import type { RealServer } from "../support/real-server.ts";
import { startRedis } from "../support/redis-server.ts";
import { until, untilReady } from "../support/until.ts";

/** @param nodes - two nodes that share their leases. */
function contract(nodes: () => readonly [LeaseStore, LeaseStore]): void {
	it("belongs to the first holder until it is released", async () => {
		const [a, b] = nodes();
		assert.equal(await a.take("one", "ada", 60_000), "ada");
		assert.equal(await b.take("one", "bob", 60_000), "ada");
		assert.equal(await b.release("one", "bob"), false);
		assert.equal(await a.take("one", "ada", 60_000), "ada");
		assert.equal(await b.release("one", "ada"), true);
		assert.equal(await a.release("one", "ada"), false);
		assert.equal(await b.take("one", "bob", 60_000), "bob");
		assert.equal(await a.take("another", "ada", 60_000), "ada");
	});

	it("goes to exactly one of many concurrent takers", async () => {
		const [a, b] = nodes();
		const takes = Array.from({ length: 40 }, (_, index) => (index % 2 ? a : b).take("race", `holder-${index}`, 60_000));
		const holders = new Set(await Promise.all(takes));
		assert.equal(holders.size, 1);
		assert.deepEqual(new Set([await a.take("race", "late", 60_000)]), holders);
	});

	it("expires, and is extended when its holder takes it again", async () => {
		const [a, b] = nodes();
		await a.take("short", "ada", 1);
		await a.take("long", "ada", 1);
		await a.take("long", "ada", 60_000);
		await until(async () => (await b.take("short", "bob", 60_000)) === "bob");
		assert.equal(await b.take("long", "bob", 60_000), "ada");
		assert.equal(await a.release("short", "ada"), false, "what has ended is nobody's to give back");
	});
}

describe("leases in memory", () => {
	const store = new MemoryLeaseStore(() => performance.now());
	contract(() => [store, store]);

	it("forgets expired leases", async () => {
		let nowMs = 0;
		const leases = new MemoryLeaseStore(() => nowMs);
		for (let index = 0; index < 10_000; index++) {
			nowMs += 10;
			await leases.take(`lease-${index}`, "x", 100);
		}
		assert.ok(leases.size <= 1024, `${leases.size} are kept`);
	});
});

describe("leases on Redis", () => {
	let server: RealServer;
	let connections: readonly [RedisConnection, RedisConnection];
	before(async () => {
		server = await startRedis();
		const open = () => openRedis({ url: server.url, commandTimeoutMs: 2000 }, quietLogger());
		connections = [open(), open()];
		for (const connection of connections) await untilReady(connection);
	});
	after(async () => {
		for (const connection of connections) await connection.close();
		await server.stop();
	});
	contract(() => [new RedisLeaseStore(connections[0]), new RedisLeaseStore(connections[1])]);

	it("fails while Redis is unavailable", async () => {
		await server.stop();
		const store = new RedisLeaseStore(connections[0]);
		await assert.rejects(store.take("one", "ada", 1000), { code: ErrorCode.UNAVAILABLE });
		await assert.rejects(store.release("one", "ada"), { code: ErrorCode.UNAVAILABLE });
	});
});
