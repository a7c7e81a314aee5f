// The alarm ledger: one contract, in memory and on real Redis.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { AlarmLedger } from "../../../../services/edge/alarms/alarm-ledger.ts";
import { MemoryAlarmLedger } from "../../../../services/edge/alarms/alarm-ledger-memory.ts";
import { RedisAlarmLedger } from "../../../../services/edge/alarms/alarm-ledger-redis.ts";
import { openRedis, type RedisConnection } from "../../../../stores/redis/connection.ts";
import { quietLogger } from "../../../support/quiet-logger.ts";
import type { RealServer } from "../../../support/real-server.ts";
import { startRedis } from "../../../support/redis-server.ts";
import { until } from "../../../support/until.ts";

function contract(make: () => AlarmLedger): void {
	it("is empty until it was begun", async () => {
		const ledger = make();
		assert.equal(await ledger.load("fresh"), undefined);
		await ledger.save("fresh", new Map());
		assert.deepEqual(await ledger.load("fresh"), new Map());
	});

	it("keeps the last mark of each alarm, by box, and forgets", async () => {
		const ledger = make();
		await ledger.save(
			"plant",
			new Map([
				["a", "1:x"],
				["b", "1:y"],
			]),
		);
		await ledger.save(
			"plant",
			new Map([
				["a", undefined],
				["b", "2:z"],
				["__proto__", "1:w"],
			]),
		);
		await ledger.save("other", new Map([["a", "3:o"]]));
		assert.deepEqual(
			await ledger.load("plant"),
			new Map([
				["b", "2:z"],
				["__proto__", "1:w"],
			]),
		);
	});
}

describe("the alarm ledger in memory", () => {
	const ledger = new MemoryAlarmLedger();
	contract(() => ledger);
});

describe("the alarm ledger on Redis", () => {
	let server: RealServer;
	let redis: RedisConnection;
	before(async () => {
		server = await startRedis();
		redis = openRedis({ url: server.url }, quietLogger());
		await until(() => redis.isReady);
	});
	after(async () => {
		await redis.close();
		await server.stop();
	});
	contract(() => new RedisAlarmLedger(redis));
});
