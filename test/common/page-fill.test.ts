// Pages of a list: what ends one, and the cursor behind it.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fillPage, type PageFill, wholePage } from "../../common/page-fill.ts";

const cursorBehind = (last: number, count: number) => `${last}/${count}`;

/** Has room for so many items. */
function roomFor(places: number): PageFill<number> {
	let left = places;
	return { maxBytes: places, take: () => left-- > 0 };
}

describe("page of a list", () => {
	it("ends with the list, without a cursor", () => {
		assert.deepEqual(fillPage<number>(wholePage, { found: [], limit: 3, cursorBehind }), { shown: [], nextCursor: "" });
		const whole = fillPage<number>(wholePage, { found: [1, 2, 3], limit: 3, cursorBehind });
		assert.deepEqual(whole, { shown: [1, 2, 3], nextCursor: "" });
	});

	it("ends at its limit, with the cursor behind the last item", () => {
		const page = fillPage<number>(wholePage, { found: [5, 6, 7], limit: 2, cursorBehind });
		assert.deepEqual(page, { shown: [5, 6], nextCursor: "6/2" });
	});

	it("ends where an item has no room", () => {
		const page = fillPage(roomFor(1), { found: [5, 6, 7], limit: 3, cursorBehind });
		assert.deepEqual(page, { shown: [5], nextCursor: "5/1" });
	});

	it("has a cursor when there is more than was found", () => {
		const page = fillPage(roomFor(3), { found: [5, 6], limit: 3, hasMore: true, cursorBehind });
		assert.deepEqual(page, { shown: [5, 6], nextCursor: "6/2" });
	});

	it("has no place to go on from when nothing is shown", () => {
		assert.deepEqual(fillPage(roomFor(0), { found: [5], limit: 3, cursorBehind }), { shown: [], nextCursor: "" });
		assert.deepEqual(fillPage(roomFor(3), { found: [5], limit: 0, cursorBehind }), { shown: [], nextCursor: "" });
	});

	it("takes no more from a source than it shows, and one to see whether there are more", () => {
		let made = 0;
		function* source() {
			for (;;) yield made++;
		}
		assert.deepEqual(fillPage(roomFor(9), { found: source(), limit: 2, cursorBehind }).shown, [0, 1]);
		assert.equal(made, 3);
	});
});
