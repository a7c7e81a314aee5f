// Metrics as definitions: what a number is called, what it means, and how it is read when a scrape asks. A domain
// declares its own; the process registers them (`server/http/metric-registry.ts`). Counting stays an increment in memory.

/** What a scrape may have to wait for. */
type Eventually<T> = T | Promise<T>;

export type Labels = Readonly<Record<string, string>>;

/** One series of a gauge or a counter. */
export type Sample = readonly [labels: Labels, value: number];

/** One series of a histogram. */
export interface Distribution {
	readonly labels: Labels;
	/** Upper bounds, ascending; the last bucket, which has none, holds the rest. */
	readonly bounds: readonly number[];
	/** How many fell into each bucket alone; one more than there are bounds. */
	readonly buckets: Iterable<number>;
	readonly sum: number;
	readonly count: number;
	/** By bucket, a measurement of a trace that is sampled; shown to scrapers that take exemplars. */
	readonly exemplars?: readonly (TracedMeasurement | undefined)[] | undefined;
}

export interface TracedMeasurement {
	readonly traceId: string;
	/** In the unit of the bounds. */
	readonly value: number;
}

interface Described {
	/** As Prometheus wants it: `framegate_`, what is counted, the unit, and `_total` for a counter. */
	readonly name: string;
	readonly help: string;
}

/** A gauge or a counter; without label names it has one series. */
interface SampledMetric extends Described {
	readonly kind: "gauge" | "counter";
	readonly labelNames: readonly string[];
	/** Each series has labels of its own beside these. */
	readonly isOpen?: boolean;
	/** Every series there is. A counter's values are totals since the start. */
	readonly read: () => Eventually<Iterable<Sample>>;
}

interface HistogramMetric extends Described {
	readonly kind: "histogram";
	readonly read: () => Iterable<Distribution>;
}

export type MetricDefinition = SampledMetric | HistogramMetric;

const single = (read: () => Eventually<number>) => async (): Promise<readonly Sample[]> => [[{}, await read()]];

export function gauge(name: string, help: string, read: () => Eventually<number>): MetricDefinition {
	return { kind: "gauge", name, help, labelNames: [], read: single(read) };
}

export function labelledGauge(
	name: string,
	help: string,
	labelNames: readonly string[],
	read: () => Eventually<Iterable<Sample>>,
): MetricDefinition {
	return { kind: "gauge", name, help, labelNames, read };
}

/** @param read - the total since the start. */
export function counter(name: string, help: string, read: () => number): MetricDefinition {
	return { kind: "counter", name, help, labelNames: [], read: single(read) };
}

/** @param read - the totals since the start. */
export function labelledCounter(
	name: string,
	help: string,
	labelNames: readonly string[],
	read: () => Iterable<Sample>,
): MetricDefinition {
	return { kind: "counter", name, help, labelNames, read };
}

export function histogram(name: string, help: string, read: () => Iterable<Distribution>): MetricDefinition {
	return { kind: "histogram", name, help, read };
}
