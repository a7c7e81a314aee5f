// Paces bulk requests, such as all subscriptions after a reconnect: a few at a time, and one at a time after the
// gateway has replied RATE_LIMITED, so that no request fails only because it did not wait.
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import { arm } from "./calls.ts";

const AT_ONCE = 8;
/** Part of the wait that is added at random, since other clients wait for the same time. */
const JITTER = 0.25;

/** How long a caller waits for a slot. */
export interface PacerDeadline {
	/** On the monotonic clock, in milliseconds: an error with a longer retryAfterMs is final. */
	readonly deadlineMs: number;
	readonly signal?: AbortSignal | undefined;
}

export class RequestPacer {
	private readonly waiting: (() => void)[] = [];
	private running = 0;
	private isSlowed = false;
	/** On the monotonic clock, in milliseconds. */
	private notBeforeMs = 0;
	private timer: ReturnType<typeof setTimeout> | undefined;

	/**
	 * Makes a request when a slot is free, and again after each RATE_LIMITED.
	 *
	 * @param name - of the request, for errors.
	 * @param deadline - undefined: without limit.
	 * @throws what the request failed with; the signal's reason when it aborts, or GatewayError TIMEOUT, while it waits.
	 */
	async run<Reply>(name: string, attempt: () => Promise<Reply>, deadline?: PacerDeadline): Promise<Reply> {
		const deadlineMs = deadline?.deadlineMs ?? Number.POSITIVE_INFINITY;
		for (;;) {
			await this.waitForSlot(name, deadline);
			try {
				return await attempt();
			} catch (error) {
				if (!(error instanceof GatewayError) || error.code !== ErrorCode.RATE_LIMITED) throw error;
				this.isSlowed = true;
				this.notBeforeMs = performance.now() + error.retryAfterMs * (1 + JITTER * Math.random());
				if (this.notBeforeMs >= deadlineMs) throw error;
			} finally {
				this.running--;
				this.admit();
			}
		}
	}

	private waitForSlot(name: string, deadline: PacerDeadline | undefined): Promise<void> {
		return new Promise((resolve, reject) => {
			deadline?.signal?.throwIfAborted();
			let disarm = (): void => {};
			const take = (): void => {
				disarm();
				resolve();
			};
			if (deadline !== undefined) {
				const timeoutMs = Math.max(0, Math.ceil(deadline.deadlineMs - performance.now()));
				disarm = arm({ timeoutMs, signal: deadline.signal }, name, (error) => {
					disarm();
					this.waiting.splice(this.waiting.indexOf(take), 1);
					reject(error);
				});
			}
			this.waiting.push(take);
			this.admit();
		});
	}

	private admit(): void {
		if (this.timer !== undefined) return;
		while (this.waiting.length > 0 && this.running < (this.isSlowed ? 1 : AT_ONCE)) {
			const waitMs = this.notBeforeMs - performance.now();
			if (waitMs > 0) {
				this.timer = setTimeout(() => {
					this.timer = undefined;
					this.admit();
				}, Math.ceil(waitMs));
				return;
			}
			this.running++;
			this.waiting.shift()?.();
		}
		if (this.running === 0 && this.waiting.length === 0) this.isSlowed = false;
	}
}
