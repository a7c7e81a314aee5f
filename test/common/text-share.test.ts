// Shares of texts: even, stable, and another set with another salt.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { textShares } from "../../common/text-share.ts";

describe("shares of texts", () => {
	it("spreads texts that differ in their ends evenly, and gives the same each time", () => {
		const shareOf = textShares("salt");
		const counts = new Array<number>(10).fill(0);
		for (let index = 0; index < 10_000; index++) {
			const share = shareOf(`user-${index}`);
			assert.ok(share >= 0 && share < 1);
			assert.equal(share, textShares("salt")(`user-${index}`));
			const tenth = Math.floor(share * 10);
			counts[tenth] = (counts[tenth] as number) + 1;
		}
		for (const count of counts) assert.ok(count > 880 && count < 1120, String(counts));
	});

	it("a salt makes another set", () => {
		const [one, other] = [textShares("one"), textShares("other")];
		const inBoth = Array.from({ length: 10_000 }, (_, index) => `user-${index}`).filter((text) => {
			return one(text) < 0.1 && other(text) < 0.1;
		});
		assert.ok(inBoth.length > 60 && inBoth.length < 140, String(inBoth.length));
	});
});
