// What processes agree through: one contract, in memory and on real Redis.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { ReloadBarrier } from "../../../services/modules/reload-barrier.ts";
import { MemoryReloadBarrier } from "../../../services/modules/reload-barrier-memory.ts";
import { RedisReloadBarrier } from "../../../services/modules/reload-barrier-redis.ts";
import { openRedis, type RedisConnection } from "../../../stores/redis/connection.ts";
import { quietLogger } from "../../support/quiet-logger.ts";
import type { RealServer } from "../../support/real-server.ts";
import { startRedis } from "../../support/redis-server.ts";
import { until, untilReady } from "../../support/until.ts";

const MINUTE_MS = 60_000;

function contract(of: () => readonly [ReloadBarrier, ReloadBarrier]): void {
	it("runs one round at a time, for those that are alive", async () => {
		const [a, b] = of();
		assert.equal(await a.join("a", MINUTE_MS), undefined);
		assert.equal(await b.join("b", MINUTE_MS), undefined);
		await b.join("gone", 1);
		await until(async () => {
			assert.equal(await a.open("one", "a", "the content", MINUTE_MS), true);
			const { members } = (await a.read("one")) ?? { members: [] };
			await a.close("one");
			return members.join() === "a,b";
		});
		assert.equal(await a.open("one", "a", "the content", MINUTE_MS), true);
		assert.equal(await b.open("two", "b", "", MINUTE_MS), false);
		assert.equal(await b.join("b", MINUTE_MS), "one");
		assert.equal(await b.content("one"), "the content");
		assert.equal(await b.read("two"), undefined);
		assert.equal(await b.report("two", "b", "prepared", "x"), false);
		assert.equal(await b.decide("two", "x"), undefined);
	});

	it("keeps reports and the first decision, also for those that come later", async () => {
		const [a, b] = of();
		assert.equal(await b.report("one", "b", "prepared", "vote of b"), true);
		assert.equal(await a.report("one", "a", "prepared", "vote of a"), true);
		assert.equal((await a.read("one"))?.decision, undefined);
		assert.deepEqual([await a.decide("one", "yes"), await b.decide("one", "no")], ["yes", "yes"]);
		await b.report("one", "b", "done", "done by b");
		await b.leave("b");
		const state = await a.read("one");
		assert.deepEqual(
			state && { ...state, alive: [...state.alive], prepared: [...state.prepared].sort(), done: [...state.done] },
			{
				id: "one",
				members: ["a", "b"],
				alive: ["a"],
				decision: "yes",
				prepared: [
					["a", "vote of a"],
					["b", "vote of b"],
				],
				done: [["b", "done by b"]],
			},
		);
		await a.close("one");
		assert.equal(await b.join("b", MINUTE_MS), undefined);
		assert.deepEqual(await b.last(), { id: "one", decision: "yes" });
	});

	it("keeps replaced bundles, the latest first, and no more than it may", async () => {
		const [a, b] = of();
		assert.deepEqual(await a.kept("shop"), []);
		for (const bundle of ["one", "two", "three", "two"]) await a.keep("shop", bundle, 2);
		await b.keep("cart", "other", 2);
		assert.deepEqual([await b.kept("shop"), await a.kept("cart")], [["two", "three"], ["other"]]);
	});

	it("a round that nobody closes is over after its time", async () => {
		const [a, b] = of();
		assert.equal(await a.open("three", "a", "", 30), true);
		await until(() => b.open("four", "b", "", MINUTE_MS));
		assert.equal(await a.read("three"), undefined);
		assert.deepEqual(await b.last(), { id: "one", decision: "yes" }, "nothing was decided since");
	});
}

describe("the barrier in memory", () => {
	const barrier = new MemoryReloadBarrier(() => performance.now());
	contract(() => [barrier, barrier]);
});

describe("the barrier on Redis", { timeout: 60_000 }, () => {
	let server: RealServer;
	const connections: RedisConnection[] = [];
	let barriers: readonly [ReloadBarrier, ReloadBarrier];
	before(async () => {
		server = await startRedis();
		connections.push(...[0, 1].map(() => openRedis({ url: server.url }, quietLogger())));
		await Promise.all(connections.map(untilReady));
		const [one, other] = connections as [RedisConnection, RedisConnection];
		barriers = [new RedisReloadBarrier(one), new RedisReloadBarrier(other)];
	});
	after(async () => {
		await Promise.all(connections.map((connection) => connection.close()));
		await server.stop();
	});
	contract(() => barriers);
});
