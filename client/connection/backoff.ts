// How long to wait before the next attempt to connect.

export interface BackoffOptions {
	/** Upper bound of the first wait, in milliseconds. */
	readonly minMs: number;
	/** Upper bound of every wait, in milliseconds. */
	readonly maxMs: number;
}

/**
 * Exponential back-off with full jitter: anything between nothing and twice the bound of the attempt before. Spreading
 * over the whole range keeps thousands of clients that lost the same node from coming back in waves.
 *
 * @param attempt - 0 for the first.
 * @param random - in [0, 1).
 */
export function backoffMs(attempt: number, options: BackoffOptions, random: number): number {
	const bound = Math.min(options.maxMs, options.minMs * 2 ** Math.min(attempt, 30));
	return Math.round(bound * random);
}
