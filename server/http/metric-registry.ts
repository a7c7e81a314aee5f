// The definitions of metrics as the library that serves them wants them: each is read when a scrape asks.
import { Counter, Gauge, type Metric, type Registry } from "prom-client";
import type { Distribution, MetricDefinition } from "../../common/metrics.ts";
import type { Exemplar } from "./open-metrics.ts";

/** Adds metrics to what `/metrics` serves, in their order. @throws Error when a name is taken. */
export function registerMetrics(registry: Registry, definitions: Iterable<MetricDefinition>): void {
	for (const definition of definitions) {
		switch (definition.kind) {
			case "gauge":
			case "counter":
				registerSampled(registry, definition);
				break;
			case "histogram":
				registerHistogram(registry, definition);
				break;
			default:
				definition satisfies never;
		}
	}
}

type Sampled = Exclude<MetricDefinition, { readonly kind: "histogram" }>;

function registerSampled(registry: Registry, definition: Sampled): void {
	const { kind, name, help, labelNames, read } = definition;
	if (definition.isOpen) {
		registerOpen(registry, definition);
		return;
	}
	const options = { name, help, labelNames: [...labelNames], registers: [registry] };
	if (kind === "gauge") {
		new Gauge({
			...options,
			async collect() {
				const samples = await read();
				this.reset();
				for (const [labels, value] of samples) this.set(labels, value);
			},
		});
		return;
	}
	new Counter({
		...options,
		async collect() {
			const samples = await read();
			this.reset();
			for (const [labels, total] of samples) this.inc(labels, total);
		},
	});
}

/** prom-client's own metrics take the labels only that they were made with. */
function registerOpen(registry: Registry, { kind, name, help, labelNames, read }: Sampled): void {
	const metric = {
		name,
		labelNames: [...labelNames],
		get: async () => ({
			name,
			help,
			type: kind,
			aggregator: "sum",
			values: [...(await read())].map(([labels, value]) => ({ labels, value })),
		}),
		reset: () => {},
	};
	registry.registerMetric(metric as unknown as Metric);
}

/**
 * prom-client can only fill its own histograms, one observation at a time; it serialises anything that has a name and
 * gives values, and that is what this is.
 */
function registerHistogram(
	registry: Registry,
	{ name, help, read }: Extract<MetricDefinition, { readonly kind: "histogram" }>,
): void {
	const metric = {
		name,
		get: async () => ({
			name,
			help,
			type: "histogram",
			aggregator: "sum",
			values: [...read()].flatMap((distribution) => seriesOf(name, distribution)),
		}),
		reset: () => {},
	};
	registry.registerMetric(metric as unknown as Metric);
}

function seriesOf(name: string, { labels, bounds, buckets, sum, count, exemplars }: Distribution) {
	let cumulative = 0;
	const values = [...buckets].map((inBucket, index) => {
		cumulative += inBucket;
		const bound = bounds[index];
		const le = bound === undefined ? "+Inf" : String(bound);
		const series = { metricName: `${name}_bucket`, labels: { ...labels, le }, value: cumulative };
		const traced = exemplars?.[index];
		if (traced === undefined) return series;
		const exemplar: Exemplar = { labels: { trace_id: traced.traceId }, value: traced.value };
		return { ...series, exemplar };
	});
	return [
		...values,
		{ metricName: `${name}_sum`, labels, value: sum },
		{ metricName: `${name}_count`, labels, value: count },
	];
}
