// The pure parts of the balancer, each against its plain definition.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type BreakerOptions, CircuitBreaker } from "../../upstreams/balancing/circuit-breaker.ts";
import { EjectionState, onFailure, onSuccess } from "../../upstreams/balancing/ejection.ts";
import { PeakEwma } from "../../upstreams/balancing/peak-ewma.ts";
import { hashText, ownerOf } from "../../upstreams/balancing/rendezvous.ts";
import { RetryBudget } from "../../upstreams/balancing/retry-budget.ts";
import { RollingCount } from "../../upstreams/balancing/rolling-count.ts";
import { slowStartShare } from "../../upstreams/balancing/slow-start.ts";
import { chooseOfTwo } from "../../upstreams/balancing/two-choices.ts";

describe("peak EWMA", () => {
	it("takes a slower answer at once, and a faster one little by little", () => {
		const ewma = new PeakEwma(10_000, 1, 0);
		ewma.observe(50, 0);
		assert.equal(ewma.at(0), 50);
		ewma.observe(1, 100);
		assert.ok(ewma.at(100) > 49 && ewma.at(100) < 50);
		for (let nowMs = 200; nowMs < 60_000; nowMs += 100) ewma.observe(1, nowMs);
		assert.ok(ewma.at(60_000) < 1.5);
	});

	it("sinks without answers, so that an endpoint that was slow is tried again", () => {
		const ewma = new PeakEwma(10_000, 1, 0);
		ewma.observe(1000, 0);
		assert.ok(Math.abs(ewma.at(10_000) - 1000 / Math.E) < 0.001);
		assert.ok(ewma.at(100_000) < 0.1);
	});

	it("is never above the slowest answer, nor below 0", () => {
		const step = fc.record({
			passMs: fc.integer({ min: 0, max: 20_000 }),
			tookMs: fc.double({ min: 0, max: 5000, noNaN: true }),
		});
		fc.assert(
			fc.property(fc.array(step, { minLength: 1, maxLength: 50 }), (steps) => {
				const ewma = new PeakEwma(10_000, 0, 0);
				let nowMs = 0;
				let slowestMs = 0;
				for (const { passMs, tookMs } of steps) {
					nowMs += passMs;
					slowestMs = Math.max(slowestMs, tookMs);
					ewma.observe(tookMs, nowMs);
					assert.ok(ewma.at(nowMs) >= 0 && ewma.at(nowMs) <= slowestMs + 1e-9);
				}
			}),
		);
	});
});

describe("rolling count", () => {
	it("counts what a list of events would count, within a bucket", () => {
		const step = fc.record({ passMs: fc.integer({ min: 0, max: 3000 }), count: fc.integer({ min: 0, max: 5 }) });
		fc.assert(
			fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
				const rolling = new RollingCount(10_000);
				const events: { atMs: number; count: number }[] = [];
				let nowMs = 0;
				const within = (ms: number) =>
					events.filter(({ atMs }) => nowMs - atMs < ms).reduce((sum, { count }) => sum + count, 0);
				for (const { passMs, count } of steps) {
					nowMs += passMs;
					rolling.add(count, nowMs);
					events.push({ atMs: nowMs, count });
					assert.ok(rolling.total(nowMs) >= within(9000) && rolling.total(nowMs) <= within(10_001));
				}
			}),
		);
	});
});

describe("two choices", () => {
	const random = (seed: number) => () => {
		seed = (seed * 48_271) % 0x7fff_ffff;
		return seed / 0x7fff_ffff;
	};

	it("never chooses what is not available, and always chooses when something is", () => {
		const flags = fc.array(fc.boolean(), { maxLength: 20 });
		fc.assert(
			fc.property(flags, fc.integer({ min: 1, max: 0x7fff_fffe }), (available, seed) => {
				const candidates = available.map((isAvailable, index) => ({ isAvailable, index }));
				const chosen = chooseOfTwo({
					candidates,
					isAvailable: (one) => one.isAvailable,
					cost: ({ index }) => index,
					random: random(seed),
				});
				assert.equal(chosen === undefined, !available.includes(true));
				if (chosen !== undefined) assert.ok(chosen.isAvailable);
			}),
		);
	});

	it("prefers the cheaper of the two, and the most expensive of many is never chosen beside others", () => {
		const candidates = [1, 2, 3, 4, 100];
		const next = random(7);
		const chosen = Array.from({ length: 1000 }, () =>
			chooseOfTwo({ candidates, isAvailable: () => true, cost: (one) => one, random: next }),
		);
		assert.ok(!chosen.includes(100));
		assert.ok(chosen.filter((one) => one === 1).length > 300);
	});
});

describe("rendezvous", () => {
	const endpoints = (count: number, weight = 1) =>
		Array.from({ length: count }, (_, index) => ({ name: index, hash: hashText(`10.0.0.${index}:50051`), weight }));
	const keys = Array.from({ length: 10_000 }, (_, index) => `user-${index}`);
	const all = () => true;

	it("moves only the keys of an endpoint that is gone", () => {
		const five = endpoints(5);
		for (const key of keys.slice(0, 1000)) {
			const before = ownerOf(key, five, all);
			const after = ownerOf(key, five, ({ name }) => name !== 2);
			if (before?.name !== 2) assert.equal(after, before);
		}
	});

	it("gives each endpoint the share of its weight", () => {
		const weighted = endpoints(4).map((one, index) => ({ ...one, weight: index + 1 }));
		const counts = [0, 0, 0, 0];
		for (const key of keys) counts[ownerOf(key, weighted, all)?.name ?? 0]!++;
		for (const [index, count] of counts.entries()) {
			const expected = (keys.length * (index + 1)) / 10;
			assert.ok(Math.abs(count - expected) < expected * 0.15, `${count} of ${expected}`);
		}
	});
});

describe("circuit breaker", () => {
	const options: BreakerOptions = { windowMs: 10_000, minCalls: 20, failureShare: 0.5, openMs: 1000, maxOpenMs: 8000 };
	const run = (breaker: CircuitBreaker, outcome: "success" | "failure" | "ignored", nowMs: number) =>
		breaker.onEnd(breaker.onBegin(nowMs), outcome, nowMs);

	it("opens at half of enough calls, tries again after its time, and closes after three that succeed", () => {
		const breaker = new CircuitBreaker(options);
		for (let call = 0; call < 10; call++) run(breaker, "success", 0);
		for (let call = 0; call < 9; call++) run(breaker, "failure", 0);
		assert.equal(breaker.state(0), "closed");
		run(breaker, "failure", 0);
		assert.equal(breaker.state(0), "open");
		assert.equal(breaker.permits(999), false);
		assert.equal(breaker.waitMs(400), 600);
		assert.equal(breaker.state(1000), "half-open");
		const trials = [breaker.onBegin(1000), breaker.onBegin(1000), breaker.onBegin(1000)];
		assert.equal(breaker.permits(1000), false);
		for (const isTrial of trials) breaker.onEnd(isTrial, "success", 1000);
		assert.equal(breaker.state(1000), "closed");
	});

	it("opens for twice as long when a trial fails, up to a limit", () => {
		const breaker = new CircuitBreaker(options);
		for (let call = 0; call < 20; call++) run(breaker, "failure", 0);
		let nowMs = 0;
		for (const openMs of [1000, 2000, 4000, 8000, 8000]) {
			assert.equal(breaker.waitMs(nowMs), openMs);
			nowMs += openMs;
			run(breaker, "failure", nowMs);
		}
	});

	it("does not count calls that were given up, and lets their trial go", () => {
		const breaker = new CircuitBreaker(options);
		for (let call = 0; call < 1000; call++) run(breaker, "ignored", 0);
		assert.equal(breaker.state(0), "closed");
		for (let call = 0; call < 20; call++) run(breaker, "failure", 0);
		for (let call = 0; call < 10; call++) run(breaker, "ignored", 1000);
		assert.equal(breaker.permits(1000), true);
	});

	it("forgets failures that are older than its window", () => {
		const breaker = new CircuitBreaker(options);
		for (let call = 0; call < 19; call++) run(breaker, "failure", 0);
		run(breaker, "failure", 11_000);
		assert.equal(breaker.state(11_000), "closed");
	});
});

describe("retry budget", () => {
	it("allows a fifth of the calls, and a few a second where there are hardly any", () => {
		const busy = new RetryBudget({ share: 0.2, floorPerSecond: 10 });
		let repeats = 0;
		for (let call = 0; call < 10_000; call++) {
			busy.onCall(call);
			if (busy.take(call)) repeats++;
		}
		assert.ok(repeats <= 2100 && repeats >= 1900, String(repeats));
		const idle = new RetryBudget({ share: 0.2, floorPerSecond: 10 });
		let allowed = 0;
		while (idle.take(0)) allowed++;
		assert.equal(allowed, 100);
	});

	it("never allows more than its share of many calls, whatever fails when", () => {
		const step = fc.record({ passMs: fc.integer({ min: 0, max: 50 }), fails: fc.boolean() });
		fc.assert(
			fc.property(fc.array(step, { minLength: 500, maxLength: 2000 }), (steps) => {
				const budget = new RetryBudget({ share: 0.2, floorPerSecond: 0 });
				let nowMs = 0;
				let repeats = 0;
				for (const { passMs, fails } of steps) {
					nowMs += passMs;
					budget.onCall(nowMs);
					if (fails && budget.take(nowMs)) repeats++;
				}
				assert.ok(repeats <= steps.length * 0.2);
			}),
			{ numRuns: 50 },
		);
	});
});

describe("ejection", () => {
	const options = { consecutiveFailures: 5, baseMs: 10_000, maxMs: 60_000, maxShare: 0.1 };
	const fail = (state: EjectionState, all: EjectionState[], nowMs: number, times = 5) => {
		let isEjected = false;
		for (let call = 0; call < times; call++) isEjected = onFailure(state, all, options, nowMs);
		return isEjected;
	};
	const states = (count: number) => Array.from({ length: count }, () => new EjectionState());

	it("takes out one that fails in a row, for longer each time", () => {
		const all = states(5);
		const [bad] = all as [EjectionState];
		assert.equal(fail(bad, all, 0, 4), false);
		onSuccess(bad);
		assert.equal(fail(bad, all, 0, 4), false);
		assert.equal(fail(bad, all, 0, 1), true);
		assert.equal(bad.untilMs, 10_000);
		assert.equal(fail(bad, all, 10_000), true);
		assert.equal(bad.untilMs, 30_000);
		for (const untilMs of [70_000, 130_000, 190_000]) {
			fail(bad, all, bad.untilMs);
			assert.equal(bad.untilMs, untilMs);
		}
	});

	it("takes out a tenth at most, one of few, and never the only one", () => {
		for (const [count, allowed] of [
			[1, 0],
			[2, 1],
			[5, 1],
			[19, 1],
			[20, 2],
			[50, 5],
		] as const) {
			const all = states(count);
			for (const state of all) fail(state, all, 0);
			assert.equal(all.filter((state) => state.isEjected(0)).length, allowed, `${count} endpoints`);
		}
	});
});

describe("slow start", () => {
	it("grows from a tenth to the whole share", () => {
		assert.equal(slowStartShare(0, 10_000), 0.1);
		assert.equal(slowStartShare(5000, 10_000), 0.5);
		assert.equal(slowStartShare(10_000, 10_000), 1);
		assert.equal(slowStartShare(0, 0), 1);
	});
});
