// Replaced generations whose calls still run.
import type { ServingGeneration } from "./serving-generation.ts";

/** Of all modules; beyond it the oldest are ended at once. */
const MAX_RETIRING = 64;
/** Between the abort signal of a replaced generation and the errors of its calls. */
const GRACE_MS = 1000;

export class Retirement {
	private readonly timeoutMs: number;
	private readonly retiring = new Set<ServingGeneration>();

	/** @param timeoutMs - how long their calls may take. */
	constructor(timeoutMs: number) {
		this.timeoutMs = timeoutMs;
	}

	all(): readonly ServingGeneration[] {
		return [...this.retiring];
	}

	add(generation: ServingGeneration): void {
		const [oldest] = this.retiring;
		if (this.retiring.size >= MAX_RETIRING && oldest !== undefined) void oldest.abandon();
		this.retiring.add(generation);
		const limits = { timeoutMs: this.timeoutMs, graceMs: GRACE_MS };
		void generation.retire(limits).then(() => this.retiring.delete(generation));
	}
}
