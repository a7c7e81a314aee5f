// Begins, promotes and withdraws canaries on this process. What is agreed on with the others is asked for through `agree` and `claim`.
import type { Logger } from "../../common/logger.ts";
import type { JudgeOptions } from "./call-ledger.ts";
import type { Canaries } from "./canaries.ts";
import { Canary, type CanaryPlan } from "./canary.ts";
import { besideProblem } from "./canary-admission.ts";
import type { CanaryEnd } from "./canary-board.ts";
import { crossesThreads, handOver, handOverAcross } from "./hand-over.ts";
import type { ModuleBundle } from "./module-bundler.ts";
import { type ModuleProblem, problemText } from "./module-problem.ts";
import type { Agree, ReloadReport, ReloadRequest } from "./reload-report.ts";
import type { ServingGeneration } from "./serving-generation.ts";

export interface CanaryHostParts {
	readonly canaries: Canaries;
	readonly thresholds: JudgeOptions;
	/** For state that moves between threads, in milliseconds. */
	readonly loadTimeoutMs: number;
	/** Runs when no other reload does. */
	readonly exclusive: <Result>(work: () => Promise<Result>) => Promise<Result>;
	readonly serving: (module: string) => ServingGeneration | undefined;
	/** What the files of a module are now. Adds what is wrong to `problems`. */
	readonly bundle: (module: string, problems: ModuleProblem[]) => Promise<ModuleBundle | undefined>;
	readonly load: (
		bundle: ModuleBundle,
		request: ReloadRequest,
		problems: ModuleProblem[],
	) => Promise<ServingGeneration | undefined>;
	/** Makes it the one that serves all, with the state of the one before. */
	readonly promote: (generation: ServingGeneration, request: ReloadRequest) => Promise<ReloadReport>;
	/** Lets its calls end. Unchanged files must not bring its code back. */
	readonly retire: (generation: ServingGeneration) => void;
	/** Its calls here are worse. Must not throw. */
	readonly onWorse: (canary: Canary, reason: string) => void;
	readonly logger: Logger;
	/** Unix milliseconds. */
	readonly wall: () => number;
	/** Monotonic milliseconds. */
	readonly monotonic: () => number;
}

/** The digests of both, as one: processes that have the same agree. */
export const besideText = (serving: string, canary: string): string => `${serving} ${canary}`;

const NOTHING: ReloadReport = { loaded: [], unchanged: [], removed: [], problems: [] };

export class CanaryHost {
	/** Of this process, by what they ended as. */
	readonly ends: Record<CanaryEnd, number> = { promoted: 0, withdrawn: 0 };
	private readonly parts: CanaryHostParts;

	constructor(parts: CanaryHostParts) {
		this.parts = parts;
	}

	/**
	 * Begins a canary, with the code that the files have now.
	 *
	 * @param agree - asked before it begins. @param given - its code, where another process has said it.
	 * @throws what `agree` throws, and then nothing has begun.
	 */
	begin(
		module: string,
		plan: CanaryPlan,
		request: ReloadRequest,
		agree: Agree | undefined,
		given?: ModuleBundle,
	): Promise<ReloadReport> {
		const { canaries, exclusive } = this.parts;
		return exclusive(async () => {
			if (canaries.of(module)?.parts.plan.id === plan.id) return { ...NOTHING, unchanged: [module] };
			const problems: ModuleProblem[] = [];
			const serving = this.parts.serving(module);
			const candidate = await this.candidate(module, serving, given, request, problems);
			const refused = await this.asked(module, candidate, serving, problems, agree);
			if (refused !== undefined) problems.push({ module, message: refused });
			else if (candidate !== undefined && serving !== undefined && problems.length === 0) {
				const problem = await this.copyState(serving, candidate);
				if (problem === undefined) return this.begun(serving, candidate, plan, request);
				problems.push(problem);
			}
			void candidate?.abandon();
			for (const problem of problems) this.parts.logger.error(problem, `no canary: ${problemText(problem)}`);
			return { ...NOTHING, problems };
		});
	}

	/**
	 * Makes a canary the generation that serves.
	 *
	 * @param agree - asked before. @param claim - says so for all processes: the first word about its end stands.
	 * @throws what `agree` and `claim` throw; then it goes on as a canary.
	 */
	promote(
		module: string,
		id: string,
		request: ReloadRequest,
		agree: Agree | undefined,
		claim: () => Promise<CanaryEnd>,
	): Promise<ReloadReport> {
		const { canaries, exclusive } = this.parts;
		return exclusive(async () => {
			const canary = canaries.of(module);
			const problems: ModuleProblem[] = [];
			const isHere = canary !== undefined && canary.parts.plan.id === id;
			const generation = canary?.parts.generation;
			if (!isHere) problems.push({ module, message: "it has no such canary" });
			const outcomes = new Map(isHere && generation !== undefined ? [[module, generation.parts.bundle.digest]] : []);
			const refused = (await agree?.({ outcomes, problems }))?.get(module);
			if (refused !== undefined) problems.push({ module, message: refused });
			if (canary === undefined || generation === undefined || problems.length > 0) return { ...NOTHING, problems };
			if ((await claim()) === "withdrawn") {
				this.withdraw(canary, "another process withdrew it");
				return { ...NOTHING, problems: [{ module, message: "its canary was withdrawn meanwhile" }] };
			}
			this.ends.promoted++;
			if (canaries.end(canary)) return await this.parts.promote(generation, request);
			// It was withdrawn here between, while the others promote it.
			const again = await this.parts.load(generation.parts.bundle, request, problems);
			return again === undefined ? { ...NOTHING, problems } : await this.parts.promote(again, request);
		});
	}

	/** All users are answered by the generation beside it again, in this turn. */
	withdraw(canary: Canary, reason: string): ReloadReport {
		const { canaries, retire, logger } = this.parts;
		const { generation, beside } = canary.parts;
		const { digest } = beside.parts.bundle;
		if (canaries.end(canary)) {
			this.ends.withdrawn++;
			retire(generation);
			const fields = { module: canary.name, generation: generation.parts.number, beside: beside.parts.number, reason };
			logger.warn(fields, "a canary is withdrawn");
		}
		return { ...NOTHING, loaded: [{ module: canary.name, generation: beside.parts.number, digest }] };
	}

	private async candidate(
		module: string,
		serving: ServingGeneration | undefined,
		given: ModuleBundle | undefined,
		request: ReloadRequest,
		problems: ModuleProblem[],
	): Promise<ServingGeneration | undefined> {
		const refuse = (message: string) => {
			problems.push({ module, message });
			return undefined;
		};
		if (serving === undefined) return refuse("no generation of it serves: there is none to be beside");
		if (serving.parts.bundle.file === "") return refuse("it is part of the program, and is loaded once");
		if (this.parts.canaries.of(module) !== undefined) return refuse(ON_TRIAL);
		const bundle = given ?? (await this.parts.bundle(module, problems));
		if (bundle === undefined) return undefined;
		if (bundle.digest === serving.parts.bundle.digest) return refuse("its files are those that serve");
		const candidate = await this.parts.load(bundle, request, problems);
		const problem = candidate && besideProblem(serving, candidate);
		if (problem === undefined) return candidate;
		problems.push(problem);
		void candidate?.abandon();
		return undefined;
	}

	/** @returns why it does not begin. */
	private async asked(
		module: string,
		candidate: ServingGeneration | undefined,
		serving: ServingGeneration | undefined,
		problems: readonly ModuleProblem[],
		agree: Agree | undefined,
	): Promise<string | undefined> {
		const outcomes = new Map<string, string>();
		if (candidate !== undefined && serving !== undefined) {
			outcomes.set(module, besideText(serving.parts.bundle.digest, candidate.parts.bundle.digest));
		}
		try {
			return (await agree?.({ outcomes, problems }))?.get(module);
		} catch (error) {
			void candidate?.abandon();
			throw error;
		}
	}

	private async copyState(from: ServingGeneration, to: ServingGeneration): Promise<ModuleProblem | undefined> {
		if (!crossesThreads(from, to)) return handOver(from, to);
		return await handOverAcross(from, to, this.parts.loadTimeoutMs);
	}

	private begun(
		beside: ServingGeneration,
		generation: ServingGeneration,
		plan: CanaryPlan,
		{ by = "" }: ReloadRequest,
	): ReloadReport {
		const { canaries, thresholds, wall, monotonic, onWorse, logger } = this.parts;
		const canary: Canary = new Canary({
			plan,
			beside,
			generation,
			by,
			begunAtMs: wall(),
			thresholds,
			now: monotonic,
			onWorse: (reason) => onWorse(canary, reason),
		});
		canaries.begin(canary);
		generation.serveBeside();
		const { number, bundle } = generation.parts;
		const fields = { module: canary.name, generation: number, digest: bundle.digest, beside: beside.parts.number };
		logger.info({ ...fields, share: plan.share, by }, "a canary answers a share of users");
		const loaded = [{ module: canary.name, generation: number, digest: bundle.digest, share: plan.share }];
		return { ...NOTHING, loaded };
	}
}

/** Why nothing else is done to a module meanwhile. */
export const ON_TRIAL = "a canary of it is on trial: promote it, or roll it back, first";
