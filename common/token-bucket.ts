// A token bucket in one number. Instead of counting tokens it keeps the time at which the bucket will be full again,
// which says the same (it is ITU-T I.371's virtual scheduling algorithm, "GCRA") and needs no refill.

/** How a bucket fills. Shared by all buckets of a kind; replacing it changes them all at once. */
export interface BucketRate {
	/** Tokens that come in per second; 0 turns the limit off. */
	readonly perSecond: number;
	/** Tokens that fit in. */
	readonly burst: number;
}

/** Sums of fractions: what is less than this over the brim is full to the brim. */
const ROUNDING_MS = 0.001;

export class TokenBucket {
	private fullAtMs = 0;

	/**
	 * Takes tokens if there are enough.
	 *
	 * @param nowMs - monotonic milliseconds.
	 * @returns 0 when taken, otherwise the milliseconds until enough tokens will be there; nothing is taken then.
	 * A cost above the burst is treated as the burst, so that no route can be made unreachable by its cost.
	 */
	take(rate: BucketRate, cost: number, nowMs: number): number {
		if (rate.perSecond === 0) return 0;
		const msPerToken = 1000 / rate.perSecond;
		const emptyMs = nowMs + rate.burst * msPerToken;
		// Never more than empty, also right after the rate was raised.
		const from = Math.min(Math.max(this.fullAtMs, nowMs), emptyMs);
		const fullAtMs = from + Math.min(cost, rate.burst) * msPerToken;
		const waitMs = fullAtMs - emptyMs;
		const taken = waitMs <= ROUNDING_MS;
		this.fullAtMs = taken ? fullAtMs : from;
		return taken ? 0 : waitMs;
	}

	/**
	 * Takes tokens whether or not they are there, for a cost that is only known afterwards: the bucket may go into debt, and
	 * `waitMs` says for how long.
	 *
	 * @param nowMs - monotonic milliseconds.
	 */
	charge(rate: BucketRate, cost: number, nowMs: number): void {
		if (rate.perSecond === 0) return;
		this.fullAtMs = Math.max(this.fullAtMs, nowMs) + (cost * 1000) / rate.perSecond;
	}

	/**
	 * Takes nothing.
	 *
	 * @param nowMs - monotonic milliseconds.
	 * @returns the milliseconds until so many tokens would be there if the bucket were large enough, 0 when they are; for a cost
	 * of 0, how long the bucket is in debt.
	 */
	waitMs(rate: BucketRate, cost: number, nowMs: number): number {
		if (rate.perSecond === 0) return 0;
		const missing = cost - rate.burst;
		const waitMs = Math.max(this.fullAtMs - nowMs, 0) + (missing * 1000) / rate.perSecond;
		return waitMs <= ROUNDING_MS ? 0 : waitMs;
	}

	/** Tokens in the bucket: fewer than 0 while it is in debt. */
	tokens(rate: BucketRate, nowMs: number): number {
		return rate.burst - (Math.max(this.fullAtMs - nowMs, 0) * rate.perSecond) / 1000;
	}

	/** Whether the bucket is full, and forgetting it would change nothing. */
	isFull(nowMs: number): boolean {
		return this.fullAtMs <= nowMs;
	}
}
