// Texts in the order of their bytes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { compareUtf8, OrderedTexts } from "../../common/ordered-texts.ts";

const TEXTS = [
	"",
	"a",
	"ab",
	"b",
	"z",
	"é",
	"\u{d7ff}",
	"\u{e000}",
	"\u{ffff}",
	"\u{10000}",
	"\u{1f600}",
	"\u{1f600}a",
	"\u{10ffff}",
];

test("compares as the bytes of UTF-8 do", () => {
	for (const one of TEXTS) {
		for (const other of TEXTS) {
			const bytes = Buffer.compare(Buffer.from(one), Buffer.from(other));
			assert.equal(Math.sign(compareUtf8(one, other)), bytes, JSON.stringify([one, other]));
		}
	}
});

test("keeps its order, each text once, and begins where it is asked to", () => {
	const texts = new OrderedTexts();
	for (const text of [...TEXTS].reverse()) texts.add(text);
	for (const text of TEXTS) texts.add(text);
	assert.deepEqual([...texts.from("")], TEXTS);
	assert.deepEqual([...texts.from("\u{e000}")].length, 6);
	texts.delete("b");
	texts.delete("none");
	assert.deepEqual([...texts.from("aa")].slice(0, 2), ["ab", "z"]);
	assert.equal(texts.size, TEXTS.length - 1);
});
