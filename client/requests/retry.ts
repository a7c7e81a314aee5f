// Repeats a request that failed with a retryable error, until it succeeds or its deadline is reached.
import { GatewayError } from "../../protocol/error.ts";
import { type BackoffOptions, backoffMs } from "../connection/backoff.ts";

export interface RetryOptions {
	/** For all attempts together. */
	readonly timeoutMs: number;
	readonly signal: AbortSignal | undefined;
	readonly backoff: BackoffOptions;
	/** In [0, 1). */
	readonly random: () => number;
	/** Whether another attempt makes sense: false once the client is closed. */
	readonly shouldContinue: () => boolean;
}

/**
 * Makes attempts until one succeeds. Between two of them it waits the error's retryAfterMs, and a back-off at least.
 *
 * @param attempt - must be harmless to repeat; gets the milliseconds that are left.
 * @throws what the last attempt failed with, or the signal's reason.
 */
export async function retry<Reply>(
	attempt: (timeoutMs: number) => Promise<Reply>,
	{ timeoutMs, signal, backoff, random, shouldContinue }: RetryOptions,
): Promise<Reply> {
	const deadlineMs = performance.now() + timeoutMs;
	for (let attempts = 0; ; attempts++) {
		try {
			return await attempt(Math.max(1, deadlineMs - performance.now()));
		} catch (error) {
			if (!(error instanceof GatewayError) || !error.retryable || !shouldContinue()) throw error;
			const waitMs = Math.max(error.retryAfterMs, backoffMs(attempts, backoff, random()));
			if (performance.now() + waitMs >= deadlineMs) throw error;
			await pause(waitMs, signal);
		}
	}
}

/** @throws the signal's reason when it aborts. */
export function pause(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
	signal?.throwIfAborted();
	return new Promise((resolve, reject) => {
		const finish = (settle: () => void): void => {
			clearTimeout(timer);
			signal?.removeEventListener("abort", onAbort);
			settle();
		};
		const onAbort = (): void => finish(() => reject(signal?.reason));
		const timer = setTimeout(() => finish(resolve), delayMs);
		signal?.addEventListener("abort", onAbort, { once: true });
	});
}
