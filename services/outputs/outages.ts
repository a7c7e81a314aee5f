// Whether a receiver takes events. One that fails several times in a row is left alone for a while, and then tried by one event at a
// time until it has taken one.
import type { Clock } from "../../common/clock.ts";
import type { Logger } from "../../common/logger.ts";

export interface OutageOptions {
	readonly firstRetryMs: number;
	readonly maxRetryMs: number;
}

/** Failures in a row, of whichever keys, after which a receiver counts as down. */
const MAX_FAILURES = 5;
/** How long a receiver that no event reaches is left alone: an attempt that began before it came back may say so afterwards. */
const UNREACHABLE_MS = 500;

export class Outages {
	private readonly output: string;
	private readonly options: OutageOptions;
	private readonly clock: Clock;
	private readonly logger: Logger;
	private failures = 0;
	private pausedUntilMs = 0;
	private isUnreachable = false;
	private isLogged = false;

	constructor(output: string, options: OutageOptions, clock: Clock, logger: Logger) {
		this.output = output;
		this.options = options;
		this.clock = clock;
		this.logger = logger;
	}

	get isUp(): boolean {
		return !this.isUnreachable && this.failures < MAX_FAILURES;
	}

	/** How many events may be in delivery now. */
	permitted(nowMs: number): number {
		if (nowMs < this.pausedUntilMs) return 0;
		return this.isUp ? Number.POSITIVE_INFINITY : 1;
	}

	onDelivered(): void {
		this.failures = 0;
		this.pausedUntilMs = 0;
		this.isUnreachable = false;
		if (!this.isLogged) return;
		this.isLogged = false;
		this.logger.info({ output: this.output }, "the receiver of an output takes events again");
	}

	/** @param retryAfterMs - when the receiver says so. */
	onFailed(error: string, retryAfterMs = 0): void {
		const { firstRetryMs, maxRetryMs } = this.options;
		this.failures++;
		const beyond = this.failures - MAX_FAILURES;
		const pauseMs = beyond < 0 ? 0 : Math.min(maxRetryMs, firstRetryMs * 2 ** Math.min(beyond, 30));
		this.pausedUntilMs = this.clock.monotonic() + Math.max(pauseMs, Math.min(retryAfterMs, maxRetryMs));
		if (this.isUp || this.isLogged) return;
		this.isLogged = true;
		this.logger.warn(
			{ output: this.output, error },
			"the receiver of an output fails; events are kept and tried later",
		);
	}

	/** No event reaches it. It is looked at again after a pause, or when `onReachable` is called. */
	onUnavailable(): void {
		this.isUnreachable = true;
		this.pausedUntilMs = this.clock.monotonic() + UNREACHABLE_MS;
	}

	onReachable(): void {
		if (!this.isUnreachable) return;
		this.isUnreachable = false;
		this.pausedUntilMs = 0;
	}
}
