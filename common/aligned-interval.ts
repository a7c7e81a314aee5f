// What is done again and again, by the clock.

/** Timers count to 2^31 - 1; one that is longer fires at once. */
const MAX_INTERVAL_MS = 2 ** 31 - 2;

/**
 * Calls back at multiples of an interval, on the monotonic clock of this process: what has the same interval, or a multiple of
 * it, is called together. With timers that each count from their own start, an idle process wakes for every one of them, and
 * a wake costs it more than most of what it then does. Never keeps the process alive.
 */
export class AlignedInterval {
	private readonly callback: () => void;
	private readonly intervalMs: number;
	private timer: NodeJS.Timeout | undefined;

	/**
	 * @param callback - must not throw. May stop the rounds.
	 * @param intervalMs - milliseconds, above 0. Rounds that a busy process missed are left out.
	 * @throws RangeError for what a timer cannot count: it would call back without a pause.
	 */
	constructor(callback: () => void, intervalMs: number) {
		if (!(intervalMs > 0 && intervalMs < MAX_INTERVAL_MS)) throw new RangeError(`no interval: ${intervalMs} ms`);
		this.callback = callback;
		this.intervalMs = intervalMs;
		this.arm();
	}

	stop(): void {
		clearTimeout(this.timer);
		this.timer = undefined;
	}

	private arm(): void {
		this.timer = setTimeout(() => {
			this.arm();
			this.callback();
		}, untilRoundMs(this.intervalMs)).unref();
	}
}

/**
 * Milliseconds until just after the next multiple of an interval.
 *
 * @param nowMs - on the monotonic clock.
 */
export function untilRoundMs(intervalMs: number, nowMs = performance.now()): number {
	// A timer may fire a millisecond early, which would make two rounds of one.
	return Math.ceil(intervalMs - (nowMs % intervalMs)) + 1;
}
