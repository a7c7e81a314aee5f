// Redis answers no client for a while, by its own `CLIENT PAUSE`: unlike a halted process it still accepts connections and
// reads commands, and executes all of them at the end.
import type { Scenario } from "../scenario.ts";
import { LOAD_STEPS } from "../under-load.ts";
import { outage } from "./outage.ts";

export const redisClientPause: Scenario<"standalone"> = {
	name: "redis-client-pause",
	title: "Redis paused by CLIENT PAUSE",
	needs: { redis: "standalone", nodes: 2 },
	steps: LOAD_STEPS + 2,
	run: (context) =>
		outage(context, {
			of: "Redis",
			fault: async (lasts) => {
				await context.redis.pauseClients(context.plan.outageMs);
				await lasts();
			},
		}),
};
