// The README's table: made of a baseline, between its markers, and of nothing less than all of its figures.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { baselineOf, type Result } from "../../bench/compare.ts";
import { withTable } from "../../bench/readme-table.ts";
import { page, table } from "../docs/markdown.ts";

const scratch = mkdtempSync(join(tmpdir(), "framegate-readme-table-"));
after(() => rmSync(scratch, { recursive: true }));

const result = (scenario: string, ratio: Record<string, number>, bytes: Record<string, number> = {}): Result => ({
	scenario,
	settings: { connections: 10_000, seconds: 1, redis: false },
	machine: { cpu: "Processor", cores: 4, node: "v22.0.0" },
	...{ ratio, rows: [], raw: {} },
	...bytes,
});
const results: readonly Result[] = [
	result("heartbeat", { cpu_per_message_1: 1.054, cpu_per_message_8: 1.566 }),
	result("storm", { time_to_served: 1.4 }),
	result("openloop", { p99: 0.999 }),
	result("fanout", { cpu_per_delivery: 1.1 }),
	result("telemetry", { cpu_per_point: 1.2, cpu_per_point_with_silence: 1.9 }),
	result("chat", { p99: 9.714 }),
	result("scaling", { cpu_per_message_18000_connections: 1.3 }),
	result("idle", {}, { rss_bytes_per_connection: 3584, rss_bytes_per_connection_with_own_session: 7372 }),
];
const frame = "before\n<!-- bench:begin -->\n\nold\n\n<!-- bench:end -->\nafter\n";

test("each figure is the baseline's median, rounded", () => {
	const written = withTable(frame, baselineOf(results, "abc1234", 0.1));
	const figures = table(written).map((row) => row["framegate : bare uWebSockets.js"]);
	const ratios = ["1.05", "1.57", "1.40", "1.00", "1.10", "1.20", "1.90", "9.71", "1.30"];
	assert.deepEqual(figures, [...ratios, "+ 3.5 KiB", "+ 7.2 KiB"]);
	assert.match(written, /`storm`: 10,000 connects/);
	assert.match(written, /commit `abc1234` on 4 cores of Processor with Node v22\.0\.0;/);
	assert.doesNotMatch(written, /old/);
	assert.ok(written.startsWith("before\n") && written.endsWith("<!-- bench:end -->\nafter\n"));
});

test("a scenario that is measured again leaves the others, and the page names the commit of each", () => {
	const before = baselineOf(results, "abc1234", 0.1);
	const after = baselineOf(
		[result("telemetry", { cpu_per_point: 1.4, cpu_per_point_with_silence: 1.9 })],
		"def5678",
		0.1,
		before.results,
	);
	assert.equal(after.results.length, results.length);
	const written = withTable(frame, after);
	assert.equal(table(written)[5]?.["framegate : bare uWebSockets.js"], "1.40");
	assert.match(written, /commits `abc1234` \(chat, fanout, [^)]*storm\) and `def5678` \(telemetry\) on/);
});

test("writing it twice changes nothing", () => {
	const baseline = baselineOf(results, "abc1234", 0.1);
	const written = withTable(frame, baseline);
	assert.equal(withTable(written, baseline), written);
});

test("a figure that was not measured, or no place for the table, is refused", () => {
	assert.throws(() => withTable(frame, baselineOf(results.slice(1), "abc1234", 0.1)), /no cpu_per_message_1 of heartb/);
	assert.throws(() => withTable("no markers", baselineOf(results, "abc1234", 0.1)), /there is no/);
});

test("the command writes it into the README", () => {
	const files = results.map((one, index) => {
		const file = join(scratch, `${index}.json`);
		writeFileSync(file, JSON.stringify(one));
		return file;
	});
	const readme = join(scratch, "README.md");
	writeFileSync(readme, page("README.md"));
	const program = fileURLToPath(new URL("../../bench/compare-main.ts", import.meta.url));
	const baseline = join(scratch, "baseline.json");
	const args = [program, ...files, "--baseline", baseline, "--write", "--readme", readme];
	const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
	assert.equal(status, 0, stderr);
	const written = readFileSync(readme, "utf8");
	assert.match(written, /`heartbeat`: .* \| 1\.05 \| 1\.3 \|/);
	assert.equal(withTable(written, JSON.parse(readFileSync(baseline, "utf8"))), written);
});
