// How long something is this process's own that another process may take afterwards: a lease, a claim. The one who gave it judges
// by a clock of its own; here it has to end first, also when this process or the whole machine was paused meanwhile.
import type { Clock } from "./clock.ts";

/**
 * The term of a lease. Made before the lease is requested, so that it ends here before it ends there. The monotonic clock of
 * Linux stands still while the machine is suspended, and the wall clock may be set back: what has passed by either of them
 * has passed.
 */
export class LeaseTerm {
	private readonly clock: Clock;
	private readonly untilMs: number;
	private readonly wallUntilMs: number;

	constructor(clock: Clock, ttlMs: number) {
		this.clock = clock;
		this.untilMs = clock.monotonic() + ttlMs;
		this.wallUntilMs = clock.now() + ttlMs;
	}

	/** Milliseconds; 0 or less when it is over. */
	get remainingMs(): number {
		return Math.min(this.untilMs - this.clock.monotonic(), this.wallUntilMs - this.clock.now());
	}

	get isOver(): boolean {
		return this.remainingMs <= 0;
	}
}
