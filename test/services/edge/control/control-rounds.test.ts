// What control does regularly, and that it does nothing while there is nothing to look after.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import type { CommandSweep } from "../../../../services/edge/control/command-sweep.ts";
import { ControlRounds } from "../../../../services/edge/control/control-rounds.ts";
import type { FeedbackPoll } from "../../../../services/edge/control/feedback-poll.ts";
import { controlDefaults } from "../../../../services/edge/control/options.ts";
import { quietLogger } from "../../../support/quiet-logger.ts";
import { until } from "../../../support/until.ts";
import { controlFixture, newId, operator, target } from "./fixture.ts";

const nothing = async () => undefined;

test("feedback is polled from the first unfinished command until the last has ended", async (t) => {
	mock.timers.enable({ apis: ["setTimeout"] });
	t.after(() => mock.timers.reset());
	let polls = 0;
	let unfinished = 0;
	const feedback = { run: async () => void polls++ } as unknown as FeedbackPoll;
	const commands = { orphans: nothing, old: nothing } as unknown as CommandSweep;
	const work = { isEmpty: () => unfinished === 0, expire: () => undefined };
	const rounds = new ControlRounds(
		{ feedback, commands, work, logger: quietLogger() },
		{ pollIntervalMs: 250, sweepIntervalMs: 5000 },
	);
	const pass = async () => {
		mock.timers.tick(251);
		await new Promise((resolve) => setImmediate(resolve));
	};
	rounds.begin();
	await pass();
	assert.equal(polls, 0, "not started");
	await rounds.start();
	await pass();
	assert.equal(polls, 0, "nothing to look after");
	unfinished = 1;
	rounds.begin();
	rounds.begin();
	for (let i = 0; i < 4; i++) await pass();
	assert.ok(polls >= 4, `${polls}`);
	unfinished = 0;
	await pass();
	const last = polls;
	for (let i = 0; i < 4; i++) await pass();
	assert.equal(polls, last, "nothing is left to look after");
	unfinished = 1;
	rounds.begin();
	await pass();
	assert.ok(polls > last, "the next one");
	await rounds.close();
	const closed = polls;
	await pass();
	assert.equal(polls, closed);
});

test("a select and a command each start the rounds that end them", { timeout: 20_000 }, async () => {
	const fixture = await controlFixture();
	try {
		const node = fixture.node({ pollIntervalMs: 10 });
		await node.start();
		await node.select(operator("ann"), { target: target(1), value: 1 });
		fixture.clock.advance(controlDefaults.selectMs);
		await until(() => node.selectedPoints === 0);
		const id = newId();
		await node.write(operator("ann"), { target: target(1), value: 1, commandId: id });
		fixture.clock.advance(controlDefaults.controlTimeoutMs);
		await until(() => fixture.log.stages(id).includes("TIMEOUT"));
		assert.equal(node.openCommands, 0);
	} finally {
		await fixture.close();
	}
});
