// Scenarios of the delivery proof in their smallest form, on the sources: `npm test` fails when delivery is broken. All
// scenarios, on what is shipped, are `npm run prove`.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Plan, shortPlan } from "../../bench/prove/plan.ts";
import { Random } from "../../bench/prove/random.ts";
import { runScenario } from "../../bench/prove/run-scenario.ts";
import type { Scenario } from "../../bench/prove/scenario.ts";
import { drops } from "../../bench/prove/scenarios/drops.ts";
import { nodeKill } from "../../bench/prove/scenarios/node-kill.ts";
import { redisStopped } from "../../bench/prove/scenarios/redis-stopped.ts";

const plan: Plan = { ...shortPlan, rooms: 3, messages: 900, seconds: 4, historySize: 100, outageMs: 1500 };

describe("every message once and in order", () => {
	for (const scenario of [drops, nodeKill, redisStopped] satisfies Scenario[]) {
		it(scenario.title, { timeout: 180_000 }, async () => {
			const { checks, examples, logs } = await runScenario(scenario, { plan, random: new Random(1) });
			const broken = checks.filter(({ holds }) => !holds);
			assert.deepEqual(broken, [], [...examples, ...logs].join("\n"));
		});
	}
});
