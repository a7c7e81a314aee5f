// Items, some at a time.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { batches } from "../../common/batches.ts";

describe("batches", () => {
	it("hold every item once, in order, the last one the rest", () => {
		assert.deepEqual([...batches([1, 2, 3, 4, 5], 2)], [[1, 2], [3, 4], [5]]);
		assert.deepEqual(
			[...batches([1, 2, 3, 4], 2)],
			[
				[1, 2],
				[3, 4],
			],
		);
		assert.deepEqual([...batches(new Set(["a", "b"]), 1)], [["a"], ["b"]]);
		assert.deepEqual([...batches([1, 2], Number.POSITIVE_INFINITY)], [[1, 2]]);
	});

	it("are none for no items", () => {
		assert.deepEqual([...batches([], 3)], []);
	});

	it("are arrays of their own: a batch may be kept and changed", () => {
		const items = [1, 2, 3];
		const [first, second] = batches(items, 2);
		first?.splice(0);
		assert.deepEqual([items, second], [[1, 2, 3], [3]]);
	});

	it("are taken one by one, and stop where the loop stops", () => {
		let made = 0;
		let isClosed = false;
		function* source() {
			try {
				for (;;) yield made++;
			} finally {
				isClosed = true;
			}
		}
		for (const batch of batches(source(), 3)) if (batch.includes(4)) break;
		assert.equal(made, 6);
		assert.equal(isClosed, true);
	});

	it("have at least one item", () => {
		for (const size of [0, -1, 0.5, Number.NaN]) assert.throws(() => [...batches([1], size)], RangeError);
	});
});
