// The check for retired words: what it finds, and what it leaves alone.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { retiredWords } from "../../../scripts/vocabulary.ts";

describe("the vocabulary check", () => {
	it("finds retired words in comments, texts and parts of identifiers, with what to write instead", () => {
		for (const [line, word] of [
			["// The client is told why.", "told"],
			["const noticeTeller = 1;", "teller"],
			['logger.warn("nobody heard of it")', "heard"],
			["lastHeardMs: number;", "heard"],
			["The subscribers' followers", "followers"],
			["while a call is under way", "under way"],
			["Redis is away", "is away"],
		] as const) {
			const [found = ""] = retiredWords("core/example.ts", `first line\n${line}`);
			assert.match(found, new RegExp(`^core/example\\.ts:2: ${word} → .+`), line);
		}
	});

	it("leaves ordinary words, and the names that are kept where they belong", () => {
		for (const line of ["the following table", "a whole number", "storytelling"]) {
			assert.deepEqual(retiredWords("core/example.ts", line), []);
		}
		assert.deepEqual(retiredWords("handlers/edge-model.ts", "const { follow = false } = request;"), []);
		assert.equal(retiredWords("core/connection.ts", "const { follow = false } = request;").length, 1);
		assert.deepEqual(retiredWords("protocol/proto/framegate/v1/chat.proto", "repeated string not_followed = 3;"), []);
	});
});
