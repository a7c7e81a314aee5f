// Kinds of Prometheus metrics over numbers that are kept elsewhere: each is read when a scrape asks.
import { Counter, Gauge, type Metric, type Registry } from "prom-client";

/** What a scrape may have to wait for. */
type Eventually<T> = T | Promise<T>;

export function gauge(registry: Registry, name: string, help: string, read: () => Eventually<number>): void {
	new Gauge({
		name,
		help,
		registers: [registry],
		async collect() {
			this.set(await read());
		},
	});
}

/** A gauge with labels; `read` gives every series there is. */
export function labelledGauge(
	registry: Registry,
	name: string,
	help: string,
	labelNames: readonly string[],
	read: () => Eventually<Iterable<readonly [labels: Labels, value: number]>>,
): void {
	new Gauge({
		name,
		help,
		labelNames: [...labelNames],
		registers: [registry],
		async collect() {
			const series = await read();
			this.reset();
			for (const [labels, value] of series) this.set(labels, value);
		},
	});
}

export function counter(registry: Registry, name: string, help: string, read: () => number): void {
	new Counter({
		name,
		help,
		registers: [registry],
		collect() {
			this.reset();
			this.inc(read());
		},
	});
}

export type Labels = Readonly<Record<string, string>>;

/** A counter with labels; `read` gives every series there is. */
export function labelledCounter(
	registry: Registry,
	name: string,
	help: string,
	labelNames: readonly string[],
	read: () => Iterable<readonly [labels: Labels, count: number]>,
): void {
	new Counter({
		name,
		help,
		labelNames: [...labelNames],
		registers: [registry],
		collect() {
			this.reset();
			for (const [labels, count] of read()) this.inc(labels, count);
		},
	});
}

/** One series of a histogram. */
export interface Distribution {
	readonly labels: Labels;
	/** Upper bounds, ascending; the last bucket, which has none, holds the rest. */
	readonly bounds: readonly number[];
	/** How many fell into each bucket alone; one more than there are bounds. */
	readonly buckets: Iterable<number>;
	readonly sum: number;
	readonly count: number;
}

/**
 * A histogram. prom-client can only fill its own, one observation at a time; it serialises anything that has a name and
 * gives values, and that is what this is.
 */
export function histogram(registry: Registry, name: string, help: string, read: () => Iterable<Distribution>): void {
	const metric = {
		name,
		get: async () => ({
			...{ name, help, type: "histogram", aggregator: "sum" },
			values: [...read()].flatMap((distribution) => seriesOf(name, distribution)),
		}),
		reset: () => {},
	};
	registry.registerMetric(metric as unknown as Metric);
}

function seriesOf(name: string, { labels, bounds, buckets, sum, count }: Distribution) {
	let cumulative = 0;
	const values = [...buckets].map((inBucket, index) => {
		cumulative += inBucket;
		const bound = bounds[index];
		const le = bound === undefined ? "+Inf" : String(bound);
		return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: cumulative };
	});
	return [
		...values,
		{ metricName: `${name}_sum`, labels, value: sum },
		{ metricName: `${name}_count`, labels, value: count },
	];
}
