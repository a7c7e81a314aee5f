// What the bench makes of its rounds.
import assert from "node:assert/strict";
import { test } from "node:test";
import { histogram, percentileCurve } from "../../bench/load/histogram.ts";
import { table } from "../../bench/report.ts";
import { showSummary, summary } from "../../bench/scenario.ts";
import { heartbeat } from "../../bench/scenarios/heartbeat.ts";

test("median and spread", () => {
	assert.deepEqual(summary([3, 1, 2]), { median: 2, min: 1, max: 3 });
	assert.deepEqual(summary([4, 1, 2, 3]), { median: 2.5, min: 1, max: 4 });
	assert.throws(() => summary([]), /no rounds/);
	assert.equal(showSummary({ median: 1.234, min: 1, max: 2 }), "1.23 (1.00–2.00)");
});

test("the table aligns its columns and leaves out servers that were not measured", () => {
	const rows = [
		{ what: "CPU", values: { framegate: "7.15", uws: "5.80" }, result: "1.23", budget: "≤ 1.3" },
		{ what: "messages", values: { framegate: "87,782", uws: "83,432" } },
	];
	const lines = table(heartbeat, { connections: 1000, seconds: 1 }, rows).split("\n");
	assert.match(lines[0] ?? "", /^heartbeat: .*1,000 connections$/);
	assert.deepEqual(
		lines.slice(2, 5).map((line) => line.length),
		[lines[2]?.length, lines[2]?.length, lines[2]?.length],
	);
	assert.doesNotMatch(lines[2] ?? "", /ws package/);
	assert.match(lines[3] ?? "", /7\.15 +5\.80 +1\.23 +≤ 1\.3/);
});

test("a percentile curve ends where there are no values for it", () => {
	const of = histogram();
	for (let value = 1; value <= 1000; value++) of.recordValue(value);
	const curve = percentileCurve(of);
	assert.deepEqual(curve.at(-1), [99.9, 999]);
	assert.deepEqual(
		curve.find(([percentile]) => percentile === 50),
		[50, 500],
	);
	assert.deepEqual(percentileCurve(histogram()), []);
});
