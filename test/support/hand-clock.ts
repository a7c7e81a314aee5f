// A clock that only moves when a test moves it.
import type { Clock } from "../../common/clock.ts";

export interface HandClock extends Clock {
	advance(ms: number): void;
}

/** @param startMs - first wall time, Unix milliseconds. */
export function handClock(startMs: number = Date.UTC(2026, 0, 1)): HandClock {
	let nowMs = startMs;
	return {
		now: () => nowMs,
		monotonic: () => nowMs - startMs,
		advance(ms) {
			nowMs += ms;
		},
	};
}
