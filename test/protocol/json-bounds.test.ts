// The bounds of JSON from outside: what is counted is what a parser would make, and the largest sound request is within.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { FRAME_JSON_BOUNDS, jsonExcess } from "../../protocol/json-bounds.ts";

interface Size {
	readonly depth: number;
	readonly values: number;
}

/** Depth, and one value for each list or object and for each further member or element. */
function sizeOf(value: unknown): Size {
	if (typeof value !== "object" || value === null) return { depth: 0, values: 0 };
	const inner = Object.values(value).map(sizeOf);
	return {
		depth: 1 + Math.max(0, ...inner.map(({ depth }) => depth)),
		values: 1 + Math.max(0, inner.length - 1) + inner.reduce((sum, { values }) => sum + values, 0),
	};
}

suite("bounds of JSON", () => {
	test("count what the text holds, whatever its strings say", () => {
		const strings = fc.string({ unit: fc.constantFrom("\\", '"', "[", "{", ",", "]", "}", "a", "é", "\u2028") });
		const json = fc.jsonValue({ maxDepth: 5 });
		fc.assert(
			fc.property(fc.array(fc.oneof(json, strings, fc.dictionary(strings, json))), (value) => {
				const { depth, values } = sizeOf(value);
				for (const text of [JSON.stringify(value), JSON.stringify(value, undefined, 2)]) {
					assert.equal(jsonExcess(text, { maxDepth: depth, maxValues: values }), undefined);
					assert.match(jsonExcess(text, { maxDepth: depth - 1, maxValues: values }) ?? "", /nested/);
					assert.match(jsonExcess(text, { maxDepth: depth, maxValues: values - 1 }) ?? "", /values/);
				}
			}),
			{ numRuns: 2000 },
		);
	});

	test("end with the text, whatever it is", () => {
		for (const text of ["", '"', '"\\', '"\\"', `"${"a".repeat(40)}`, `"${"a".repeat(40)}\\`, "[[[", "]]]", ",,,"]) {
			assert.equal(jsonExcess(text, FRAME_JSON_BOUNDS), undefined, text);
		}
	});

	test("find a quote behind any number of backslashes, near and far", () => {
		for (const before of [0, 3, 14, 15, 16, 17, 40]) {
			for (const slashes of [0, 1, 2, 3, 4]) {
				const string = "a".repeat(before) + "\\".repeat(slashes);
				const text = JSON.stringify([string, `${string}"`, `"${string}`, "[[["]);
				assert.equal(jsonExcess(text, { maxDepth: 1, maxValues: 4 }), undefined, text);
				assert.match(jsonExcess(text, { maxDepth: 1, maxValues: 3 }) ?? "", /values/, text);
			}
		}
	});

	test("hold the largest sound requests", () => {
		const positions = Array.from({ length: 1000 }, (_, index) => ({ channel: `r:${index}`, offset: "1", epoch: "e" }));
		const pointIds = Array.from({ length: 10_000 }, (_, index) => index);
		const channels = pointIds.slice(0, 1000);
		for (const body of [{ positions }, { channels, pointIds, deadband: { absolute: 1 } }]) {
			assert.equal(jsonExcess(JSON.stringify({ protocol: 1, seq: 1, body }), FRAME_JSON_BOUNDS), undefined);
		}
	});
});
