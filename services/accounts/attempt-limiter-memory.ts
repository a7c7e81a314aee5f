// Attempts counted in this process. Keys are spread over a fixed number of counters by a hash that nobody outside can
// predict: memory is bounded whatever an attacker invents, and the price is that two keys may, rarely, share a counter.
import { createHmac, randomBytes } from "node:crypto";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { AttemptDecision, AttemptLimit, AttemptLimiter } from "./attempt-limiter.ts";

const COUNTERS = 65_536;

/** rate-limiter-flexible's limiter in memory, with bounded memory. Also what insures the one on Redis. */
export class BoundedRateLimiterMemory extends RateLimiterMemory {
	private readonly salt = randomBytes(16);

	override getKey(key: string | number): string {
		const hash = createHmac("sha256", this.salt).update(String(key)).digest();
		return String(hash.readUInt32LE(0) % COUNTERS);
	}
}

export class MemoryAttemptLimiter implements AttemptLimiter {
	private readonly limiter: RateLimiterMemory;

	constructor(limit: AttemptLimit) {
		this.limiter = new BoundedRateLimiterMemory({ points: limit.points, duration: windowSeconds(limit) });
	}

	async consume(key: string): Promise<AttemptDecision> {
		try {
			await this.limiter.consume(key);
			return { allowed: true, retryAfterMs: 0 };
		} catch (error) {
			if (!(error instanceof RateLimiterRes)) throw error;
			return { allowed: false, retryAfterMs: Math.max(1, error.msBeforeNext) };
		}
	}

	async giveBack(key: string): Promise<void> {
		await this.limiter.reward(key);
	}

	async reset(key: string): Promise<void> {
		await this.limiter.delete(key);
	}
}

function windowSeconds(limit: AttemptLimit): number {
	return Math.max(1, Math.round(limit.windowMs / 1000));
}
