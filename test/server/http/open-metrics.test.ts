// OpenMetrics text of metrics that are not the gateway's own: those of Node, which prom-client has.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Counter, Histogram, Registry } from "prom-client";
import { openMetricsText } from "../../../server/http/open-metrics.ts";

describe("OpenMetrics text", () => {
	it("has histograms and counters of the library, whose buckets have no exemplars", async () => {
		const registry = new Registry();
		const collections = new Histogram({
			...{ name: "gc_duration_seconds", help: "Collections", labelNames: ["kind"], buckets: [0.01, 1] },
			registers: [registry],
		});
		collections.observe({ kind: "minor" }, 0.5);
		new Counter({ name: "calls_total", help: "Calls", registers: [registry] }).inc(2);
		const text = await openMetricsText(registry);
		assert.match(text, /^gc_duration_seconds_bucket\{le="1",kind="minor"\} 1$/m);
		assert.match(text, /^gc_duration_seconds_count\{kind="minor"\} 1$/m);
		assert.match(text, /^# TYPE calls counter$/m);
		assert.match(text, /^calls_total 2$/m);
		assert.ok(text.endsWith("# EOF\n"));
	});
});
