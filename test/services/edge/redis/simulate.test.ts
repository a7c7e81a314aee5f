// `framegate simulate` as a user runs it, against a real Redis; and the plant behind it.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { AlarmStatus, DataType } from "../../../../protocol/gen/schema.ts";
import { SimulatedAlarmService } from "../../../../server/cli/simulate-alarms.ts";
import { BoxState } from "../../../../services/edge/boxes/box.ts";
import { RedisBox } from "../../../../services/edge/redis/box-redis.ts";
import { boxDialect } from "../../../../services/edge/redis/dialect.ts";
import { SimulatorBoxAlarms } from "../../../../services/edge/simulator/alarms-simulator.ts";
import { SimulatedPlant } from "../../../../services/edge/simulator/points-plant.ts";
import { openRedis } from "../../../../stores/redis/connection.ts";
import { handClock } from "../../../support/hand-clock.ts";
import { quietLogger } from "../../../support/quiet-logger.ts";
import { freePort } from "../../../support/real-server.ts";
import { tied } from "../../../support/tied-process.ts";
import { until } from "../../../support/until.ts";
import { type BoxFixture, comsrv, openBoxFixture, readOne } from "./box-fixture.ts";

const MAIN = fileURLToPath(new URL("../../../../server/main.ts", import.meta.url));

interface Run {
	readonly child: ChildProcess;
	readonly output: () => string;
	/** Exit code. */
	readonly ended: Promise<number | null>;
}

function simulate(...args: string[]): Run {
	const { PATH = "" } = process.env;
	const child = spawn(...tied(process.execPath, [MAIN, "simulate", ...args]), { env: { PATH } });
	let text = "";
	for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (text += String(chunk)));
	return { child, output: () => text, ended: once(child, "exit").then(([code]) => code) };
}

describe("framegate simulate", { timeout: 120_000 }, () => {
	let fixture: BoxFixture;
	before(async () => {
		fixture = await openBoxFixture({ dialect: "v2" });
	});
	after(() => fixture.close());

	it("writes the given number of rounds and exits", async () => {
		const run = simulate(
			"--redis",
			fixture.server.url,
			"--dialect",
			"v2",
			"--channels",
			"3",
			"--points",
			"8",
			"--count",
			"1",
		);
		assert.equal(await run.ended, 0, run.output());
		const page = await fixture.points.channels("comsrv", "", 100);
		const sizes = [8, 4, 2, 2].map((points, index) => ({ type: index + 1, points }));
		assert.deepEqual(
			page.channels.map(({ channel, data, isOnline }) => [channel, data, isOnline]),
			[1001, 1002, 1003].map((channel) => [channel, sizes, true]),
		);
		const reading = await readOne(fixture.points, comsrv(1001));
		assert.ok(reading.points.every(({ value, quality }) => typeof value === "number" && quality === 0));
		assert.ok((reading.points[0]?.sourceMs ?? 0) > Date.now() - 60_000);
	});

	for (const dialect of ["v1", "v2"] as const) {
		it(`writes models, with their values, and rules as ${dialect} has them`, async () => {
			const { field, server } = fixture;
			await field.flushall();
			const run = simulate("--redis", server.url, "--dialect", dialect, "--count", "1");
			assert.equal(await run.ended, 0, run.output());
			const box = new RedisBox({ link: { name: "", url: server.url }, dialect }, quietLogger());
			try {
				await until(() => box.condition.state === BoxState.UP);
				const ids = await box.models.ids("", 10);
				assert.ok(ids.length > 0);
				for (const model of await box.models.get(ids)) {
					assert.ok(model !== undefined);
					const { measurements, actions } = await box.models.values(model);
					assert.ok(measurements.length > 0);
					for (const { reading } of [...measurements, ...actions]) assert.equal(typeof reading.value, "number");
				}
				const rules = await box.rules.get(await box.rules.ids(true, 10));
				assert.equal(rules.length > 0, dialect === "v1");
			} finally {
				await box.close();
			}
		});
	}

	for (const dialect of ["v1", "v2"] as const) {
		it(`overwrites what stands under its names, whatever its type, as ${dialect} has them`, async () => {
			const { field, server } = fixture;
			const typesOfAll = async () => {
				// What alarms there are changes with the time: they have a test of their own.
				const keys = (await field.keys("*")).filter((key) => !key.startsWith("alarmsrv:")).sort();
				return await Promise.all(keys.map(async (key) => [key, await field.type(key)] as const));
			};
			const write = ["--redis", server.url, "--dialect", dialect, "--channels", "3", "--points", "10", "--count", "1"];
			await field.flushall();
			assert.equal(await simulate(...write).ended, 0);
			const right = await typesOfAll();
			assert.ok(right.length > 0);
			for (const [key, type] of right) {
				await field.del(key);
				if (type === "string") await field.rpush(key, "a list");
				else await field.set(key, "astring");
			}
			const commands = boxDialect(dialect).commands.listKey(1001, DataType.CONTROL) as string;
			await field.set(commands, "astring");
			const run = simulate(...write);
			try {
				await until(() => /^(wrote|framegate:) /m.test(run.output()));
				assert.doesNotMatch(run.output(), /^framegate: /m);
				assert.equal(await run.ended, 0);
			} finally {
				run.child.kill();
			}
			const now = new Map(await typesOfAll());
			for (const [key, type] of right) assert.equal(now.get(key), type, key);
			assert.equal(now.get(commands), undefined);
		});
	}

	it("names what the Redis refuses, and goes on once it is mended", async () => {
		const { field, server } = fixture;
		await field.flushall();
		await field.config("SET", "maxmemory", "1");
		const run = simulate("--redis", server.url, "--channels", "1", "--interval-ms", "20", "--count", "2");
		try {
			await until(() => /^framegate: Redis refused a command: OOM [^\n]*; trying on$/m.test(run.output()));
			await field.config("SET", "maxmemory", "0");
			assert.equal(await run.ended, 0, run.output());
		} finally {
			run.child.kill();
			await field.config("SET", "maxmemory", "0");
		}
	});

	it("carries commands out, refuses what is no number, and drops what is old", async () => {
		const { field, server, points } = fixture;
		const run = simulate(
			"--redis",
			server.url,
			"--dialect",
			"v2",
			"--channels",
			"1",
			"--points",
			"8",
			"--interval-ms",
			"20",
		);
		try {
			const received: string[] = [];
			const listener = field.duplicate();
			listener.on("message", (_channel, message) => received.push(message));
			await listener.subscribe("comsrv:ack:1001");
			const send = (fields: object) => field.rpush("comsrv:1001:C:TODO", JSON.stringify(fields));
			await send({ point_id: 100, value: 1, command_id: "a", timestamp: 10 });
			await send({ point_id: 100, value: 0, command_id: "b", timestamp: 10 });
			await send({ point_id: 100, value: "0", command_id: "c", timestamp: 11 });
			await field.rpush("comsrv:1001:C:TODO", "{");
			await send({ point_id: 999, value: 1, command_id: "d", timestamp: 12 });
			await until(() => received.length === 6);
			listener.disconnect();
			assert.deepEqual(await field.hget("comsrv:cmd:a", "status"), "executed");
			assert.deepEqual(await field.hget("comsrv:cmd:a", "actual_value"), "1");
			assert.deepEqual(await field.exists("comsrv:cmd:b"), 0);
			assert.deepEqual(await field.hget("comsrv:cmd:c", "error"), "the value is no JSON number");
			assert.deepEqual(await field.hget("comsrv:cmd:d", "error"), "no such point");
			assert.deepEqual(
				received.map((each) => JSON.parse(each)).map(({ command_id, status }) => [command_id, status]),
				["a", "c", "d"].flatMap((id) => [
					[id, "executing"],
					[id, id === "a" ? "executed" : "failed"],
				]),
			);
			// The contact follows its switch.
			await until(async () => (await readOne(points, comsrv(1001, DataType.SIGNAL))).points[0]?.value === 1);
			assert.equal((await readOne(points, comsrv(1001, DataType.CONTROL))).points[0]?.value, 1);
		} finally {
			run.child.kill("SIGINT");
		}
		assert.equal(await run.ended, 0, run.output());
	});

	it("reports in one line that Redis is unreachable", async () => {
		const run = simulate("--redis", `redis://127.0.0.1:${await freePort()}`, "--count", "1");
		assert.equal(await run.ended, 1);
		assert.match(run.output(), /^framegate: Redis is unavailable[^\n]*\n$/);
	});
});

describe("alarms of a simulated plant in a Redis", { timeout: 60_000 }, () => {
	it("come, are left as people leave them, go, and are forgotten", async () => {
		const fixture = await openBoxFixture();
		const { field } = fixture;
		const redis = openRedis({ url: fixture.server.url, keyPrefix: "" }, quietLogger());
		const box = new RedisBox({ link: { name: "", url: fixture.server.url }, dialect: "v1" }, quietLogger());
		const clock = handClock();
		const service = new SimulatedAlarmService(redis, boxDialect("v1"), new SimulatorBoxAlarms(clock));
		const active = () => field.smembers("alarmsrv:status:Active");
		const step = async (isFirst = false) => {
			clock.advance(30_000);
			await service.write(isFirst);
		};
		try {
			await until(() => redis.isReady && box.condition.state === BoxState.UP);
			for (const key of ["alarmsrv:index", "alarmsrv:status:Active"]) await field.set(key, "astring");
			await step(true);
			while ((await active()).length === 0) await step();
			const [id = ""] = await active();
			assert.equal((await box.alarms.get([id]))[0]?.status, AlarmStatus.ACTIVE);
			await box.alarms.acknowledge(id, { by: "o", comment: "", atMs: clock.now() });
			// A new run finds it there.
			await service.write(true);
			assert.equal((await box.alarms.get([id]))[0]?.status, AlarmStatus.ACKNOWLEDGED);
			while ((await field.hget(`alarmsrv:${id}`, "status")) !== "Resolved") await step();
			assert.equal((await box.alarms.get([id]))[0]?.status, AlarmStatus.RESOLVED);
			assert.ok((await field.smembers("alarmsrv:status:Resolved")).includes(id));
			while ((await field.exists(`alarmsrv:${id}`)) === 1) await step();
			for (const key of await field.keys("alarmsrv:*:*")) assert.ok(!(await field.smembers(key)).includes(id), key);
			assert.ok(!(await box.alarms.ids(1000)).includes(id));
		} finally {
			await box.close();
			await redis.close();
			await fixture.close();
		}
	});
});

describe("a simulated plant", () => {
	const options = { seed: 7, channels: 2, points: 20, stepMs: 1000 };
	const values = (plant: SimulatedPlant) => plant.keys.map((key) => plant.read(key).map(({ value }) => value));

	it("measures the same for the same seed and step, and something else for others", () => {
		const clock = handClock();
		const plant = new SimulatedPlant(options, clock);
		const first = values(plant);
		clock.advance(999);
		assert.deepEqual(values(plant), first);
		assert.deepEqual(values(new SimulatedPlant(options, handClock())), first);
		assert.notDeepEqual(values(new SimulatedPlant({ ...options, seed: 8 }, handClock())), first);
		clock.advance(1);
		assert.notDeepEqual(values(plant), first);
	});

	it("stays plausible for a day: numbers, states of 0 and 1 that switch", () => {
		const clock = handClock();
		const plant = new SimulatedPlant(options, clock);
		const states = new Set<number>();
		for (let minute = 0; minute < 1440; minute++) {
			for (const { value } of plant.read(comsrv(1001))) assert.ok(value > -1000 && value < 1000, String(value));
			for (const { value } of plant.read(comsrv(1001, DataType.SIGNAL))) states.add(value);
			clock.advance(60_000);
		}
		assert.deepEqual([...states].sort(), [0, 1]);
	});

	it("follows set points and switches, and refuses what it cannot do", () => {
		const plant = new SimulatedPlant(options, handClock());
		const target = (type: DataType, pointId: number) => ({ ...comsrv(1002, type), pointId });
		assert.equal(plant.write(target(DataType.ADJUSTMENT, 200), 1000), "");
		assert.equal(plant.write(target(DataType.CONTROL, 101), 1), "");
		const following = plant.point(target(DataType.TELEMETRY, 5))?.value ?? 0;
		assert.ok(Math.abs(following - 1000) <= 5, String(following));
		assert.equal(plant.point(target(DataType.SIGNAL, 3))?.value, 1);
		assert.equal(plant.write(target(DataType.CONTROL, 101), 0), "");
		assert.equal(plant.point(target(DataType.SIGNAL, 3))?.value, 0);
		assert.notEqual(plant.write(target(DataType.CONTROL, 101), 2), "");
		assert.notEqual(plant.write(target(DataType.CONTROL, 105), 1), "");
		assert.notEqual(plant.write(target(DataType.TELEMETRY, 1), 1), "");
		assert.notEqual(plant.write(target(DataType.ADJUSTMENT, 200), Number.NaN), "");
	});
});
