// When to try again: pauses that grow to a limit, with half of each at random.

/**
 * Milliseconds to wait before an attempt. Half of it is random, so that many processes do not come back in step.
 *
 * @param attempt - 1 for the first.
 */
export function retryDelayMs(attempt: number, maxDelayMs: number): number {
	const ceiling = Math.min(maxDelayMs, 50 * 2 ** Math.min(attempt, 10));
	return ceiling / 2 + (Math.random() * ceiling) / 2;
}

/** One retry at a time. Never keeps the process alive. */
export class RetryTimer {
	private readonly maxDelayMs: number;
	private attempts = 0;
	private timer: NodeJS.Timeout | undefined;

	constructor(maxDelayMs: number) {
		this.maxDelayMs = maxDelayMs;
	}

	/** Ignored while a retry is scheduled already. @param retry - must not throw. */
	schedule(retry: () => void): void {
		if (this.timer !== undefined) return;
		this.attempts++;
		this.timer = setTimeout(
			() => {
				this.timer = undefined;
				retry();
			},
			retryDelayMs(this.attempts, this.maxDelayMs),
		).unref();
	}

	/** It worked: the next pause is a short one. */
	reset(): void {
		this.attempts = 0;
	}

	/** Cancels a retry that is scheduled. */
	stop(): void {
		clearTimeout(this.timer);
		this.timer = undefined;
	}
}
