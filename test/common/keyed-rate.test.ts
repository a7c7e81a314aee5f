// A rate limit per key: keys do not touch each other, debts, and what is forgotten.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { KeyedRate } from "../../common/keyed-rate.ts";
import { ErrorCode } from "../../protocol/codes.ts";

function limited(retryAfterMs: number) {
	return { code: ErrorCode.RATE_LIMITED, message: "too many tests", retryAfterMs };
}

describe("keyed rate", () => {
	function fixture(perSecond: number, burst: number) {
		const time = { ms: 0 };
		return { time, rate: new KeyedRate({ perSecond, burst }, "tests", () => time.ms) };
	}

	it("limits each key by itself, and counts what it refuses", () => {
		const { time, rate } = fixture(2, 3);
		for (let i = 0; i < 3; i++) rate.take("a");
		assert.throws(() => rate.take("a"), limited(500));
		rate.take("b");
		time.ms = 500;
		rate.take("a");
		assert.throws(() => rate.take("a"), limited(500));
		assert.equal(rate.refused, 2);
	});

	it("refuses more at once than the burst, however long the key was idle", () => {
		const { time, rate } = fixture(2, 3);
		time.ms = 1e9;
		assert.throws(() => rate.take("a", 5), limited(1000));
		assert.equal(rate.size, 0);
		rate.take("a", 3);
	});

	it("allows a burst below one to be used up by one", () => {
		const { rate } = fixture(2, 0);
		rate.take("a");
		assert.throws(() => rate.take("a"), limited(500));
	});

	it("is off at rate 0, and takes nothing for a count of 0", () => {
		const off = fixture(0, 1).rate;
		for (let i = 0; i < 10; i++) off.take("a", 1000);
		off.charge("a", 1000);
		off.refuseInDebt("a");
		const { rate } = fixture(1, 1);
		for (let i = 0; i < 10; i++) rate.take("a", 0);
		rate.charge("a", 0);
		assert.equal(off.size + rate.size, 0);
	});

	it("refuses a key in debt until it has paid", () => {
		const { time, rate } = fixture(10, 5);
		rate.refuseInDebt("a");
		rate.charge("a", 25);
		assert.throws(() => rate.refuseInDebt("a"), limited(2000));
		rate.refuseInDebt("b");
		time.ms = 2000;
		rate.refuseInDebt("a");
	});

	it("forgets keys whose buckets are full when others come", () => {
		const { time, rate } = fixture(1, 10);
		for (let i = 0; i < 10; i++) rate.take(`old ${i}`);
		assert.equal(rate.size, 10);
		time.ms = 1000;
		for (let i = 0; i < 10; i++) rate.take(`new ${i}`);
		assert.equal(rate.size, 10);
		assert.equal(rate.tryTake("new 0", 10), 1000);
	});

	it("holds a bounded number of keys, and forgets the one that was used longest ago", () => {
		const { rate } = fixture(1, 2);
		rate.take("first", 2);
		for (let i = 0; i < 99_999; i++) rate.take(String(i));
		rate.charge("0", 1);
		assert.equal(rate.size, 100_000);
		assert.equal(rate.tryTake("first"), 1000);
		rate.take("last");
		assert.equal(rate.size, 100_000);
		assert.equal(rate.tryTake("first"), 0);
		assert.equal(rate.tryTake("0"), 1000);
	});
});
