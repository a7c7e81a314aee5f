// The arithmetic of the page of bounds.
import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluate, inBytes } from "./formula.ts";

const FOLDER = "docs/operations";

test("numbers, units, brackets, defaults and constants", () => {
	assert.equal(evaluate("2 × 3 + 4", FOLDER), 10);
	assert.equal(evaluate("2 × (3 + 4 KiB)", FOLDER), 2 * (3 + 4096));
	assert.equal(evaluate("1 MiB − 1,024 × 1 KiB", FOLDER), 0);
	assert.equal(evaluate("10 ÷ 4", FOLDER), 2.5);
	assert.equal(evaluate("`limits.maxConnections` × 1 KiB", FOLDER), 10_240_000);
	assert.equal(evaluate("[`MAX_BUFFERED_BYTES`](../../server/logging/log-output.ts)", FOLDER), 8 * 1024 * 1024);
	assert.equal(evaluate("[`maxSelects`](../../services/edge/control/options.ts)", FOLDER), 10_000);
});

test("what cannot be computed says what it is", () => {
	assert.throws(() => evaluate("`limits.maxUnicorns`", FOLDER), /limits\.maxUnicorns/);
	assert.throws(() => evaluate("`server.host`", FOLDER), /server\.host/);
	assert.throws(() => evaluate("[`NOTHING`](../../server/logging/logger.ts)", FOLDER), /NOTHING 0 times/);
	assert.throws(() => evaluate("2 × (3", FOLDER), /bracket/);
	assert.throws(() => evaluate("2 ×", FOLDER), /the end/);
	assert.throws(() => evaluate("two", FOLDER), /cannot read/);
});

test("sizes as the page writes them", () => {
	assert.deepEqual([512, 100 * 1024, 2.5 * 1024 ** 2, 10 * 1024 ** 3].map(inBytes), [
		"0.5 KiB",
		"100.0 KiB",
		"2.5 MiB",
		"10.00 GiB",
	]);
});
