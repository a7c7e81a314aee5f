// The contract of points, for each box there is.
import { describe } from "node:test";
import { DataType } from "../../../../protocol/gen/schema.ts";
import { SimulatedPlant } from "../../../../services/edge/simulator/points-plant.ts";
import { SimulatorBoxPoints } from "../../../../services/edge/simulator/points-simulator.ts";
import { handClock } from "../../../support/hand-clock.ts";
import { comsrv, openBoxFixture } from "./box-fixture.ts";
import { type PointsFixture, pointsContract } from "./points-contract.ts";

async function openRedisFixture(dialect: "v1" | "v2"): Promise<PointsFixture> {
	const fixture = await openBoxFixture({ dialect });
	const { field, points } = fixture;
	let value = 25;
	const write = async (channel: number, letter: string) => {
		const key = `comsrv:${channel}:${letter}`;
		value += 0.25;
		await field.hset(key, { 3: "1", 10: "380.200000", 2: value.toFixed(6) });
		const now = Date.now();
		// v1 has one time for all of them, in seconds here; v2 one for each, beside the values before scaling.
		if (dialect === "v1") await field.hset(key, "_timestamp", Math.floor(now / 1000));
		else {
			await field.hset(`${key}:ts`, { 3: now, 10: now, 2: now });
			await field.hset(`${key}:raw`, { 3: "1", 10: "3802", 2: "250" });
		}
		await field.publish(key, `2:${value.toFixed(6)}`);
	};
	for (const channel of [30, 1001, 4, 1002, 100_000]) await write(channel, "T");
	await write(1001, "S");
	// Others that begin like channels.
	await field.rpush("comsrv:trigger:7:C", "{}");
	await field.rpush("comsrv:8:C:TODO", "{}");
	await field.set("comsrv:9:status", "x");
	await field.hset("comsrv:007:T", "1", "1");
	return {
		points,
		keys: [comsrv(1001), comsrv(1001, DataType.SIGNAL)],
		channels: [4, 30, 1001, 1002, 100_000],
		change: () => write(1001, "T"),
		close: fixture.close,
	};
}

async function openSimulatorFixture(): Promise<PointsFixture> {
	const clock = handClock();
	const plant = new SimulatedPlant({ seed: 7, channels: 5, points: 20, stepMs: 1000 }, clock);
	const points = new SimulatorBoxPoints(plant);
	let value = 0;
	return {
		points,
		keys: [comsrv(1001, DataType.ADJUSTMENT), comsrv(1002)],
		channels: [1001, 1002, 1003, 1004, 1005],
		async change() {
			value++;
			plant.write({ ...comsrv(1001, DataType.ADJUSTMENT), pointId: 200 }, value);
		},
		close: async () => points.close(),
	};
}

describe("points of a Redis box, v1", () => pointsContract(() => openRedisFixture("v1")));
describe("points of a Redis box, v2", () => pointsContract(() => openRedisFixture("v2")));
describe("points of the simulator", () => pointsContract(openSimulatorFixture));
