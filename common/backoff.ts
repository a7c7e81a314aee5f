// The time before a further attempt: doubled with each failure, and spread, so that the nodes of a cluster do not come back together.

export interface BackoffOptions {
	readonly firstMs: number;
	readonly maxMs: number;
	/** 0 up to 1. */
	readonly random?: () => number;
}

export class Backoff {
	private readonly options: BackoffOptions;
	private failures = 0;

	constructor(options: BackoffOptions) {
		this.options = options;
	}

	/** Milliseconds to wait after a further failure: between half of the term and all of it. */
	next(): number {
		const { firstMs, maxMs, random = Math.random } = this.options;
		const termMs = Math.min(maxMs, firstMs * 2 ** Math.min(this.failures++, 16));
		return termMs / 2 + (random() * termMs) / 2;
	}

	reset(): void {
		this.failures = 0;
	}
}
