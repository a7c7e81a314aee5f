// The edge part of the client: subscriptions through reconnects and gaps, commands to their end.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import {
	CommandStage,
	DataBatch_Kind,
	DataType,
	edgeAlarmRoutes,
	edgeControlRoutes,
	edgeTelemetryRoutes,
	pushes,
	Quality,
} from "../../protocol/gen/schema.ts";
import { EdgeFixture, settled, subscribed } from "./edge-fixture.ts";

const { subscribe, resync, unsubscribe } = edgeTelemetryRoutes;
const { FULL, DELTA, KEEPALIVE } = DataBatch_Kind;

function batch(
	subId: string,
	seq: number,
	kind: DataBatch_Kind,
	points: [id: number, num: number][] = [],
	more = false,
) {
	const values = points.map(([pointId, num]) => ({ pointId, num }));
	const updates = [{ source: "comsrv", channelId: 1, dataType: DataType.TELEMETRY, points: values }];
	return { subId, seq, kind, more, updates: points.length === 0 ? [] : updates };
}

describe("a subscription", () => {
	it("keeps the newest value of every point, from FULL batches and from changes", async () => {
		const fixture = new EdgeFixture();
		const subscription = await subscribed(fixture);
		const seen: number[] = [];
		subscription.onBatch(({ seq }) => seen.push(seq ?? 0));
		const value = (id: number) => subscription.value(1, DataType.TELEMETRY, id)?.num;
		fixture.push(pushes.dataBatch, batch("v1", 5, FULL, [[1, 10]], true));
		fixture.push(pushes.dataBatch, batch("v1", 6, FULL, [[2, 20]]));
		assert.deepEqual([value(1), value(2)], [10, 20]);
		fixture.push(pushes.dataBatch, batch("v1", 7, DELTA, [[2, 21]]));
		fixture.push(pushes.dataBatch, batch("v1", 8, KEEPALIVE));
		assert.deepEqual([value(1), value(2)], [10, 21]);
		fixture.push(pushes.dataBatch, batch("v1", 9, FULL, [[2, 22]]));
		assert.deepEqual([value(1), value(2)], [undefined, 22]);
		assert.deepEqual(seen, [5, 6, 7, 8, 9]);
		assert.equal(subscription.grant?.intervalMs, 1000);
	});

	it("keeps the points of a channel that has no data any more, as UNAVAILABLE or BAD, until it has some again", async () => {
		const fixture = new EdgeFixture();
		const subscription = await subscribed(fixture);
		const brief = (id: number) => {
			const { num, quality } = subscription.value(1, DataType.TELEMETRY, id) ?? {};
			return [num, quality];
		};
		const gone = (seq: number, kind: DataBatch_Kind, quality: Quality) => {
			const update = { source: "comsrv", channelId: 1, dataType: DataType.TELEMETRY, points: [], quality };
			return { ...batch("v1", seq, kind), updates: [update] };
		};
		fixture.push(pushes.dataBatch, batch("v1", 1, FULL, [[1, 10]]));
		for (const seq of [2, 3]) {
			fixture.push(pushes.dataBatch, gone(seq, FULL, Quality.UNAVAILABLE));
			assert.deepEqual(brief(1), [undefined, Quality.UNAVAILABLE]);
		}
		assert.equal(subscription.value(1, DataType.TELEMETRY, 2), undefined);
		fixture.push(pushes.dataBatch, gone(4, DELTA, Quality.BAD));
		assert.deepEqual(brief(1), [undefined, Quality.BAD]);
		fixture.push(pushes.dataBatch, batch("v1", 5, DELTA, [[1, 11]]));
		assert.deepEqual(brief(1), [11, undefined]);
	});

	it("requests a FULL batch once when a batch is missing, and delivers nothing until then", async () => {
		const fixture = new EdgeFixture();
		const subscription = await subscribed(fixture);
		const seen: number[] = [];
		subscription.onBatch(({ seq }) => seen.push(seq ?? 0));
		fixture.push(pushes.dataBatch, batch("v1", 1, FULL, [[1, 1]]));
		for (const seq of [3, 4, 5]) fixture.push(pushes.dataBatch, batch("v1", seq, DELTA, [[1, seq]]));
		fixture.push(pushes.dataBatch, batch("v1", 5, FULL, [[1, 5]]));
		fixture.push(pushes.dataBatch, batch("v1", 6, DELTA, [[1, 6]]));
		assert.deepEqual(seen, [1, 5, 6]);
		assert.deepEqual(
			fixture.asked.filter(({ name }) => name === resync.name).map(({ properties }) => properties),
			[{ subId: "v1" }],
		);
	});

	it("takes batches that overtake the reply which names their subscription", async () => {
		const fixture = new EdgeFixture();
		fixture.answers[subscribe.name] = () => {
			fixture.push(pushes.dataBatch, batch("v1", 1, FULL, [[1, 7]]));
			return { subId: "v1" };
		};
		const subscription = await fixture.edge.subscribe({ channels: [1] });
		assert.equal(subscription.value(1, DataType.TELEMETRY, 1)?.num, 7);
	});

	it("subscribes again after a reconnect, under a new id", async () => {
		const fixture = new EdgeFixture();
		const subscription = await subscribed(fixture);
		fixture.push(pushes.dataBatch, batch("v1", 1, FULL, [[1, 1]]));
		fixture.answers[subscribe.name] = () => ({ subId: "v9" });
		fixture.signInAgain();
		await settled();
		assert.equal(subscription.subId, "v9");
		fixture.push(pushes.dataBatch, batch("v1", 2, DELTA, [[1, 2]]));
		assert.equal(subscription.value(1, DataType.TELEMETRY, 1)?.num, 1);
		fixture.push(pushes.dataBatch, batch("v9", 40, FULL, [[1, 3]]));
		assert.equal(subscription.value(1, DataType.TELEMETRY, 1)?.num, 3);
		fixture.answers[subscribe.name] = () => {
			throw new GatewayError(ErrorCode.UNAVAILABLE, "not now");
		};
		fixture.signInAgain();
		await settled();
		assert.equal(fixture.errors.length, 1);
		fixture.answers[subscribe.name] = () => ({ subId: "v10" });
		fixture.signInAgain();
		await settled();
		assert.equal(subscription.subId, "v10");
	});

	it("with a shared id ends at the gateway when the last of its sharers is closed", async () => {
		const fixture = new EdgeFixture();
		const one = await subscribed(fixture);
		const other = await subscribed(fixture);
		await one.close();
		assert.ok(!fixture.names().includes(unsubscribe.name));
		fixture.push(pushes.dataBatch, batch("v1", 1, FULL, [[1, 1]]));
		assert.equal(one.value(1, DataType.TELEMETRY, 1), undefined);
		assert.equal(other.value(1, DataType.TELEMETRY, 1)?.num, 1);
		await other.close();
		assert.ok(fixture.names().includes(unsubscribe.name));
		fixture.signInAgain();
		await settled();
		assert.equal(fixture.names().filter((name) => name === subscribe.name).length, 2);
	});

	it("can be revised and ended by the gateway", async () => {
		const fixture = new EdgeFixture();
		const subscription = await subscribed(fixture);
		fixture.push(pushes.subscriptionRevised, { subId: "v1", intervalMs: 5000, reason: "load" });
		assert.equal(subscription.grant?.intervalMs, 5000);
		fixture.push(pushes.subscriptionRevised, { subId: "v1", ended: true, reason: "closed" });
		assert.equal(subscription.isClosed, true);
		fixture.signInAgain();
		await settled();
		assert.equal(fixture.names().filter((name) => name === subscribe.name).length, 1);
	});
});

describe("a command", () => {
	const target = { channel: 1, dataType: DataType.CONTROL, pointId: 2 };

	it("is tracked to its end, even when acks overtake the reply", async () => {
		const fixture = new EdgeFixture();
		const { writePoint } = edgeControlRoutes;
		const stages: number[] = [];
		fixture.answers[writePoint.name] = ({ commandId }) => {
			fixture.push(pushes.controlAck, { commandId, stage: CommandStage.EXECUTING });
			return { commandId, stage: CommandStage.ACCEPTED, deadlineMs: Date.now() + 60_000 };
		};
		const command = await fixture.edge.write(target, 0, { reason: "test" });
		const { commandId, value, reason } = fixture.asked[0]?.properties ?? {};
		assert.deepEqual([commandId, value, reason], [command.id, 0, "test"]);
		assert.equal(command.stage, CommandStage.EXECUTING);
		command.onStage(({ stage: now }) => stages.push(now ?? 0));
		fixture.push(pushes.controlAck, { commandId: "another", stage: CommandStage.FAILED, isFinal: true });
		fixture.push(pushes.controlAck, { commandId, stage: CommandStage.EXECUTED, isFinal: true, actualValue: 0 });
		assert.equal((await command.ended).actualValue, 0);
		assert.deepEqual(stages, [CommandStage.EXECUTED]);
	});

	it("that is refused throws, and is tracked no more", async () => {
		const fixture = new EdgeFixture();
		fixture.answers[edgeControlRoutes.writePoint.name] = () => {
			throw new GatewayError(ErrorCode.UNAVAILABLE, "the box is unreachable");
		};
		await assert.rejects(fixture.edge.write(target, 1), { code: ErrorCode.UNAVAILABLE });
	});

	it("has its status requested when its acks may be missing", { timeout: 10_000 }, async () => {
		const fixture = new EdgeFixture();
		fixture.answers[edgeControlRoutes.operatePoint.name] = () => ({ deadlineMs: Date.now() + 60_000 });
		fixture.answers[edgeControlRoutes.commandStatus.name] = ({ commandId }) => ({
			command: { commandId, stage: CommandStage.UNKNOWN, isFinal: true },
		});
		const command = await fixture.edge.operate("s1", 1);
		fixture.recover({ channel: "chat:1", recovered: false, offset: 0, epoch: "" });
		fixture.recover({ channel: "user:1", recovered: false, offset: 0, epoch: "" });
		assert.equal((await command.ended).stage, CommandStage.UNKNOWN);
		assert.equal(fixture.names().filter((name) => name === edgeControlRoutes.commandStatus.name).length, 1);
	});

	it("rejects when the client is closed, sends no more status requests, and leaves no timer", async (t) => {
		t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_000_000 });
		const fixture = new EdgeFixture();
		const status = edgeControlRoutes.commandStatus.name;
		fixture.answers[edgeControlRoutes.writePoint.name] = () => ({ deadlineMs: Date.now() + 5000 });
		let refuse: (error: Error) => void = () => {};
		fixture.answers[status] = () => new Promise((_, reject) => (refuse = reject));
		const asked = await fixture.edge.write(target, 1);
		t.mock.timers.tick(7000);
		const waiting = await fixture.edge.write(target, 2);
		await settled();
		fixture.close();
		refuse(new GatewayError(ErrorCode.UNAVAILABLE, "the client was closed"));
		for (const { ended } of [asked, waiting]) await assert.rejects(ended, { code: ErrorCode.UNAVAILABLE });
		t.mock.timers.tick(60_000);
		fixture.signInAgain();
		t.mock.timers.tick(60_000);
		await settled();
		assert.deepEqual([fixture.names().filter((name) => name === status).length, fixture.errors], [1, []]);
	});

	it("that is overdue has its status requested as soon as the client has signed in again", async (t) => {
		t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_000_000 });
		const fixture = new EdgeFixture();
		const { commandStatus, writePoint } = edgeControlRoutes;
		fixture.answers[writePoint.name] = () => ({ deadlineMs: Date.now() + 5000 });
		fixture.answers[commandStatus.name] = () => {
			throw new GatewayError(ErrorCode.TIMEOUT, "no connection");
		};
		const overdue = await fixture.edge.write(target, 1);
		t.mock.timers.tick(7000);
		await fixture.edge.write(target, 2);
		await settled();
		fixture.answers[commandStatus.name] = ({ commandId }) => ({
			command: { commandId, stage: CommandStage.TIMEOUT, isFinal: true },
		});
		fixture.signInAgain();
		t.mock.timers.tick(0);
		assert.equal((await overdue.ended).stage, CommandStage.TIMEOUT);
		const ids = fixture.asked.filter(({ name }) => name === commandStatus.name).map(({ properties }) => properties);
		assert.deepEqual(ids, [{ commandId: overdue.id }, { commandId: overdue.id }]);
		fixture.close();
	});

	it("that the gateway does not know rejects with NOT_FOUND", async (t) => {
		t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_000_000 });
		const fixture = new EdgeFixture();
		fixture.answers[edgeControlRoutes.writePoint.name] = () => ({ deadlineMs: Date.now() });
		fixture.answers[edgeControlRoutes.commandStatus.name] = () => {
			throw new GatewayError(ErrorCode.NOT_FOUND, "no such command");
		};
		const { ended } = await fixture.edge.write(target, 1);
		t.mock.timers.tick(2000);
		await assert.rejects(ended, { code: ErrorCode.NOT_FOUND });
	});
});

describe("alarms of the client", () => {
	it("are not subscribed again after a reconnect once the client has unsubscribed", async () => {
		const fixture = new EdgeFixture();
		fixture.answers[edgeAlarmRoutes.alarmSubscribe.name] = () => ({ channel: "alarms:plant" });
		await fixture.edge.subscribeAlarms({});
		assert.deepEqual(fixture.unsubscribed, []);
		await fixture.edge.subscribeAlarms({ stop: true });
		assert.deepEqual(fixture.unsubscribed, ["alarms:plant"]);
	});

	it("are listed page by page", async () => {
		const fixture = new EdgeFixture();
		fixture.answers[edgeAlarmRoutes.alarmList.name] = ({ cursor }) =>
			cursor === "" ? { alarms: [{ alarmId: "a" }], nextCursor: "2" } : { alarms: [{ alarmId: "b" }], nextCursor: "" };
		const seen: unknown[] = [];
		for await (const { alarmId } of fixture.edge.alarms({ box: "plant" })) seen.push(alarmId);
		assert.deepEqual(seen, ["a", "b"]);
		assert.equal(fixture.asked[1]?.properties["box"], "plant");
	});
});
