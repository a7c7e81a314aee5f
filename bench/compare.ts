// Holds results of the bench to a baseline: which ratios have become worse, beyond what two runs differ by anyway.
import type { Summary } from "./scenario.ts";

/** What `--json` of a scenario writes, as far as it is compared. */
export interface Result {
	readonly scenario: string;
	readonly settings: Readonly<Record<string, unknown>>;
	readonly machine: Readonly<Record<string, unknown>>;
	readonly ratio?: Readonly<Record<string, number>>;
	readonly spread?: Readonly<Record<string, Summary>>;
	readonly [figure: string]: unknown;
}

export type BaselineResult = Pick<Result, "scenario" | "settings" | "machine"> & {
	/** Of the code that was measured. */
	readonly commit: string;
	readonly figures: Readonly<Record<string, Summary>>;
};

export interface Baseline {
	/** A part of the baseline by which a median may differ and still be the same; 0.1 is ten percent. */
	readonly tolerance: number;
	readonly results: readonly BaselineResult[];
}

export type Verdict = "worse" | "same" | "better" | "new" | "missing" | "other settings";

export interface Comparison {
	readonly scenario: string;
	readonly figure: string;
	readonly was?: Summary;
	readonly is?: Summary;
	readonly verdict: Verdict;
}

/** Bytes compare as ratios do; times of one machine say nothing about another. */
const byteFigures = ["rss_bytes_per_connection", "rss_bytes_per_connection_with_own_session"];

/** What of a result is compared; for all of it, less is better. */
function figuresOf(result: Result): Record<string, Summary> {
	const figures: Record<string, Summary> = {};
	for (const [name, median] of Object.entries(result.ratio ?? {})) {
		// A control's ratio is not the gateway's to answer for.
		if (!name.endsWith("_socketio")) figures[name] = result.spread?.[name] ?? { median, min: median, max: median };
	}
	for (const name of byteFigures) {
		const bytes = result[name];
		if (typeof bytes === "number") figures[name] = { median: bytes, min: bytes, max: bytes };
	}
	return figures;
}

/** @param before - a baseline whose scenarios stay, but for those of the results. */
export function baselineOf(
	results: readonly Result[],
	commit: string,
	tolerance: number,
	before: readonly BaselineResult[] = [],
): Baseline {
	const measured = results.map((result): BaselineResult => {
		const { scenario, settings, machine } = result;
		return { scenario, commit, settings, machine, figures: figuresOf(result) };
	});
	const kept = before.filter(({ scenario }) => measured.every((one) => one.scenario !== scenario));
	const byName = (a: BaselineResult, b: BaselineResult) => (a.scenario < b.scenario ? -1 : 1);
	return { tolerance, results: [...kept, ...measured].sort(byName) };
}

/**
 * Compares every figure. One is worse when its median is above both the highest round of the baseline and the baseline's
 * median with the tolerance; better the other way round. A result with other settings is not compared.
 */
export function compare(baseline: Baseline, results: readonly Result[]): Comparison[] {
	return results.flatMap((result): Comparison[] => {
		const { scenario } = result;
		const known = baseline.results.find((one) => one.scenario === scenario);
		const figures = figuresOf(result);
		if (known !== undefined && canonical(known.settings) !== canonical(result.settings)) {
			return [{ scenario, figure: "", verdict: "other settings" }];
		}
		const names = new Set([...Object.keys(known?.figures ?? {}), ...Object.keys(figures)]);
		return [...names].map((figure) =>
			judged(scenario, figure, baseline.tolerance, known?.figures[figure], figures[figure]),
		);
	});
}

function judged(scenario: string, figure: string, tolerance: number, was?: Summary, is?: Summary): Comparison {
	if (is === undefined) return { scenario, figure, ...(was && { was }), verdict: "missing" };
	if (was === undefined) return { scenario, figure, is, verdict: "new" };
	const margin = Math.abs(was.median) * tolerance;
	const isWorse = is.median > Math.max(was.max, was.median + margin);
	const isBetter = is.median < Math.min(was.min, was.median - margin);
	return { scenario, figure, was, is, verdict: isWorse ? "worse" : isBetter ? "better" : "same" };
}

/** Whether a run is as good as the baseline: nothing worse, nothing gone, nothing that could not be compared. */
export function passes(comparisons: readonly Comparison[]): boolean {
	const failing: readonly Verdict[] = ["worse", "missing", "other settings"];
	return comparisons.length > 0 && comparisons.every(({ verdict }) => !failing.includes(verdict));
}

export function comparisonTable(comparisons: readonly Comparison[]): string {
	const digits = ({ median }: Summary): number => (Math.abs(median) >= 100 ? 0 : 2);
	const show = (value: Summary | undefined): string =>
		value === undefined
			? "–"
			: `${value.median.toFixed(digits(value))} (${value.min.toFixed(digits(value))}–${value.max.toFixed(digits(value))})`;
	const lines = [
		["scenario", "figure", "baseline", "now", ""],
		...comparisons.map(({ scenario, figure, was, is, verdict }) => [
			scenario,
			figure,
			show(was),
			show(is),
			verdict === "worse" ? "WORSE" : verdict,
		]),
	];
	const widths = [0, 1, 2, 3].map((column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
	return `${lines
		.map((cells) =>
			cells
				.map((cell, i) => cell.padEnd(widths[i] ?? 0))
				.join("  ")
				.trimEnd(),
		)
		.join("\n")}\n`;
}

function canonical(settings: Readonly<Record<string, unknown>>): string {
	return JSON.stringify(Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)));
}
