// All modules of the process: loads what has changed, decides what may serve, switches all of it in one turn, and lets the old ones
// end.
import type { Hooks } from "../../common/hooks.ts";
import type { ModuleDefinition } from "../../module/index.ts";
import { unavailable } from "../../protocol/error.ts";
import { type Admission, admit } from "./admission.ts";
import { agreedPart, agreeOn, type Prepared } from "./agreed-part.ts";
import { BundleHistory } from "./bundle-history.ts";
import { Canaries } from "./canaries.ts";
import type { Canary } from "./canary.ts";
import { besideText, CanaryHost } from "./canary-host.ts";
import type { ReservedNames } from "./claims.ts";
import type { ServedFunction } from "./function-facts.ts";
import { GenerationCensus } from "./generation-census.ts";
import { GenerationLoader, type GenerationLoaderParts } from "./generation-loader.ts";
import { GenerationTrials } from "./generation-trial.ts";
import { crossesThreads, handOver, handOverAcross } from "./hand-over.ts";
import { HeldCalls } from "./held-calls.ts";
import { HookTable } from "./hook-table.ts";
import type { ServedHook } from "./loaded-hook.ts";
import { type ModuleBundle, ModuleBundler } from "./module-bundler.ts";
import { type FolderContent, type ModuleEntry, readModuleFolder } from "./module-folder.ts";
import { ModuleMetricRegistry } from "./module-metrics.ts";
import { ModuleError, type ModuleProblem } from "./module-problem.ts";
import type { ModuleServices } from "./module-services.ts";
import { moduleStatus } from "./module-status.ts";
import { type OutcomeCounts, recordReload } from "./reload-outcomes.ts";
import { prepareReload } from "./reload-preparation.ts";
import { ReloadQueue } from "./reload-queue.ts";
import type { Agree, ModuleStatus, ReloadOrigin, ReloadReport, ReloadRequest } from "./reload-report.ts";
import { Retirement } from "./retirement.ts";
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
	/** A canary does worse here than the generation beside it. Must not throw. */
	readonly onCanaryWorse: (canary: Canary, reason: string) => void;
}

export type { Agree, ModuleStatus, ReloadReport, ReloadRequest };

/** Origins of what is new; what goes back is not judged. */
const JUDGED: ReadonlySet<string> = new Set<ReloadOrigin>(["watch", "request", "signal"]);

const NONE: ReadonlySet<string> = new Set();

export class ModuleHost {
	readonly census = new GenerationCensus();
	/** What modules count. */
	readonly metrics = new ModuleMetricRegistry();
	/** Reloads by what became of a module. */
	readonly outcomes: OutcomeCounts = { loaded: 0, refused: 0, removed: 0 };
	readonly loader: GenerationLoader;
	readonly hookTable: HookTable;
	readonly canaries = new Canaries();
	readonly canaryHost: CanaryHost;
	private readonly parts: ModuleHostParts;
	private readonly bundler: ModuleBundler;
	private readonly history: BundleHistory;
	private readonly trials: GenerationTrials;
	private readonly held = new HeldCalls();
	/** Who asked for a generation. */
	private readonly askedBy = new WeakMap<ServingGeneration, string>();
	private serving: ReadonlyMap<string, ServingGeneration> = new Map();
	readonly retirement: Retirement;
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
		this.retirement = new Retirement(options.retireTimeoutMs);
		this.trials = new GenerationTrials({
			options: options.trial,
			now: parts.monotonic,
			onWorse: ({ name }, reason) => parts.onWorse(name, reason),
			onPassed: (generation) =>
				generation.parts.logger.info({}, "the first calls of a generation are as good as before"),
		});
		this.canaryHost = new CanaryHost({
			...parts,
			canaries: this.canaries,
			thresholds: options.trial,
			loadTimeoutMs: options.loadTimeoutMs,
			exclusive: (work) => this.queue.run(work),
			serving: (module) => this.serving.get(module),
			bundle: async (module, problems) => {
				const entry = (await this.folder()).entries.find(({ name }) => name === module);
				if (entry === undefined) problems.push({ module, message: "its files are gone" });
				return entry && (await this.attempt(() => this.bundler.bundle(entry), problems));
			},
			load: (...given) => this.candidateOf(...given),
			promote: (generation, request) => this.promote(generation, request),
			retire: (generation) => {
				this.history.pass(generation.name, generation.parts.bundle.digest);
				this.retirement.add(generation);
			},
			onWorse: parts.onCanaryWorse,
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
			const { name } = generation;
			const by = this.askedBy.get(generation) ?? "";
			return moduleStatus(generation, by, this.history.of(name), this.canaries.of(name));
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
	 * @param agree - asked before anything switches. @param except - modules that stay as they are.
	 * @throws GatewayError UNAVAILABLE when too many reloads wait; what `agree` throws, and then nothing has changed.
	 */
	reload(request: ReloadRequest, agree?: Agree, except?: ReadonlySet<string>): Promise<ReloadReport> {
		return this.queue.run(async () => {
			const prepared = await this.prepare(await this.folder(), request, except);
			return await this.commit(await this.agreed(prepared, request, agree), request);
		});
	}

	/** Code that is not to be loaded from files that have it: all processes went back from it. */
	pass(digests: ReadonlyMap<string, string>): void {
		for (const [name, digest] of digests) this.history.pass(name, digest);
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
		const own = this.canaries.endOrphans(new Map()).map(({ parts }) => parts.generation);
		const all = [...this.serving.values(), ...this.retirement.all(), ...own];
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
		if (!this.canaries.isEmpty) {
			const canary = this.canaries.beside(generation);
			if (canary !== undefined) return canary.run(caller, (one) => one.run(called, input, caller));
		}
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
		if (current === undefined || called === undefined) return {};
		const canary = this.canaries.isEmpty ? undefined : this.canaries.beside(current);
		// Both have the same hooks.
		if (canary !== undefined) return canary.run(caller, (one) => one.run(called, event, caller));
		return current.run(called, event, caller);
	}

	private async folder(): Promise<FolderContent> {
		const { dir, options, hasFolder = true } = this.parts;
		return hasFolder ? await readModuleFolder(dir, options.maxModules) : { entries: [], unusable: [] };
	}

	private prepare(
		content: FolderContent,
		request: ReloadRequest,
		except: ReadonlySet<string> = NONE,
	): Promise<Prepared> {
		const { definitions = new Map<string, ModuleDefinition>(), settings } = this.parts;
		const { serving, canaries, history } = this;
		const bundle = (entry: ModuleEntry, problems: ModuleProblem[]) =>
			this.attempt(() => this.bundler.bundle(entry), problems);
		const load = (text: ModuleBundle, problems: ModuleProblem[], definition?: ModuleDefinition) =>
			this.candidateOf(text, request, problems, definition);
		return prepareReload(content, { serving, definitions, canaries, history, settings, bundle, load }, except);
	}

	/** What is left of it when others were asked. */
	private async agreed(prepared: Prepared, request: ReloadRequest, agree: Agree | undefined): Promise<Prepared> {
		if (agree === undefined) return prepared;
		const admission = this.admission(prepared.candidates, prepared.removed, request);
		const beside = this.canaries.all().map((canary) => {
			const [serving, own] = [canary.parts.beside, canary.parts.generation].map(({ parts }) => parts.bundle.digest);
			return [canary.name, besideText(serving ?? "", own ?? "")] as const;
		});
		return await agreedPart(prepared, this.serving, admission, agree, new Map(beside));
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
			if (accepted.length > 0 || removed.length > 0) this.switchTo(next, request.origin !== "promote");
			for (const name of removed) {
				this.history.forget(name);
				this.metrics.forget(name);
			}
			const loaded = accepted.map(({ parts: { bundle, number } }) => {
				return { module: bundle.name, generation: number, digest: bundle.digest };
			});
			const report = { loaded, unchanged, removed, problems };
			recordReload(this.outcomes, this.parts.logger, report, request.origin);
			return report;
		} finally {
			release();
		}
	}

	/** A canary serves all from now on. It has been judged. */
	private async promote(generation: ServingGeneration, request: ReloadRequest): Promise<ReloadReport> {
		const prepared = { candidates: [generation], removed: [], unchanged: [], problems: [] };
		return await this.commit(prepared, { ...request, acceptContractChanges: true });
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

	/** @param isOnTrial - what is new is compared with what was before. */
	private switchTo(next: ReadonlyMap<string, ServingGeneration>, isOnTrial: boolean): void {
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
			this.trials.begin(generation, before.get(name), isOnTrial && JUDGED.has(generation.parts.origin));
			generation.serve();
		}
		this.hookTable.serve([...next.values()]);
		for (const { parts } of this.canaries.endOrphans(next)) this.retirement.add(parts.generation);
		for (const [name, generation] of before) {
			if (next.get(name) === generation) continue;
			this.trials.end(generation);
			const { bundle, loadedAtMs, origin } = generation.parts;
			this.history.add({ bundle, servedAtMs: loadedAtMs, origin, by: this.askedBy.get(generation) ?? "" });
			this.retirement.add(generation);
		}
	}
}
