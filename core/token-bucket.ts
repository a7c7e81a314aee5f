// A token bucket in one number. Instead of counting tokens it keeps the time at which the bucket will be full again,
// which says the same (it is ITU-T I.371's virtual scheduling algorithm, "GCRA") and needs no refill.

/** How a bucket fills. Shared by all buckets of a kind; replacing it changes them all at once. */
export interface BucketRate {
	/** Tokens that come in per second; 0 turns the limit off. */
	readonly perSecond: number;
	/** Tokens that fit in. */
	readonly burst: number;
}

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
		// Sums of fractions: less than a microsecond over the brim is full to the brim.
		const taken = waitMs <= 0.001;
		this.fullAtMs = taken ? fullAtMs : from;
		return taken ? 0 : waitMs;
	}

	/** Whether the bucket is full, and forgetting it would change nothing. */
	isFull(nowMs: number): boolean {
		return this.fullAtMs <= nowMs;
	}
}

interface Entry {
	readonly bucket: TokenBucket;
	holders: number;
}

/**
 * Buckets that several connections share, by key (user id, address). A key's bucket is kept after its last holder
 * left until it is full again: reconnecting does not refill it.
 */
export class BucketRegistry {
	private readonly entries = new Map<string, Entry>();

	hold(key: string): TokenBucket {
		let entry = this.entries.get(key);
		if (entry === undefined) {
			entry = { bucket: new TokenBucket(), holders: 0 };
			this.entries.set(key, entry);
		}
		entry.holders++;
		return entry.bucket;
	}

	release(key: string): void {
		const entry = this.entries.get(key);
		if (entry !== undefined) entry.holders--;
	}

	/** How many hold the key's bucket. */
	holders(key: string): number {
		return this.entries.get(key)?.holders ?? 0;
	}

	/** Forgets full buckets that nobody holds. */
	sweep(nowMs: number): void {
		for (const [key, entry] of this.entries) {
			if (entry.holders === 0 && entry.bucket.isFull(nowMs)) this.entries.delete(key);
		}
	}

	get size(): number {
		return this.entries.size;
	}
}
