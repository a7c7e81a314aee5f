// OpenMetrics text 1.0 (https://prometheus.io/docs/specs/om/open_metrics_spec/), for scrapers that ask for it: the plain format has no
// exemplars. Written here, as prom-client changes the names of the metrics themselves when it writes this format.
import type { Registry } from "prom-client";
import { listHeader } from "../../core/http-request.ts";

export const OPEN_METRICS_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const MEDIA_TYPE = "application/openmetrics-text";
const VERSIONS: ReadonlySet<string | undefined> = new Set([undefined, "1.0.0"]);
const TOTAL = "_total";

/** A measurement that stands for the others of its bucket. */
export interface Exemplar {
	readonly labels: Readonly<Record<string, string>>;
	readonly value: number;
}

interface Series {
	readonly labels: Readonly<Record<string, string | number>>;
	readonly value: number;
	/** Of a histogram: with its suffix. */
	readonly metricName?: string;
	/** Of a bucket; null for those that have had none. */
	readonly exemplar?: Exemplar | null;
}

interface Family {
	readonly name: string;
	readonly help: string;
	/** In lower case. */
	readonly type: string;
	readonly values: readonly Series[];
}

/** Whether the header Accept prefers this format to the plain one (RFC 9110 section 12.5.1). */
export function prefersOpenMetrics(accept: string | undefined): boolean {
	let own = 0;
	let plain = 0;
	for (const item of listHeader(accept?.toLowerCase())) {
		const [type, ...parameters] = item.split(";").map((part) => part.trim());
		const values = new Map(parameters.map((parameter) => parameter.split("=", 2) as [string, string | undefined]));
		const weight = Number(values.get("q") ?? 1);
		if (type === MEDIA_TYPE && VERSIONS.has(values.get("version"))) own = Math.max(own, weight);
		else if (type === "text/plain") plain = Math.max(plain, weight);
	}
	return own > 0 && own >= plain;
}

/** Everything that a registry has. */
export async function openMetricsText(registry: Registry): Promise<string> {
	const families = (await registry.getMetricsAsJSON()) as unknown as readonly Family[];
	const names = new Set(families.map(({ name }) => name));
	return `${families.map((family) => textOf(family, names)).join("")}# EOF\n`;
}

/** A counter is named without its suffix, unless another metric has that name: then nothing is said of its type. */
function textOf({ name, help, type, values }: Family, names: ReadonlySet<string>): string {
	const base = name.endsWith(TOTAL) ? name.slice(0, -TOTAL.length) : name;
	const isCounter = type === "counter" && (base === name || !names.has(base));
	const family = isCounter ? base : name;
	const shownType = type === "counter" && !isCounter ? "unknown" : type;
	const sample = isCounter ? base + TOTAL : name;
	const lines = values.map((series) => `${series.metricName ?? sample}${sampleText(series)}\n`);
	return `# TYPE ${family} ${shownType}\n# HELP ${family} ${escaped(help)}\n${lines.join("")}`;
}

function sampleText({ labels, value, exemplar }: Series): string {
	// Values of `le` are as in the plain format: a scraper that changes its mind sees the same series.
	const text = `${labelText(labels, false)} ${numberText(value)}`;
	if (exemplar === undefined || exemplar === null) return text;
	return `${text} # ${labelText(exemplar.labels, true)} ${numberText(exemplar.value)}`;
}

function labelText(labels: Series["labels"], isShownEmpty: boolean): string {
	const parts = Object.entries(labels).map(([name, value]) => `${name}="${escaped(String(value))}"`);
	return parts.length === 0 && !isShownEmpty ? "" : `{${parts.join(",")}}`;
}

function escaped(text: string): string {
	return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}

function numberText(value: number): string {
	if (value === Number.POSITIVE_INFINITY) return "+Inf";
	return value === Number.NEGATIVE_INFINITY ? "-Inf" : String(value);
}
