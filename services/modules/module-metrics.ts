// What modules count. Names and label values are declared, so that all series are known before the first value; a number goes on with
// the next generation that declares it alike, and is gone with one that does not.
import type { Distribution, Labels, MetricDefinition, Sample } from "../../common/metrics.ts";
import { type MetricKind, ModuleMetric, type ModuleMetrics } from "../../module/index.ts";

/** Metrics of one module. */
const MAX_METRICS = 50;
/** Combinations of label values of one metric. */
const MAX_SERIES = 1000;
const MAX_BOUNDS = 32;
const NAME = /^[a-z][a-z0-9_]{0,63}$/;
/** What the gateway adds itself, and what a histogram has. */
const RESERVED = new Set(["module", "metric", "le"]);

interface Series {
	readonly labels: Labels;
	/** Of a counter and a gauge; of a histogram the sum. */
	value: number;
	/** Of a histogram. */
	readonly buckets: number[];
}

export interface DeclaredMetric {
	readonly name: string;
	readonly kind: MetricKind;
	readonly labels: Readonly<Record<string, readonly string[]>>;
	readonly bounds: readonly number[];
}

interface Family extends DeclaredMetric {
	readonly series: Map<string, Series>;
}

/** What a module declares, as data. @throws Error when it is not within bounds. */
export function declaredMetrics(metrics: Readonly<Record<string, unknown>>): readonly DeclaredMetric[] {
	const entries = Object.entries(metrics);
	if (entries.length > MAX_METRICS) throw new Error(`more than ${MAX_METRICS} metrics`);
	return entries.map(([name, metric]) => {
		if (!NAME.test(name))
			throw new Error(`metric ${name}: a name is a lower-case letter and up to 63 letters, digits or _`);
		if (!(metric instanceof ModuleMetric))
			throw new Error(`metric ${name}: not what defineCounter, defineGauge or defineHistogram returns`);
		checkLabels(name, metric.labels);
		checkBounds(name, metric);
		return { name, kind: metric.kind, labels: metric.labels, bounds: [...metric.bounds] };
	});
}

function checkLabels(metric: string, labels: DeclaredMetric["labels"]): void {
	let series = 1;
	for (const [label, values] of Object.entries(labels)) {
		if (!NAME.test(label) || RESERVED.has(label)) throw new Error(`metric ${metric}: ${label} cannot be a label`);
		const isTexts =
			Array.isArray(values) && values.length > 0 && values.every((one) => typeof one === "string" && one.length <= 128);
		if (!isTexts)
			throw new Error(`metric ${metric}: label ${label} must have its values, texts of at most 128 characters`);
		series *= values.length;
	}
	if (series > MAX_SERIES) throw new Error(`metric ${metric}: its labels have more than ${MAX_SERIES} combinations`);
}

function checkBounds(metric: string, { kind, bounds }: ModuleMetric): void {
	if (kind !== "histogram") return;
	const isAscending = bounds.every(
		(bound, index) => Number.isFinite(bound) && (index === 0 || bound > (bounds[index - 1] ?? 0)),
	);
	if (bounds.length === 0 || bounds.length > MAX_BOUNDS || !isAscending) {
		throw new Error(`metric ${metric}: bounds must be 1 to ${MAX_BOUNDS} ascending numbers`);
	}
}

export class ModuleMetricRegistry {
	/** By module, then by name. */
	private readonly modules = new Map<string, ReadonlyMap<string, Family>>();

	/** These are the metrics of a module from now on. */
	serve(module: string, declared: readonly DeclaredMetric[]): void {
		const before = this.modules.get(module);
		const families = declared.map((metric) => {
			const known = before?.get(metric.name);
			return [
				metric.name,
				known !== undefined && isSame(known, metric) ? known : { ...metric, series: new Map() },
			] as const;
		});
		if (families.length === 0) this.modules.delete(module);
		else this.modules.set(module, new Map(families));
	}

	/** The module is gone. */
	forget(module: string): void {
		this.modules.delete(module);
	}

	/** Counts for a module. What an earlier generation counts and the one that serves does not declare is dropped. */
	record(module: string, metric: DeclaredMetric, value: number, labels: Labels): void {
		const family = this.modules.get(module)?.get(metric.name);
		if (family === undefined || !isSame(family, metric)) return;
		const key = Object.keys(family.labels)
			.map((label) => labels[label])
			.join("\n");
		let series = family.series.get(key);
		if (series === undefined) {
			series = {
				labels: { ...labels },
				value: 0,
				buckets: family.bounds.length === 0 ? [] : new Array(family.bounds.length + 1).fill(0),
			};
			family.series.set(key, series);
		}
		if (family.kind === "gauge") series.value = value;
		else series.value += value;
		if (family.kind !== "histogram") return;
		const index = family.bounds.findIndex((bound) => value <= bound);
		const at = index < 0 ? family.bounds.length : index;
		series.buckets[at] = (series.buckets[at] ?? 0) + 1;
	}

	definitions(): readonly MetricDefinition[] {
		return [
			{
				kind: "counter",
				name: "framegate_module_counter_total",
				help: "Counters that modules declare, by module and metric, with their own labels.",
				labelNames: ["module", "metric"],
				isOpen: true,
				read: () => this.samples("counter"),
			},
			{
				kind: "gauge",
				name: "framegate_module_gauge",
				help: "Gauges that modules declare, by module and metric, with their own labels.",
				labelNames: ["module", "metric"],
				isOpen: true,
				read: () => this.samples("gauge"),
			},
			{
				kind: "histogram",
				name: "framegate_module_histogram",
				help: "Histograms that modules declare, by module and metric, with their own labels.",
				read: () => this.distributions(),
			},
		];
	}

	private *samples(kind: MetricKind): IterableIterator<Sample> {
		for (const { labels, series } of this.series(kind)) yield [labels, series.value];
	}

	private *distributions(): IterableIterator<Distribution> {
		for (const { labels, bounds, series } of this.series("histogram")) {
			const count = series.buckets.reduce((sum, one) => sum + one, 0);
			yield { labels, bounds, buckets: series.buckets, sum: series.value, count };
		}
	}

	private *series(kind: MetricKind) {
		for (const [module, families] of this.modules) {
			for (const family of families.values()) {
				if (family.kind !== kind) continue;
				for (const series of family.series.values()) {
					const labels: Labels = { module, metric: family.name, ...series.labels };
					yield { labels, bounds: family.bounds, series };
				}
			}
		}
	}
}

const isSame = (one: DeclaredMetric, other: DeclaredMetric): boolean =>
	one.kind === other.kind && JSON.stringify([one.labels, one.bounds]) === JSON.stringify([other.labels, other.bounds]);

/** Takes what was counted, as data. */
type RecordMetric = (metric: DeclaredMetric, value: number, labels: Labels) => void;

/**
 * What a module counts with.
 *
 * @param declared - of the generation, by what the module holds of them; they are there when its definition is read.
 */
export function moduleMetricsOf(
	declared: ReadonlyMap<ModuleMetric, DeclaredMetric>,
	record: RecordMetric,
): ModuleMetrics {
	const take = (metric: unknown, kind: MetricKind, value: number, labels: Labels = {}): void => {
		const found = declared.get(metric as ModuleMetric);
		if (found === undefined || found.kind !== kind) throw new Error(`metrics: not a ${kind} of the module's metrics`);
		if (!Number.isFinite(value) || (kind === "counter" && value < 0)) {
			throw new RangeError(`metrics: ${found.name}: ${value} is no number that a ${kind} takes`);
		}
		for (const [label, values] of Object.entries(found.labels)) {
			const given = labels[label];
			if (given === undefined || !values.includes(given)) {
				throw new RangeError(`metrics: ${found.name}: ${given} is none of the values of label ${label}`);
			}
		}
		record(found, value, labels);
	};
	return {
		add: (metric, by, ...[labels]) => take(metric, "counter", by, labels),
		set: (metric, value, ...[labels]) => take(metric, "gauge", value, labels),
		observe: (metric, value, ...[labels]) => take(metric, "histogram", value, labels),
	};
}
