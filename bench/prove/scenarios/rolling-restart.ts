// Every node in turn gets SIGTERM, drains, and starts again, under load: what a deployment does. It asks its clients one
// by one over the drain window to reconnect to the other node, and no message is lost.
import { CloseCode } from "../../../protocol/codes.ts";
import type { Check, Scenario } from "../scenario.ts";
import { atLeast, atMost, evaluate, LOAD_STEPS, pause, underLoad } from "../under-load.ts";

const READY_WITHIN_MS = 30_000;
/** Beyond the window, for calls in flight and for the end of the process. */
const EXIT_WITHIN_MS = 15_000;
/**
 * How far the share of clients that were asked to reconnect may be from the share of the window that is over. Evenly spread
 * is 0, all at one moment 0.5 or more.
 */
const MAX_UNEVENNESS_REQUESTED = 0.15;
/**
 * How far the share of clients that have reconnected may be from the share of the same clients that were asked to by then;
 * others lost their connections at random before. The distance allows for a machine that takes long to serve them. In a
 * window of a second or two that would be most of what is measured, and the figure is only shown.
 */
const MAX_DISTANCE_BACK = 0.3;
const MIN_WINDOW_MS = 5000;

export const rollingRestart: Scenario<"standalone"> = {
	name: "rolling-restart",
	title: "each node stopped and started in turn",
	needs: { redis: "standalone", nodes: 2 },
	steps: LOAD_STEPS + 4,
	async run(context) {
		const { plan, nodes } = context;
		const exits: { code: number | null; tookMs: number }[] = [];
		const trial = await underLoad(context, async (_clients, watch) => {
			await pause((plan.seconds * 1000) / 8);
			for (const [index, node] of [...nodes].entries()) {
				context.step(`node ${index + 1} drains over ${plan.drainWindowMs / 1000} s`);
				const stoppedAtMs = performance.now();
				const { code } = await node.stop();
				exits.push({ code, tookMs: performance.now() - stoppedAtMs });
				context.step(`node ${index + 1} starts again`);
				await context.startAgain(index);
				await watch.untilReady(READY_WITHIN_MS);
			}
		});
		const requests = trial.clients.all.flatMap((client) => client.reconnectRequests);
		const drained = requests.filter(({ closeCode }) => closeCode === CloseCode.DRAIN);
		const unevenness = unevennessOf(requests.map(({ delayMs }) => delayMs / plan.drainWindowMs));
		const back = distanceOf(
			drained.map(({ delayMs }) => delayMs / plan.drainWindowMs),
			drained.map((each) => (each.backAtMs - each.receivedAtMs) / plan.drainWindowMs),
		);
		const isFullWindow = plan.drainWindowMs >= MIN_WINDOW_MS;
		const slowestExitMs = Math.round(Math.max(...exits.map(({ tookMs }) => tookMs)));
		return evaluate(
			context,
			trial,
			[
				atMost("gaps within the window", trial.figures.gaps, 0),
				atMost("nodes that did not end with 0", exits.filter(({ code }) => code !== 0).length, 0),
				atMost("milliseconds until a node had ended", slowestExitMs, plan.drainWindowMs + EXIT_WITHIN_MS),
				atLeast("clients asked to reconnect", requests.length, trial.figures.clients / 2),
				atLeast("clients closed with DRAIN at their time", drained.length, trial.figures.clients / 4),
				atMost("unevenness of the requested times over the drain window", unevenness, MAX_UNEVENNESS_REQUESTED),
				...(isFullWindow ? checksOfFullWindow(back, trial.figures.repeats) : []),
			],
			{
				askedToReconnect: requests.length,
				drained: drained.length,
				unevennessRequested: unevenness,
				distanceBack: back,
				slowestExitMs,
			},
		);
	},
};

/** Nodes that stall for seconds lose their claims on conversations, and others publish their messages again. */
function checksOfFullWindow(distance: number, repeats: number): Check[] {
	return [
		atMost("distance of the reconnects from the requested times", distance, MAX_DISTANCE_BACK),
		atMost("messages published again", repeats, 0),
	];
}

/** Kolmogorov's distance of times, as shares of the window, from an even spread over it. */
function unevennessOf(times: readonly number[]): number {
	const shares = times.map((time) => Math.min(1, time)).sort((a, b) => a - b);
	const distances = shares.map((share, index) =>
		Math.max(Math.abs((index + 1) / shares.length - share), Math.abs(index / shares.length - share)),
	);
	return Math.round(Math.max(0, ...distances) * 100) / 100;
}

/** Kolmogorov's distance of two samples of times. */
function distanceOf(some: readonly number[], others: readonly number[]): number {
	const share = (times: readonly number[], until: number) =>
		times.filter((time) => time <= until).length / times.length;
	const distances = [...some, ...others].map((time) => Math.abs(share(some, time) - share(others, time)));
	return Math.round(Math.max(0, ...distances) * 100) / 100;
}
