// Rows of the delivery proof in their smallest form, on the sources: `npm test` fails when delivery breaks. All
// rows, on what is shipped, are `npm run prove`.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Plan, shortPlan } from "../../bench/prove/plan.ts";
import { Random } from "../../bench/prove/random.ts";
import type { Row } from "../../bench/prove/row.ts";
import { drops } from "../../bench/prove/rows/drops.ts";
import { nodeKill } from "../../bench/prove/rows/node-kill.ts";
import { redisStopped } from "../../bench/prove/rows/redis-stopped.ts";
import { runRow } from "../../bench/prove/run-row.ts";

const plan: Plan = { ...shortPlan, rooms: 3, messages: 900, seconds: 4, historySize: 100, outageMs: 1500 };

describe("every message once and in order", () => {
	for (const row of [drops, nodeKill, redisStopped] satisfies Row[]) {
		it(row.title, { timeout: 180_000 }, async () => {
			const { checks, examples, logs } = await runRow(row, { plan, random: new Random(1) });
			const broken = checks.filter(({ holds }) => !holds);
			assert.deepEqual(broken, [], [...examples, ...logs].join("\n"));
		});
	}
});
