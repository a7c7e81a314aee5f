// What a run of the proof has found, as one page that needs nothing else: rows with their figures and checks, and what
// happened when.
import type { Plan } from "./plan.ts";
import { columns, machine, verdictOf } from "./report.ts";
import type { RowResult } from "./run-row.ts";
import { type SeriesName, seriesNames, type TimelineFigures } from "./timeline.ts";

const WIDTH = 900;
const HEIGHT = 90;
const MAX_POINTS = 450;

const style = `body { font: 14px/1.4 system-ui, sans-serif; max-width: 75em; margin: 2em auto; padding: 0 1em; color: #222 }
table { border-collapse: collapse } td, th { padding: .2em .6em; text-align: right; border-bottom: 1px solid #ddd }
td:first-child, th:first-child, .checks td { text-align: left } .holds { color: #16702e } .fails { color: #b00020; font-weight: bold }
svg { display: block; background: #fafafa } polyline { fill: none; stroke: #2a5db0; stroke-width: 1 }
line { stroke: #b06a00; stroke-dasharray: 3 3 } text { font: 10px system-ui, sans-serif; fill: #666 } pre { overflow: auto }`;

const seriesTitles: Readonly<Record<SeriesName, string>> = {
	acknowledged: "messages acknowledged a second",
	delivered: "deliveries a second",
	lost: "connections lost a second",
};

export function htmlReport(seed: number, plan: Plan, results: readonly RowResult[]): string {
	const passed = results.every((result) => result.passed);
	const head = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Proof of delivery</title><style>${style}</style>`;
	return [
		head,
		`<h1>Proof of delivery: ${verdict(passed)}</h1>`,
		summary(results),
		...results.map(section),
		`<h2>Run</h2><pre>${escaped(JSON.stringify({ seed, plan, machine: machine() }, undefined, 2))}</pre>`,
		"</html>\n",
	].join("\n");
}

function summary(results: readonly RowResult[]): string {
	const header = ["row", ...columns.map(([title]) => title), "seconds", "verdict"].map((title) => `<th>${title}</th>`);
	const lines = results.map((result) => {
		const { name, figures, seconds, passed } = result;
		const cells = columns.map(([, figure]) => figures[figure]?.toLocaleString("en") ?? "–");
		const values = [
			`<a href="#${name}">${name}</a>`,
			...cells,
			seconds.toFixed(1),
			passed ? verdictOf(result) : verdict(false),
		];
		return `<tr>${values.map((value) => `<td>${value}</td>`).join("")}</tr>`;
	});
	return `<table><tr>${header.join("")}</tr>${lines.join("")}</table>`;
}

function section({ name, title, checks, figures, examples, notes = [], logs, timeline }: RowResult): string {
	const lines = checks.map(
		({ what, holds, found }) =>
			`<tr><td>${verdict(holds)}</td><td>${escaped(what)}</td><td>${escaped(found)}</td></tr>`,
	);
	const wrong = [...examples, ...notes, ...logs].map((text) => `<pre>${escaped(text)}</pre>`);
	const all = Object.entries(figures).map(([figure, value]) => `${escaped(figure)} ${value.toLocaleString("en")}`);
	return [
		`<h2 id="${escaped(name)}">${escaped(name)}: ${escaped(title)}</h2>`,
		`<table class="checks">${lines.join("")}</table>`,
		`<p>${all.join(" · ")}</p>`,
		...wrong,
		...seriesNames.map((series) => {
			const rates = timeline.series[series].map((count) => (count * 1000) / timeline.stepMs);
			return plot(seriesTitles[series], rates, timeline);
		}),
		plot("slowest delivery, ms", timeline.slowestMs, timeline),
		`<ol>${timeline.events.map(({ atMs, what }) => `<li>${(atMs / 1000).toFixed(1)} s: ${escaped(what)}</li>`).join("")}</ol>`,
	].join("\n");
}

/** A line over time, with a mark at each event. */
function plot(title: string, all: readonly number[], { stepMs, events }: TimelineFigures): string {
	const values = thinned(all);
	const top = Math.max(1, ...values);
	const lengthMs = Math.max(1, all.length * stepMs);
	const points = values.map((value, index) => {
		const x = (index / values.length) * WIDTH;
		return `${x.toFixed(1)},${(HEIGHT - (value / top) * (HEIGHT - 14)).toFixed(1)}`;
	});
	const marks = events.map(({ atMs, what }) => {
		const x = ((atMs / lengthMs) * WIDTH).toFixed(1);
		return `<line x1="${x}" x2="${x}" y1="0" y2="${HEIGHT}"><title>${escaped(what)}</title></line>`;
	});
	const label = `<text x="4" y="10">${title}, up to ${Math.round(top).toLocaleString("en")}; ${(lengthMs / 1000).toFixed(0)} s</text>`;
	const line = `<polyline points="${points.join(" ")}"/>`;
	return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img">${marks.join("")}${line}${label}</svg>`;
}

/** The highest of as many neighbours as it takes, so that no peak is lost. */
function thinned(values: readonly number[]): number[] {
	const share = Math.max(1, Math.ceil(values.length / MAX_POINTS));
	return Array.from({ length: Math.ceil(values.length / share) }, (_, index) =>
		Math.max(...values.slice(index * share, (index + 1) * share)),
	);
}

function verdict(holds: boolean): string {
	return holds ? '<span class="holds">holds</span>' : '<span class="fails">FAILS</span>';
}

function escaped(text: string): string {
	return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
