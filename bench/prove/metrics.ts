// Reads the metrics of nodes at /metrics.
import type { GatewayProcess } from "../../test/support/gateway.ts";

/** The value of each series, by its name and labels as they stand in the page. */
export type Metrics = ReadonlyMap<string, number>;

export async function metricsOf({ httpUrl }: GatewayProcess): Promise<Metrics> {
	const page = await (await fetch(`${httpUrl}/metrics`)).text();
	const lines = page.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
	return new Map(
		lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ")))]),
	);
}

/** Over all nodes, and over all series of that name with those labels. */
export async function sumOf(
	nodes: readonly GatewayProcess[],
	name: string,
	labels: Readonly<Record<string, string>> = {},
): Promise<number> {
	const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
	let sum = 0;
	for (const metrics of await Promise.all(nodes.map(metricsOf))) {
		for (const [series, value] of metrics) {
			const isNamed = series === name || series.startsWith(`${name}{`);
			if (isNamed && wanted.every((label) => series.includes(label))) sum += value;
		}
	}
	return sum;
}
