// Counts attempts at something worth guessing, by account or address, over all processes that share a store.

import type { AuthOptions } from "./options.ts";

export interface AttemptDecision {
	readonly allowed: boolean;
	/** Milliseconds until the next attempt can succeed; 0 when allowed. */
	readonly retryAfterMs: number;
}

/** Attempts allowed in a window; of its milliseconds whole seconds count, at least one. */
export type AttemptLimit = AuthOptions["attempts"][keyof AuthOptions["attempts"]];

export interface AttemptLimiter {
	/** Counts one attempt. Never throws when the store is unavailable: it counts in memory meanwhile. */
	consume(key: string): Promise<AttemptDecision>;
	/** Takes one attempt back that was counted in this window. Never throws for want of a store, either. */
	giveBack(key: string): Promise<void>;
	/** Forgets the attempts of a key. */
	reset(key: string): Promise<void>;
}
