// The reports of a run: a scenario that fails is marked, and random numbers are reproducible.
import assert from "node:assert/strict";
import { test } from "node:test";
import { plotsIn } from "../../../bench/html/page.ts";
import { htmlReport } from "../../../bench/prove/html.ts";
import { shortPlan } from "../../../bench/prove/plan.ts";
import { Random } from "../../../bench/prove/random.ts";
import { jsonReport, table } from "../../../bench/prove/report.ts";
import { runScenario, type ScenarioResult } from "../../../bench/prove/run-scenario.ts";
import type { Scenario } from "../../../bench/prove/scenario.ts";
import { Timeline } from "../../../bench/prove/timeline.ts";
import { accepts } from "../../support/real-server.ts";

function result(name: string, passed: boolean): ScenarioResult {
	const checks = [{ what: "acknowledged messages lost", holds: passed, found: passed ? "0" : "3" }];
	const figures = { clients: 200, acknowledged: 20_000, lost: passed ? 0 : 3 };
	const timeline = new Timeline(100).figures();
	return { name, title: name, passed, seconds: 61.25, figures, checks, examples: [], logs: [], timeline };
}

test("the table has a line for each scenario, and says what did not hold", () => {
	const lines = table([result("drops", true), result("cluster", false)]).split("\n");
	assert.match(lines[1] ?? "", /^drops +200 +20,000 .* 0 .* 61\.3 +holds$/);
	assert.match(lines[2] ?? "", /^cluster +200 +20,000 .* 3 .* 61\.3 +FAILS$/);
	assert.equal(lines[1]?.length, lines[2]?.length);
	assert.equal(lines[4], "cluster: acknowledged messages lost: 3");
});

test("a control that ran neither holds nor fails, and one that did not fails", () => {
	const control = { ...result("drops-socketio", true), controlOf: "drops", figures: { lost: 911 } };
	const failed = { ...control, passed: false };
	const lines = table([control, failed]).split("\n");
	assert.match(lines[1] ?? "", / 911 .* control$/);
	assert.match(lines[2] ?? "", / FAILS$/);
});

test("the JSON has passed when every scenario has", () => {
	const passed = (...results: ScenarioResult[]) => JSON.parse(jsonReport(7, shortPlan, results)) as { passed: boolean };
	assert.equal(passed(result("a", true), result("b", true)).passed, true);
	assert.equal(passed(result("a", true), result("b", false)).passed, false);
});

test("the page says of each scenario whether it holds, and escapes all text", () => {
	const page = htmlReport(7, shortPlan, [result("drops", true), { ...result("cluster", false), examples: ["<b>"] }]);
	assert.match(page, /<h1>Proof of delivery: FAILS<\/h1>/);
	assert.match(page, /<td>drops<\/td>.*<td>holds<\/td><\/tr>\n<tr><td>cluster<\/td>.*<td>FAILS<\/td><\/tr>/);
	assert.ok(page.includes("&lt;b&gt;") && !page.includes("<b>"));
	assert.match(htmlReport(7, shortPlan, [result("drops", true)]), /<h1>Proof of delivery: holds<\/h1>/);
});

test("the page plots what happened in each scenario, with its peaks", () => {
	const timeline = {
		...{ stepMs: 100, slowestMs: Array.from({ length: 1000 }, (_, step) => (step === 777 ? 250 : 1)), events: [] },
		series: { acknowledged: Array(1000).fill(2), delivered: Array(1000).fill(20), lost: Array(1000).fill(0) },
	};
	const [rates, slowest] = plotsIn(htmlReport(7, shortPlan, [{ ...result("drops", true), timeline }]));
	assert.deepEqual(
		rates?.series.map(({ name, points }) => [name, points[0]?.[1]]),
		[
			["acknowledged", 20],
			["delivered", 200],
			["lost", 0],
		],
	);
	const points = slowest?.series[0]?.points ?? [];
	assert.deepEqual(
		points.filter(([, ms]) => ms > 1),
		[[77.7, 250]],
	);
	assert.ok(points.length <= 450 && points.at(-1)?.[0] === 99.9);
});

test("a seed draws the same again, another seed does not", () => {
	const draw = (seed: number) => {
		const random = new Random(seed);
		return [random.next(), random.below(1000), random.exponential(5, 100), random.fork().next()];
	};
	assert.deepEqual(draw(1), draw(1));
	assert.notDeepEqual(draw(1), draw(2));
	const random = new Random(3);
	const waits = Array.from({ length: 10_000 }, () => random.exponential(2000, 20_000));
	const mean = waits.reduce((sum, wait) => sum + wait, 0) / waits.length;
	assert.ok(mean > 1900 && mean < 2100, String(mean));
	assert.ok(waits.every((wait) => wait >= 0 && wait <= 20_000));
});

/** A scenario that needs servers, and runs the given function with them. */
function scenario(run: Scenario["run"]): Scenario {
	return { name: "scenario", title: "", needs: { redis: "standalone", nodes: 0 }, steps: 0, run };
}

test("a scenario that throws, checks nothing or is interrupted has failed, and its servers are ended", async () => {
	const options = { plan: shortPlan, random: new Random(1) };
	const thrown = await runScenario(
		scenario(() => Promise.reject(new Error("no such thing"))),
		options,
	);
	assert.deepEqual([thrown.passed, thrown.checks[0]?.found], [false, "no such thing"]);
	let port = 0;
	const idle = await runScenario(
		scenario(async ({ redis }) => {
			port = Number(new URL(redis.url).port);
			await accepts(port);
			return { figures: {}, checks: [], examples: [] };
		}),
		options,
	);
	assert.equal(idle.passed, false);
	await assert.rejects(accepts(port), { code: "ECONNREFUSED" });
	const stubborn = await runScenario(
		scenario(async ({ atEnd }) => {
			atEnd(() => {
				throw new Error("stays");
			});
			return { figures: {}, checks: [{ what: "all", holds: true, found: "" }], examples: [] };
		}),
		options,
	);
	assert.deepEqual([stubborn.passed, stubborn.checks[1]?.found], [false, "Error: stays"]);
	const interruption = new AbortController();
	const interrupted = await runScenario(
		scenario(() => {
			interruption.abort();
			return new Promise(() => {});
		}),
		{ ...options, signal: interruption.signal },
	);
	assert.deepEqual([interrupted.passed, interrupted.checks[0]?.found], [false, "it was interrupted"]);
});
