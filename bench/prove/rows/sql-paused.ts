// PostgreSQL stands still under load. What is sent meanwhile is refused or answered in time; what was committed after its
// answer had been given up is recognised by its `client_msg_id` when it is sent again.
import type { Row } from "../row.ts";
import { LOAD_STEPS } from "../under-load.ts";
import { outage } from "./outage.ts";

export const sqlPaused: Row<"standalone"> = {
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
