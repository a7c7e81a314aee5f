// One reading per event-loop turn, and a new one in the next.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TickClock } from "../../core/tick-clock.ts";

describe("tick clock", () => {
	it("is constant within an event-loop turn and advances with the next", async () => {
		let readings = 0;
		const clock = new TickClock({ now: () => 1_000 + ++readings, monotonic: () => readings });
		assert.deepEqual([clock.now(), clock.monotonic(), clock.now()], [1_001, 1, 1_001]);
		await new Promise((resolve) => setImmediate(resolve));
		assert.deepEqual([clock.monotonic(), clock.now()], [2, 1_002]);
		assert.equal(readings, 2);
	});

	it("returns whole milliseconds, never ahead of the clock", () => {
		const clock = new TickClock({ now: () => 1_000, monotonic: () => 7.9 });
		assert.equal(clock.monotonic(), 7);
	});
});
