// The soak: a moderate load and lost connections for a long time, after which a node must be what it was: no growth of
// memory or files, a loop that turns, and a ledger without a gap.
import { metricsOf } from "../metrics.ts";
import type { Scenario } from "../scenario.ts";
import { atLeast, atMost, evaluate, LOAD_STEPS, underLoad } from "../under-load.ts";

/**
 * Growth of the floor of a node's heap over the measured time. Floors are the least of each tenth of the time, which
 * leaves garbage out; V8 puts off full collections while it has room, so that floors of a node that keeps nothing still
 * differ by some megabytes. Over the 20 minutes that a soak of 30 measures, this is 48 MB an hour.
 */
const MAX_HEAP_GROWTH_MB = 16;
/** What is freed goes back to the system late: pages of the heap, of PostgreSQL's and of Redis's replies. */
const MAX_RSS_GROWTH_MB = 32;
/** Of all nodes together. Clients are disconnected or between two nodes at random, some with a socket not yet closed. */
const MAX_FILES_GROWTH = 20;
/**
 * The middle one of all p99s, each of the time between two looks. The monitor looks every 100 ms and reports its delay
 * with these 100 ms included, so that an idle loop has 100, and this leaves half as much again: a processor may be shared
 * with the clients here.
 */
const MAX_LOOP_DELAY_MS = 150;
/** Every soak outlives it, on connections and between them. */
const ACCESS_TOKEN_TTL_MS = 60_000;
/** The first third: code is compiled, pools and caches fill. */
const WARM_UP_SHARE = 1 / 3;
const TENTHS = 10;
const LOOKS = 300;
const MIN_LOOK_MS = 1000;
const BYTES_PER_MB = 1024 * 1024;
const MS_PER_HOUR = 3_600_000;

interface Look {
	readonly atMs: number;
	readonly heapMb: number;
	readonly rssMb: number;
	readonly files: number;
	readonly loopDelayMs: number;
}

export const soak: Scenario<"standalone"> = {
	name: "soak",
	title: "moderate load for a long time",
	needs: { redis: "standalone", nodes: 2, env: { FRAMEGATE_AUTH_ACCESS_TOKEN_TTL_MS: String(ACCESS_TOKEN_TTL_MS) } },
	steps: LOAD_STEPS,
	async run(context) {
		const { plan, nodes } = context;
		const looks: Look[][] = nodes.map(() => []);
		const durationMs = plan.seconds * 1000;
		const trial = await underLoad(context, async () => {
			const startedAtMs = performance.now();
			const everyMs = Math.max(MIN_LOOK_MS, durationMs / LOOKS);
			for (let number = 1; number * everyMs <= durationMs; number++) {
				await new Promise((resolve) => setTimeout(resolve, startedAtMs + number * everyMs - performance.now()));
				await Promise.all(
					nodes.map(async (node, index) => looks[index]?.push(look(await metricsOf(node), startedAtMs))),
				);
			}
		});
		const warm = looks.map((series) => series.filter(({ atMs }) => atMs >= durationMs * WARM_UP_SHARE));
		const heap = worstSlope(warm, ({ heapMb }) => heapMb);
		const rss = worstSlope(warm, ({ rssMb }) => rssMb);
		const files = warm.reduce((sum, series) => sum + growthOfMedian(series, (each) => each.files), 0);
		const loopDelayMs = Math.max(...warm.map((series) => median(series.map((each) => each.loopDelayMs))));
		const hours = (durationMs * (1 - WARM_UP_SHARE)) / MS_PER_HOUR;
		return evaluate(
			context,
			trial,
			[
				atMost("growth of a node's heap in MB", rounded(heap * hours), MAX_HEAP_GROWTH_MB),
				atMost("growth of a node's resident memory in MB", rounded(rss * hours), MAX_RSS_GROWTH_MB),
				atMost("growth of open files", files, MAX_FILES_GROWTH),
				atMost("p99 of the delay of a node's loop in ms", rounded(loopDelayMs), MAX_LOOP_DELAY_MS),
				atLeast("access tokens renewed", trial.figures.renewals, durationMs > 2 * ACCESS_TOKEN_TTL_MS ? 1 : 0),
				atMost("health checks at which a node was not live", trial.watched.notLive, 0),
				atMost("gaps within the window", trial.figures.gaps, 0),
				atMost("messages published again", trial.figures.repeats, 0),
			],
			{
				heapMbPerHour: rounded(heap),
				rssMbPerHour: rounded(rss),
				filesGrowth: files,
				loopDelayP99Ms: rounded(loopDelayMs),
			},
		);
	},
};

function look(metrics: ReadonlyMap<string, number>, startedAtMs: number): Look {
	const read = (name: string): number => {
		const value = metrics.get(name);
		if (value === undefined) throw new Error(`a node has no metric ${name}`);
		return value;
	};
	return {
		atMs: performance.now() - startedAtMs,
		heapMb: read("nodejs_heap_size_used_bytes") / BYTES_PER_MB,
		rssMb: read("process_resident_memory_bytes") / BYTES_PER_MB,
		files: read("process_open_fds"),
		loopDelayMs: read("nodejs_eventloop_lag_p99_seconds") * 1000,
	};
}

/** The steepest of all nodes, an hour, by least squares over the floors. */
function worstSlope(nodes: readonly (readonly Look[])[], of: (look: Look) => number): number {
	return Math.max(...nodes.map((looks) => slopeOf(floors(looks, of))));
}

function floors(
	looks: readonly Look[],
	of: (look: Look) => number,
): { readonly atMs: number; readonly value: number }[] {
	return tenths(looks).map((part) => {
		const lowest = part.reduce((least, each) => (of(each) < of(least) ? each : least));
		return { atMs: lowest.atMs, value: of(lowest) };
	});
}

function tenths(looks: readonly Look[]): (readonly Look[])[] {
	const parts = Array.from({ length: TENTHS }, (_, part) =>
		looks.slice(Math.floor((looks.length * part) / TENTHS), Math.floor((looks.length * (part + 1)) / TENTHS)),
	);
	return parts.filter((part) => part.length > 0);
}

/** Exported for its test. */
export function slopeOf(points: readonly { readonly atMs: number; readonly value: number }[]): number {
	const mean = (of: (point: { readonly atMs: number; readonly value: number }) => number): number =>
		points.reduce((sum, point) => sum + of(point), 0) / points.length;
	const [meanAt, meanValue] = [mean(({ atMs }) => atMs), mean(({ value }) => value)];
	const covariance = mean(({ atMs, value }) => (atMs - meanAt) * (value - meanValue));
	const variance = mean(({ atMs }) => (atMs - meanAt) ** 2);
	return variance === 0 ? 0 : (covariance / variance) * MS_PER_HOUR;
}

function growthOfMedian(looks: readonly Look[], of: (look: Look) => number): number {
	const parts = tenths(looks);
	const middle = (part: readonly Look[] = []): number => median(part.map(of));
	return middle(parts.at(-1)) - middle(parts[0]);
}

function median(values: readonly number[]): number {
	return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function rounded(value: number): number {
	return Math.round(value * 10) / 10;
}
