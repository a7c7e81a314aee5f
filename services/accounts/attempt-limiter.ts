// Counts attempts at something worth guessing, by account or address, over all processes that share a store.

export interface AttemptDecision {
	readonly allowed: boolean;
	/** Milliseconds until the next attempt can succeed; 0 when allowed. */
	readonly retryAfterMs: number;
}

export interface AttemptLimit {
	/** Attempts allowed per window. */
	readonly attempts: number;
	/** Length of the window in milliseconds; whole seconds count, at least one. */
	readonly windowMs: number;
}

export interface AttemptLimiter {
	/** Counts one attempt. Never throws when the store is unavailable: it counts in memory meanwhile. */
	consume(key: string): Promise<AttemptDecision>;
	/** Takes one attempt back that was counted in this window. Never throws for want of a store, either. */
	giveBack(key: string): Promise<void>;
	/** Forgets the attempts of a key. */
	reset(key: string): Promise<void>;
}
