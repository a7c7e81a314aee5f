// Keeps calls from an endpoint most of whose calls fail. Closed → open for a while → half open, when a few calls try it → closed, or open again
// for twice as long. It is given failures of the endpoint only: what a client or the gateway gave up is none.
import { RollingCount } from "./rolling-count.ts";

export interface BreakerOptions {
	/** Calls and failures of this time count. */
	readonly windowMs: number;
	/** With fewer calls in the window it stays closed. */
	readonly minCalls: number;
	/** Of failures that open it, from 0 to 1. */
	readonly failureShare: number;
	/** How long it is open at first; twice as long each time up to `maxOpenMs`. */
	readonly openMs: number;
	readonly maxOpenMs: number;
}

/** Calls that try an endpoint at a time, and that must succeed for it to be closed. */
const TRIALS = 3;

export type BreakerState = "closed" | "open" | "half-open";

export class CircuitBreaker {
	/** Times that it was opened. */
	opened = 0;
	private readonly options: BreakerOptions;
	private readonly calls: RollingCount;
	private readonly failures: RollingCount;
	private isClosed = true;
	private openedAtMs = 0;
	private openUntilMs = 0;
	private nextOpenMs: number;
	private trialsRunning = 0;
	private trialsPassed = 0;

	constructor(options: BreakerOptions) {
		this.options = options;
		this.calls = new RollingCount(options.windowMs);
		this.failures = new RollingCount(options.windowMs);
		this.nextOpenMs = options.openMs;
	}

	state(nowMs: number): BreakerState {
		if (this.isClosed) return "closed";
		return nowMs < this.openUntilMs ? "open" : "half-open";
	}

	/** Whether a call may begin now. */
	permits(nowMs: number): boolean {
		return this.isClosed || (nowMs >= this.openUntilMs && this.trialsRunning < TRIALS);
	}

	/** Until a call may begin, as far as time alone decides. */
	waitMs(nowMs: number): number {
		return this.isClosed ? 0 : Math.max(0, this.openUntilMs - nowMs);
	}

	/** Whether calls may try it before its time, as it has been open for as long as at first. */
	mayTryEarly(nowMs: number): boolean {
		return !this.isClosed && nowMs < this.openUntilMs && nowMs - this.openedAtMs >= this.options.openMs;
	}

	/** Calls try it now. */
	tryEarly(nowMs: number): void {
		this.openUntilMs = nowMs;
	}

	/** A call begins. @returns what `onEnd` wants to know of it. */
	onBegin(nowMs: number): boolean {
		const isTrial = !this.isClosed && nowMs >= this.openUntilMs;
		if (isTrial) this.trialsRunning++;
		return isTrial;
	}

	/** @param outcome - `ignored` for a call that says nothing of the endpoint. */
	onEnd(isTrial: boolean, outcome: "success" | "failure" | "ignored", nowMs: number): void {
		if (isTrial && this.trialsRunning > 0) this.trialsRunning--;
		if (outcome === "ignored") return;
		if (!this.isClosed) {
			// Calls that began before it was opened have been judged.
			if (isTrial && nowMs >= this.openUntilMs) this.onTrial(outcome === "success", nowMs);
			return;
		}
		this.calls.add(1, nowMs);
		if (outcome === "success") return;
		this.failures.add(1, nowMs);
		const { minCalls, failureShare } = this.options;
		const calls = this.calls.total(nowMs);
		if (calls >= minCalls && this.failures.total(nowMs) >= calls * failureShare) this.open(nowMs);
	}

	private onTrial(passed: boolean, nowMs: number): void {
		if (!passed) {
			this.open(nowMs);
			return;
		}
		this.trialsPassed++;
		if (this.trialsPassed < TRIALS) return;
		this.isClosed = true;
		this.nextOpenMs = this.options.openMs;
		this.calls.clear();
		this.failures.clear();
	}

	private open(nowMs: number): void {
		this.isClosed = false;
		this.opened++;
		this.openedAtMs = nowMs;
		this.openUntilMs = nowMs + this.nextOpenMs;
		this.nextOpenMs = Math.min(this.nextOpenMs * 2, this.options.maxOpenMs);
		this.trialsRunning = 0;
		this.trialsPassed = 0;
	}
}
