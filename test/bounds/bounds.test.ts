// docs/operations/bounds.md says what the defaults and the constants of the code make: every bound, every sum, and no limit
// of the configuration that it does not mention.
import assert from "node:assert/strict";
import { it } from "node:test";
import { configKeys } from "../../server/config/keys.ts";
import { page, section, table } from "../docs/markdown.ts";
import { BOUNDS_PAGE, boundRows, withFigures } from "./bounds-page.ts";

const markdown = page(BOUNDS_PAGE);
const rows = boundRows(markdown);
const EXCUSED = "Limits that bound no memory";

it("every figure and every sum is what defaults and constants make", () => {
	assert.ok(rows.length > 20);
	assert.deepEqual(markdown.split("\n"), withFigures(markdown).split("\n"));
});

it("a figure that differs is noticed", () => {
	const changed = markdown.replace(/\d+\.\d MiB/, "7.7 MiB");
	assert.notEqual(changed, markdown);
	assert.notEqual(withFigures(changed), changed);
});

it("every bound says what happens at it", () => {
	for (const { what, atTheBound } of rows) assert.notEqual(atTheBound, "", what);
});

it("every limit of the configuration is in a bound, or said to bound no memory", () => {
	const limits = configKeys.filter(({ path }) => isLimit(path.at(-1) ?? "")).map(({ key }) => key);
	assert.ok(limits.length > 40);
	const excused = table(section(markdown, EXCUSED));
	for (const { key, why } of excused) assert.ok(why, key);
	const named = new Set([...rows.flatMap(({ keys }) => keys), ...excused.map(({ key = "" }) => key)]);
	assert.deepEqual(
		limits.filter((key) => !named.has(key)),
		[],
		`name them in ${BOUNDS_PAGE}`,
	);
	const known = new Set(configKeys.map(({ key }) => key));
	assert.deepEqual(
		excused.map(({ key }) => key).filter((key = "") => !known.has(key)),
		[],
	);
});

/** By the last part of a key. */
function isLimit(name: string): boolean {
	return /(Bytes|KiB|Size|Limit|concurrency|batch|Members)$|^max[A-Z]/.test(name) && !name.endsWith("Ms");
}
