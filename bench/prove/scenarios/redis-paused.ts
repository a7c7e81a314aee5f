// Redis is halted under load, as on a machine that is paused: its connections stay open, and nothing is answered. It loses
// nothing, so that no epoch ends; what it executed after the request had timed out is published again.
import type { Scenario } from "../scenario.ts";
import { LOAD_STEPS } from "../under-load.ts";
import { outage } from "./outage.ts";

export const redisPaused: Scenario<"standalone"> = {
	name: "redis-paused",
	title: "Redis halted by SIGSTOP",
	needs: { redis: "standalone", nodes: 2 },
	steps: LOAD_STEPS + 2,
	run: (context) =>
		outage(context, {
			of: "Redis",
			fault: async (lasts) => {
				const goOn = await context.redis.pause();
				try {
					await lasts();
				} finally {
					goOn();
				}
			},
		}),
};
