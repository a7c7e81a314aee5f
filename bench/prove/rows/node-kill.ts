// A node is killed under load: its clients go on elsewhere, and what was acknowledged is delivered to everybody. What the
// dead node had published and not noted is published again by the other, and dropped by clients by its sequence.
import type { Row } from "../row.ts";
import { atLeast, atMost, judge, LOAD_STEPS, pause, underLoad } from "../under-load.ts";

/** Beyond what a process that comes and a claim that runs out take. */
const READY_WITHIN_MS = 30_000;
const DYING = 0;
/**
 * What a room says until the claims of the dead node run out and the other looks for them, 5 s at the most, comes at once:
 * the window has to be wider, or whoever is away at that moment has a hole, and is told so.
 */
const WINDOW = 500;

export const nodeKill: Row<"standalone"> = {
	name: "node-kill",
	title: "kill -9 of a node",
	needs: { redis: "standalone", nodes: 2, env: { FRAMEGATE_CHANNELS_HISTORY_SIZE: String(WINDOW) } },
	steps: LOAD_STEPS + 2,
	async run(context) {
		const third = (context.plan.seconds * 1000) / 3;
		let clients = 0;
		const trial = await underLoad(context, async (_crowd, watch) => {
			await pause(third);
			context.step("kill -9 of a node");
			clients = await connectionsOf(context.nodes[DYING]?.httpUrl ?? "");
			await context.nodes[DYING]?.kill9();
			await pause(third);
			context.step("the node comes back");
			await context.startAgain(DYING);
			await watch.untilReady(READY_WITHIN_MS);
		});
		return judge(
			context,
			trial,
			[
				atMost("holes within the window", trial.figures.holes, 0),
				atLeast("clients on the node when it was killed", clients, trial.figures.clients / 5),
			],
			{ clientsOfKilledNode: clients },
		);
	},
};

async function connectionsOf(httpUrl: string): Promise<number> {
	const status = (await (await fetch(`${httpUrl}/status`)).json()) as { connections?: { open?: number } };
	return status.connections?.open ?? 0;
}
