// The master of a Sentinel's Redis is killed under load. Its replica takes over and may lack what was acknowledged last,
// which cannot be detected: every channel begins a new epoch, every client is notified and fetches the history.
import type { Scenario } from "../scenario.ts";
import { atLeast, atMost, evaluate, LOAD_STEPS, pause, underLoad } from "../under-load.ts";

const READY_WITHIN_MS = 30_000;

export const sentinel: Scenario<"sentinel"> = {
	name: "sentinel",
	title: "fail-over by a Sentinel",
	needs: { redis: "sentinel", nodes: 2 },
	steps: LOAD_STEPS + 2,
	async run(context) {
		let failoverMs = 0;
		let readyAfterMs = 0;
		const trial = await underLoad(context, async (_clients, watch) => {
			await pause((context.plan.seconds * 1000) / 3);
			context.step("kill -9 of the master");
			const killedAtMs = performance.now();
			await context.redis.killMaster();
			failoverMs = Math.round(performance.now() - killedAtMs);
			context.step("the replica is master");
			readyAfterMs = Math.round(await watch.untilReady(READY_WITHIN_MS));
		});
		const notified = trial.clients.all.filter(({ log }) => log.gaps > 0).length;
		return evaluate(
			context,
			trial,
			[
				atMost("health checks at which a node was not live", trial.watched.notLive, 0),
				atLeast("clients notified of the new epoch", notified, trial.clients.all.length),
			],
			{ failoverMs, readyAfterMs },
		);
	},
};
