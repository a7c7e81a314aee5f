// Redis is shut down under load and started again with its data. Messages are acknowledged meanwhile, as they are in SQL.
// What was started again may not have all that was acknowledged to us, so that every channel begins a new epoch: everybody
// is told of it, and fetches the history.
import type { Check, Row } from "../row.ts";
import { atLeast, LOAD_STEPS, type Trial } from "../under-load.ts";
import { outage } from "./outage.ts";

export const redisStopped: Row<"standalone"> = {
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
			further: everybodyIsTold,
		}),
};

/** Redis may have lost something, and says so by a new epoch. */
export function everybodyIsTold({ crowd }: Trial): Check[] {
	const told = crowd.members.filter(({ log }) => log.holes > 0).length;
	return [atLeast("members told of the new epoch", told, crowd.members.length)];
}
