// Alarms of a box, by the contract: from Redis as both writers keep them, and simulated.
import { describe } from "node:test";
import { RedisBoxAlarms } from "../../../../services/edge/redis/alarms-redis.ts";
import { BoxChannels } from "../../../../services/edge/redis/box-channels.ts";
import { boxDialect } from "../../../../services/edge/redis/dialect.ts";
import { SimulatorBoxAlarms } from "../../../../services/edge/simulator/alarms-simulator.ts";
import { handClock } from "../../../support/hand-clock.ts";
import { until } from "../../../support/until.ts";
import { type AlarmsFixture, alarmsContract } from "./alarms-contract.ts";
import { type AlarmWriter, fieldsWriter, jsonWriter } from "./alarms-writers.ts";
import { openBoxFixture } from "./box-fixture.ts";

function overRedis(writer: AlarmWriter): () => Promise<AlarmsFixture> {
	return async () => {
		const fixture = await openBoxFixture();
		for (const id of ["alarm_1", "0b0f5ad0-7f35-4d4c-8f3b-0d5d4c1a2b3c", "告警_3"]) {
			await writer.raise(fixture.field, id, { priority: 5 });
		}
		let count = 3;
		return {
			alarms: new RedisBoxAlarms(fixture.link, boxDialect("v1"), new BoxChannels(fixture.link)),
			listening: () => until(async () => ((await fixture.field.pubsub("CHANNELS")) as string[]).length === 4),
			raise: () => writer.raise(fixture.field, `alarm_${++count}`, { priority: 5 }),
			nowMs: Date.now,
			close: () => fixture.close(),
		};
	};
}

describe("alarms in Redis as fields, with a set for an index", () => alarmsContract(overRedis(fieldsWriter)));
describe("alarms in Redis as JSON, with a sorted set for an index", () => alarmsContract(overRedis(jsonWriter)));

describe("alarms of the simulator", () => {
	alarmsContract(async (): Promise<AlarmsFixture> => {
		const clock = handClock();
		const alarms = new SimulatorBoxAlarms(clock, 5);
		return {
			alarms,
			raise: async () => clock.advance(3 * 60_000),
			nowMs: clock.now,
			close: async () => alarms.close(),
		};
	});
});
