// Control as it is put together: two gateway processes, leases in a real Redis, a box in another one, and a device that pops
// its commands from there.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Redis } from "ioredis";
import { systemClock } from "../../../../common/clock.ts";
import { RedisLeaseStore } from "../../../../messaging/lease-store-redis.ts";
import type { LiveSubscriber } from "../../../../messaging/live-audience.ts";
import { ErrorCode } from "../../../../protocol/codes.ts";
import type { GatewayError } from "../../../../protocol/error.ts";
import { DataType } from "../../../../protocol/gen/schema.ts";
import { Boxes } from "../../../../services/edge/boxes/boxes.ts";
import type { Controls } from "../../../../services/edge/control/controls.ts";
import { RedisBox } from "../../../../services/edge/redis/box-redis.ts";
import { openRedis, type RedisConnection } from "../../../../stores/redis/connection.ts";
import { freeze } from "../../../support/freeze.ts";
import { quietLogger } from "../../../support/quiet-logger.ts";
import type { RealServer } from "../../../support/real-server.ts";
import { startRedis } from "../../../support/redis-server.ts";
import { until, untilReady } from "../../../support/until.ts";
import { type Device, startDevice } from "../redis/commands-device.ts";
import { type ControlFixture, controlFixture, nameOf, newId, operator, target } from "./fixture.ts";

const { ADJUSTMENT } = DataType;
const { CONFLICT, UNAVAILABLE } = ErrorCode;
const ada = operator("ada");
const bob = operator("bob");

describe("control of a real box", () => {
	let gatewayRedis: RealServer;
	let boxRedis: RealServer;
	let device: Device;
	let redis: RedisConnection;
	let fixture: ControlFixture;
	let boxes: RedisBox[];
	let one: Controls;
	let two: Controls;
	before(async () => {
		[gatewayRedis, boxRedis] = await Promise.all([startRedis(), startRedis()]);
		device = await startDevice({ port: boxRedis.port, dialect: "v1", channel: 1001, points: [1, 2, 5] });
		redis = openRedis({ url: gatewayRedis.url }, quietLogger());
		await untilReady(redis);
		fixture = await controlFixture();
		boxes = [openBox(), openBox()];
		await until(() => boxes.every(({ condition }) => condition.state === "up"));
		const [first, second] = boxes.map((box) => {
			const shared = { boxes: new Boxes([box]), leases: new RedisLeaseStore(redis), clock: systemClock };
			return fixture.node({ pollIntervalMs: 20 }, shared);
		});
		[one, two] = [first as Controls, second as Controls];
		await Promise.all([one.start(), two.start()]);
	});
	after(async () => {
		await fixture.close();
		for (const box of boxes) await box.close();
		await redis.close();
		await device.stop();
		await Promise.all([gatewayRedis.stop(), boxRedis.stop()]);
	});

	function openBox(): RedisBox {
		const link = { name: "", url: boxRedis.url, commandTimeoutMs: 1000, heartbeatMs: 100, recheckMs: 50 };
		return new RedisBox({ link, dialect: "v1", commands: { hasFeedback: true } }, quietLogger());
	}

	async function written(node: Controls, pointId: number, type: DataType, value: number): Promise<string[]> {
		const { id } = await node.write(ada, { target: target(pointId, type), value });
		await until(() => fixture.log.acks.some(({ ack }) => ack.commandId === id && ack.isFinal === true));
		return fixture.log.stages(id);
	}

	test("0, 1 and fractions are executed exactly, and acks are published in order", async () => {
		for (const value of [0, 1, 0]) {
			const stages = await written(one, 1, DataType.CONTROL, value);
			assert.deepEqual([stages[0], stages.at(-1)], ["ACCEPTED", "EXECUTED"]);
			assert.equal(device.values.get("comsrv:trigger:1001:C:1"), value);
			assert.equal(fixture.log.acks.at(-1)?.ack.actualValue, value);
		}
		await written(two, 5, ADJUSTMENT, 0.1);
		assert.equal(device.values.get("comsrv:trigger:1001:A:5"), 0.1);
		const stages = await written(two, 9, ADJUSTMENT, 1);
		assert.equal(stages.at(-1), "FAILED");
		assert.equal(fixture.log.acks.at(-1)?.ack.error, "no such point");
	});

	test("a select on one process locks out the other, until its connection leaves", async () => {
		const before = device.executions.length;
		const { id: selectId } = await one.select(ada, { target: target(2), value: 1 });
		await assert.rejects(two.select(bob, { target: target(2), value: 0 }), { code: CONFLICT });
		await assert.rejects(two.write(bob, { target: target(2), value: 0 }), { code: CONFLICT });
		await one.operate(ada, { selectId, value: 1 });
		await two.write(bob, { target: target(2), value: 0 });
		await until(() => device.executions.length === before + 2);
		await one.select(ada, { target: target(2), value: 1 });
		one.listener.onClosed(ada.peer as unknown as LiveSubscriber);
		await until(async () => (await two.select(bob, { target: target(2), value: 0 })) !== undefined);
		two.listener.onClosed(bob.peer as unknown as LiveSubscriber);
	});

	test("a frozen box: never more than one execution of one command, whatever was answered", async () => {
		const before = device.executions.length;
		const id = newId();
		const resume = await freeze(boxRedis.pid);
		const write = () => one.write(ada, { target: target(1), value: 1, commandId: id });
		const answers: string[] = [];
		for (let attempt = 0; attempt < 3; attempt++) {
			answers.push(
				await write().then(
					({ stage }) => nameOf(stage),
					(error: GatewayError) => String(error.code === UNAVAILABLE),
				),
			);
		}
		resume();
		await until(() => boxes[0]?.condition.state === "up");
		assert.ok(
			answers.every((answer) => ["true", "UNKNOWN", "FAILED"].includes(answer)),
			answers.join(),
		);
		// Whatever was on its way has arrived before this one is through.
		const { id: later } = await one.write(ada, { target: target(2), value: 1 });
		await until(() => fixture.log.stages(later).includes("EXECUTED"));
		const executed = device.executions.length - before - 1;
		assert.ok(executed <= (answers.includes("UNKNOWN") ? 1 : 0), `${executed} executions after ${answers.join()}`);
	});

	test("an unreachable box or lease store is an error at once, and nothing is sent when it is back", async () => {
		const { port } = boxRedis;
		await device.stop();
		await boxRedis.stop();
		await until(() => boxes.every(({ condition }) => condition.state === "down"));
		await assert.rejects(one.write(ada, { target: target(1), value: 1 }), { code: UNAVAILABLE });
		boxRedis = await startRedis({ port });
		await until(() => boxes.every(({ condition }) => condition.state === "up"));
		const fresh = new Redis(boxRedis.url);
		assert.deepEqual(await fresh.keys("*"), []);
		await gatewayRedis.stop();
		await assert.rejects(one.write(ada, { target: target(1), value: 1 }), { code: UNAVAILABLE });
		await assert.rejects(two.select(ada, { target: target(1), value: 1 }), { code: UNAVAILABLE });
		assert.deepEqual(await fresh.keys("*"), []);
		fresh.disconnect();
	});
});
