// Redis answers nobody for a while, by its own `CLIENT PAUSE`: unlike a halted process it goes on to accept connections and
// to read what is sent, and carries all of it out at the end.
import type { Row } from "../row.ts";
import { LOAD_STEPS } from "../under-load.ts";
import { outage } from "./outage.ts";

export const redisClientPause: Row<"standalone"> = {
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
