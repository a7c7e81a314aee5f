// PostgreSQL is halted under load. Requests sent meanwhile are refused or answered in time; a message that was committed
// after its request had timed out is recognised by its `client_msg_id` when it is sent again.
import type { Scenario } from "../scenario.ts";
import { LOAD_STEPS } from "../under-load.ts";
import { outage } from "./outage.ts";

export const sqlPaused: Scenario<"standalone"> = {
	name: "sql-paused",
	title: "PostgreSQL halted by SIGSTOP",
	needs: { redis: "standalone", nodes: 2 },
	steps: LOAD_STEPS + 2,
	run: (context) =>
		outage(context, {
			of: "PostgreSQL",
			fault: async (lasts) => {
				const goOn = await context.postgres.pause();
				try {
					await lasts();
				} finally {
					goOn();
				}
			},
		}),
};
