// A generation that answers a share of users beside the one that serves: who it takes, and what its calls were like.
import { textShares } from "../../common/text-share.ts";
import { CallLedger, counted, type JudgeOptions, type LedgerFigures, worseThan } from "./call-ledger.ts";
import type { Caller, ServingGeneration } from "./serving-generation.ts";

/** What is agreed on of a canary: data. */
export interface CanaryPlan {
	/** Of this canary, on all processes. */
	readonly id: string;
	/** Of users, above 0 and below 1. */
	readonly share: number;
	/** Its calls, on all processes, after which it is promoted; 0 for no such end. */
	readonly calls: number;
	/** After which it is promoted, or goes back when it had too few calls, in milliseconds; 0 for no such end. */
	readonly durationMs: number;
}

/** What one process counted: data. */
export interface CanaryFigures {
	readonly canary: LedgerFigures;
	/** Of the generation beside it, in the same time. */
	readonly beside: LedgerFigures;
}

/** What is to be done with it. */
export type CanaryVerdict = { readonly withdraw: string } | "promote" | undefined;

export interface CanaryParts {
	readonly plan: CanaryPlan;
	readonly beside: ServingGeneration;
	readonly generation: ServingGeneration;
	readonly by: string;
	/** Unix milliseconds. */
	readonly begunAtMs: number;
	readonly thresholds: JudgeOptions;
	/** Monotonic milliseconds. */
	readonly now: () => number;
	/** Its calls here are worse. Called once; must not throw. */
	readonly onWorse: (reason: string) => void;
}

/** Calls between two comparisons. */
const COMPARE_EVERY = 10;
const BESIDE = "beside it";

export class Canary {
	readonly parts: CanaryParts;
	readonly ledgers = { canary: new CallLedger(), beside: new CallLedger() };
	private readonly shareOf: (userId: string) => number;
	private readonly onCanaryCall = () => this.compare();
	private isWorse = false;

	constructor(parts: CanaryParts) {
		this.parts = parts;
		this.shareOf = textShares(parts.generation.parts.bundle.digest);
	}

	get name(): string {
		return this.parts.generation.name;
	}

	/** Callers without a user cannot be recognized again, and a backend acts for many. */
	takes({ identity, userId }: Caller): boolean {
		const id = identity === undefined ? userId : identity.key === undefined ? identity.userId : undefined;
		return id !== undefined && this.shareOf(id) < this.parts.plan.share;
	}

	/** Runs a call on the generation of its caller, and counts it. */
	run(caller: Caller, work: (generation: ServingGeneration) => object | Promise<object>): object | Promise<object> {
		const { generation, beside, now } = this.parts;
		if (this.takes(caller)) return counted(this.ledgers.canary, now, () => work(generation), this.onCanaryCall);
		return counted(this.ledgers.beside, now, () => work(beside), ignore);
	}

	figures(): CanaryFigures {
		return { canary: this.ledgers.canary.figures(), beside: this.ledgers.beside.figures() };
	}

	/** Judges by what all processes counted. @param elapsedMs - since it began. */
	verdict(all: readonly CanaryFigures[], elapsedMs: number): CanaryVerdict {
		const { plan, thresholds } = this.parts;
		const [ledger, beside] = [new CallLedger(), new CallLedger()];
		for (const figures of all) {
			ledger.merge(figures.canary);
			beside.merge(figures.beside);
		}
		const worse = worseThan(ledger, beside, BESIDE, thresholds);
		if (worse !== undefined) return { withdraw: worse };
		const isEnough = ledger.calls >= thresholds.minCalls;
		if (plan.calls > 0 && ledger.calls >= plan.calls && isEnough) return "promote";
		if (plan.durationMs === 0 || elapsedMs < plan.durationMs) return undefined;
		if (isEnough) return "promote";
		const seconds = Math.round(elapsedMs / 1000);
		return { withdraw: `it had ${ledger.calls} calls in ${seconds} s, and ${thresholds.minCalls} say something of it` };
	}

	/** Of the calls here alone, as they come. */
	private compare(): void {
		const { canary, beside } = this.ledgers;
		if (this.isWorse || canary.calls % COMPARE_EVERY !== 0) return;
		const worse = worseThan(canary, beside, BESIDE, this.parts.thresholds);
		if (worse === undefined) return;
		this.isWorse = true;
		this.parts.onWorse(worse);
	}
}

function ignore(): void {
	// It is what the canary is compared with.
}
