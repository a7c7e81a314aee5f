// The master of a Sentinel's Redis is killed under load. Its replica takes over and may lack what was acknowledged last,
// which nobody can know: every channel begins a new epoch, everybody is told, and fetches the history.
import type { Row } from "../row.ts";
import { atLeast, atMost, judge, LOAD_STEPS, pause, underLoad } from "../under-load.ts";

const READY_WITHIN_MS = 30_000;

export const sentinel: Row<"sentinel"> = {
	name: "sentinel",
	title: "fail-over by a Sentinel",
	needs: { redis: "sentinel", nodes: 2 },
	steps: LOAD_STEPS + 2,
	async run(context) {
		let failoverMs = 0;
		let readyAfterMs = 0;
		const trial = await underLoad(context, async (_crowd, watch) => {
			await pause((context.plan.seconds * 1000) / 3);
			context.step("kill -9 of the master");
			const killedAtMs = performance.now();
			await context.redis.killMaster();
			failoverMs = Math.round(performance.now() - killedAtMs);
			context.step("the replica is master");
			readyAfterMs = Math.round(await watch.untilReady(READY_WITHIN_MS));
		});
		const told = trial.crowd.members.filter(({ log }) => log.holes > 0).length;
		return judge(
			context,
			trial,
			[
				atMost("looks at which a node was not live", trial.watched.notLive, 0),
				atLeast("members told of the new epoch", told, trial.crowd.members.length),
			],
			{ failoverMs, readyAfterMs },
		);
	},
};
