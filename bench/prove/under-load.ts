// What the scenarios of the ledger have in common: clients connect, publish and lose their connections, a fault happens
// meanwhile, and in the end every client's log is compared. A scenario adds the fault, and what else must hold.
import { type ClientFigures, type ClientShape, Clients } from "./clients.ts";
import type { Findings } from "./ledger.ts";
import type { Check, Context, Outcome } from "./scenario.ts";
import { NodeWatch, type NodeWatchFigures } from "./watch.ts";

export interface Trial {
	readonly clients: Clients;
	readonly findings: Findings;
	readonly isSettled: boolean;
	/** From the last message until every client had every message, in milliseconds. */
	readonly settledAfterMs: number;
	readonly figures: ClientFigures;
	readonly watched: NodeWatchFigures;
}

/** Steps that `underLoad` announces; those of the fault come on top. */
export const LOAD_STEPS = 4;

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** @param fault - happens while clients publish; everything else goes on. */
export async function underLoad(
	context: Context,
	fault: (clients: Clients, watch: NodeWatch) => Promise<void>,
	shape: ClientShape = {},
): Promise<Trial> {
	const { plan, random, nodes, timeline } = context;
	context.step(`${plan.rooms * plan.membersPerRoom} clients connect`);
	const urls = nodes.map((node) => node.url);
	const clients = await Clients.connect({ urls, plan, random, timeline, ...shape });
	context.atEnd(() => clients.end());
	const watch = new NodeWatch(nodes);
	context.atEnd(() => watch.end());
	context.step(`${plan.messages.toLocaleString("en")} messages in ${plan.seconds} s`);
	const endDrops = clients.dropAtRandom();
	await Promise.all([clients.publish(), fault(clients, watch)]);
	endDrops();
	context.step("until every client has every message");
	const publishedAtMs = performance.now();
	const isSettled = await clients.settle();
	const settledAfterMs = Math.round(performance.now() - publishedAtMs);
	const watched = watch.end();
	context.step("the ledger");
	return { clients, findings: await clients.audit(), isSettled, settledAfterMs, figures: clients.figures(), watched };
}

/** Evaluates what must hold in every scenario, and what the scenario adds. */
export function evaluate(context: Context, trial: Trial, checks: readonly Check[], figures = {}): Outcome {
	const { clients, findings, isSettled, settledAfterMs, figures: sums, watched } = trial;
	const { lost, twice, outOfOrder, wrong, unacknowledged } = findings;
	const failures = clients.all.flatMap((client) => client.failures);
	const enough = Math.floor((sums.clients * context.plan.seconds * 1000) / context.plan.meanDropMs / 3);
	const died = context.nodes.filter(
		({ process: { exitCode, signalCode } }) => exitCode !== null || signalCode !== null,
	);
	return {
		figures: { ...sums, lost, twice, outOfOrder, wrong, settledAfterMs, ...watched, ...figures },
		checks: [
			atMost("messages not acknowledged", unacknowledged, 0),
			atMost("acknowledged messages lost", lost, 0),
			atMost("messages delivered twice", twice, 0),
			atMost("messages out of order", outOfOrder, 0),
			atMost("messages in a wrong place or never sent", wrong, 0),
			atMost("gaps that were not reported", sums.unreportedGaps, 0),
			atMost("pushes repeated under the same offset", sums.duplicates, 0),
			atMost("requests without an answer", sums.unanswered, 0),
			atMost("errors that are not retryable", failures.length, 0),
			atMost("nodes that died by themselves", died.length, 0),
			// Otherwise nothing has been proven.
			atLeast("messages sent", sums.sent, context.plan.messages),
			atLeast("connections lost", sums.losses, enough),
			atLeast("missed pushes brought by Connect", sums.recovered, 1),
			{ what: "every client had every message in time", holds: isSettled, found: `${settledAfterMs} ms` },
			...checks,
		],
		examples: [...findings.examples, ...failures.slice(0, 10)],
	};
}

export function atMost(what: string, found: number, limit: number): Check {
	return { what, holds: found <= limit, found: String(found) };
}

export function atLeast(what: string, found: number, limit: number): Check {
	return { what, holds: found >= limit, found: `${found} of at least ${limit}` };
}
