// What a run of the proof has found, as one page that needs nothing else: scenarios with their figures and checks, and what
// happened when.
import { htmlPage, type PlotSection, type Section } from "../html/page.ts";
import type { Plan } from "./plan.ts";
import { columns, machine, verdictOf } from "./report.ts";
import type { ScenarioResult } from "./run-scenario.ts";
import { seriesNames, type TimelineFigures } from "./timeline.ts";

const MAX_POINTS = 450;

export function htmlReport(seed: number, plan: Plan, results: readonly ScenarioResult[]): string {
	const { cpu, cores, kernel, node } = machine();
	const passed = results.every((result) => result.passed);
	return htmlPage({
		title: `Proof of delivery: ${passed ? "holds" : "FAILS"}`,
		machine: `${cores} × ${cpu}, Linux ${kernel}, Node ${node}. Seed ${seed}.`,
		sections: [summary(results), ...results.flatMap(sectionsOf), planOf(plan)],
	});
}

function summary(results: readonly ScenarioResult[]): Section {
	return {
		kind: "table",
		title: "Scenarios",
		note: "One fault under load each; bench/README.md says what must hold. A control is something else under the same fault, to compare with, and proves nothing.",
		columns: ["scenario", ...columns.map(([title]) => title), "seconds", "verdict"],
		rows: results.map((result) => [
			result.name,
			...columns.map(([, figure]) => result.figures[figure]?.toLocaleString("en") ?? "–"),
			result.seconds.toFixed(1),
			verdictOf(result),
		]),
	};
}

function sectionsOf({ name, title, checks, figures, examples, notes = [], logs, timeline }: ScenarioResult): Section[] {
	const wrong = [...examples, ...notes, ...logs];
	const all = Object.entries(figures).map(([figure, value]) => `${figure} ${value.toLocaleString("en")}`);
	return [
		{
			kind: "table",
			title: `${name}: ${title}`,
			note: all.join(" · "),
			columns: ["what must hold", "found", "verdict"],
			rows: checks.map(({ what, holds, found }) => [what, found, holds ? "holds" : "FAILS"]),
		},
		...(wrong.length > 0 ? [{ kind: "text", title: `${name}: what went wrong`, paragraphs: wrong } as const] : []),
		...plotsOf(name, timeline),
	];
}

/** What happened over time; nothing of a scenario that was over before anything did. */
function plotsOf(name: string, { stepMs, series, slowestMs, events }: TimelineFigures): PlotSection[] {
	if (slowestMs.length === 0) return [];
	const x = { label: "seconds" };
	const points = (values: readonly number[]): (readonly [number, number])[] => {
		const share = Math.max(1, Math.ceil(values.length / MAX_POINTS));
		return thinned(values, share).map((value, index) => [round((index * share * stepMs) / 1000), round(value)]);
	};
	const rates = seriesNames.map((of) => {
		return { name: of, points: points(series[of].map((count) => (count * 1000) / stepMs)) };
	});
	return [
		{
			kind: "plot",
			title: `${name}: what happened when`,
			x,
			y: { label: "a second" },
			series: rates,
			note: events.map(({ atMs, what }) => `${(atMs / 1000).toFixed(1)} s: ${what}`).join(" · "),
		},
		{
			kind: "plot",
			title: `${name}: slowest delivery`,
			x,
			y: { label: "ms" },
			series: [{ name: "slowest delivery", points: points(slowestMs) }],
		},
	];
}

/** The highest of as many neighbours, so that no peak is lost. */
function thinned(values: readonly number[], share: number): number[] {
	return Array.from({ length: Math.ceil(values.length / share) }, (_, index) =>
		Math.max(...values.slice(index * share, (index + 1) * share)),
	);
}

function planOf(plan: Plan): Section {
	const rows = Object.entries(plan).map(([name, value]) => [name, String(value)]);
	return { kind: "table", title: "Plan", columns: ["", "value"], rows };
}

const round = (value: number): number => Math.round(value * 1000) / 1000;
