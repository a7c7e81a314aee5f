// Redis is killed under load and started again with what it had written: up to a second of what it had acknowledged may be
// gone. Every channel begins a new epoch, everybody is told of it, and fetches the history from SQL, where nothing is gone.
import type { Row } from "../row.ts";
import { LOAD_STEPS } from "../under-load.ts";
import { outage } from "./outage.ts";
import { everybodyIsTold } from "./redis-stopped.ts";

export const redisKilled: Row<"standalone"> = {
	name: "redis-killed",
	title: "kill -9 of Redis, started again",
	needs: { redis: "standalone", nodes: 2 },
	steps: LOAD_STEPS + 2,
	run: (context) =>
		outage(context, {
			of: "Redis",
			fault: async (lasts) => {
				await context.redis.kill9();
				await lasts();
				await context.redis.startAgain();
			},
			further: everybodyIsTold,
		}),
};
