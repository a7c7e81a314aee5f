// Intervals that are aligned to common times, until they are stopped.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { AlignedInterval, untilRoundMs } from "../../common/aligned-interval.ts";

test("the next run is just after the next multiple of the interval, from any time", () => {
	for (const nowMs of [0, 0.4, 1, 499.9, 999, 999.6, 1000, 123_456_789.123]) {
		const atMs = nowMs + untilRoundMs(1000, nowMs);
		const multipleMs = (Math.floor(nowMs / 1000) + 1) * 1000;
		assert.ok(atMs >= multipleMs + 1 && atMs < multipleMs + 2, `${nowMs}: ${atMs}`);
	}
});

test("a timer that fires a millisecond early does not cause a second run", () => {
	const firedMs = 999.5 + untilRoundMs(1000, 999.5) - 1;
	assert.ok(firedMs + untilRoundMs(1000, firedMs) >= 2000);
});

test("runs continue until the interval is stopped, also from its own callback", (t) => {
	mock.timers.enable({ apis: ["setTimeout"] });
	t.after(() => mock.timers.reset());
	let calls = 0;
	const interval = new AlignedInterval(() => {
		if (++calls === 3) interval.stop();
	}, 1000);
	for (let second = 0; second < 10; second++) mock.timers.tick(1001);
	assert.equal(calls, 3);
	const stopped = new AlignedInterval(() => assert.fail("called after it was stopped"), 1000);
	stopped.stop();
	mock.timers.tick(5000);
});
