// Redis is shut down under load and started again with its data. Messages are acknowledged meanwhile, as they are in SQL.
// Redis may have lost what it had acknowledged, so that every channel begins a new epoch: every client is notified of it
// and fetches the history.
import type { Check, Scenario } from "../scenario.ts";
import { atLeast, LOAD_STEPS, type Trial } from "../under-load.ts";
import { outage } from "./outage.ts";

export const redisStopped: Scenario<"standalone"> = {
	name: "redis-stopped",
	title: "Redis shut down and started again",
	needs: { redis: "standalone", nodes: 2 },
	steps: LOAD_STEPS + 2,
	run: (context) =>
		outage(context, {
			of: "Redis",
			fault: async (lasts) => {
				await context.redis.shutDown();
				await lasts();
				await context.redis.startAgain();
			},
			further: everyClientWasNotified,
		}),
};

/** Redis may have lost something, which a new epoch reports. */
export function everyClientWasNotified({ clients }: Trial): Check[] {
	const notified = clients.all.filter(({ log }) => log.gaps > 0).length;
	return [atLeast("clients notified of the new epoch", notified, clients.all.length)];
}
