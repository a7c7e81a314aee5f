// Whether a new generation does worse than the one before: over its first calls, its errors and its slowest calls are compared with what the
// one before had. Counted only while `modules.trial` is on.
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import type { ModulesOptions } from "./options.ts";
import type { ServingGeneration } from "./serving-generation.ts";

type TrialOptions = ModulesOptions["trial"];

/** Upper bounds of the buckets of durations, in milliseconds: from 0.1 ms on, each a quarter above the one before. */
const FIRST_BOUND_MS = 0.1;
const GROWTH = 1.25;
const BUCKETS = 64;
/** A call that takes longer counts as this one. */
const boundOf = (bucket: number): number => FIRST_BOUND_MS * GROWTH ** bucket;
/** What differs by less is noise, however large the factor. */
const NOISE_MS = 10;
/** Fewer errors are no rate. */
const MIN_FAULTS = 3;
/** Beyond it the counts are halved: what was long ago counts less. */
const MAX_COUNT = 100_000;
/** Calls between two comparisons. */
const COMPARE_EVERY = 10;

/** Errors that are not the caller's. */
const FAULTS: ReadonlySet<ErrorCode> = new Set([
	ErrorCode.INTERNAL,
	ErrorCode.UNAVAILABLE,
	ErrorCode.TIMEOUT,
	ErrorCode.UPSTREAM_FAILED,
]);

/** The calls of one generation. */
export class CallLedger {
	calls = 0;
	faults = 0;
	private readonly buckets = new Float64Array(BUCKETS);

	add(durationMs: number, error: unknown): void {
		if (this.calls >= MAX_COUNT) this.halve();
		this.calls++;
		if (error !== undefined && (!(error instanceof GatewayError) || FAULTS.has(error.code))) this.faults++;
		const bucket = Math.ceil(Math.log(Math.max(durationMs, FIRST_BOUND_MS) / FIRST_BOUND_MS) / Math.log(GROWTH));
		const index = Math.min(bucket, BUCKETS - 1);
		this.buckets[index] = (this.buckets[index] as number) + 1;
	}

	get faultShare(): number {
		return this.calls === 0 ? 0 : this.faults / this.calls;
	}

	/** The duration that one call in a hundred exceeds, in milliseconds, rounded up to the bound of its bucket. */
	get p99Ms(): number {
		let above = this.calls / 100;
		for (let index = BUCKETS - 1; index >= 0; index--) {
			above -= this.buckets[index] as number;
			if (above < 0) return boundOf(index);
		}
		return 0;
	}

	private halve(): void {
		this.calls = Math.round(this.calls / 2);
		this.faults = Math.round(this.faults / 2);
		for (const [index, count] of this.buckets.entries()) this.buckets[index] = count / 2;
	}
}

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
		const worse = this.errorsWorse() ?? this.durationsWorse();
		if (worse !== undefined) return { worse };
		return isLast ? "passed" : undefined;
	}

	private errorsWorse(): string | undefined {
		const { ledger, before, options } = this;
		if (ledger.faults < MIN_FAULTS || ledger.faultShare <= before.faultShare + options.maxErrorIncrease)
			return undefined;
		const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
		return `${percent(ledger.faultShare)} of ${ledger.calls} calls failed, before it were ${percent(before.faultShare)}`;
	}

	/** Only with as many calls before as there have to be now. */
	private durationsWorse(): string | undefined {
		const { ledger, before, options } = this;
		if (options.maxSlowdown === 0 || before.calls < options.minCalls) return undefined;
		const [now, then] = [ledger.p99Ms, before.p99Ms];
		if (now <= then * options.maxSlowdown || now - then <= NOISE_MS) return undefined;
		return `p99 of ${ledger.calls} calls is ${now.toFixed(1)} ms, before it was ${then.toFixed(1)} ms`;
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
		const { now } = this.parts;
		const startMs = now();
		const settle = (error: unknown): void => {
			ledger.add(now() - startMs, error);
			this.judge(generation);
		};
		try {
			const result = run();
			if (result instanceof Promise) result.then(() => settle(undefined), settle);
			else settle(undefined);
			return result;
		} catch (error) {
			settle(error);
			throw error;
		}
	}

	private judge(generation: ServingGeneration): void {
		const result = this.trials.get(generation)?.judge();
		if (result === undefined) return;
		this.trials.delete(generation);
		if (result === "passed") this.parts.onPassed(generation);
		else this.parts.onWorse(generation, result.worse);
	}
}
