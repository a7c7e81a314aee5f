// What processes know of canaries through: one contract, in memory and on real Redis.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { CanaryBoard } from "../../../services/modules/canary-board.ts";
import { MemoryCanaryBoard } from "../../../services/modules/canary-board-memory.ts";
import { RedisCanaryBoard } from "../../../services/modules/canary-board-redis.ts";
import { openRedis, type RedisConnection } from "../../../stores/redis/connection.ts";
import { quietLogger } from "../../support/quiet-logger.ts";
import type { RealServer } from "../../support/real-server.ts";
import { startRedis } from "../../support/redis-server.ts";
import { until, untilReady } from "../../support/until.ts";

function contract(of: () => readonly [CanaryBoard, CanaryBoard]): void {
	it("lists those that go on; the first beginning counts", async () => {
		const [a, b] = of();
		assert.deepEqual(await a.all(), []);
		await a.begin("one", "shop", "the content");
		await b.begin("one", "shop", "another content");
		await b.begin("two", "cart", "of the cart");
		assert.deepEqual(
			[...(await a.all())].sort((x, y) => (x.id < y.id ? -1 : 1)),
			[
				{ id: "one", content: "the content" },
				{ id: "two", content: "of the cart" },
			],
		);
	});

	it("keeps the last figures of each process, and the time since the beginning", async () => {
		const [a, b] = of();
		assert.equal(await a.report("none", "a", "x"), undefined);
		await a.report("one", "a", "1");
		await b.report("one", "b", "2");
		const state = await a.report("one", "a", "3");
		assert.deepEqual(
			[state?.figures, state?.ended],
			[
				new Map([
					["a", "3"],
					["b", "2"],
				]),
				undefined,
			],
		);
		await until(async () => ((await b.report("one", "b", "2"))?.elapsedMs ?? 0) >= 20);
	});

	it("the first word about its end stands, and code that is withdrawn is remembered", async () => {
		const [a, b] = of();
		const ends = await Promise.all([a.end("one", "shop", "withdrawn", "d1"), b.end("one", "shop", "promoted", "d1")]);
		assert.equal(ends[0], ends[1]);
		await a.begin("three", "till", "");
		assert.equal(await a.end("three", "till", "withdrawn", "d1"), "withdrawn");
		assert.equal(await b.end("three", "till", "promoted", "d1"), "withdrawn");
		assert.equal(await a.end("two", "cart", "promoted", "d2"), "promoted");
		assert.equal(await b.end("two", "cart", "withdrawn", "d2"), "promoted");
		assert.equal(await b.end("never begun", "till", "withdrawn", "d3"), "withdrawn");
		assert.equal(await a.end("never begun", "till", "promoted", "d3"), "withdrawn");
		assert.deepEqual(await a.all(), []);
		assert.equal((await b.report("three", "b", "4"))?.ended, "withdrawn");
		await a.pass("shop", "d1");
		assert.deepEqual(
			await b.passed(),
			new Map([
				["shop", "d1"],
				["till", "d3"],
			]),
		);
		await a.pass("shop", "d4");
		await a.pass("till", "");
		assert.deepEqual(await b.passed(), new Map([["shop", "d4"]]));
	});
}

describe("canary board in memory", () => {
	const board = new MemoryCanaryBoard(() => performance.now());
	contract(() => [board, board]);
});

describe("canary board on Redis", { timeout: 60_000 }, () => {
	let server: RealServer;
	let connections: readonly RedisConnection[];
	let boards: readonly [CanaryBoard, CanaryBoard];
	before(async () => {
		server = await startRedis();
		const [one, other] = [openRedis({ url: server.url }, quietLogger()), openRedis({ url: server.url }, quietLogger())];
		connections = [one, other];
		await Promise.all(connections.map(untilReady));
		boards = [new RedisCanaryBoard(one), new RedisCanaryBoard(other)];
	});
	after(async () => {
		await Promise.all(connections.map((connection) => connection.close()));
		await server.stop();
	});
	contract(() => boards);
});
