// What the rows of the ledger have in common: members come in, talk and lose their connections, a fault happens meanwhile,
// and in the end everybody's log is compared. A row adds the fault, and what must hold besides.
import { Crowd, type CrowdFigures, type CrowdShape } from "./crowd.ts";
import type { Findings } from "./ledger.ts";
import type { Check, Context, Outcome } from "./row.ts";
import { NodeWatch, type NodeWatchFigures } from "./watch.ts";

export interface Trial {
	readonly crowd: Crowd;
	readonly findings: Findings;
	readonly isSettled: boolean;
	/** From the last message until everybody had everything, in milliseconds. */
	readonly settledAfterMs: number;
	readonly figures: CrowdFigures;
	readonly watched: NodeWatchFigures;
}

/** Steps that `underLoad` announces; those of the fault come on top. */
export const LOAD_STEPS = 4;

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** @param fault - happens while members talk; everything else goes on. */
export async function underLoad(
	context: Context,
	fault: (crowd: Crowd, watch: NodeWatch) => Promise<void>,
	shape: CrowdShape = {},
): Promise<Trial> {
	const { plan, random, nodes, timeline } = context;
	context.step(`${plan.rooms * plan.membersPerRoom} clients come in`);
	const urls = nodes.map((node) => node.url);
	const crowd = await Crowd.gather({ urls, plan, random, timeline, ...shape });
	context.atEnd(() => crowd.end());
	const watch = new NodeWatch(nodes);
	context.atEnd(() => watch.end());
	context.step(`${plan.messages.toLocaleString("en")} messages in ${plan.seconds} s`);
	const endDrops = crowd.dropAtRandom();
	await Promise.all([crowd.speak(), fault(crowd, watch)]);
	endDrops();
	context.step("until everybody has everything");
	const spokenAtMs = performance.now();
	const isSettled = await crowd.settle();
	const settledAfterMs = Math.round(performance.now() - spokenAtMs);
	const watched = watch.end();
	context.step("the ledger");
	return { crowd, findings: await crowd.audit(), isSettled, settledAfterMs, figures: crowd.figures(), watched };
}

/** Judges what must hold in every row, and what the row adds. */
export function judge(context: Context, trial: Trial, checks: readonly Check[], figures = {}): Outcome {
	const { crowd, findings, isSettled, settledAfterMs, figures: sums, watched } = trial;
	const { lost, twice, outOfOrder, wrong, unacknowledged } = findings;
	const failures = crowd.members.flatMap((member) => member.failures);
	const enough = Math.floor((sums.clients * context.plan.seconds * 1000) / context.plan.meanDropMs / 3);
	const died = context.nodes.filter(
		({ process: { exitCode, signalCode } }) => exitCode !== null || signalCode !== null,
	);
	return {
		figures: { ...sums, lost, twice, outOfOrder, wrong, settledAfterMs, ...watched, ...figures },
		checks: [
			atMost("messages not acknowledged", unacknowledged, 0),
			atMost("acknowledged messages lost", lost, 0),
			atMost("messages given twice", twice, 0),
			atMost("messages out of order", outOfOrder, 0),
			atMost("messages in a wrong place or never sent", wrong, 0),
			atMost("holes that nobody was told of", sums.silentHoles, 0),
			atMost("pushes repeated under the same offset", sums.duplicates, 0),
			atMost("requests without an answer", sums.unanswered, 0),
			atMost("refusals for good", failures.length, 0),
			atMost("nodes that died by themselves", died.length, 0),
			// Otherwise nothing has been proven.
			atLeast("messages sent", sums.sent, context.plan.messages),
			atLeast("connections lost", sums.losses, enough),
			atLeast("missed pushes brought by Connect", sums.recovered, 1),
			{ what: "everybody had everything in time", holds: isSettled, found: `${settledAfterMs} ms` },
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
