// Every node in turn is told to stop, drains, and comes back, under load: what a deployment does. Its clients are sent to
// the other node one by one over the drain window, and nothing is lost on the way.
import { CloseCode } from "../../../protocol/codes.ts";
import type { Departure } from "../member.ts";
import type { Row } from "../row.ts";
import { atLeast, atMost, judge, LOAD_STEPS, pause, underLoad } from "../under-load.ts";

const READY_WITHIN_MS = 30_000;
/** Beyond the window, for calls under way and for the end of the process. */
const EXIT_WITHIN_MS = 15_000;
/**
 * How far the share of clients that are back may be from the share of the window that is over. Evenly spread is 0, all at
 * one moment 0.5 or more. Clients that lost their connection by chance meanwhile leave fewer for the end, which is 0.1.
 */
const MAX_UNEVENNESS = 0.3;

export const rollingRestart: Row<"standalone"> = {
	name: "rolling-restart",
	title: "each node stopped and started in turn",
	needs: { redis: "standalone", nodes: 2 },
	steps: LOAD_STEPS + 4,
	async run(context) {
		const { plan, nodes } = context;
		const exits: { code: number | null; tookMs: number }[] = [];
		const trial = await underLoad(context, async (_crowd, watch) => {
			await pause((plan.seconds * 1000) / 8);
			for (const [index, node] of [...nodes].entries()) {
				context.step(`node ${index + 1} drains over ${plan.drainWindowMs / 1000} s`);
				const toldAtMs = performance.now();
				const { code } = await node.stop();
				exits.push({ code, tookMs: performance.now() - toldAtMs });
				context.step(`node ${index + 1} comes back`);
				await context.startAgain(index);
				await watch.untilReady(READY_WITHIN_MS);
			}
		});
		const departures = trial.crowd.members.flatMap((member) => member.departures);
		const drained = departures.filter(({ closeCode }) => closeCode === CloseCode.DRAIN);
		const unevenness = unevennessOf(drained, plan.drainWindowMs);
		const slowestExitMs = Math.round(Math.max(...exits.map(({ tookMs }) => tookMs)));
		return judge(
			context,
			trial,
			[
				atMost("holes within the window", trial.figures.holes, 0),
				atMost("messages published again", trial.figures.repeats, 0),
				atMost("nodes that did not end with 0", exits.filter(({ code }) => code !== 0).length, 0),
				atMost("milliseconds until a node had ended", slowestExitMs, plan.drainWindowMs + EXIT_WITHIN_MS),
				atLeast("clients sent away", departures.length, trial.figures.clients / 2),
				atLeast("clients closed with DRAIN at their time", drained.length, trial.figures.clients / 4),
				atMost("unevenness of the reconnects over the drain window", unevenness, MAX_UNEVENNESS),
			],
			{ sentAway: departures.length, drained: drained.length, unevenness, slowestExitMs },
		);
	},
};

/** Kolmogorov's distance of the times at which clients were back from an even spread over the window. */
function unevennessOf(departures: readonly Departure[], windowMs: number): number {
	const shares = departures
		.map(({ toldAtMs, backAtMs }) => Math.min(1, (backAtMs - toldAtMs) / windowMs))
		.sort((a, b) => a - b);
	const distances = shares.map((share, index) =>
		Math.max(Math.abs((index + 1) / shares.length - share), Math.abs(index / shares.length - share)),
	);
	return Math.round(Math.max(0, ...distances) * 100) / 100;
}
