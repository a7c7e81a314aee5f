// A rate limit per key, such as a user or a conversation, in this process: a token bucket for each key.
import { ErrorCode } from "../protocol/codes.ts";
import { GatewayError } from "../protocol/error.ts";
import { type BucketRate, TokenBucket } from "./token-bucket.ts";

/** Keys held at most; beyond it the oldest are forgotten, which can only be to their advantage. */
const MAX_KEYS = 100_000;
/** Keys that a new one forgets, if their buckets are full: more than come, so that what is idle does not stay. */
const FORGOTTEN_PER_KEY = 2;

export class KeyedRate {
	/** Errors thrown, since the start. */
	refused = 0;
	private readonly rate: BucketRate;
	private readonly what: string;
	private readonly now: () => number;
	/** In the order of last use. */
	private readonly buckets = new Map<string, TokenBucket>();

	/**
	 * @param what - shown in error messages: "messages of one user".
	 * @param now - monotonic milliseconds.
	 */
	constructor({ perSecond, burst }: BucketRate, what: string, now: () => number) {
		this.rate = { perSecond, burst: Math.max(1, burst) };
		this.what = what;
		this.now = now;
	}

	/** Keys whose buckets are held. */
	get size(): number {
		return this.buckets.size;
	}

	/**
	 * @param count - how much at once; what exceeds the burst is refused however long one waits.
	 * @throws GatewayError RATE_LIMITED.
	 */
	take(key: string, count = 1): void {
		this.refuseIf(this.tryTake(key, count));
	}

	/** @returns 0 when it was allowed, or for how many milliseconds it is not. */
	tryTake(key: string, count = 1): number {
		const { rate } = this;
		if (rate.perSecond === 0 || count === 0) return 0;
		const nowMs = this.now();
		const known = this.buckets.get(key);
		const bucket = known ?? new TokenBucket();
		const waitMs = count > rate.burst ? bucket.waitMs(rate, count, nowMs) : bucket.take(rate, count, nowMs);
		if (waitMs === 0) this.keep(key, bucket, known === undefined, nowMs);
		return waitMs;
	}

	/** Takes what is only known afterwards, however much it is: the key may go into debt. */
	charge(key: string, count: number): void {
		const { rate } = this;
		if (rate.perSecond === 0 || count === 0) return;
		const nowMs = this.now();
		const known = this.buckets.get(key);
		const bucket = known ?? new TokenBucket();
		bucket.charge(rate, count, nowMs);
		this.keep(key, bucket, known === undefined, nowMs);
	}

	/** @throws GatewayError RATE_LIMITED while the key is in debt. */
	refuseInDebt(key: string): void {
		const bucket = this.buckets.get(key);
		if (bucket !== undefined) this.refuseIf(bucket.waitMs(this.rate, 0, this.now()));
	}

	private refuseIf(waitMs: number): void {
		if (waitMs === 0) return;
		this.refused++;
		throw new GatewayError(ErrorCode.RATE_LIMITED, `too many ${this.what}`, { retryAfterMs: Math.ceil(waitMs) });
	}

	/** Puts a key last. */
	private keep(key: string, bucket: TokenBucket, isNew: boolean, nowMs: number): void {
		this.buckets.delete(key);
		this.buckets.set(key, bucket);
		if (isNew) this.forgetOldest(nowMs);
	}

	private forgetOldest(nowMs: number): void {
		let left = FORGOTTEN_PER_KEY;
		for (const [key, bucket] of this.buckets) {
			if (left-- === 0 || (!bucket.isFull(nowMs) && this.buckets.size <= MAX_KEYS)) return;
			this.buckets.delete(key);
		}
	}
}
