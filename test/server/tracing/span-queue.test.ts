// Spans on their way to a collector that is well, slow, unreachable, or refuses them: by the real exporter, to a real HTTP server.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Sampling } from "../../../server/tracing/sampling.ts";
import { openOtlpExporter } from "../../../server/tracing/span-exporter-otlp.ts";
import { SpanQueue } from "../../../server/tracing/span-queue.ts";
import { ProcessTracer } from "../../../server/tracing/tracer.ts";
import { startCollector } from "../../support/tracing/trace-collector.ts";
import { until } from "../../support/until.ts";

function pipeline(url: string, { timeoutMs = 5000, compression = "none" as "none" | "gzip", maxSpans = 10 } = {}) {
	const outages: (string | undefined)[] = [];
	const exporter = openOtlpExporter({
		...{ url: `${url}/v1/traces`, headers: {}, timeoutMs, compression, version: "1" },
		resource: { "service.name": "test" },
	});
	const onOutage = (error: Error | undefined) => void outages.push(error?.message);
	const queue = new SpanQueue({ exportSpans: exporter.exportSpans, maxSpans, maxBatch: 5, intervalMs: 10, onOutage });
	const tracer = new ProcessTracer({
		queue,
		sampling: new Sampling({ ratio: 1, routes: {} }),
		errorsPerSecond: 0,
		now: () => performance.now(),
		wall: () => Date.now(),
	});
	const record = (count: number) => {
		for (let n = 0; n < count; n++)
			tracer.begin(`span ${n}`, "internal", undefined, { n, ratio: 0.5, ok: true })?.end();
	};
	return { queue, record, outages };
}

describe("the way to the collector", () => {
	it("takes spans in batches, also compressed, which the schema of OTLP has", async () => {
		const collector = await startCollector();
		for (const compression of ["none", "gzip"] as const) {
			const { queue, record } = pipeline(collector.url, { compression });
			record(7);
			await queue.close(5000);
			assert.deepEqual(queue.counts, { exported: 7, dropped: 0, failed: 0, omitted: 0 });
		}
		assert.deepEqual(collector.problems, []);
		assert.equal(collector.spans.length, 14);
		assert.equal(collector.spans[3]?.attributes["n"], 3);
		assert.equal(collector.spans[3]?.attributes["ratio"], 0.5);
		await collector.stop();
	});

	it("drops and counts what finds no room while the collector answers nothing, and ends in its time", async () => {
		const collector = await startCollector();
		collector.answer = () => undefined;
		const { queue, record } = pipeline(collector.url, { timeoutMs: 60_000 });
		record(25);
		assert.equal(queue.size, 10);
		assert.equal(queue.counts.dropped, 15);
		await until(() => collector.requests.length === 1);
		await queue.close(50);
		assert.deepEqual(queue.counts, { exported: 0, dropped: 25, failed: 0, omitted: 0 });
		await collector.stop();
	});

	it("counts what a collector refuses, says so once, and says when it takes spans again", async () => {
		const collector = await startCollector();
		collector.answer = () => 400;
		const { queue, record, outages } = pipeline(collector.url);
		record(2);
		await until(() => queue.counts.failed === 2);
		record(1);
		await until(() => queue.counts.failed === 3);
		assert.equal(outages.length, 1);
		collector.answer = () => 200;
		record(1);
		await until(() => queue.counts.exported === 1);
		assert.equal(outages.length, 2);
		assert.equal(outages[1], undefined);
		await queue.close(1000);
		await collector.stop();
	});

	it("counts what an unreachable collector does not take, and holds up nothing", async () => {
		const collector = await startCollector();
		await collector.stop();
		const { queue, record } = pipeline(collector.url, { timeoutMs: 200 });
		record(3);
		await until(() => queue.counts.failed === 3);
		assert.equal(queue.size, 0);
		await queue.close(1000);
	});
});
