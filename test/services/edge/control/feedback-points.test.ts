// Seeing at another point that a command was carried out.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { DataType } from "../../../../protocol/gen/schema.ts";
import type { Controls } from "../../../../services/edge/control/controls.ts";
import type { FeedbackOptions } from "../../../../services/edge/control/options.ts";
import { until } from "../../../support/until.ts";
import { type ControlFixture, controlFixture, operator, target } from "./fixture.ts";

const { ADJUSTMENT, SIGNAL, TELEMETRY, ACTION } = DataType;
const ada = operator("ada");
let fixture: ControlFixture;
beforeEach(async () => {
	fixture = await controlFixture();
	fixture.held.hasFeedback = false;
});
afterEach(() => fixture.close());

function controls(feedback: Partial<FeedbackOptions> = {}): Controls {
	return fixture.node({ feedback: { rule: "same-id", points: {}, tolerance: 0.5, ...feedback } });
}

/** Writes, lets the plant do something, asks once, and lets the time run out. */
async function outcome(node: Controls, to: ReturnType<typeof target>, value: number, happens: () => void) {
	const { id } = await node.write(ada, { target: to, value });
	happens();
	await node.tick();
	fixture.clock.advance(10_000);
	await node.tick();
	await until(() => node.openCommands === 0);
	await until(() => fixture.log.stages(id).length === 2);
	return fixture.log.stages(id)[1];
}

describe("feedback points", () => {
	test("a switch shows at the signal of the same id, exactly", async () => {
		const node = controls();
		const { held } = fixture;
		held.show(SIGNAL, 1, 0);
		assert.equal(await outcome(node, target(1), 1, () => held.show(SIGNAL, 1, 1)), "EXECUTED");
		assert.equal(await outcome(node, target(1), 0, () => held.show(SIGNAL, 1, 0.4)), "TIMEOUT");
		assert.equal(await outcome(node, target(1), 0, () => held.show(SIGNAL, 2, 0)), "TIMEOUT");
		assert.equal(await outcome(node, target(1), 0, () => held.show(SIGNAL, 1, 0)), "EXECUTED");
	});

	test("an adjustment shows at the telemetry of the same id, within the tolerance", async () => {
		const node = controls();
		const { held } = fixture;
		const to = target(7, ADJUSTMENT);
		assert.equal(await outcome(node, to, 20, () => held.show(TELEMETRY, 7, 20.4)), "EXECUTED");
		assert.equal(fixture.log.acks.at(-1)?.ack.actualValue, 20.4);
		assert.equal(await outcome(node, to, 30, () => held.show(TELEMETRY, 7, 29.4)), "TIMEOUT");
		assert.equal(await outcome(node, to, 30, () => held.show(TELEMETRY, 7, 30, 0, 2)), "TIMEOUT", "a bad value");
		assert.equal(await outcome(node, target(7, ACTION), 30, () => {}), "TIMEOUT", "no rule for actions");
	});

	test("a point that had the value before is no feedback until it is written again", async () => {
		const node = controls();
		const { held } = fixture;
		held.show(SIGNAL, 1, 1, 1000);
		assert.equal(await outcome(node, target(1), 1, () => {}), "TIMEOUT");
		assert.equal(await outcome(node, target(1), 1, () => held.show(SIGNAL, 1, 1, 2000)), "EXECUTED");
	});

	test("configured points override the rule", async () => {
		const points = { "comsrv:1001:C:1": "comsrv:1001:S:105", "comsrv:1001:ACTION:2": "comsrv:1001:T:9" };
		const node = controls({ rule: "none", points });
		const { held } = fixture;
		assert.equal(await outcome(node, target(1), 1, () => held.show(SIGNAL, 105, 1)), "EXECUTED");
		assert.equal(await outcome(node, target(2, ACTION), 5, () => held.show(TELEMETRY, 9, 5)), "EXECUTED");
		assert.equal(await outcome(node, target(3), 1, () => held.show(SIGNAL, 3, 1)), "TIMEOUT");
	});

	test("invalid points are rejected when the gateway starts", () => {
		for (const points of [{ "comsrv:1001:C": "comsrv:1001:S:1" }, { "comsrv:1001:C:1": "nowhere:1:S:1" }]) {
			assert.throws(() => controls({ points }));
		}
	});
});
