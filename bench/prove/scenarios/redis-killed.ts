// Redis is killed under load and started again with what it had written: up to a second of what it had acknowledged may be
// lost. Every channel begins a new epoch, every client is notified and fetches the history from SQL, where nothing is lost.
import type { Scenario } from "../scenario.ts";
import { LOAD_STEPS } from "../under-load.ts";
import { outage } from "./outage.ts";
import { everyClientWasNotified } from "./redis-stopped.ts";

export const redisKilled: Scenario<"standalone"> = {
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
			further: everyClientWasNotified,
		}),
};
