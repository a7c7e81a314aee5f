// Clients that lose their connections at random get every message once and in order, and those that were disconnected for
// longer than the recovery window get `recovered=false`.
import type { Client } from "../client.ts";
import type { Context, Outcome, Scenario } from "../scenario.ts";
import { atLeast, atMost, evaluate, LOAD_STEPS, underLoad } from "../under-load.ts";

export const drops: Scenario<"standalone"> = {
	name: "drops",
	title: "connections lost at random",
	needs: { redis: "standalone", nodes: 2 },
	steps: LOAD_STEPS,
	run: loseConnections,
};

/** On the Redis of the context, of any kind. */
export async function loseConnections(context: Context): Promise<Outcome> {
	let disconnected: readonly Client[] = [];
	const trial = await underLoad(context, async (clients) => {
		disconnected = await clients.keepDisconnected();
	});
	const others = trial.clients.all.filter((client) => !disconnected.includes(client));
	const sum = (clients: readonly Client[], of: (client: Client) => number): number =>
		clients.reduce((total, client) => total + of(client), 0);
	const notified = disconnected.filter(({ log }) => log.failedRecoveries > 0).length;
	return evaluate(
		context,
		trial,
		[
			atMost(
				"gaps within the window",
				sum(others, ({ log }) => log.gaps),
				0,
			),
			atMost("messages published again", trial.figures.repeats, 0),
			atLeast("clients disconnected beyond the window that got recovered=false", notified, context.plan.keptAway),
			atMost(
				"gaps beyond the window that were reported more than once",
				sum(disconnected, ({ log }) => log.gaps) - notified,
				0,
			),
		],
		{ keptAway: disconnected.length },
	);
}
