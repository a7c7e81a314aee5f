// What the scenarios have in common in which Redis or PostgreSQL is unavailable for a while: nodes stay live, report that
// they are not ready, answer or refuse every request in time, and become ready again by themselves.
import type { Check, Context, Outcome } from "../scenario.ts";
import { atLeast, atMost, evaluate, pause, type Trial, underLoad } from "../under-load.ts";

const READY_WITHIN_MS = 30_000;
/** What a node may take into memory while it cannot publish. */
const MAX_GROWTH_MB = 300;
const REQUEST_TIMEOUT_MS = 10_000;
/** For a machine that is busy. */
const GRACE_MS = 2000;

export interface Outage {
	/** Messages are acknowledged without Redis, as they are in SQL then, and not without SQL. */
	readonly of: "Redis" | "PostgreSQL";
	/** Makes it unavailable, waits for `lasts`, and makes it available again. */
	readonly fault: (lasts: () => Promise<void>) => Promise<void>;
	readonly further?: (trial: Trial) => readonly Check[];
}

export async function outage(context: Context, { of, fault, further }: Outage): Promise<Outcome> {
	const { plan } = context;
	let acknowledgedMeanwhile = 0;
	let readyAfterMs = 0;
	const trial = await underLoad(context, async (clients, watch) => {
		await pause((plan.seconds * 1000) / 3);
		context.step(`${of} is unavailable for ${plan.outageMs / 1000} s`);
		await fault(async () => {
			const before = clients.figures().acknowledged;
			await pause(plan.outageMs);
			acknowledgedMeanwhile = clients.figures().acknowledged - before;
		});
		context.step(`${of} is available again`);
		readyAfterMs = Math.round(await watch.untilReady(READY_WITHIN_MS));
	});
	const { watched } = trial;
	const slowest = trial.clients.slowestAnswer();
	return evaluate(
		context,
		trial,
		[
			atMost("health checks at which a node was not live", watched.notLive, 0),
			atLeast("health checks at which a node reported that it was not ready", watched.notReady, 1),
			...(of === "Redis" ? [atLeast("messages acknowledged meanwhile", acknowledgedMeanwhile, 1)] : []),
			{
				what: "every request answered or refused in time",
				holds: slowest.ms <= REQUEST_TIMEOUT_MS + GRACE_MS,
				found: `${slowest.route} after ${Math.round(slowest.ms)} ms at the latest`,
			},
			atMost("growth of a node's memory in MB", watched.rssGrowthMb, MAX_GROWTH_MB),
			...(further?.(trial) ?? []),
		],
		{ acknowledgedMeanwhile, readyAfterMs },
	);
}
