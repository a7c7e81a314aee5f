// Calls back in intervals, by absolute times on the monotonic clock: a late call does not shift those after it, and what
// was missed altogether is left out. One timer for all.
import type { Clock } from "../../../common/clock.ts";

export interface Tick {
	/** No further calls. */
	stop(): void;
}

interface Entry extends Tick {
	readonly periodMs: number;
	readonly callback: (dueMs: number) => void;
	dueMs: number;
}

/** Timers of Node fire up to a millisecond early; what is due within this time is called as well. */
const SLACK_MS = 1;

export class Ticker {
	private readonly clock: Clock;
	private readonly failed: (error: unknown) => void;
	private readonly entries = new Set<Entry>();
	private timer: NodeJS.Timeout | undefined;
	private timerAtMs = Number.POSITIVE_INFINITY;
	private isClosed = false;

	/** @param failed - called with the error that a callback threw; the other callbacks are called all the same. */
	constructor(clock: Clock, failed: (error: unknown) => void) {
		this.clock = clock;
		this.failed = failed;
	}

	/** @param phaseMs - when within each period. */
	every(periodMs: number, phaseMs: number, callback: (dueMs: number) => void): Tick {
		const entry: Entry = {
			periodMs,
			callback,
			dueMs: nextMs(this.clock.monotonic(), periodMs, phaseMs),
			stop: () => void this.entries.delete(entry),
		};
		if (!this.isClosed) this.entries.add(entry);
		this.arm(entry.dueMs);
		return entry;
	}

	/** Once, after a delay. */
	after(delayMs: number, callback: () => void): Tick {
		const entry: Entry = {
			periodMs: 0,
			callback,
			dueMs: this.clock.monotonic() + delayMs,
			stop: () => void this.entries.delete(entry),
		};
		if (!this.isClosed) this.entries.add(entry);
		this.arm(entry.dueMs);
		return entry;
	}

	/** Calls what is due. The timer calls this; a test with its own clock calls it directly. */
	run(): void {
		const nowMs = this.clock.monotonic();
		for (const entry of [...this.entries]) {
			if (entry.dueMs > nowMs + SLACK_MS || !this.entries.has(entry)) continue;
			const { dueMs, periodMs } = entry;
			if (periodMs === 0) this.entries.delete(entry);
			// Calls that were missed because the event loop was blocked are left out.
			else entry.dueMs = Math.max(dueMs + periodMs, nextMs(nowMs, periodMs, dueMs % periodMs));
			try {
				entry.callback(dueMs);
			} catch (error) {
				this.failed(error);
			}
		}
		this.rearm();
	}

	/** Stops for good: later registrations are never called. */
	close(): void {
		this.isClosed = true;
		this.entries.clear();
		clearTimeout(this.timer);
		this.timer = undefined;
		this.timerAtMs = Number.POSITIVE_INFINITY;
	}

	private rearm(): void {
		let earliestMs = Number.POSITIVE_INFINITY;
		for (const { dueMs } of this.entries) earliestMs = Math.min(earliestMs, dueMs);
		clearTimeout(this.timer);
		this.timerAtMs = Number.POSITIVE_INFINITY;
		if (earliestMs < Number.POSITIVE_INFINITY) this.arm(earliestMs);
	}

	private arm(atMs: number): void {
		if (this.isClosed || atMs >= this.timerAtMs) return;
		clearTimeout(this.timer);
		this.timerAtMs = atMs;
		// Rounded up: a timer that fires before anything is due wakes the process in vain. And a millisecond more, as
		// aligned intervals have it (`untilRoundMs`), so that both run in one wake-up.
		this.timer = setTimeout(() => this.run(), Math.ceil(Math.max(0, atMs - this.clock.monotonic())) + 1);
	}
}

/** The first time after now at the phase of a period. */
function nextMs(nowMs: number, periodMs: number, phaseMs: number): number {
	return (Math.floor((nowMs - phaseMs) / periodMs) + 1) * periodMs + phaseMs;
}
