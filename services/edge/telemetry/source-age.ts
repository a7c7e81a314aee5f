// How long a source has been silent. Measured by the monotonic time since its own timestamps last changed, so that it
// does not matter whether its clock and ours agree, or whether one of them is set; only where the source was silent
// before we first looked do the two have to be compared.

/** A clock with an earlier time was never set: boxes without a battery begin in 1970. */
const PLAUSIBLE_FROM_MS = Date.UTC(2010);

export class SourceAge {
	private newestMs = 0;
	private movedAtMs = 0;
	/** How old the newest value was when it was first seen. */
	private headStartMs = 0;

	/**
	 * @param newestMs - the latest timestamp of the source, Unix milliseconds; 0: it has none.
	 * @param atMs - monotonic.
	 * @param wallMs - Unix milliseconds.
	 */
	saw(newestMs: number, atMs: number, wallMs: number): void {
		// Backwards as well: the source's clock was set.
		if (newestMs === this.newestMs) return;
		const isComparable = this.newestMs === 0 && newestMs >= PLAUSIBLE_FROM_MS;
		this.headStartMs = isComparable ? Math.max(0, wallMs - newestMs) : 0;
		this.newestMs = newestMs;
		this.movedAtMs = atMs;
	}

	/** 0 for a source without timestamps: that it can be read is all that is known. */
	ageMs(nowMs: number): number {
		return this.newestMs === 0 ? 0 : nowMs - this.movedAtMs + this.headStartMs;
	}
}
