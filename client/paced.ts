// Requests that come in masses, such as all subscriptions after a reconnect: a few at a time, and one at a time from when the
// gateway has said that they come too fast, so that none is refused for want of waiting.
import { ErrorCode } from "../protocol/codes.ts";
import { GatewayError } from "../protocol/error.ts";

const AT_ONCE = 8;
/** Part of the wait that is added at random, since others were told to wait as well. */
const JITTER = 0.25;

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
	 * @param deadlineMs - on the monotonic clock: a refusal that lasts beyond it counts.
	 * @throws what the request failed with.
	 */
	async run<Reply>(attempt: () => Promise<Reply>, deadlineMs: number): Promise<Reply> {
		for (;;) {
			await this.turn();
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

	private turn(): Promise<void> {
		return new Promise((resolve) => {
			this.waiting.push(resolve);
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
