// A rate limit per key, such as a user or a conversation, in this process: one number per key, the time at which its
// allowance is full again (ITU-T I.371, the virtual scheduling form of the leaky bucket).
import { ErrorCode } from "../protocol/codes.ts";
import { GatewayError } from "../protocol/error.ts";

export interface KeyedRateOptions {
	/** Sustained; 0 turns the limit off. */
	readonly perSecond: number;
	/** Allowed at once after a pause. */
	readonly burst: number;
}

/** Keys held at most; beyond it the oldest are forgotten, which can only be to their advantage. */
const MAX_KEYS = 100_000;

export class KeyedRate {
	private readonly intervalMs: number;
	private readonly toleranceMs: number;
	private readonly what: string;
	private readonly now: () => number;
	private readonly fullAtMs = new Map<string, number>();

	/**
	 * @param what - shown in error messages: "messages of one user".
	 * @param now - monotonic milliseconds.
	 */
	constructor(options: KeyedRateOptions, what: string, now: () => number) {
		this.intervalMs = options.perSecond > 0 ? 1000 / options.perSecond : 0;
		this.toleranceMs = this.intervalMs * Math.max(1, options.burst);
		this.what = what;
		this.now = now;
	}

	/**
	 * @param count - how much at once; what exceeds the burst is refused however long one waits.
	 * @throws GatewayError RATE_LIMITED.
	 */
	take(key: string, count = 1): void {
		const overMs = this.tryTake(key, count);
		if (overMs > 0) {
			throw new GatewayError(ErrorCode.RATE_LIMITED, `too many ${this.what}`, { retryAfterMs: Math.ceil(overMs) });
		}
	}

	/** @returns 0 when it was allowed, or for how many milliseconds it is not. */
	tryTake(key: string, count = 1): number {
		if (this.intervalMs === 0 || count === 0) return 0;
		const nowMs = this.now();
		const fullAtMs = Math.max(this.fullAtMs.get(key) ?? 0, nowMs) + this.intervalMs * count;
		const overMs = fullAtMs - nowMs - this.toleranceMs;
		// Half an interval of slack for the rounding of a sum of many.
		if (overMs > this.intervalMs / 2) return overMs;
		// Put last, so that the map is in the order of last use.
		this.fullAtMs.delete(key);
		this.fullAtMs.set(key, fullAtMs);
		if (this.fullAtMs.size > MAX_KEYS) this.forgetOldest();
		return 0;
	}

	private forgetOldest(): void {
		for (const key of this.fullAtMs.keys()) {
			this.fullAtMs.delete(key);
			return;
		}
	}
}
