// Where a cursor of one part stands, and what is refused.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeCursor, idAt, numberAt } from "../../common/cursor.ts";
import { ErrorCode } from "../../protocol/codes.ts";

const rejected = { code: ErrorCode.VALIDATION_FAILED, message: "cursor does not belong to this list" };

describe("a cursor of one part", () => {
	it("stands at an id, or at the beginning", () => {
		assert.equal(idAt("rooms", encodeCursor("rooms", "r-7")), "r-7");
		assert.equal(idAt("rooms", ""), "");
	});

	it("stands at a number, or where the list begins", () => {
		assert.equal(numberAt("history:1", encodeCursor("history:1", 0), 9), 0);
		assert.equal(numberAt("history:1", "", 9), 9);
		assert.equal(numberAt("history:1", ""), 0);
	});

	it("is refused when it is another list's, or no number where one is wanted", () => {
		assert.throws(() => idAt("rooms", encodeCursor("games", "r-7")), rejected);
		assert.throws(() => numberAt("history:1", encodeCursor("history:2", 7)), rejected);
		assert.throws(() => numberAt("history:1", encodeCursor("history:1", "")), rejected);
		assert.throws(() => numberAt("history:1", encodeCursor("history:1", -1)), rejected);
		assert.throws(() => numberAt("history:1", encodeCursor("history:1", 7, 8)), rejected);
	});
});
