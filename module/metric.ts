// Metrics of a module, declared before anything is counted: their names and label values are known, hence bounded.

export type MetricKind = "counter" | "gauge" | "histogram";

/** By label: every value that it may have. */
export type MetricLabels = Readonly<Record<string, readonly string[]>>;

export interface MetricOptions<Labels extends MetricLabels> {
	/** Every label, with all of its values; at most 1,000 combinations. */
	readonly labels?: Labels;
}

export interface HistogramOptions<Labels extends MetricLabels> extends MetricOptions<Labels> {
	/** Upper bounds of the buckets, ascending; at most 32. */
	readonly bounds: readonly number[];
}

/** A value for each label. */
export type LabelValues<Labels extends MetricLabels> = { readonly [Name in keyof Labels]: Labels[Name][number] };

/** A metric, as a module lists it among its `metrics`. */
export class ModuleMetric<Kind extends MetricKind = MetricKind, Labels extends MetricLabels = MetricLabels> {
	readonly kind: Kind;
	readonly labels: Labels;
	/** Of a histogram. */
	readonly bounds: readonly number[];

	constructor(kind: Kind, labels: Labels, bounds: readonly number[] = []) {
		this.kind = kind;
		this.labels = labels;
		this.bounds = bounds;
	}
}

type NoLabels = Record<never, never>;

/** A number that only grows: `context.metrics.add`. */
export function defineCounter<const Labels extends MetricLabels = NoLabels>(
	options: MetricOptions<Labels> = {},
): ModuleMetric<"counter", Labels> {
	return new ModuleMetric("counter", options.labels ?? ({} as Labels));
}

/** A number as it is now: `context.metrics.set`. */
export function defineGauge<const Labels extends MetricLabels = NoLabels>(
	options: MetricOptions<Labels> = {},
): ModuleMetric<"gauge", Labels> {
	return new ModuleMetric("gauge", options.labels ?? ({} as Labels));
}

/** How values are distributed: `context.metrics.observe`. */
export function defineHistogram<const Labels extends MetricLabels = NoLabels>(
	options: HistogramOptions<Labels>,
): ModuleMetric<"histogram", Labels> {
	return new ModuleMetric("histogram", options.labels ?? ({} as Labels), options.bounds);
}

type Labelled<Labels extends MetricLabels> = keyof Labels extends never
	? readonly []
	: readonly [labels: LabelValues<Labels>];

/** Counts; none of it waits, and a label value that is not declared is an Error. */
export interface ModuleMetrics {
	/** @param by - not below 0. */
	add<Labels extends MetricLabels>(
		metric: ModuleMetric<"counter", Labels>,
		by: number,
		...labels: Labelled<Labels>
	): void;
	set<Labels extends MetricLabels>(
		metric: ModuleMetric<"gauge", Labels>,
		value: number,
		...labels: Labelled<Labels>
	): void;
	observe<Labels extends MetricLabels>(
		metric: ModuleMetric<"histogram", Labels>,
		value: number,
		...labels: Labelled<Labels>
	): void;
}
