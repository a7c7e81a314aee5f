// Attempts counted in Redis, over all processes; in memory, per process, while Redis is unavailable.
import { type RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import type { RedisConnection } from "../../stores/redis/connection.ts";
import type { AttemptDecision, AttemptLimit, AttemptLimiter } from "./attempt-limiter.ts";
import { digest } from "./known-origins.ts";

export class RedisAttemptLimiter implements AttemptLimiter {
	private readonly limiter: RateLimiterRedis;

	/**
	 * @param name - which attempts: part of the Redis key.
	 * @param insurance - counts while Redis is unavailable.
	 */
	constructor(redis: RedisConnection, name: string, limit: AttemptLimit, insurance: RateLimiterMemory) {
		this.limiter = new RateLimiterRedis({
			storeClient: redis.client,
			rejectIfRedisNotReady: true,
			keyPrefix: `${redis.keyPrefix}attempts:${name}`,
			points: limit.points,
			duration: Math.max(1, Math.round(limit.windowMs / 1000)),
			insuranceLimiter: insurance,
		});
	}

	async consume(key: string): Promise<AttemptDecision> {
		try {
			await this.limiter.consume(digest(key));
			return { allowed: true, retryAfterMs: 0 };
		} catch (error) {
			if (!(error instanceof RateLimiterRes)) throw error;
			return { allowed: false, retryAfterMs: Math.max(1, error.msBeforeNext) };
		}
	}

	async giveBack(key: string): Promise<void> {
		await this.limiter.reward(digest(key));
	}

	async reset(key: string): Promise<void> {
		await this.limiter.delete(digest(key));
	}
}
