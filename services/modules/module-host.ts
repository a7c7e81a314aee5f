// All modules of the process: loads what has changed, decides what may serve, switches all of it in one turn, and lets the old ones
// end.
import type { Hooks } from "../../common/hooks.ts";
import type { Logger } from "../../common/logger.ts";
import type { ModuleDefinition } from "../../module/index.ts";
import { unavailable } from "../../protocol/error.ts";
import { BundleHistory, type KeptBundle } from "./bundle-history.ts";
import { claimProblem, type ReservedNames } from "./claims.ts";
import type { Caller, Generation } from "./generation.ts";
import { GenerationCensus } from "./generation-census.ts";
import { handOver } from "./hand-over.ts";
import { HookTable } from "./hook-table.ts";
import type { LoadedFunction } from "./loaded-function.ts";
import type { LoadedHook } from "./loaded-hook.ts";
import { type ModuleBundle, ModuleBundler, programBundle } from "./module-bundler.ts";
import { type FolderContent, readModuleFolder } from "./module-folder.ts";
import { ModuleLoader } from "./module-loader.ts";
import { ModuleMetricRegistry } from "./module-metrics.ts";
import { ModuleError, type ModuleProblem, problemText } from "./module-problem.ts";
import type { ModuleServices } from "./module-services.ts";
import { settingsText } from "./module-settings.ts";
import type { ModulesOptions } from "./options.ts";
import type { SqlDialect } from "./statement-runner.ts";
import { contractProblems } from "./wire-contract.ts";

export type { ModuleDefinition };

export interface ModuleHostParts {
	readonly options: ModulesOptions;
	/** Of modules, absolute. */
	readonly dir: string;
	readonly services: ModuleServices;
	/** `modules.config` as it is now: settings by module. */
	readonly settings: () => Readonly<Record<string, unknown>>;
	/** Of the database of modules. */
	readonly sqlDialect: SqlDialect;
	/** Longest time of a call, in milliseconds; it may change. */
	readonly callTimeoutMs: () => number;
	readonly logger: Logger;
	/** Unix milliseconds. */
	readonly wall: () => number;
	/** What the gateway serves itself. */
	readonly reserved: () => ReservedNames;
	/** Where hooks of modules are put. */
	readonly hooks: Hooks;
	/** Modules that the program brings itself, by name; they are loaded once. */
	readonly definitions?: ReadonlyMap<string, ModuleDefinition>;
	/** Whether there is a folder of modules; there is unless this says otherwise. */
	readonly hasFolder?: boolean;
	/** Makes these generations the ones that serve, in this turn. @throws Error when it cannot; then nothing has changed. */
	readonly publish: (serving: readonly Generation[]) => void;
}

/** What asks for a reload: it is kept with each bundle, and logged. */
export type ReloadOrigin = "start" | "watch" | "request" | "signal" | "rollback";

export interface ReloadRequest {
	readonly origin: ReloadOrigin;
	/** Serve also what clients in the field cannot call as before. */
	readonly acceptContractChanges?: boolean;
}

export interface ReloadReport {
	readonly loaded: readonly { readonly module: string; readonly generation: number; readonly digest: string }[];
	readonly unchanged: readonly string[];
	readonly removed: readonly string[];
	/** What kept a module from being served; the generation before it goes on. */
	readonly problems: readonly ModuleProblem[];
}

export interface ModuleStatus {
	readonly name: string;
	readonly generation: number;
	readonly digest: string;
	/** Unix milliseconds. */
	readonly loadedAtMs: number;
	readonly origin: string;
	readonly functions: readonly string[];
	/** Earlier bundles, the latest first. */
	readonly kept: readonly (Pick<KeptBundle, "servedAtMs" | "origin"> & { readonly digest: string })[];
}

/** Replaced generations whose calls still run, of all modules; beyond it the oldest are ended at once. */
const MAX_RETIRING = 64;
/** Between the abort signal of a replaced generation and the errors of its calls. */
const GRACE_MS = 1000;
/** Reloads that wait for the one in progress. */
const MAX_WAITING = 16;

export class ModuleHost {
	readonly census = new GenerationCensus();
	/** What modules count. */
	readonly metrics = new ModuleMetricRegistry();
	/** Reloads by what became of a module. */
	readonly outcomes = { loaded: 0, refused: 0, removed: 0 };
	private readonly parts: ModuleHostParts;
	private readonly bundler: ModuleBundler;
	private readonly loader: ModuleLoader;
	private readonly history: BundleHistory;
	readonly hookTable: HookTable;
	private serving: ReadonlyMap<string, Generation> = new Map();
	private readonly retiring = new Set<Generation>();
	private readonly numbers = new Map<string, number>();
	private tail: Promise<unknown> = Promise.resolve();
	private waiting = 0;
	private isClosed = false;

	constructor(parts: ModuleHostParts) {
		this.parts = parts;
		const { dir, options, services, settings, sqlDialect, callTimeoutMs, logger, wall } = parts;
		this.bundler = new ModuleBundler({ ...options, dir });
		this.loader = new ModuleLoader({
			dir,
			loadTimeoutMs: options.loadTimeoutMs,
			callTimeoutMs,
			services: {
				...services,
				record: async (module, metric, value, labels) => this.metrics.record(module, metric, value, labels),
			},
			contextOptions: (module) => {
				return { store: options.store, fetch: options.fetch, sqlDialect, settings: settings()[module] };
			},
			logger,
			wall,
		});
		this.history = new BundleHistory(options.keptBundles);
		this.hookTable = new HookTable({ hooks: parts.hooks, run: (...hook) => this.runHook(...hook), logger });
	}

	get generations(): readonly Generation[] {
		return [...this.serving.values()];
	}

	/** Files that the serving modules were made of. */
	get inputs(): ReadonlySet<string> {
		return new Set(this.generations.flatMap(({ parts }) => parts.bundle.inputs));
	}

	status(): readonly ModuleStatus[] {
		return this.generations.map(({ parts: { bundle, number, loadedAtMs, origin, functions } }) => ({
			name: bundle.name,
			generation: number,
			digest: bundle.digest,
			loadedAtMs,
			origin,
			functions: [...functions.values()].map(({ contract }) => `${contract.name} (${contract.number})`),
			kept: this.history.of(bundle.name).map(({ bundle: { digest }, servedAtMs, origin: from }) => {
				return { digest, servedAtMs, origin: from };
			}),
		}));
	}

	/**
	 * Runs a function of a generation, or of the one that serves when that one has ended: a call that waited for something before it
	 * began has not begun on it.
	 */
	run(generation: Generation, called: LoadedFunction, input: object, caller: Caller): object | Promise<object> {
		if (!generation.isEnded) return generation.run(called, input, caller);
		const current = this.serving.get(generation.name);
		const again = current?.parts.functions.get(called.name);
		if (current === undefined || again === undefined) throw unavailable(`module ${generation.name}`, 0);
		return current.run(again, input, caller);
	}

	/** Runs a hook, of the generation that serves when the one to which it belongs ended while others ran; of none when that has none. */
	private runHook(generation: Generation, hook: LoadedHook, event: object, caller: Caller): object | Promise<object> {
		const current = generation.isEnded ? this.serving.get(generation.name) : generation;
		const called = current?.parts.hooks.find(({ point }) => point === hook.point)?.called;
		return current === undefined || called === undefined ? {} : current.run(called, event, caller);
	}

	/**
	 * Loads every module whose code has changed, and ends those that are gone. One that cannot be served keeps none of the others.
	 *
	 * @throws GatewayError UNAVAILABLE when too many reloads wait.
	 */
	reload(request: ReloadRequest): Promise<ReloadReport> {
		return this.inTurn(async () => {
			const { dir, options, hasFolder = true } = this.parts;
			const content = hasFolder ? await readModuleFolder(dir, options.maxModules) : { entries: [], unusable: [] };
			return await this.replaceWith(content, request);
		});
	}

	/**
	 * Loads an earlier bundle of a module again. What it replaces is not loaded again until its files change.
	 *
	 * @param digest - of the bundle, or the beginning of it; "" for the one before.
	 */
	rollback(name: string, digest: string): Promise<ReloadReport> {
		return this.inTurn(async () => {
			const current = this.serving.get(name)?.parts.bundle;
			const kept = this.history.find(name, digest, current?.digest);
			if (kept === undefined) {
				const message = `no earlier bundle is kept${digest === "" ? "" : ` whose digest begins with ${digest}`}`;
				return this.logged(
					{ loaded: [], unchanged: [], removed: [], problems: [{ module: name, message }] },
					"rollback",
				);
			}
			const request: ReloadRequest = { origin: "rollback", acceptContractChanges: true };
			const problems: ModuleProblem[] = [];
			const candidate = await this.candidateOf(kept.bundle, "rollback", problems);
			const report = this.commit(candidate === undefined ? [] : [candidate], [], [], problems, request);
			if (report.loaded.length > 0 && current !== undefined) this.history.pass(name, current.digest);
			return report;
		});
	}

	/** Ends every generation, and waits for their `dispose`. */
	async close(): Promise<void> {
		this.isClosed = true;
		await this.tail;
		const all = [...this.serving.values(), ...this.retiring];
		this.serving = new Map();
		this.hookTable.serve([]);
		await Promise.all(all.map((generation) => generation.abandon()));
		await this.bundler.rest();
	}

	private inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
		if (this.waiting >= MAX_WAITING || this.isClosed) return Promise.reject(reloadUnavailable());
		this.waiting++;
		const attempt = () => (this.isClosed ? Promise.reject(reloadUnavailable()) : work());
		const run = this.tail.then(attempt).finally(() => this.waiting--);
		this.tail = run.catch(() => {});
		return run;
	}

	private async replaceWith({ entries, unusable }: FolderContent, request: ReloadRequest): Promise<ReloadReport> {
		const problems: ModuleProblem[] = unusable.map((text) => ({ module: text.split(":", 1)[0] ?? "", message: text }));
		const definitions = this.parts.definitions ?? new Map<string, ModuleDefinition>();
		const names = new Set([...entries.map(({ name }) => name), ...definitions.keys()]);
		const removed = [...this.serving.keys()].filter((name) => !names.has(name));
		const unchanged: string[] = [];
		const candidates: Generation[] = [];
		for (const [name, definition] of definitions) {
			const bundle = programBundle(name);
			if (this.isAsServed(bundle)) unchanged.push(name);
			else {
				const candidate = await this.candidateOf(bundle, request.origin, problems, definition);
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
				const candidate = await this.candidateOf(bundle, request.origin, problems);
				if (candidate !== undefined) candidates.push(candidate);
			}
		}
		return this.commit(candidates, removed, unchanged, problems, request);
	}

	/** The same code with the same settings. */
	private isAsServed({ name, digest }: ModuleBundle): boolean {
		const served = this.serving.get(name)?.parts;
		return served?.bundle.digest === digest && served.settingsText === settingsText(this.parts.settings()[name]);
	}

	private async candidateOf(
		bundle: ModuleBundle,
		origin: string,
		problems: ModuleProblem[],
		definition?: ModuleDefinition,
	): Promise<Generation | undefined> {
		const number = (this.numbers.get(bundle.name) ?? 0) + 1;
		const generation = await this.attempt(() => this.loader.load(bundle, number, origin, definition), problems);
		if (generation === undefined) return undefined;
		this.numbers.set(bundle.name, number);
		this.census.add(generation);
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

	/** The switch: nothing in it waits, so that no call falls between two states. */
	private commit(
		candidates: readonly Generation[],
		removed: readonly string[],
		unchanged: readonly string[],
		problems: ModuleProblem[],
		request: ReloadRequest,
	): ReloadReport {
		const before = this.serving;
		const next = new Map(before);
		for (const name of removed) next.delete(name);
		const accepted = candidates.filter((candidate) => {
			const problem =
				this.admissionProblem(candidate, next, request) ?? handOver(before.get(candidate.name), candidate);
			if (problem === undefined) next.set(candidate.name, candidate);
			else problems.push(problem);
			return problem === undefined;
		});
		for (const candidate of candidates) if (!accepted.includes(candidate)) void candidate.abandon();
		if (accepted.length > 0 || removed.length > 0) this.switchTo(next);
		for (const name of removed) {
			this.history.forget(name);
			this.metrics.forget(name);
		}
		return this.logged(
			{
				loaded: accepted.map(({ parts: { bundle, number } }) => {
					return { module: bundle.name, generation: number, digest: bundle.digest };
				}),
				unchanged,
				removed,
				problems,
			},
			request.origin,
		);
	}

	private switchTo(next: ReadonlyMap<string, Generation>): void {
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
			generation.serve();
		}
		this.hookTable.serve([...next.values()]);
		for (const [name, generation] of before) {
			if (next.get(name) === generation) continue;
			const { bundle, loadedAtMs, origin } = generation.parts;
			this.history.add({ bundle, servedAtMs: loadedAtMs, origin });
			this.retire(generation);
		}
	}

	private retire(generation: Generation): void {
		const [oldest] = this.retiring;
		if (this.retiring.size >= MAX_RETIRING && oldest !== undefined) void oldest.abandon();
		this.retiring.add(generation);
		const limits = { timeoutMs: this.parts.options.retireTimeoutMs, graceMs: GRACE_MS };
		void generation.retire(limits).then(() => this.retiring.delete(generation));
	}

	private admissionProblem(
		candidate: Generation,
		next: ReadonlyMap<string, Generation>,
		{ acceptContractChanges = false }: ReloadRequest,
	): ModuleProblem | undefined {
		const { functions, positions, logger } = candidate.parts;
		const claim = claimProblem(candidate, next, this.parts.reserved());
		if (claim !== undefined) return claim;
		const before = next.get(candidate.name)?.parts.functions;
		const broken = before === undefined ? [] : contractProblems(before, functions);
		if (broken.length === 0) return undefined;
		const message = `clients in the field could not call it as before: ${broken.join("; ")}`;
		if (acceptContractChanges || this.parts.options.contractChanges === "report") {
			logger.warn({ changes: broken }, "a module is served with an incompatible contract");
			return undefined;
		}
		const [first] = functions.values();
		return { module: candidate.name, message, ...(first && positions.placeOf(first.definedAt)) };
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

const reloadUnavailable = () => unavailable("the reload of modules", 1000);
