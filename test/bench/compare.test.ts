// The comparison with a baseline: what counts as worse, and what is not compared at all.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { baselineOf, compare, comparisonTable, passes, type Result } from "../../bench/compare.ts";

const result = (median: number, changes: Partial<Result> = {}): Result => ({
	scenario: "heartbeat",
	settings: { connections: 1000, seconds: 1.2, redis: false },
	machine: { cpu: "one" },
	ratio: { cpu: median },
	spread: { cpu: { median, min: median - 0.05, max: median + 0.05 } },
	...changes,
});
const baseline = baselineOf([result(1)], "abc", 0.1);
const verdicts = (...results: Result[]): string[] => compare(baseline, results).map(({ verdict }) => verdict);

test("a ratio is worse or better beyond the tolerance only", () => {
	assert.deepEqual(verdicts(result(1.09)), ["same"]);
	assert.deepEqual(verdicts(result(1.11)), ["worse"]);
	assert.deepEqual(verdicts(result(0.91)), ["same"]);
	assert.deepEqual(verdicts(result(0.89)), ["better"]);
});

test("rounds of the baseline that differ by more than the tolerance widen it", () => {
	const noisy = baselineOf([result(1, { spread: { cpu: { median: 1, min: 0.7, max: 1.4 } } })], "abc", 0.1);
	const verdict = (median: number) => compare(noisy, [result(median)])[0]?.verdict;
	assert.equal(verdict(1.39), "same");
	assert.equal(verdict(1.41), "worse");
	assert.equal(verdict(0.71), "same");
	assert.equal(verdict(0.69), "better");
});

test("results with other settings are not compared, whatever their figures", () => {
	const other = compare(baseline, [result(0.5, { settings: { connections: 10, seconds: 1.2, redis: false } })]);
	assert.deepEqual(
		other.map(({ verdict }) => verdict),
		["other settings"],
	);
	assert.equal(passes(other), false);
	assert.deepEqual(verdicts(result(1, { settings: { redis: false, seconds: 1.2, connections: 1000 } })), ["same"]);
});

test("a figure that is gone fails, one that is new does not", () => {
	const gone = compare(baseline, [result(1, { ratio: {} })]);
	assert.equal(gone[0]?.verdict, "missing");
	assert.equal(passes(gone), false);
	const added = compare(baseline, [result(1, { ratio: { cpu: 1, p99: 2 } }), result(1, { scenario: "chat" })]);
	assert.deepEqual(
		added.map(({ verdict }) => verdict),
		["same", "new", "new"],
	);
	assert.equal(passes(added), true);
	assert.equal(passes([]), false);
});

test("bytes are compared, ratios of controls are not", () => {
	const idle = result(1, { ratio: { cpu_socketio: 1 }, rss_bytes_per_connection: 3000 });
	const heavier = { ...idle, ratio: { cpu_socketio: 9 }, rss_bytes_per_connection: 3400 };
	const compared = compare(baselineOf([idle], "abc", 0.1), [heavier]);
	assert.deepEqual(
		compared.map(({ figure, verdict }) => [figure, verdict]),
		[["rss_bytes_per_connection", "worse"]],
	);
	assert.match(comparisonTable(compared), /3000 \(3000–3000\) +3400 \(3400–3400\) +WORSE/);
});

test("the command writes a baseline, and ends with 1 when something is worse", (context) => {
	const directory = mkdtempSync(join(tmpdir(), "framegate-compare-"));
	context.after(() => rmSync(directory, { recursive: true }));
	const program = fileURLToPath(new URL("../../bench/compare-main.ts", import.meta.url));
	const file = join(directory, "baseline.json");
	const run = (median: number, ...more: string[]) => {
		const path = join(directory, `${median}.json`);
		writeFileSync(path, JSON.stringify(result(median, { rows: [], raw: {} })));
		return spawnSync(process.execPath, [program, path, "--baseline", file, ...more], { encoding: "utf8" });
	};
	assert.equal(run(1).status, 1, "there is no baseline yet");
	assert.equal(run(1, "--write").status, 0);
	const other = spawnSync(process.execPath, [program, file, "--baseline", file, "--write"], { encoding: "utf8" });
	assert.match(other.stderr, /is no result of a scenario/);
	assert.equal(run(1.05).status, 0);
	const worse = run(1.3);
	assert.equal(worse.status, 1);
	assert.match(worse.stdout, /heartbeat +cpu +1\.00 \(0\.95–1\.05\) +1\.30 \(1\.25–1\.35\) +WORSE/);
});
