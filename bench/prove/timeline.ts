// What happened when in a scenario, for its plots: counts in steps of equal length, how long deliveries took, and what was done.
import { build, type Histogram } from "hdr-histogram-js";

export const seriesNames = ["acknowledged", "delivered", "lost"] as const;
export type SeriesName = (typeof seriesNames)[number];

/** As it stands in the JSON. */
export interface TimelineFigures {
	readonly stepMs: number;
	/** How many in each step. */
	readonly series: Readonly<Record<SeriesName, readonly number[]>>;
	/** The slowest delivery that ended in each step, in milliseconds. */
	readonly slowestMs: readonly number[];
	readonly events: readonly { readonly atMs: number; readonly what: string }[];
}

/** An upper bound for plots: a day of the longest steps. */
const MAX_STEPS = 20_000;
const MAX_EVENTS = 1000;

export class Timeline {
	private readonly stepMs: number;
	private readonly startedAtMs = performance.now();
	private readonly series: Record<SeriesName, number[]> = { acknowledged: [], delivered: [], lost: [] };
	private readonly slowestMs: number[] = [];
	private readonly events: { atMs: number; what: string }[] = [];
	private readonly publishedAtMs = new Map<string, number>();
	private current: Histogram = newHistogram();

	constructor(stepMs: number) {
		this.stepMs = stepMs;
	}

	/** Something is done to the servers, or the next part of the scenario begins. */
	event(what: string): void {
		if (this.events.length >= MAX_EVENTS) return;
		this.events.push({ atMs: Math.round(performance.now() - this.startedAtMs), what });
	}

	count(name: SeriesName): void {
		const step = this.step();
		this.series[name][step] = (this.series[name][step] ?? 0) + 1;
	}

	/** A client publishes a message; it is sent as soon as the client can. */
	published(id: string): void {
		this.publishedAtMs.set(id, performance.now());
	}

	/** A client received a message. */
	delivered(id: string): void {
		this.count("delivered");
		const saidAtMs = this.publishedAtMs.get(id);
		if (saidAtMs === undefined) return;
		const tookMs = performance.now() - saidAtMs;
		const step = this.step();
		this.slowestMs[step] = Math.max(this.slowestMs[step] ?? 0, tookMs);
		this.current.recordValue(Math.round(tookMs * 1000));
	}

	/** Resets the histogram of deliveries. @returns how long those before took. */
	takeDelays(): { readonly p50Ms: number; readonly p99Ms: number; readonly count: number } {
		const { current } = this;
		this.current = newHistogram();
		const at = (percentile: number): number => current.getValueAtPercentile(percentile) / 1000;
		return { p50Ms: at(50), p99Ms: at(99), count: current.totalCount };
	}

	figures(): TimelineFigures {
		const { stepMs, series, slowestMs, events } = this;
		const length = Math.max(slowestMs.length, ...seriesNames.map((name) => series[name].length));
		const filled = (values: readonly number[]): number[] =>
			Array.from({ length }, (_, step) => Math.round((values[step] ?? 0) * 10) / 10);
		const all = Object.fromEntries(seriesNames.map((name) => [name, filled(series[name])]));
		return { stepMs, series: all as Record<SeriesName, number[]>, slowestMs: filled(slowestMs), events };
	}

	private step(): number {
		return Math.min(MAX_STEPS, Math.floor((performance.now() - this.startedAtMs) / this.stepMs));
	}
}

/** Of microseconds. */
function newHistogram(): Histogram {
	return build({ lowestDiscernibleValue: 1, highestTrackableValue: 600_000_000, numberOfSignificantValueDigits: 2 });
}
