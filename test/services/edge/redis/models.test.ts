// Device models of a box: by the contract from Redis in both dialects and simulated, and what only a real Redis can show.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import type { Redis } from "ioredis";
import { systemClock } from "../../../../common/clock.ts";
import { ErrorCode } from "../../../../protocol/codes.ts";
import { DataType, Quality } from "../../../../protocol/gen/schema.ts";
import { boxDialect } from "../../../../services/edge/redis/dialect.ts";
import { readModel } from "../../../../services/edge/redis/models-definition.ts";
import { RedisBoxModels } from "../../../../services/edge/redis/models-redis.ts";
import { SimulatorBoxModels } from "../../../../services/edge/simulator/models-simulator.ts";
import { SimulatedPlant } from "../../../../services/edge/simulator/points-plant.ts";
import { freeze } from "../../../support/freeze.ts";
import { rejectionOf } from "../../../support/rejection.ts";
import { until } from "../../../support/until.ts";
import { type BoxFixture, openBoxFixture } from "./box-fixture.ts";
import { modelsContract } from "./models-contract.ts";

const transformer = {
	id: "model_001",
	name: "Transformer",
	template: "transformer",
	properties: { rated_power: 1000, voltage_level: "10kV", setpoint_min: 0, setpoint_max: "100", limits: { a: 1 } },
	mappings: {
		measurement: {
			temperature: { channel: 1001, point_id: 1, type: "T" },
			voltage: { channel: 1001, point_id: 2, type: "T" },
			broken: { channel: "x", point_id: 3, type: "T" },
		},
		action: {
			start_stop: { channel: 1001, point_id: 100, type: "C", min: 0, max: 1, step: 1 },
			setpoint: { channel: 1001, point_id: 200, type: "A" },
			free: { channel: 1001, point_id: 201, type: "A" },
		},
	},
};

async function writeV1(field: Redis): Promise<void> {
	const pump = { ...transformer, id: "model_002", name: "Pump", template: "pump" };
	await field
		.multi()
		.set("modsrv:model:model_001", JSON.stringify(transformer))
		.set("modsrv:model:model_002", JSON.stringify(pump))
		.sadd("modsrv:models", "model_002", "model_001")
		.sadd("modsrv:models:by_template:transformer", "model_001")
		.hset("modsrv:model:model_001:measurement", {
			temperature: "25.500000",
			efficiency: "0.9",
			__updated: "1754530782",
		})
		.hset("modsrv:model:model_001:action", { start_stop: "0", __updated: "1754530782" })
		.hset("comsrv:1001:T", { 1: "99", 2: "380.2", _timestamp: "1754530700" })
		.exec();
}

async function writeV2(field: Redis): Promise<void> {
	await field
		.multi()
		.hset("inst:name:index", { battery: "5", pv: "6", odd: "x", huge: "99999999999" })
		.set("inst:5:name", "battery")
		.set("inst:6:name", "pv")
		.hset("inst:5:M", { 10: "1.5", 2: "0", _timestamp: "1", "01": "1" })
		.hset("inst:5:A", { 1: "50" })
		.hset("inst:6:M", { 1: "7" })
		.exec();
}

for (const [name, write, template] of [
	["v1", writeV1, "transformer"],
	["v2", writeV2, ""],
] as const) {
	describe(`models in Redis, dialect ${name}`, () => {
		modelsContract(async () => {
			const fixture = await openBoxFixture({ dialect: name });
			await write(fixture.field);
			return { models: new RedisBoxModels(fixture.link, boxDialect(name)), template, close: () => fixture.close() };
		});
	});
}

describe("models of the simulator", () => {
	modelsContract(async () => {
		const plant = new SimulatedPlant({ seed: 1, channels: 1, points: 8, stepMs: 1000 }, systemClock);
		return { models: new SimulatorBoxModels(plant), template: "pump", close: async () => undefined };
	});

	it("have only points of the plant", async () => {
		const plant = new SimulatedPlant({ seed: 1, channels: 1, points: 1, stepMs: 1000 }, systemClock);
		const [inverter] = await new SimulatorBoxModels(plant).get(["sim-inverter"]);
		assert.deepEqual(
			inverter?.measurements.map(({ pointId }) => pointId),
			[1],
		);
	});
});

describe("the definition of a model", () => {
	it("has mappings, properties and the ranges that it publishes", () => {
		const model = readModel("model_001", JSON.stringify(transformer));
		assert.deepEqual(model?.properties, {
			...{ rated_power: "1000", voltage_level: "10kV", setpoint_min: "0", setpoint_max: "100", limits: `{"a":1}` },
		});
		assert.deepEqual(
			model?.measurements.map(({ name, channel, pointId, type }) => [name, channel, pointId, type]),
			[
				["temperature", 1001, 1, DataType.TELEMETRY],
				["voltage", 1001, 2, DataType.TELEMETRY],
			],
		);
		assert.deepEqual(
			model?.actions.map(({ name, range }) => [name, range]),
			[
				["start_stop", { min: 0, max: 1, step: 1 }],
				["setpoint", { min: 0, max: 100, step: undefined }],
				["free", undefined],
			],
		);
	});

	it("omits invalid parts", () => {
		const action = { x: { channel: 1, point_id: 0, type: "A", range: { min: 5, max: 1 } }, y: null, z: [] };
		const model = readModel("m", JSON.stringify({ mappings: { action, measurement: "none" }, properties: [] }));
		assert.deepEqual([model?.name, model?.template, model?.measurements], ["m", "", []]);
		assert.deepEqual(model?.actions, [
			{ name: "x", channel: 1, pointId: 0, type: DataType.ADJUSTMENT, range: undefined },
		]);
		for (const text of ["", "{", "[]", "null", "5", `"x"`]) assert.equal(readModel("m", text), undefined);
	});
});

describe("models in a real Redis", { timeout: 60_000 }, () => {
	let fixture: BoxFixture;
	let models: RedisBoxModels;
	before(async () => {
		fixture = await openBoxFixture({ link: { commandTimeoutMs: 1000 } });
		models = new RedisBoxModels(fixture.link, boxDialect("v1"));
	});
	after(() => fixture.close());
	beforeEach(async () => {
		await fixture.field.flushall();
		await writeV1(fixture.field);
	});

	const valuesOf = async (id: string) => {
		const [model] = await models.get([id]);
		assert.ok(model !== undefined);
		const { measurements, actions } = await models.values(model);
		return Object.fromEntries(
			[...measurements, ...actions].map(({ name, reading }) => [
				name,
				[reading.pointId, reading.value, reading.quality, reading.sourceMs],
			]),
		);
	};

	it("the model's own value is preferred to that of its point", async () => {
		assert.deepEqual(await valuesOf("model_001"), {
			temperature: [0, 25.5, Quality.GOOD, 1_754_530_782_000],
			voltage: [2, 380.2, Quality.GOOD, 1_754_530_700_000],
			efficiency: [0, 0.9, Quality.GOOD, 1_754_530_782_000],
			start_stop: [0, 0, Quality.GOOD, 1_754_530_782_000],
			setpoint: [200, undefined, Quality.UNAVAILABLE, 0],
			free: [201, undefined, Quality.UNAVAILABLE, 0],
		});
	});

	it("what is something else, or too large, harms only itself", async () => {
		const { field } = fixture;
		await field.multi().del("modsrv:model:model_001:measurement").set("modsrv:model:model_001:measurement", "x").exec();
		assert.deepEqual((await valuesOf("model_001"))["temperature"], [1, 99, Quality.GOOD, 1_754_530_700_000]);
		await field.multi().del("comsrv:1001:T").rpush("comsrv:1001:T", "x").exec();
		assert.deepEqual((await valuesOf("model_001"))["temperature"], [1, undefined, Quality.UNAVAILABLE, 0]);
		const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`name_${index}`, "1"]));
		await field.del("modsrv:model:model_001:measurement");
		await field.hset("modsrv:model:model_001:measurement", { ...many, temperature: "NaN" });
		assert.deepEqual((await valuesOf("model_001"))["temperature"], [0, undefined, Quality.BAD, 0]);
		assert.equal(Object.keys(await valuesOf("model_001")).length, 5);
		await field.set("modsrv:model:model_002", "{");
		await field.hset("modsrv:model:hash", { x: "1" });
		await field.set("modsrv:model:large", `{"name":"${"x".repeat(2_000_000)}"}`);
		assert.deepEqual(
			(await models.get(["model_002", "hash", "large", "model_001:measurement", "model_001"])).map((each) => each?.id),
			[undefined, undefined, undefined, undefined, "model_001"],
		);
		await field.multi().del("modsrv:models").set("modsrv:models", "x").exec();
		assert.equal(((await rejectionOf(models.ids("", 10))) as { code: ErrorCode }).code, ErrorCode.PRECONDITION_FAILED);
	});

	it("v2: instances and their numbered points", async () => {
		await writeV2(fixture.field);
		const instances = new RedisBoxModels(fixture.link, boxDialect("v2"));
		assert.deepEqual(await instances.ids("", 100), ["5", "6"]);
		const [battery] = await instances.get(["5"]);
		assert.deepEqual([battery?.id, battery?.name], ["5", "battery"]);
		assert.deepEqual(
			battery?.measurements.map(({ name, channel, pointId, type }) => [name, channel, pointId, type]),
			[
				["2", 5, 2, DataType.MEASUREMENT],
				["10", 5, 10, DataType.MEASUREMENT],
			],
		);
		assert.ok(battery !== undefined);
		const values = await instances.values(battery);
		assert.deepEqual(
			[...values.measurements, ...values.actions].map(({ name, reading }) => [name, reading.pointId, reading.value]),
			[
				["2", 2, 0],
				["10", 10, 1.5],
				["1", 1, 50],
			],
		);
	});

	it("of a huge index as many as asked for", async () => {
		await fixture.field.sadd("modsrv:models", ...Array.from({ length: 30_000 }, (_, index) => `m${index}`));
		assert.equal((await models.ids("", 1000)).length, 1000);
		const names = Array.from({ length: 30_000 }, (_, index) => [`name${index}`, String(index)]);
		await fixture.field.hset("inst:name:index", Object.fromEntries(names));
		assert.equal((await new RedisBoxModels(fixture.link, boxDialect("v2")).ids("", 1000)).length, 1000);
	});

	it("are unavailable while it stands still, and come back", async () => {
		const [model] = await models.get(["model_001"]);
		assert.ok(model !== undefined);
		const thaw = await freeze(fixture.server.pid);
		const calls = [models.ids("", 1), models.get(["model_001"]), models.values(model)];
		const rejections = (await Promise.all(calls.map(rejectionOf)).finally(thaw)) as { code: ErrorCode }[];
		assert.deepEqual(new Set(rejections.map(({ code }) => code)), new Set([ErrorCode.UNAVAILABLE]));
		await until(() => fixture.link.isUp);
		assert.equal((await models.ids("", 10)).length, 2);
	});
});
