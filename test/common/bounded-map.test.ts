// The order and the bound of maps that forget what was used longest ago.
import assert from "node:assert/strict";
import { test } from "node:test";
import { dropFirst, setLast } from "../../common/bounded-map.ts";

test("what was used longest ago goes first", () => {
	const map = new Map<string, number>();
	for (const [index, key] of ["a", "b", "a", "c"].entries()) setLast(map, key, index, 2);
	assert.deepEqual(
		[...map],
		[
			["a", 2],
			["c", 3],
		],
	);
});

test("any number of first entries are dropped, none where there is room", () => {
	const map = new Map([1, 2, 3, 4].map((key) => [key, key]));
	dropFirst(map, 4);
	assert.equal(map.size, 4);
	dropFirst(map, 1);
	assert.deepEqual([...map.keys()], [4]);
	const set = new Set(["x", "y"]);
	dropFirst(set, 0);
	assert.equal(set.size, 0);
});
