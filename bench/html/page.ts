// A report as one HTML file that needs no network: texts, tables, and plots with the figures they were drawn from.
//
//   const html = htmlPage({ title: "Bench", machine: "2 × …, Linux …, Node …", sections: [
//     { kind: "text", title: "About", paragraphs: ["Compare the ratios."] },
//     { kind: "table", title: "Ratios", columns: ["scenario", "ratio"], rows: [["heartbeat", "1.05"]] },
//     { kind: "plot", title: "CPU per message", x: { label: "connections", scale: "log" }, y: { label: "CPU (µs)" },
//       series: [{ name: "framegate", points: [[100, 5.1], [1000, 5.4]] }] },
//   ] });
//
// All texts are plain, and escaped here. What is drawn is `plotsIn(html)`, so that a test can hold it to its source.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

/**
 * `log` has ticks at the points themselves while there are few. `percentile` is for x, 0 to less than 100, drawn so that
 * 90, 99 and 99.9 lie equally far apart.
 */
export type Scale = "linear" | "log" | "percentile";

export interface Axis {
	/** With its unit. */
	readonly label: string;
	/** Linear by default; linear axes of y begin at 0. */
	readonly scale?: Scale;
}

export interface Series {
	readonly name: string;
	/** By rising x. */
	readonly points: readonly (readonly [x: number, y: number])[];
}

export interface PlotSection {
	readonly kind: "plot";
	readonly title: string;
	/** What to see in it, under the title. */
	readonly note?: string;
	readonly x: Axis;
	readonly y: Axis;
	readonly series: readonly Series[];
}

export interface TableSection {
	readonly kind: "table";
	readonly title: string;
	readonly note?: string;
	readonly columns: readonly string[];
	/** The first column is words, others are set to the right. */
	readonly rows: readonly (readonly string[])[];
}

export interface TextSection {
	readonly kind: "text";
	readonly title: string;
	readonly paragraphs: readonly string[];
}

export type Section = PlotSection | TableSection | TextSection;

export interface Page {
	readonly title: string;
	/** What it was measured on, and when. */
	readonly machine: string;
	readonly sections: readonly Section[];
}

export type Plot = Omit<PlotSection, "kind" | "note">;

const DATA_START = '<script type="application/json" id="plots">';
const DATA_END = "</script>";

/**
 * The whole file.
 *
 * @throws Error when a plot could not be drawn truly: no points, a figure that is not finite, one not above 0 on a `log`
 * axis, or x that does not rise.
 */
export function htmlPage({ title, machine, sections }: Page): string {
	const plots: Plot[] = sections.flatMap((section) => (section.kind === "plot" ? [plotOf(section)] : []));
	let plotIndex = 0;
	const body = sections.map((section) => {
		if (section.kind === "plot") return plotHtml(section, plotIndex++);
		const heading = `<h2>${escaped(section.title)}</h2>`;
		if (section.kind === "table") {
			return `<section>${heading}${note(section.note)}${tableHtml(section.columns, section.rows)}</section>`;
		}
		return `<section>${heading}${section.paragraphs.map((text) => `<p>${escaped(text)}</p>`).join("")}</section>`;
	});
	// Nothing in the data may end the element that holds it.
	const data = JSON.stringify(plots).replaceAll("<", "\\u003c");
	return [
		'<!doctype html><html lang="en"><head><meta charset="utf-8">',
		'<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark">',
		`<title>${escaped(title)}</title><style>${assets("uplot/dist/uPlot.min.css")}${styles()}</style></head><body>`,
		`<h1>${escaped(title)}</h1><p class="machine">${escaped(machine)}</p>`,
		...body,
		plots.length > 0 ? `${DATA_START}${data}${DATA_END}<script>${drawing()}</script>` : "",
		"</body></html>\n",
	].join("\n");
}

/** The plots of a page, as they are drawn. */
export function plotsIn(html: string): readonly Plot[] {
	const start = html.indexOf(DATA_START);
	if (start < 0) return [];
	const end = html.indexOf(DATA_END, start);
	return JSON.parse(html.slice(start + DATA_START.length, end)) as Plot[];
}

/** A figure for people: three digits that count, thousands set apart. */
export function figure(value: number): string {
	return value.toLocaleString(
		"en",
		Math.abs(value) >= 100 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 },
	);
}

function plotOf({ title, x, y, series }: PlotSection): Plot {
	for (const { name, points } of series) {
		const fail = (why: string): never => {
			throw new Error(`plot "${title}", ${name}: ${why}`);
		};
		if (points.length === 0) fail("has no points");
		points.forEach(([px, py], index) => {
			if (!Number.isFinite(px) || !Number.isFinite(py)) fail("a figure is not a number");
			if ((x.scale === "log" && px <= 0) || (y.scale === "log" && py <= 0)) fail("a figure is not above 0");
			if (x.scale === "percentile" && (px < 0 || px >= 100)) fail("a percentile is out of range");
			if (index > 0 && px <= (points[index - 1]?.[0] ?? px)) fail("x does not rise");
		});
	}
	return { title, x, y, series };
}

function plotHtml({ title, note: text, x, y, series }: PlotSection, index: number): string {
	const xs = [...new Set(series.flatMap(({ points }) => points.map(([px]) => px)))].sort((a, b) => a - b);
	const columns = [x.label, ...series.map(({ name }) => name)];
	const values = series.map(({ points }) => new Map(points));
	const xDigits = { maximumFractionDigits: 4 };
	const rows = xs.map((px) => [
		px.toLocaleString("en", xDigits),
		...values.map((of) => (of.has(px) ? figure(of.get(px) as number) : "")),
	]);
	const figures = `<details><summary>${escaped(`figures: ${y.label}`)}</summary>${tableHtml(columns, rows)}</details>`;
	const drawn = `<div class="plot" role="img" aria-label="${escaped(title)}" id="plot-${index}"></div>`;
	return `<section><h2>${escaped(title)}</h2>${note(text)}${drawn}${figures}</section>`;
}

function tableHtml(columns: readonly string[], rows: readonly (readonly string[])[]): string {
	const row = (cells: readonly string[], tag: "td" | "th"): string =>
		`<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join("")}</tr>`;
	const head = `<thead>${row(columns, "th")}</thead>`;
	return `<div class="table"><table>${head}<tbody>${rows.map((cells) => row(cells, "td")).join("\n")}</tbody></table></div>`;
}

const note = (text: string | undefined): string => (text === undefined ? "" : `<p>${escaped(text)}</p>`);

const entities: Readonly<Record<string, string>> = {
	"&": "&amp;",
	"<": "&lt;",
	">": "&gt;",
	'"': "&quot;",
	"'": "&#39;",
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] as string);

const assets = (name: string): string => readFileSync(fileURLToPath(import.meta.resolve(name)), "utf8");
const styles = (): string => readFileSync(new URL("./page.css", import.meta.url), "utf8");

/** What draws the plots, uPlot included, as one script. */
function drawing(): string {
	const { outputFiles } = buildSync({
		entryPoints: [fileURLToPath(new URL("./drawing.ts", import.meta.url))],
		bundle: true,
		minify: true,
		write: false,
		format: "iife",
		platform: "browser",
		target: "es2022",
	});
	// A literal `</script` in it would end the element.
	return (outputFiles[0]?.text ?? "").replaceAll("</script", "<\\/script");
}
