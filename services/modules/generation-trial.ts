// Whether a new generation does worse than the one before: over its first calls, its errors and its slowest calls are compared with what the
// one before had. Counted only while `modules.trial` is on.
import { CallLedger, counted, worseThan } from "./call-ledger.ts";
import type { ModulesOptions } from "./options.ts";
import type { ServingGeneration } from "./serving-generation.ts";

type TrialOptions = ModulesOptions["trial"];

/** Calls between two comparisons. */
const COMPARE_EVERY = 10;

/** What a trial found: the reason for going back, or that it is over. */
export type TrialResult = { readonly worse: string } | "passed" | undefined;

/** One new generation against what the one before had. */
export class GenerationTrial {
	readonly ledger = new CallLedger();
	private readonly before: CallLedger;
	private readonly options: TrialOptions;

	constructor(before: CallLedger, options: TrialOptions) {
		this.before = before;
		this.options = options;
	}

	/** To be called after each call. */
	judge(): TrialResult {
		const { calls } = this.ledger;
		const { calls: wanted, minCalls } = this.options;
		const isLast = calls >= wanted;
		if (calls < minCalls || (!isLast && calls % COMPARE_EVERY !== 0)) return undefined;
		const worse = worseThan(this.ledger, this.before, "before it", this.options);
		if (worse !== undefined) return { worse };
		return isLast ? "passed" : undefined;
	}
}

export interface TrialsParts {
	readonly options: TrialOptions;
	/** Monotonic milliseconds. */
	readonly now: () => number;
	/** A generation on trial does worse than the one before. Must not throw. */
	readonly onWorse: (generation: ServingGeneration, reason: string) => void;
	readonly onPassed: (generation: ServingGeneration) => void;
}

/** The ledgers of what serves, and the trials of what is new. */
export class GenerationTrials {
	private readonly parts: TrialsParts;
	private readonly ledgers = new Map<ServingGeneration, CallLedger>();
	private readonly trials = new Map<ServingGeneration, GenerationTrial>();

	constructor(parts: TrialsParts) {
		this.parts = parts;
	}

	/** Whether calls are counted at all. */
	get isOn(): boolean {
		return this.parts.options.calls > 0;
	}

	/** @param before - what served until now. @param isOnTrial - it is compared with that. */
	begin(generation: ServingGeneration, before: ServingGeneration | undefined, isOnTrial: boolean): void {
		if (!this.isOn) return;
		const earlier = before && this.ledgers.get(before);
		if (before !== undefined) this.end(before);
		const trial = new GenerationTrial(earlier ?? new CallLedger(), this.parts.options);
		if (isOnTrial && before !== undefined) this.trials.set(generation, trial);
		this.ledgers.set(generation, trial.ledger);
	}

	/** It does not serve any more. */
	end(generation: ServingGeneration): void {
		this.ledgers.delete(generation);
		this.trials.delete(generation);
	}

	/** Runs a call, and counts it. */
	measure(generation: ServingGeneration, run: () => object | Promise<object>): object | Promise<object> {
		const ledger = this.ledgers.get(generation);
		if (ledger === undefined) return run();
		return counted(ledger, this.parts.now, run, () => this.judge(generation));
	}

	private judge(generation: ServingGeneration): void {
		const result = this.trials.get(generation)?.judge();
		if (result === undefined) return;
		this.trials.delete(generation);
		if (result === "passed") this.parts.onPassed(generation);
		else this.parts.onWorse(generation, result.worse);
	}
}
