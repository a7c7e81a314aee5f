// The one-number bucket against the plain definition of a token bucket.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { TokenBucket } from "../../common/token-bucket.ts";

/** Counts tokens, by the textbook definition. */
class CountingBucket {
	private tokens: number;
	private atMs = 0;
	private readonly rate: { perSecond: number; burst: number };

	constructor(rate: { perSecond: number; burst: number }) {
		this.rate = rate;
		this.tokens = rate.burst;
	}

	take(cost: number, nowMs: number): boolean {
		this.tokens = Math.min(this.rate.burst, this.tokens + ((nowMs - this.atMs) * this.rate.perSecond) / 1000);
		this.atMs = nowMs;
		if (this.tokens + 1e-6 < cost) return false;
		this.tokens -= cost;
		return true;
	}
}

describe("token bucket", () => {
	it("accepts exactly what a counting bucket accepts, and returns how long to wait", () => {
		const step = fc.record({ passMs: fc.integer({ min: 0, max: 300 }), cost: fc.integer({ min: 1, max: 5 }) });
		const rate = fc.record({
			perSecond: fc.constantFrom(1, 2, 5, 10, 50, 100),
			burst: fc.integer({ min: 5, max: 40 }),
		});
		fc.assert(
			fc.property(rate, fc.array(step, { maxLength: 200 }), (rate, steps) => {
				const bucket = new TokenBucket();
				const counting = new CountingBucket(rate);
				let nowMs = 0;
				for (const { passMs, cost } of steps) {
					nowMs += passMs;
					const waitMs = bucket.take(rate, cost, nowMs);
					assert.equal(waitMs === 0, counting.take(cost, nowMs), `cost ${cost} at ${nowMs} ms`);
					if (waitMs > 0) assert.ok(waitMs <= (cost / rate.perSecond) * 1000 + 1e-6);
				}
			}),
			{ numRuns: 300 },
		);
	});

	it("serves a cost above the burst from a full bucket", () => {
		const bucket = new TokenBucket();
		const rate = { perSecond: 1, burst: 2 };
		assert.equal(bucket.take(rate, 10, 0), 0);
		assert.equal(bucket.take(rate, 10, 1_000), 1_000);
	});

	it("is off at rate 0", () => {
		const bucket = new TokenBucket();
		for (let i = 0; i < 10; i++) assert.equal(bucket.take({ perSecond: 0, burst: 1 }, 1, 0), 0);
	});

	it("is never in debt from taking, also when the rate was raised in between", () => {
		const bucket = new TokenBucket();
		assert.equal(bucket.take({ perSecond: 1, burst: 100 }, 100, 0), 0);
		const raised = { perSecond: 100, burst: 100 };
		assert.equal(bucket.take(raised, 1, 0), 10);
		assert.equal(bucket.waitMs(raised, 0, 0), 0);
		assert.equal(bucket.take(raised, 1, 10), 0);
	});

	it("goes into debt by what is charged, and says for how long", () => {
		const bucket = new TokenBucket();
		const rate = { perSecond: 10, burst: 5 };
		bucket.charge(rate, 0, 0);
		assert.ok(bucket.isFull(0));
		bucket.charge(rate, 25, 0);
		assert.equal(bucket.waitMs(rate, 0, 0), 2_000);
		assert.equal(bucket.waitMs(rate, 1, 0), 2_100);
		assert.equal(bucket.waitMs(rate, 0, 2_000), 0);
		assert.equal(bucket.isFull(2_499), false);
		assert.ok(bucket.isFull(2_500));
		bucket.charge({ perSecond: 0, burst: 5 }, 25, 3_000);
		assert.ok(bucket.isFull(3_000));
	});

	it("says how long a cost above the burst would take, without taking it", () => {
		const bucket = new TokenBucket();
		const rate = { perSecond: 10, burst: 5 };
		assert.equal(bucket.waitMs(rate, 7, 0), 200);
		assert.equal(bucket.waitMs(rate, 5, 0), 0);
		assert.ok(bucket.isFull(0));
	});
});
