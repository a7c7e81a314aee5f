// The latency of an endpoint as a moving average that jumps up and sinks slowly (Finagle's "peak EWMA"): a slow answer counts at once, a fast
// one only after others like it. Without answers it sinks, so that an endpoint that was slow is tried again.

export class PeakEwma {
	private readonly decayMs: number;
	private valueMs: number;
	private atMs: number;

	/**
	 * @param decayMs - the time in which an observation loses about two thirds of its weight.
	 * @param initialMs - what is assumed before the first observation.
	 * @param nowMs - monotonic milliseconds, as everywhere here.
	 */
	constructor(decayMs: number, initialMs: number, nowMs: number) {
		this.decayMs = decayMs;
		this.valueMs = initialMs;
		this.atMs = nowMs;
	}

	/** What is expected of the next call, in milliseconds. */
	at(nowMs: number): number {
		return this.valueMs * Math.exp(-Math.max(0, nowMs - this.atMs) / this.decayMs);
	}

	observe(latencyMs: number, nowMs: number): void {
		if (latencyMs >= this.valueMs) this.valueMs = latencyMs;
		else {
			const weight = Math.exp(-Math.max(0, nowMs - this.atMs) / this.decayMs);
			this.valueMs = this.valueMs * weight + latencyMs * (1 - weight);
		}
		this.atMs = Math.max(this.atMs, nowMs);
	}
}
