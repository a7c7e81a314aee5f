// An upgrade under load: a node of the commit before and one of this one side by side on the same Redis and SQL, whose schema the
// new one has brought up to date. They agree in both directions, and the old node is then replaced. No message is lost and no client
// has to log in again. Needs the commit before: `--before COMMIT`.
import { agreement } from "../agreement.ts";
import type { Check, Scenario } from "../scenario.ts";
import { atMost, evaluate, LOAD_STEPS, pause, underLoad } from "../under-load.ts";

const READY_WITHIN_MS = 30_000;
const OLD = 0;
const NEW = 1;

export const rollingUpgrade: Scenario<"standalone"> = {
	name: "rolling-upgrade",
	title: "a node of the commit before beside a new one, and its replacement",
	needs: { redis: "standalone", nodes: 2, nodesBefore: 1 },
	steps: LOAD_STEPS + 3,
	async run(context) {
		const { plan, nodes } = context;
		const agreed: Check[] = [];
		let exitCode: number | null = null;
		const trial = await underLoad(context, async (_clients, watch) => {
			await pause((plan.seconds * 1000) / 8);
			const [old, replacement] = [nodes[OLD], nodes[NEW]];
			if (old === undefined || replacement === undefined) throw new Error("two nodes are needed");
			context.step("old and new node agree");
			agreed.push(...(await agreement([old, replacement], ["old", "new"])));
			context.step(`the old node drains over ${plan.drainWindowMs / 1000} s`);
			({ code: exitCode } = await old.stop());
			context.step("a new node takes its place");
			await context.startAgain(OLD);
			await watch.untilReady(READY_WITHIN_MS);
		});
		return evaluate(context, trial, [
			...agreed,
			atMost("gaps within the window", trial.figures.gaps, 0),
			atMost("clients that had to log in again", trial.figures.relogins, 0),
			{ what: "the old node ended with 0", holds: exitCode === 0, found: String(exitCode) },
		]);
	},
};
