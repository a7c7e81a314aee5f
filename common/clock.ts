// Time as the product reads it. Tests put a hand-driven clock in its place.

export interface Clock {
	/** Wall time, Unix milliseconds. May step. */
	now(): number;
	/** Milliseconds from an arbitrary origin that never go back. */
	monotonic(): number;
}

export const systemClock: Clock = {
	now: () => Date.now(),
	monotonic: () => performance.now(),
};
