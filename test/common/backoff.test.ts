// The time before a further attempt.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Backoff } from "../../common/backoff.ts";

test("the pause before an attempt doubles up to its limit, is spread over its upper half, and begins again", () => {
	const terms = (random: number): number[] => {
		const backoff = new Backoff({ firstMs: 100, maxMs: 1000, random: () => random });
		return Array.from({ length: 6 }, () => backoff.next());
	};
	assert.deepEqual(terms(1), [100, 200, 400, 800, 1000, 1000]);
	assert.deepEqual(terms(0), [50, 100, 200, 400, 500, 500]);
	const backoff = new Backoff({ firstMs: 100, maxMs: 1000, random: () => 1 });
	for (let failure = 0; failure < 2000; failure++) backoff.next();
	assert.equal(backoff.next(), 1000);
	backoff.reset();
	assert.equal(backoff.next(), 100);
});
