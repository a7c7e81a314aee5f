// Results of commands as events: each once it is final, kept before the command counts as settled, by whichever process ends it.
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import type { EventSink, GatewayEvent } from "../../../../messaging/event-sink.ts";
import { CommandStatusResponse } from "../../../../protocol/gen/schema.ts";
import { until } from "../../../support/until.ts";
import { type ControlFixture, controlFixture, newId, operator, target } from "./fixture.ts";

const ada = operator("ada");
let fixture: ControlFixture;
const kept: GatewayEvent[] = [];
let isDown = false;
const events: EventSink = {
	wants: (group) => group === "command",
	keep: async (event) => {
		if (isDown) throw new Error("the store is unreachable");
		kept.push(event);
	},
	offer: () => assert.fail("a result has a record: it is kept"),
};

beforeEach(async () => {
	fixture = await controlFixture();
	kept.length = 0;
	isDown = false;
});
afterEach(() => fixture.close());

test("the final stage of a command is an event, with its target and value", async () => {
	const controls = fixture.node({}, { events });
	const id = newId();
	await controls.write(ada, { target: target(1), value: 1, commandId: id });
	fixture.held.report(id, "executing");
	fixture.held.report(id, "executed", { actualValue: 1 });
	await until(() => kept.length === 1);
	const [event] = kept as [GatewayEvent];
	assert.deepEqual([event.kind, event.id, event.key], ["command.executed", `command/${id}`, "plant"]);
	const { command, target: at, value, username } = CommandStatusResponse.decode(event.body);
	assert.deepEqual([command?.commandId, command?.actualValue, at?.channel, value, username], [id, 1, 1001, 1, "ada"]);
});

test("a result that could not be kept is kept by the process that sweeps next", async () => {
	const controls = fixture.node({}, { events });
	const id = newId();
	await controls.write(ada, { target: target(1), value: 1, commandId: id });
	isDown = true;
	fixture.held.report(id, "failed", { error: "interlock" });
	await until(() => fixture.log.stages(id).includes("FAILED"));
	await controls.close();
	isDown = false;
	const other = fixture.node({}, { events });
	await fixture.pass(600_000);
	await other.sweep();
	assert.deepEqual(
		kept.map(({ kind, id: eventId }) => [kind, eventId]),
		[["command.failed", `command/${id}`]],
	);
});
