// PostgreSQL crashes under load and is started again. A transaction whose answer was lost with its connection may have been
// committed or not; whichever it was, what was acknowledged is there, and what is sent again is there once.
import type { Scenario } from "../scenario.ts";
import { LOAD_STEPS } from "../under-load.ts";
import { outage } from "./outage.ts";

export const sqlCrashed: Scenario<"standalone"> = {
	name: "sql-crashed",
	title: "crash of PostgreSQL, started again",
	needs: { redis: "standalone", nodes: 2 },
	steps: LOAD_STEPS + 2,
	run: (context) =>
		outage(context, {
			of: "PostgreSQL",
			fault: async (lasts) => {
				await context.postgres.crash();
				await lasts();
				await context.postgres.startAgain();
			},
		}),
};
