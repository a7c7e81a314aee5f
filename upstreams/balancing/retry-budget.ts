// How many calls may be repeated: a share of the calls of the last seconds, so that a service that fails as a whole gets little more than
// its ordinary load, or a few a second where there are hardly any calls.
import { RollingCount } from "./rolling-count.ts";

export interface RetryBudgetOptions {
	/** Repeats by calls, from 0 to 1. */
	readonly share: number;
	/** Repeats a second that are allowed in any case. */
	readonly floorPerSecond: number;
}

const WINDOW_MS = 10_000;

export class RetryBudget {
	private readonly options: RetryBudgetOptions;
	private readonly calls = new RollingCount(WINDOW_MS);
	private readonly repeats = new RollingCount(WINDOW_MS);

	constructor(options: RetryBudgetOptions) {
		this.options = options;
	}

	onCall(nowMs: number): void {
		this.calls.add(1, nowMs);
	}

	/** Takes a repeat, if there is one. */
	take(nowMs: number): boolean {
		const { share, floorPerSecond } = this.options;
		const allowed = Math.max(this.calls.total(nowMs) * share, (floorPerSecond * WINDOW_MS) / 1000);
		if (this.repeats.total(nowMs) + 1 > allowed) return false;
		this.repeats.add(1, nowMs);
		return true;
	}
}
