// What every box promises as a whole, and that its parts are of one box: a command changes a point.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DataType } from "../../../../protocol/gen/schema.ts";
import { SimulatedFieldService } from "../../../../server/cli/simulate-field.ts";
import { type Box, BoxState } from "../../../../services/edge/boxes/box.ts";
import { SendOutcome } from "../../../../services/edge/boxes/box-commands.ts";
import { KeyState } from "../../../../services/edge/boxes/box-points.ts";
import { RedisBox } from "../../../../services/edge/redis/box-redis.ts";
import { boxDialect, type DialectName } from "../../../../services/edge/redis/dialect.ts";
import { SimulatorBox } from "../../../../services/edge/simulator/box-simulator.ts";
import { SimulatedPlant } from "../../../../services/edge/simulator/points-plant.ts";
import { openRedis } from "../../../../stores/redis/connection.ts";
import { handClock } from "../../../support/hand-clock.ts";
import { quietLogger } from "../../../support/quiet-logger.ts";
import { startRedis } from "../../../support/redis-server.ts";
import { until } from "../../../support/until.ts";
import { comsrv, readOne } from "./box-fixture.ts";

interface BoxFixture {
	readonly box: Box;
	close(): Promise<void>;
}

/** A Redis with a simulated field service on the other side. */
async function openRedisBox(dialect: DialectName): Promise<BoxFixture> {
	const server = await startRedis();
	const logger = quietLogger();
	const redis = openRedis({ url: server.url, keyPrefix: "" }, logger);
	const plant = new SimulatedPlant({ seed: 1, channels: 2, points: 8, stepMs: 1000 }, handClock());
	const service = new SimulatedFieldService(redis, boxDialect(dialect), plant);
	await until(async () => (await service.writeAll(true)) > 0);
	const served = service.serveCommands();
	const box = new RedisBox({ link: { name: "b", url: server.url }, dialect, commands: { hasFeedback: true } }, logger);
	return {
		box,
		async close() {
			await box.close();
			service.stop();
			await served;
			await redis.close();
			await server.stop();
		},
	};
}

async function openSimulator(): Promise<BoxFixture> {
	const box = new SimulatorBox({ name: "b", plant: { seed: 1, channels: 2, points: 8, stepMs: 1000 } });
	return { box, close: () => box.close() };
}

function boxContract(open: () => Promise<BoxFixture>): void {
	it("comes up, says so, and is whole", { timeout: 30_000 }, async () => {
		const { box, close } = await open();
		try {
			await until(() => box.condition.state === BoxState.UP);
			await box.probe.check();
			const [source] = box.sources;
			assert.equal(source?.family, "comsrv");
			for (const type of source?.types ?? []) {
				assert.equal((await readOne(box.points, comsrv(1001, type))).state, KeyState.PRESENT);
			}
			const [page, alarms, models, rules] = await Promise.all([
				box.points.channels("comsrv", "", 10),
				box.alarms.ids(10),
				box.models.ids("", 10),
				box.rules.ids(false, 10),
			]);
			assert.ok(page.channels.length > 0 && alarms.length >= 0 && models.length >= 0 && rules.length >= 0);
		} finally {
			await close();
		}
	});

	it("executes a command, value 0 as well, and reports its result", { timeout: 30_000 }, async () => {
		const { box, close } = await open();
		try {
			await until(() => box.condition.state === BoxState.UP);
			const stages: string[] = [];
			box.commands.onFeedback(({ commandId, stage }) => stages.push(`${commandId} ${stage}`));
			const target = { ...comsrv(1001, DataType.CONTROL), pointId: 100 };
			for (const value of [1, 0]) {
				const command = { commandId: `cmd_${value}`, target, value, operator: "o", atMs: Date.now() + value };
				assert.equal(await box.commands.send(command), SendOutcome.SENT);
				await until(async () => (await box.commands.feedback(command.commandId))?.stage === "executed");
				const control = await readOne(box.points, comsrv(1001, DataType.CONTROL));
				assert.equal(control.points[0]?.value, value);
			}
			assert.equal(await box.commands.feedback("cmd_unknown"), undefined);
			await until(() => stages.includes("cmd_0 executed"));
		} finally {
			await close();
		}
	});
}

describe("a Redis box, v1", () => boxContract(() => openRedisBox("v1")));
describe("a Redis box, v2", () => boxContract(() => openRedisBox("v2")));
describe("the simulator", () => boxContract(openSimulator));
