// What every box promises of rules: the same tests for Redis in both dialects and for the simulator.
import assert from "node:assert/strict";
import { it } from "node:test";
import type { BoxExecution, BoxRules } from "../../../../services/edge/boxes/box-models.ts";
import { until } from "../../../support/until.ts";

export interface RulesFixture {
	/** Two active rules or more. */
	readonly rules: BoxRules;
	/** Resolves when executions are listened for. */
	listening?(): Promise<void>;
	/** Lets a rule run. */
	run(): Promise<void>;
	close(): Promise<void>;
}

export function rulesContract(open: () => Promise<RulesFixture>): void {
	const withBox = (name: string, test: (fixture: RulesFixture) => Promise<void>): void => {
		void it(name, { timeout: 30_000 }, async () => {
			const fixture = await open();
			try {
				await test(fixture);
			} finally {
				await fixture.close();
			}
		});
	};

	const none = ["no-such-rule", "", "*", "a b", "a:meta b", "x".repeat(5000)];

	withBox("lists rules in the order of their ids, as many as asked for", async ({ rules }) => {
		const ids = await rules.ids(false, 100);
		assert.ok(ids.length >= 2);
		assert.deepEqual(ids, [...new Set(ids)].sort());
		assert.deepEqual(await rules.ids(false, 1), ids.slice(0, 1));
		const active = await rules.ids(true, 100);
		assert.ok(active.length >= 2);
		for (const rule of await rules.get(ids)) {
			assert.ok(rule !== undefined);
			assert.equal(rule.isActive, active.includes(rule.id));
			assert.notEqual(rule.name, "");
			if (rule.definitionJson !== "") JSON.parse(rule.definitionJson);
		}
	});

	withBox("reads rules in the order of the request", async ({ rules }) => {
		const [first = "", second = ""] = await rules.ids(false, 100);
		const found = await rules.get([second, ...none, first]);
		assert.deepEqual(
			found.map((rule) => rule?.id),
			[second, ...none.map(() => undefined), first],
		);
	});

	withBox("returns the state of a rule, and its executions, newest first", async ({ rules }) => {
		const [id = ""] = await rules.ids(true, 100);
		assert.ok(Object.keys(await rules.state(id)).length > 0);
		const executions = await rules.executions(id, 5);
		assert.ok(executions.length <= 5);
		for (const execution of executions) {
			assert.equal(execution.ruleId, id);
			assert.ok(execution.atMs > 1e12);
		}
		const times = executions.map(({ atMs }) => atMs);
		assert.deepEqual(
			times,
			[...times].sort((a, b) => b - a),
		);
		assert.deepEqual(await rules.executions(id, 0), []);
		for (const unknown of none) {
			assert.deepEqual(await rules.state(unknown), {});
			assert.deepEqual(await rules.executions(unknown, 5), []);
		}
	});

	withBox("reports an execution, once", async ({ rules, listening, run }) => {
		const executed: BoxExecution[] = [];
		rules.onExecuted((execution) => executed.push(execution));
		await listening?.();
		assert.equal(executed.length, 0);
		await run();
		await until(() => executed.length >= 1);
		const ids = await rules.ids(false, 100);
		assert.ok(executed.every(({ ruleId, atMs }) => ids.includes(ruleId) && atMs > 1e12));
		assert.equal(new Set(executed.map(({ ruleId, atMs }) => `${ruleId} ${atMs}`)).size, executed.length);
	});
}
