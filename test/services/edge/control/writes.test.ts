// Direct writes: which values pass, what is written down, and what becomes of a command.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { ErrorCode } from "../../../../protocol/codes.ts";
import { GatewayError } from "../../../../protocol/error.ts";
import { CommandStage, DataType } from "../../../../protocol/gen/schema.ts";
import { SendOutcome } from "../../../../services/edge/boxes/box-commands.ts";
import type { Controls } from "../../../../services/edge/control/controls.ts";
import { until } from "../../../support/until.ts";
import { type ControlFixture, controlFixture, elsewhere, nameOf, newId, operator, target } from "./fixture.ts";

const { CONTROL, ADJUSTMENT, ACTION } = DataType;
const { VALIDATION_FAILED, NOT_FOUND, PERMISSION_DENIED, UNAVAILABLE, CONFLICT, RATE_LIMITED } = ErrorCode;

let fixture: ControlFixture;
let controls: Controls;
const ada = operator("ada");
beforeEach(async () => {
	fixture = await controlFixture();
	controls = fixture.node();
});
afterEach(() => fixture.close());

function refusedFor(field: string, code: ErrorCode = VALIDATION_FAILED) {
	return (error: unknown) => {
		assert.ok(error instanceof GatewayError, String(error));
		assert.deepEqual([error.code, error.violations[0]?.field], [code, field], error.message);
		return true;
	};
}

describe("values", () => {
	test("0 is a value, and so are 1 and fractions where they belong", async () => {
		await controls.write(ada, { target: target(1), value: 0 });
		await controls.write(ada, { target: target(1), value: 1 });
		for (const value of [0, -0, 0.1, -273.15, 1e300, 5e-324]) {
			await controls.write(ada, { target: target(2, ADJUSTMENT), value });
		}
		await controls.write(ada, { target: target(3, ACTION), value: 2.5 });
		const values = fixture.held.sent.map(({ value }) => value);
		assert.deepEqual(values, [0, 1, 0, 0, 0.1, -273.15, 1e300, 5e-324, 2.5]);
		const entries = await fixture.audit.list({ sinceMs: 0, username: "ada", limit: 100 });
		assert.deepEqual(
			entries.filter(({ outcome }) => outcome === "requested").map(({ value }) => value),
			values,
		);
	});

	test("no value, no number, or a switch neither on nor off is refused by name, audited, and not sent", async () => {
		for (const value of [undefined, null, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2, 0.5, -1]) {
			await assert.rejects(controls.write(ada, { target: target(1), value: value as number }), refusedFor("value"));
		}
		assert.deepEqual(fixture.held.sent, []);
		assert.deepEqual(await fixture.outcomes(), Array(8).fill("control.write refused"));
	});

	test("what models say of a point holds, all of them together", async () => {
		fixture.held.limit(ADJUSTMENT, 5, { min: 10, max: 50, step: 0.1 });
		fixture.held.limit(ADJUSTMENT, 5, { max: 40 });
		fixture.held.limit(CONTROL, 6, { min: 0, max: 3, step: 1 });
		fixture.held.limit(CONTROL, 7, undefined);
		const write = (pointId: number, type: DataType, value: number) =>
			controls.write(ada, { target: target(pointId, type), value });
		for (const value of [10, 10.3, 39.9, 40]) await write(5, ADJUSTMENT, value);
		for (const value of [9.9, 40.1, 10.05, 0]) await assert.rejects(write(5, ADJUSTMENT, value), refusedFor("value"));
		await write(6, CONTROL, 3);
		await assert.rejects(write(6, CONTROL, 1.5), refusedFor("value"));
		await assert.rejects(write(7, CONTROL, 2), refusedFor("value"));
		assert.equal(fixture.held.modelReads, 1, "models are read once, not for each command");
		fixture.clock.advance(60_000);
		fixture.held.limit(ADJUSTMENT, 5, { max: 20 });
		await assert.rejects(write(5, ADJUSTMENT, 30), refusedFor("value"));
	});

	test("only what sources and options allow", async () => {
		const value = 1;
		await assert.rejects(controls.write(ada, { value }), refusedFor("target"));
		const nowhere = { ...target(1), source: "nowhere" };
		await assert.rejects(controls.write(ada, { target: nowhere, value }), refusedFor("target.source", NOT_FOUND));
		for (const type of [DataType.TELEMETRY, DataType.UNSPECIFIED]) {
			const request = { target: target(1, type), value };
			await assert.rejects(controls.write(ada, request), refusedFor("target.data_type"));
		}
		const narrow = fixture.node({ allowed: ["comsrv:1001:C", "comsrv:1001:A:5", "comsrv:7"] });
		for (const allowed of [target(9), target(5, ADJUSTMENT), { ...target(1, ACTION), channel: 7 }]) {
			await narrow.write(ada, { target: allowed, value });
		}
		for (const other of [target(55, ADJUSTMENT), target(1, ACTION), { ...target(1), channel: 70 }]) {
			await assert.rejects(narrow.write(ada, { target: other, value }), refusedFor("target", PERMISSION_DENIED));
		}
		await assert.rejects(controls.write(ada, { target: target(1), value, commandId: "a b" }), refusedFor("command_id"));
	});
});

describe("stages", () => {
	const write = (id = newId(), who = ada) => controls.write(who, { target: target(1), value: 1, commandId: id });

	test("accepted is not executed: the device has to report it", async () => {
		const { id, stage, deadlineMs } = await write();
		assert.equal(stage, CommandStage.ACCEPTED);
		assert.equal(deadlineMs, fixture.clock.now() + 5000);
		await until(() => fixture.log.stages(id).length === 1);
		fixture.held.report(id, "executing");
		fixture.held.report(id, "executed", { actualValue: 1 });
		await until(() => fixture.log.stages(id).length === 3);
		assert.deepEqual(fixture.log.stages(id), ["ACCEPTED", "EXECUTING", "EXECUTED"]);
		const { channel, ack } = fixture.log.acks.at(-1) ?? {};
		assert.deepEqual([channel, ack?.isFinal, ack?.actualValue], ["user:u-ada", true, 1]);
		assert.equal(controls.openCommands, 0);
		const operations = ["requested", "accepted", "executing", "executed"].map((outcome) => `control.write ${outcome}`);
		assert.deepEqual(await fixture.outcomes(id), operations);
	});

	test("feedback that is faster than the hand-over, repeated, or goes backward keeps its order", async () => {
		const id = newId();
		fixture.held.beforeSend = async () => {
			fixture.held.report(id, "executing");
			fixture.held.report(id, "failed", { error: "interlock" });
			fixture.held.report(id, "executing");
		};
		await write(id);
		fixture.held.report(id, "executed");
		await until(() => fixture.log.stages(id).length === 3);
		await controls.tick();
		assert.deepEqual(fixture.log.stages(id), ["ACCEPTED", "EXECUTING", "FAILED"]);
		assert.equal(fixture.log.acks.at(-1)?.ack.error, "interlock");
	});

	test("lost feedback is requested again", async () => {
		const { id } = await write();
		fixture.held.known.set(id, { commandId: id, stage: "executed", actualValue: 1, error: "", atMs: 0 });
		await controls.tick();
		await until(() => fixture.log.stages(id).length === 2);
		assert.deepEqual(fixture.log.stages(id), ["ACCEPTED", "EXECUTED"]);
	});

	test("no feedback: C times out after 5 s, A and ACTION after 10; late feedback is audited, not published", async () => {
		const { id } = await write();
		const { id: slow } = await controls.write(ada, { target: target(1, ADJUSTMENT), value: 1 });
		const { id: action } = await controls.write(ada, { target: target(1, ACTION), value: 1 });
		fixture.clock.advance(4999);
		await controls.tick();
		assert.equal(controls.openCommands, 3);
		fixture.clock.advance(1);
		await controls.tick();
		await until(() => fixture.log.stages(id).length === 2);
		assert.deepEqual(fixture.log.stages(id), ["ACCEPTED", "TIMEOUT"]);
		assert.equal(controls.openCommands, 2);
		fixture.clock.advance(5000);
		await controls.tick();
		for (const each of [slow, action]) await until(() => fixture.log.stages(each)[1] === "TIMEOUT");
		fixture.held.report(id, "executed", { actualValue: 1 });
		fixture.held.report(id, "executed", { actualValue: 1 });
		await until(async () => (await fixture.outcomes(id)).includes("control.write late executed"));
		assert.deepEqual(fixture.log.stages(id), ["ACCEPTED", "TIMEOUT"]);
		assert.equal((await fixture.outcomes(id)).length, 4);
		assert.equal((await controls.status(ada, id)).stage, CommandStage.TIMEOUT);
	});

	test("feedback that waits unread after the process was paused has a round more", async () => {
		const pauses = { isRecovering: true };
		const node = fixture.node({}, { pauses });
		const { id } = await node.write(ada, { target: target(2), value: 1 });
		fixture.clock.advance(60_000);
		await node.tick();
		assert.equal(node.openCommands, 1);
		fixture.held.report(id, "executed");
		await until(() => fixture.log.stages(id).length === 2);
		assert.deepEqual(fixture.log.stages(id), ["ACCEPTED", "EXECUTED"]);
	});

	test("a lost reply is UNKNOWN, final, and never sent again", async () => {
		fixture.held.outcome = SendOutcome.UNKNOWN;
		const { id, stage } = await write();
		assert.equal(stage, CommandStage.UNKNOWN);
		fixture.held.outcome = SendOutcome.SENT;
		assert.equal((await write(id)).stage, CommandStage.UNKNOWN);
		fixture.clock.advance(60_000);
		await controls.tick();
		// While it is being published, and after that.
		await controls.sweep();
		await until(() => fixture.log.stages(id).length > 0);
		await controls.sweep();
		assert.equal(fixture.held.sent.length, 1);
		assert.deepEqual(fixture.log.stages(id), ["UNKNOWN"]);
	});

	test("an error that is no rejection is UNKNOWN too", async () => {
		fixture.held.beforeSend = async () => {
			throw new TypeError("what?");
		};
		assert.equal((await write()).stage, CommandStage.UNKNOWN);
	});
});

describe("rejections", () => {
	const write = (id = newId(), pointId = 1) =>
		controls.write(ada, { target: target(pointId), value: 1, commandId: id, reason: "test" });

	test("an unreachable box is an error at once, and nothing is sent when it is back", async () => {
		fixture.held.isUp = false;
		const id = newId();
		await assert.rejects(write(id), { code: UNAVAILABLE });
		fixture.held.isUp = true;
		await controls.sweep();
		assert.deepEqual(fixture.held.sent, []);
		assert.deepEqual(await fixture.outcomes(id), ["control.write refused"]);
	});

	test("a box that becomes unreachable before it takes the command: FAILED, published, and not sent by a repeat", async () => {
		fixture.held.beforeSend = async () => {
			fixture.held.isUp = false;
		};
		const id = newId();
		await assert.rejects(write(id), { code: UNAVAILABLE });
		fixture.held.isUp = true;
		assert.equal((await write(id)).stage, CommandStage.FAILED);
		assert.deepEqual(fixture.held.sent, []);
	});

	test("a hand-over that was delayed for too long is abandoned", async () => {
		const { commands } = fixture;
		const slow = Object.create(commands, {
			begin: {
				value: async (...args: Parameters<typeof commands.begin>) => {
					const begun = await commands.begin(...args);
					fixture.clock.advance(3001);
					return begun;
				},
			},
		});
		const id = newId();
		const node = fixture.node({}, { commands: slow });
		await assert.rejects(node.write(ada, { target: target(1), value: 1, commandId: id }), { code: UNAVAILABLE });
		assert.deepEqual(fixture.held.sent, []);
		assert.equal((await controls.status(ada, id)).stage, CommandStage.FAILED);
	});

	test("too many open commands of one user, and of all", async () => {
		const node = fixture.node({ maxOpen: 3, maxOpenPerUser: 2 });
		const bob = operator("bob");
		const go = (who: typeof ada, pointId: number) => node.write(who, { target: target(pointId), value: 1 });
		const { id } = await go(ada, 1);
		await go(ada, 2);
		await assert.rejects(go(ada, 3), { code: RATE_LIMITED });
		await go(bob, 4);
		await assert.rejects(go(bob, 5), { code: RATE_LIMITED });
		fixture.held.report(id, "executed");
		await until(() => node.openCommands === 2);
		// A place is free when the final stage has been published as well: publishing must keep up.
		await until(() => go(bob, 5).then(() => true));
		assert.equal(fixture.held.sent.length, 4);
	});

	test("a command is known to its owner and to those who may write, and to nobody else", async () => {
		const viewer = operator("eve", ["edge.read"]);
		const { id } = await write();
		const { username, value, source, pointId } = await controls.status(elsewhere(ada), id);
		assert.deepEqual([username, value, source, pointId], ["ada", 1, "comsrv", 1]);
		await controls.status(operator("bob"), id);
		const strange = ["", "x".repeat(64), `${id} `, "a\0b"];
		for (const name of [id, ...strange]) {
			await assert.rejects(controls.status(viewer, name), refusedFor("command_id", NOT_FOUND));
		}
	});

	test("an id that was used for another request is a conflict that reveals nothing", async () => {
		const id = newId();
		await write(id);
		const asBob = operator("bob");
		const others = [
			[asBob, { target: target(1), value: 1, reason: "test" }],
			[ada, { target: target(1), value: 0, reason: "test" }],
			[ada, { target: target(2), value: 1, reason: "test" }],
			[ada, { target: target(1, ADJUSTMENT), value: 1, reason: "test" }],
			[ada, { target: target(1), value: 1, reason: "other" }],
		] as const;
		const messages = new Set<string>();
		for (const [who, request] of others) {
			await assert.rejects(controls.write(who, { ...request, commandId: id }), (error: GatewayError) => {
				messages.add(error.message);
				return refusedFor("command_id", CONFLICT)(error);
			});
		}
		assert.equal(messages.size, 1);
		assert.equal(fixture.held.sent.length, 1);
	});

	test("a repeat returns the current stage", async () => {
		const id = newId();
		await write(id);
		fixture.held.report(id, "executed", { actualValue: 1 });
		await until(() => controls.openCommands === 0);
		assert.equal(nameOf((await write(id)).stage), "EXECUTED");
		fixture.held.isUp = false;
		assert.equal(nameOf((await write(id)).stage), "EXECUTED", "also while the box is unreachable");
	});
});
