// Exemplars: a real Prometheus scrapes a gateway that traces, and is asked for the traces behind its latencies. Scrapers that do not ask for
// OpenMetrics get none, and neither does anybody where nothing is sampled.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { authRoutes } from "../../protocol/gen/schema.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { findProgram } from "../support/programs.ts";
import { dataDirectory, freePort, launch, type RealServer } from "../support/real-server.ts";
import { startCollector, type TraceCollector } from "../support/tracing/trace-collector.ts";
import { tracingTo } from "../support/tracing/tracing-env.ts";
import { until } from "../support/until.ts";
import { WireClient } from "../support/wire-client.ts";

const TRACE = "5af7651916cd43dd8448eb211c80319c";
const OPEN_METRICS = "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.3,*/*;q=0.1";
const EXEMPLAR = / # \{trace_id="([0-9a-f]{32})"\} [0-9.e+-]+$/m;

async function startPrometheus(targets: readonly string[]): Promise<RealServer> {
	const [directory, port] = [dataDirectory("prometheus"), await freePort()];
	const config = join(directory, "prometheus.yml");
	const job = { job_name: "framegate", static_configs: [{ targets }] };
	// JSON is YAML.
	writeFileSync(
		config,
		JSON.stringify({ global: { scrape_interval: "2s", scrape_timeout: "2s" }, scrape_configs: [job] }),
	);
	const url = `http://127.0.0.1:${port}`;
	return await launch({
		...{ name: "Prometheus", command: findProgram("prometheus"), directory, port, url },
		args: [
			...["--config.file", config, "--storage.tsdb.path", join(directory, "data")],
			...["--web.listen-address", `127.0.0.1:${port}`, "--enable-feature", "exemplar-storage"],
		],
		ready: async () => {
			const response = await fetch(`${url}/-/ready`);
			if (!response.ok) throw new Error(`${response.status}`);
		},
	});
}

async function page({ httpUrl }: GatewayProcess, accept?: string) {
	const response = await fetch(`${httpUrl}/metrics`, { headers: accept === undefined ? {} : { accept } });
	return {
		type: response.headers.get("content-type"),
		vary: response.headers.get("vary"),
		text: await response.text(),
	};
}

describe("exemplars", () => {
	let collector: TraceCollector;
	let traced: GatewayProcess;
	let plain: GatewayProcess;
	before(async () => {
		collector = await startCollector();
		const env = tracingTo(collector, { FRAMEGATE_TRACING_RATIO: "0", FRAMEGATE_TRACING_TRUST_CLIENTS: "true" });
		[traced, plain] = await Promise.all([startGateway({ env }), startGateway()]);
		for (const { url } of [traced, plain]) {
			const client = await WireClient.open(url);
			const login = { username: "nobody", password: "no password of anybody" };
			const context = { traceId: TRACE, spanId: "b7ad6b7169203331", isSampled: true, state: "" };
			await client.ask(authRoutes.login, login, context);
			await client.ask(authRoutes.login, login);
			await client.close();
		}
	});
	after(async () => {
		await Promise.all([traced.kill9(), plain.kill9()]);
		await collector.stop();
	});

	it("are there in OpenMetrics alone, of requests that are sampled alone", async () => {
		const open = await page(traced, OPEN_METRICS);
		assert.equal(open.type, "application/openmetrics-text; version=1.0.0; charset=utf-8");
		assert.match(open.vary ?? "", /accept,/);
		assert.ok(open.text.endsWith("# EOF\n"));
		assert.equal(EXEMPLAR.exec(open.text)?.[1], TRACE);
		const line = open.text.split("\n").find((each) => EXEMPLAR.test(each)) ?? "";
		assert.match(line, /^framegate_request_duration_seconds_bucket\{route="auth\.login",le="[^"]+"\} \d+ # /);
		for (const accept of [
			undefined,
			"text/plain",
			"*/*",
			"application/openmetrics-text;version=0.0.1",
			"application/openmetrics-text;q=0",
		]) {
			const { type, text } = await page(traced, accept);
			assert.match(type ?? "", /^text\/plain; version=0\.0\.4/);
			assert.ok(!text.includes("trace_id") && !text.includes("# EOF"));
		}
		const off = await page(plain, OPEN_METRICS);
		assert.ok(off.text.endsWith("# EOF\n") && !off.text.includes("trace_id"));
		const counted = /^framegate_requests_total\{route="auth.login",code="UNAUTHENTICATED"\} 2$/m;
		for (const { text } of [off, await page(plain)]) assert.match(text, counted);
	});

	it("are read by Prometheus, which takes all of the page", async () => {
		const targets = [traced, plain].map(({ port }) => `127.0.0.1:${port}`);
		const prometheus = await startPrometheus(targets);
		const ask = async (path: string) => (await (await fetch(`${prometheus.url}/api/v1/${path}`)).json()).data;
		const scraped = async (): Promise<{ health: string; lastError: string }[]> => (await ask("targets")).activeTargets;
		// A scrape that took too long on a busy machine is tried again.
		await until(async () => {
			const all = await scraped();
			return (
				all.length === 2 && all.every(({ health, lastError }) => health !== "unknown" && !/deadline/.test(lastError))
			);
		});
		for (const { health, lastError } of await scraped()) assert.deepEqual([health, lastError], ["up", ""]);
		const query = new URLSearchParams({
			query: "framegate_request_duration_seconds_bucket",
			start: "0",
			end: "9999999999",
		});
		// biome-ignore lint/suspicious/noExplicitAny: what Prometheus answers.
		let found: any[] = [];
		await until(async () => {
			found = await ask(`query_exemplars?${query}`);
			return found.length > 0;
		});
		assert.equal(found.length, 1);
		assert.equal(found[0].seriesLabels.route, "auth.login");
		assert.equal(found[0].seriesLabels.instance, targets[0]);
		assert.deepEqual(found[0].exemplars[0].labels, { trace_id: TRACE });
		// The names of the plain format.
		const [total] = (await ask(`query?${new URLSearchParams({ query: "framegate_requests_total" })}`)).result;
		assert.equal(total.metric.route, "auth.login");
		const types = await ask("targets/metadata?metric=framegate_requests");
		assert.equal(types[0].type, "counter");
		await prometheus.stop();
	});
});
