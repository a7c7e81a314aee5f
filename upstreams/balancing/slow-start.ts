// A new endpoint gets its share little by little: its caches are cold, and its process may still be compiling.

const FIRST_SHARE = 0.1;

/** The share of its calls that an endpoint gets, from a tenth to 1. @param ageMs - since it was connected. */
export function slowStartShare(ageMs: number, slowStartMs: number): number {
	if (ageMs >= slowStartMs) return 1;
	return Math.max(FIRST_SHARE, ageMs / slowStartMs);
}
