// The calls of one generation: how many, how many failed, and how long they took.
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";

/** Upper bounds of the buckets of durations, in milliseconds: from 0.1 ms on, each a quarter above the one before. */
const FIRST_BOUND_MS = 0.1;
const GROWTH = 1.25;
const BUCKETS = 64;
/** A call that takes longer counts as this one. */
const boundOf = (bucket: number): number => FIRST_BOUND_MS * GROWTH ** bucket;
/** Beyond it the counts are halved: what was long ago counts less. */
const MAX_COUNT = 100_000;
/** What differs by less is noise, however large the factor. */
const NOISE_MS = 10;
/** Fewer errors are no rate. */
const MIN_FAULTS = 3;

/** Errors that are not the caller's. */
const FAULTS: ReadonlySet<ErrorCode> = new Set([
	ErrorCode.INTERNAL,
	ErrorCode.UNAVAILABLE,
	ErrorCode.TIMEOUT,
	ErrorCode.UPSTREAM_FAILED,
]);

/** A ledger as data. */
export interface LedgerFigures {
	readonly calls: number;
	readonly faults: number;
	/** Number and calls of each bucket that has any. */
	readonly buckets: readonly (readonly [index: number, calls: number])[];
}

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

	/** Adds what another process counted. */
	merge({ calls, faults, buckets }: LedgerFigures): void {
		this.calls += calls;
		this.faults += faults;
		for (const [index, count] of buckets) {
			if (index < BUCKETS) this.buckets[index] = (this.buckets[index] as number) + count;
		}
	}

	figures(): LedgerFigures {
		const buckets = [...this.buckets.entries()].filter(([, count]) => count > 0);
		return { calls: this.calls, faults: this.faults, buckets };
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

export interface JudgeOptions {
	/** Calls without which nothing is worse, and that the other one needs for its durations to count. */
	readonly minCalls: number;
	readonly maxErrorIncrease: number;
	/** 0 compares no durations. */
	readonly maxSlowdown: number;
}

/**
 * @param other - what `ledger` is compared with. @param when - what that is, in words: `before it`.
 * @returns in which way it is worse.
 */
export function worseThan(
	ledger: CallLedger,
	other: CallLedger,
	when: string,
	options: JudgeOptions,
): string | undefined {
	if (ledger.calls < options.minCalls) return undefined;
	return errorsWorse(ledger, other, when, options) ?? durationsWorse(ledger, other, when, options);
}

function errorsWorse(ledger: CallLedger, other: CallLedger, when: string, { maxErrorIncrease }: JudgeOptions) {
	if (ledger.faults < MIN_FAULTS || ledger.faultShare <= other.faultShare + maxErrorIncrease) return undefined;
	const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
	return `${percent(ledger.faultShare)} of ${ledger.calls} calls failed, ${when} were ${percent(other.faultShare)}`;
}

/** Only with as many calls on the other side as there have to be on this one. */
function durationsWorse(ledger: CallLedger, other: CallLedger, when: string, options: JudgeOptions) {
	if (options.maxSlowdown === 0 || other.calls < options.minCalls) return undefined;
	const [now, then] = [ledger.p99Ms, other.p99Ms];
	if (now <= then * options.maxSlowdown || now - then <= NOISE_MS) return undefined;
	return `p99 of ${ledger.calls} calls is ${now.toFixed(1)} ms, ${when} was ${then.toFixed(1)} ms`;
}

/** Runs a call, and counts it. @param now - monotonic milliseconds. @param onCounted - called afterwards; must not throw. */
export function counted(
	ledger: CallLedger,
	now: () => number,
	run: () => object | Promise<object>,
	onCounted: () => void,
): object | Promise<object> {
	const startMs = now();
	const settle = (error: unknown): void => {
		ledger.add(now() - startMs, error);
		onCounted();
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
