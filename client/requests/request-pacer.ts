// Requests that come in masses, such as all subscriptions after a reconnect: a few at a time, and one at a time from when the
// gateway has said that they come too fast, so that none is refused for want of waiting.
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import { arm } from "./calls.ts";

const AT_ONCE = 8;
/** Part of the wait that is added at random, since others were told to wait as well. */
const JITTER = 0.25;

/** How long somebody waits for a turn. */
export interface PacerDeadline {
	/** On the monotonic clock, in milliseconds: a refusal that lasts beyond it counts. */
	readonly deadlineMs: number;
	readonly signal?: AbortSignal | undefined;
}

export class PacedRequests {
	private readonly waiting: (() => void)[] = [];
	private running = 0;
	private isSlowed = false;
	/** On the monotonic clock, in milliseconds. */
	private notBeforeMs = 0;
	private timer: ReturnType<typeof setTimeout> | undefined;

	/**
	 * Makes a request when its turn comes, and again after each refusal as RATE_LIMITED.
	 *
	 * @param name - of the request, for errors.
	 * @param patience - undefined: as long as it takes.
	 * @throws what the request failed with; the signal's reason when it aborts, or GatewayError TIMEOUT, while it waits.
	 */
	async run<Reply>(name: string, attempt: () => Promise<Reply>, patience?: PacerDeadline): Promise<Reply> {
		const deadlineMs = patience?.deadlineMs ?? Number.POSITIVE_INFINITY;
		for (;;) {
			await this.turn(name, patience);
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

	private turn(name: string, patience: PacerDeadline | undefined): Promise<void> {
		return new Promise((resolve, reject) => {
			patience?.signal?.throwIfAborted();
			let disarm = (): void => {};
			const take = (): void => {
				disarm();
				resolve();
			};
			if (patience !== undefined) {
				const timeoutMs = Math.max(0, Math.ceil(patience.deadlineMs - performance.now()));
				disarm = arm({ timeoutMs, signal: patience.signal }, name, (error) => {
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
