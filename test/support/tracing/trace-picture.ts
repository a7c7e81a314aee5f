// A trace as a picture: a row for each span below its parent, a colour for each process, the time from left to right. The structure is in
// the picture's metadata, so that a test can compare it with that of another run.
import type { ReceivedSpan } from "./otlp-reader.ts";
import { nodeOf } from "./tracing-env.ts";

/** `process: parent > span`. */
export type TraceStructure = readonly string[];

const WIDTH = 1160;
const LABEL_WIDTH = 420;
const ROW = 26;
const TOP = 64;
const INDENT = 14;
const MIN_BAR = 2;
const COLOURS = ["#2563eb", "#c2410c", "#15803d", "#7c3aed"];
const METADATA = /<metadata>([^<]*)<\/metadata>/;

/** Names and parents, without statements and commands: how many of these there are is no matter of the trace. */
export function structureOf(spans: readonly ReceivedSpan[]): TraceStructure {
	const byId = new Map(spans.map((span) => [span.spanId, span]));
	const edges = spans
		.filter((span) => !isOfStore(span))
		.map((span) => `${String(nodeOf(span))}: ${byId.get(span.parentSpanId)?.name ?? ""} > ${span.name}`);
	return [...new Set(edges)].sort();
}

/** Of a picture that was drawn. @throws Error when it has none. */
export function drawnStructure(svg: string): TraceStructure {
	const found = METADATA.exec(svg)?.[1];
	if (found === undefined) throw new Error("the picture has no metadata");
	return JSON.parse(found.replaceAll("&gt;", ">").replaceAll("&amp;", "&")) as TraceStructure;
}

export function pictureOf(spans: readonly ReceivedSpan[], title: string): string {
	const rows = rowsOf(spans);
	const nodes = [...new Set(rows.map(({ span }) => String(nodeOf(span))))];
	const startNs = rows.reduce(
		(least, { span }) => (span.startNs < least ? span.startNs : least),
		rows[0]?.span.startNs ?? 0n,
	);
	const endNs = rows.reduce((most, { span }) => (span.endNs > most ? span.endNs : most), startNs);
	const totalMs = Math.max(0.001, Number(endNs - startNs) / 1e6);
	const x = (ns: bigint) => LABEL_WIDTH + ((WIDTH - LABEL_WIDTH - 90) * Number(ns - startNs)) / 1e6 / totalMs;
	const height = TOP + rows.length * ROW + 16;
	const lines = rows.map(({ span, depth }, index) => {
		const y = TOP + index * ROW;
		const colour = COLOURS[nodes.indexOf(String(nodeOf(span))) % COLOURS.length];
		const width = Math.max(MIN_BAR, x(span.endNs) - x(span.startNs));
		const ms = (Number(span.endNs - span.startNs) / 1e6).toFixed(1);
		return [
			`<text x="${12 + depth * INDENT}" y="${y + 17}">${escaped(span.name)}</text>`,
			`<rect x="${x(span.startNs).toFixed(1)}" y="${y + 5}" width="${width.toFixed(1)}" height="${ROW - 10}" rx="2" fill="${colour}"/>`,
			`<text x="${(x(span.startNs) + width + 6).toFixed(1)}" y="${y + 17}" class="time">${ms} ms</text>`,
		].join("\n");
	});
	const legend = nodes.map(
		(node, index) =>
			`<rect x="${LABEL_WIDTH + index * 140}" y="36" width="12" height="12" fill="${COLOURS[index % COLOURS.length]}"/>` +
			`<text x="${LABEL_WIDTH + 18 + index * 140}" y="47">${escaped(node)}</text>`,
	);
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}">`,
		`<title>${escaped(title)}</title>`,
		`<metadata>${escaped(JSON.stringify(structureOf(spans)))}</metadata>`,
		"<style>text{font:13px system-ui,sans-serif;fill:#1f2937}.time{font-size:11px;fill:#6b7280}</style>",
		`<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
		`<text x="12" y="24" font-weight="600">${escaped(title)}: ${totalMs.toFixed(0)} ms</text>`,
		...legend,
		...lines,
		"</svg>\n",
	].join("\n");
}

interface Row {
	readonly span: ReceivedSpan;
	readonly depth: number;
}

/** Each below its parent, by when it began. */
function rowsOf(spans: readonly ReceivedSpan[]): readonly Row[] {
	const rows: Row[] = [];
	const add = (parentSpanId: string, depth: number): void => {
		const children = spans.filter((span) => span.parentSpanId === parentSpanId);
		children.sort((a, b) => Number(a.startNs - b.startNs));
		for (const span of children) {
			rows.push({ span, depth });
			add(span.spanId, depth + 1);
		}
	};
	add("", 0);
	return rows;
}

function isOfStore({ attributes }: ReceivedSpan): boolean {
	return attributes["db.system.name"] !== undefined;
}

/** `"` stays in the text of elements; in attributes there is none of it here. */
function escaped(text: string): string {
	return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
