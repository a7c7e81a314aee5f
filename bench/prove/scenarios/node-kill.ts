// A node is killed under load: its clients reconnect to the other, and every acknowledged message is delivered to every
// client. What the dead node had published and not recorded is published again by the other, and clients drop it by its
// sequence.
import type { Scenario } from "../scenario.ts";
import { atLeast, atMost, evaluate, LOAD_STEPS, pause, underLoad } from "../under-load.ts";

/** Longer than the start of a process and the expiry of a claim take. */
const READY_WITHIN_MS = 30_000;
const DYING = 0;
/**
 * The messages of a room are held back until the claims of the dead node expire and the other node looks for them, 5 s at
 * the most, and are then published at once: the window has to be wider, or a client that is disconnected at that moment
 * gets a gap, which is reported.
 */
const WINDOW = 500;

export const nodeKill: Scenario<"standalone"> = {
	name: "node-kill",
	title: "kill -9 of a node",
	needs: { redis: "standalone", nodes: 2, env: { FRAMEGATE_CHANNELS_HISTORY_SIZE: String(WINDOW) } },
	steps: LOAD_STEPS + 2,
	async run(context) {
		const third = (context.plan.seconds * 1000) / 3;
		let clients = 0;
		const trial = await underLoad(context, async (_clients, watch) => {
			await pause(third);
			context.step("kill -9 of a node");
			clients = await connectionsOf(context.nodes[DYING]?.httpUrl ?? "");
			await context.nodes[DYING]?.kill9();
			await pause(third);
			context.step("the node starts again");
			await context.startAgain(DYING);
			await watch.untilReady(READY_WITHIN_MS);
		});
		return evaluate(
			context,
			trial,
			[
				atMost("gaps within the window", trial.figures.gaps, 0),
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
