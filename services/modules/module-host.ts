// All modules of the process: loads what has changed, decides what may serve, switches all of it in one turn, and lets the old ones
// end.
import type { Hooks } from "../../common/hooks.ts";
import type { ModuleDefinition } from "../../module/index.ts";
import { unavailable } from "../../protocol/error.ts";
import { type Admission, admit } from "./admission.ts";
import { agreedPart, agreeOn, type Prepared } from "./agreed-part.ts";
import { BundleHistory } from "./bundle-history.ts";
import type { ReservedNames } from "./claims.ts";
import type { ServedFunction } from "./function-facts.ts";
import { GenerationCensus } from "./generation-census.ts";
import { GenerationLoader, type GenerationLoaderParts } from "./generation-loader.ts";
import { GenerationTrials } from "./generation-trial.ts";
import { crossesThreads, handOver, handOverAcross } from "./hand-over.ts";
import { HeldCalls } from "./held-calls.ts";
import { HookTable } from "./hook-table.ts";
import type { ServedHook } from "./loaded-hook.ts";
import { type ModuleBundle, ModuleBundler, programBundle } from "./module-bundler.ts";
import { type FolderContent, readModuleFolder } from "./module-folder.ts";
import { ModuleMetricRegistry } from "./module-metrics.ts";
import { ModuleError, type ModuleProblem, problemText } from "./module-problem.ts";
import type { ModuleServices } from "./module-services.ts";
import { settingsText } from "./module-settings.ts";
import { ReloadQueue } from "./reload-queue.ts";
import type { Agree, ModuleStatus, ReloadOrigin, ReloadReport, ReloadRequest } from "./reload-report.ts";
import type { Caller, ServingGeneration } from "./serving-generation.ts";
import type { SqlDialect } from "./statement-runner.ts";

export type { ModuleDefinition };

export interface ModuleHostParts extends Omit<GenerationLoaderParts, "services" | "contextOptions"> {
	readonly services: ModuleServices;
	/** `modules.config` as it is now: settings by module. */
	readonly settings: () => Readonly<Record<string, unknown>>;
	/** Of the database of modules. */
	readonly sqlDialect: SqlDialect;
	/** Where hooks of modules are put. */
	readonly hooks: Hooks;
	/** Modules that the program brings itself, by name; they are loaded once. */
	readonly definitions?: ReadonlyMap<string, ModuleDefinition>;
	/** Whether there is a folder of modules; there is unless this says otherwise. */
	readonly hasFolder?: boolean;
	/** What the gateway serves itself. */
	readonly reserved: () => ReservedNames;
	/** Makes these generations the ones that serve, in this turn. @throws Error when it cannot; then nothing has changed. */
	readonly publish: (serving: readonly ServingGeneration[]) => void;
	/** A generation does worse in its first calls than the one before. Must not throw. */
	readonly onWorse: (module: string, reason: string) => void;
}

export type { Agree, ModuleStatus, ReloadReport, ReloadRequest };

/** Origins of what is new; what goes back is not judged. */
const ON_TRIAL: ReadonlySet<string> = new Set<ReloadOrigin>(["watch", "request", "signal"]);

/** Replaced generations whose calls still run, of all modules; beyond it the oldest are ended at once. */
const MAX_RETIRING = 64;
/** Between the abort signal of a replaced generation and the errors of its calls. */
const GRACE_MS = 1000;
export class ModuleHost {
	readonly census = new GenerationCensus();
	/** What modules count. */
	readonly metrics = new ModuleMetricRegistry();
	/** Reloads by what became of a module. */
	readonly outcomes = { loaded: 0, refused: 0, removed: 0 };
	readonly loader: GenerationLoader;
	readonly hookTable: HookTable;
	private readonly parts: ModuleHostParts;
	private readonly bundler: ModuleBundler;
	private readonly history: BundleHistory;
	private readonly trials: GenerationTrials;
	private readonly held = new HeldCalls();
	/** Who asked for a generation. */
	private readonly askedBy = new WeakMap<ServingGeneration, string>();
	private serving: ReadonlyMap<string, ServingGeneration> = new Map();
	private readonly retiring = new Set<ServingGeneration>();
	private readonly numbers = new Map<string, number>();
	private readonly queue = new ReloadQueue();

	constructor(parts: ModuleHostParts) {
		this.parts = parts;
		const { dir, options, services, settings, sqlDialect, logger } = parts;
		this.bundler = new ModuleBundler({ ...options, dir });
		this.loader = new GenerationLoader({
			...parts,
			services: {
				...services,
				record: async (module, metric, value, labels) => this.metrics.record(module, metric, value, labels),
			},
			contextOptions: (module) => {
				return { store: options.store, fetch: options.fetch, sqlDialect, settings: settings()[module] };
			},
		});
		this.hookTable = new HookTable({ hooks: parts.hooks, run: (...hook) => this.runHook(...hook), logger });
		this.history = new BundleHistory(options.keptBundles);
		this.trials = new GenerationTrials({
			options: options.trial,
			now: parts.monotonic,
			onWorse: ({ name }, reason) => parts.onWorse(name, reason),
			onPassed: (generation) =>
				generation.parts.logger.info({}, "the first calls of a generation are as good as before"),
		});
	}

	get generations(): readonly ServingGeneration[] {
		return [...this.serving.values()];
	}

	/** Files that the serving modules were made of. */
	get inputs(): ReadonlySet<string> {
		return new Set(this.generations.flatMap(({ parts }) => parts.bundle.inputs));
	}

	status(): readonly ModuleStatus[] {
		return this.generations.map((generation) => {
			const { bundle, number, loadedAtMs, origin, functions } = generation.parts;
			return {
				name: bundle.name,
				generation: number,
				digest: bundle.digest,
				loadedAtMs,
				origin,
				by: this.askedBy.get(generation) ?? "",
				threads: generation.threads,
				functions: [...functions.values()].map(({ contract }) => `${contract.name} (${contract.number})`),
				kept: this.history.of(bundle.name).map(({ bundle: { digest }, ...rest }) => ({ digest, ...rest })),
			};
		});
	}

	/**
	 * Runs a function of a generation, or of the one that serves when that one has ended: a call that waited for something before it
	 * began has not begun on it.
	 */
	run(
		generation: ServingGeneration,
		called: Pick<ServedFunction, "name">,
		input: object,
		caller: Caller,
	): object | Promise<object> {
		if (!this.held.isEmpty) {
			const later = this.held.wait(generation.name, () => this.runCurrent(generation.name, called, input, caller));
			if (later !== undefined) return later;
		}
		if (generation.isEnded) return this.runCurrent(generation.name, called, input, caller);
		return this.runOn(generation, called, input, caller);
	}

	/**
	 * Loads every module whose code has changed, and ends those that are gone. One that cannot be served keeps none of the others.
	 *
	 * @param agree - asked before anything switches.
	 * @throws GatewayError UNAVAILABLE when too many reloads wait; what `agree` throws, and then nothing has changed.
	 */
	reload(request: ReloadRequest, agree?: Agree): Promise<ReloadReport> {
		return this.queue.run(async () => {
			const { dir, options, hasFolder = true } = this.parts;
			const content = hasFolder ? await readModuleFolder(dir, options.maxModules) : { entries: [], unusable: [] };
			return await this.commit(await this.agreed(await this.prepare(content, request), request, agree), request);
		});
	}

	/**
	 * An earlier bundle of a module, or the one that serves.
	 *
	 * @param digest - of the bundle, or the beginning of it; "" for the one before.
	 */
	bundleOf(name: string, digest: string): ModuleBundle | undefined {
		const current = this.serving.get(name)?.parts.bundle;
		if (digest !== "" && current?.digest.startsWith(digest)) return current;
		return this.history.find(name, digest, current?.digest)?.bundle;
	}

	/** Serves an earlier bundle again. What it replaces is not loaded again until its files change. @param agree - as in `reload`. */
	restore(bundle: ModuleBundle, asked: ReloadRequest, agree?: Agree): Promise<ReloadReport> {
		return this.queue.run(async () => {
			const request = { ...asked, acceptContractChanges: true };
			const current = this.serving.get(bundle.name)?.parts.bundle;
			const problems: ModuleProblem[] = [];
			const isServing = current?.digest === bundle.digest;
			const candidate = isServing ? undefined : await this.candidateOf(bundle, request, problems);
			const candidates = candidate === undefined ? [] : [candidate];
			const prepared = { candidates, removed: [], unchanged: isServing ? [bundle.name] : [], problems };
			const own = agree && agreeOn(bundle.name, agree);
			const report = await this.commit(await this.agreed(prepared, request, own), request);
			if (report.loaded.length > 0 && current !== undefined) this.history.pass(bundle.name, current.digest);
			return report;
		});
	}

	/** Ends every generation, and waits for their `dispose`. */
	async close(): Promise<void> {
		await this.queue.close();
		const all = [...this.serving.values(), ...this.retiring];
		this.serving = new Map();
		this.hookTable.serve([]);
		await Promise.all(all.map((generation) => generation.abandon()));
		await Promise.all([this.bundler.rest(), this.loader.watchdog.close()]);
	}

	private runCurrent(name: string, called: Pick<ServedFunction, "name">, input: object, caller: Caller) {
		const current = this.serving.get(name);
		if (current === undefined) throw unavailable(`module ${name}`, 0);
		return this.runOn(current, called, input, caller);
	}

	private runOn(generation: ServingGeneration, called: Pick<ServedFunction, "name">, input: object, caller: Caller) {
		if (!this.trials.isOn) return generation.run(called, input, caller);
		return this.trials.measure(generation, () => generation.run(called, input, caller));
	}

	/** Runs a hook, of the generation that serves when the one to which it belongs ended while others ran; of none when that has none. */
	private runHook(
		generation: ServingGeneration,
		hook: ServedHook,
		event: object,
		caller: Caller,
	): object | Promise<object> {
		const current = generation.isEnded ? this.serving.get(generation.name) : generation;
		const called = current?.parts.hooks.find(({ point }) => point === hook.point)?.called;
		return current === undefined || called === undefined ? {} : current.run(called, event, caller);
	}

	private async prepare({ entries, unusable }: FolderContent, request: ReloadRequest): Promise<Prepared> {
		const problems: ModuleProblem[] = unusable.map((text) => ({ module: text.split(":", 1)[0] ?? "", message: text }));
		const definitions = this.parts.definitions ?? new Map<string, ModuleDefinition>();
		const names = new Set([...entries.map(({ name }) => name), ...definitions.keys()]);
		const removed = [...this.serving.keys()].filter((name) => !names.has(name));
		const unchanged: string[] = [];
		const candidates: ServingGeneration[] = [];
		for (const [name, definition] of definitions) {
			const bundle = programBundle(name);
			if (this.isAsServed(bundle)) unchanged.push(name);
			else {
				const candidate = await this.candidateOf(bundle, request, problems, definition);
				if (candidate !== undefined) candidates.push(candidate);
			}
		}
		for (const entry of entries) {
			if (definitions.has(entry.name)) {
				problems.push({ module: entry.name, message: "the program brings a module of this name itself" });
				continue;
			}
			const bundle = await this.attempt(() => this.bundler.bundle(entry), problems);
			if (bundle === undefined) continue;
			const isServing = this.isAsServed(bundle);
			if (isServing || this.history.isPassed(entry.name, bundle.digest)) unchanged.push(entry.name);
			else {
				const candidate = await this.candidateOf(bundle, request, problems);
				if (candidate !== undefined) candidates.push(candidate);
			}
		}
		return { candidates, removed, unchanged, problems };
	}

	/** What is left of it when others were asked. */
	private async agreed(prepared: Prepared, request: ReloadRequest, agree: Agree | undefined): Promise<Prepared> {
		if (agree === undefined) return prepared;
		const admission = this.admission(prepared.candidates, prepared.removed, request);
		return await agreedPart(prepared, this.serving, admission, agree);
	}

	/** The same code with the same settings. */
	private isAsServed({ name, digest }: ModuleBundle): boolean {
		const served = this.serving.get(name)?.parts;
		return served?.bundle.digest === digest && served.settingsText === settingsText(this.parts.settings()[name]);
	}

	private async candidateOf(
		bundle: ModuleBundle,
		{ origin, by }: ReloadRequest,
		problems: ModuleProblem[],
		definition?: ModuleDefinition,
	): Promise<ServingGeneration | undefined> {
		const number = (this.numbers.get(bundle.name) ?? 0) + 1;
		const generation = await this.attempt(() => this.loader.load(bundle, number, origin, definition), problems);
		if (generation === undefined) return undefined;
		this.numbers.set(bundle.name, number);
		this.census.add(generation);
		if (by !== undefined) this.askedBy.set(generation, by);
		return generation;
	}

	private async attempt<Result>(work: () => Promise<Result>, problems: ModuleProblem[]): Promise<Result | undefined> {
		try {
			return await work();
		} catch (error) {
			if (!(error instanceof ModuleError)) throw error;
			problems.push(error.problem);
			return undefined;
		}
	}

	/** Serves what may be served. The switch itself is one turn, so that no call falls between two states. */
	private async commit(prepared: Prepared, request: ReloadRequest): Promise<ReloadReport> {
		const { candidates, removed, unchanged } = prepared;
		const before = this.serving;
		const problems = [...prepared.problems];
		const first = this.admission(candidates, removed, request);
		const far = first.accepted.filter((candidate) => crossesThreads(before.get(candidate.name), candidate));
		const release = this.held.begin(far.map(({ name }) => name));
		try {
			const { loadTimeoutMs } = this.parts.options;
			const moved = far.map((candidate) => handOverAcross(before.get(candidate.name), candidate, loadTimeoutMs));
			const failed = new Map<ServingGeneration, ModuleProblem>();
			for (const [index, problem] of (await Promise.all(moved)).entries()) {
				if (problem !== undefined) failed.set(far[index] as ServingGeneration, problem);
			}
			const isNear = (candidate: ServingGeneration) => !far.includes(candidate);
			for (const candidate of first.accepted.filter(isNear)) {
				const problem = handOver(before.get(candidate.name), candidate);
				if (problem !== undefined) failed.set(candidate, problem);
			}
			const left = candidates.filter((candidate) => !failed.has(candidate));
			const { accepted, next, ...admitted } = failed.size === 0 ? first : this.admission(left, removed, request);
			problems.push(...failed.values(), ...admitted.problems);
			for (const [{ parts }, changes] of admitted.contractChanges) {
				parts.logger.warn({ changes }, "a module is served with an incompatible contract");
			}
			for (const candidate of candidates) if (!accepted.includes(candidate)) void candidate.abandon();
			if (accepted.length > 0 || removed.length > 0) this.switchTo(next);
			for (const name of removed) {
				this.history.forget(name);
				this.metrics.forget(name);
			}
			const loaded = accepted.map(({ parts: { bundle, number } }) => {
				return { module: bundle.name, generation: number, digest: bundle.digest };
			});
			return this.logged({ loaded, unchanged, removed, problems }, request.origin);
		} finally {
			release();
		}
	}

	private admission(
		candidates: readonly ServingGeneration[],
		removed: readonly string[],
		{ acceptContractChanges = false }: ReloadRequest,
	): Admission {
		const accept = acceptContractChanges || this.parts.options.contractChanges === "report";
		const rules = { reserved: this.parts.reserved(), acceptContractChanges: accept };
		return admit(this.serving, candidates, removed, rules);
	}

	private switchTo(next: ReadonlyMap<string, ServingGeneration>): void {
		const before = this.serving;
		this.serving = next;
		try {
			this.parts.publish([...next.values()]);
		} catch (error) {
			this.serving = before;
			for (const [name, generation] of next) if (before.get(name) !== generation) void generation.abandon();
			throw error;
		}
		for (const [name, generation] of next) {
			if (before.get(name) === generation) continue;
			this.metrics.serve(name, generation.parts.metrics);
			this.trials.begin(generation, before.get(name), ON_TRIAL.has(generation.parts.origin));
			generation.serve();
		}
		this.hookTable.serve([...next.values()]);
		for (const [name, generation] of before) {
			if (next.get(name) === generation) continue;
			this.trials.end(generation);
			const { bundle, loadedAtMs, origin } = generation.parts;
			this.history.add({ bundle, servedAtMs: loadedAtMs, origin, by: this.askedBy.get(generation) ?? "" });
			this.retire(generation);
		}
	}

	private retire(generation: ServingGeneration): void {
		const [oldest] = this.retiring;
		if (this.retiring.size >= MAX_RETIRING && oldest !== undefined) void oldest.abandon();
		this.retiring.add(generation);
		const limits = { timeoutMs: this.parts.options.retireTimeoutMs, graceMs: GRACE_MS };
		void generation.retire(limits).then(() => this.retiring.delete(generation));
	}

	private logged(report: ReloadReport, origin: string): ReloadReport {
		const { logger } = this.parts;
		const { loaded, removed, problems } = report;
		this.outcomes.loaded += loaded.length;
		this.outcomes.removed += removed.length;
		this.outcomes.refused += problems.length;
		for (const { module, generation, digest } of loaded) {
			logger.info({ module, generation, digest, origin }, "a generation of a module serves");
		}
		for (const module of removed) logger.info({ module, origin }, "a module is removed");
		for (const problem of problems) {
			logger.error({ ...problem, origin }, `module not loaded: ${problemText(problem)}`);
		}
		return report;
	}
}
