// The README's figures of speed are those of the bench's baseline: neither changes without the other.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Baseline } from "../../bench/compare.ts";
import { withTable } from "../../bench/readme-table.ts";
import { page, section, table } from "./markdown.ts";

const baseline = JSON.parse(readFileSync(new URL("../../bench/baseline.json", import.meta.url), "utf8")) as Baseline;
const readme = page("README.md");

test("the README's table of figures is the one that the baseline gives", () => {
	assert.equal(withTable(readme, baseline), readme);
	const figures = table(section(readme, "How fast")).map((row) => row["framegate : bare uWebSockets.js"] ?? "");
	assert.ok(figures.length >= 10);
	for (const figure of figures) assert.match(figure, /^(\d+\.\d\d|\+ \d+\.\d KiB)$/);
});

test("a figure that differs from the baseline's is noticed", () => {
	const [shown = ""] = /(?<=\| )\d+\.\d\d(?= \|)/.exec(readme) ?? [];
	const other = (Number(shown) + 0.01).toFixed(2);
	const changed = readme.replace(`| ${shown} |`, `| ${other} |`);
	assert.notEqual(changed, readme);
	assert.notEqual(withTable(changed, baseline), changed);
});
