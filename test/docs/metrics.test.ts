// docs/reference/metrics.md lists exactly what /metrics serves.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RequestStats } from "../../middleware/request-stats.ts";
import { ConnectionCounters } from "../../server/core/connection-counters.ts";
import { createMetrics } from "../../server/http/metrics.ts";
import { World } from "../core/world.ts";
import { page, table } from "./markdown.ts";

describe("the metrics page", () => {
	it("has the names, types and explanations of the registry", async () => {
		const { hub, dispatcher } = new World();
		const stats = new World().stats;
		assert.ok(stats instanceof RequestStats);
		const registry = createMetrics({ hub, dispatcher, counters: new ConnectionCounters(), stats });
		const text = await registry.metrics();
		const served = [...text.matchAll(/^# HELP (framegate_\S+) (.*)\n# TYPE \S+ (\w+)$/gm)].map(
			([, name, help, type]) => ({
				name,
				type,
				meaning: help,
			}),
		);
		const listed = table(page("docs/reference/metrics.md")).map(({ name, type, meaning }) => ({ name, type, meaning }));
		assert.deepEqual(listed, served);
	});

	it("is true of the histogram: cumulative buckets that end in all, a sum and a count", async () => {
		const world = new World();
		const client = world.member("ann");
		const heartbeat = { protocol: 1005, seq: 1 };
		for (let i = 0; i < 128; i++) client.sendRaw(heartbeat);
		const { hub, dispatcher, counters, stats } = world;
		const text = await createMetrics({ hub, dispatcher, counters, stats }).metrics();
		const name = "framegate_request_duration_seconds";
		assert.match(text, new RegExp(`^# TYPE ${name} histogram$`, "m"));
		assert.match(text, new RegExp(`^${name}_bucket{route="auth.heartbeat",le="\\+Inf"} 2$`, "m"));
		assert.match(text, new RegExp(`^${name}_count{route="auth.heartbeat"} 2$`, "m"));
		assert.match(text, /^framegate_requests_total{route="auth\.heartbeat",code="OK"} 128$/m);
	});
});
