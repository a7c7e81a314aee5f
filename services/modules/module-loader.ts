// From a bundle to a generation that could serve. The bundle runs as a script: Node keeps what `import()` loads for
// ever, and a script is collected with the last reference to its functions.
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { type Context, createContext, Script } from "node:vm";
import type { Logger } from "../../common/logger.ts";
import * as moduleApi from "../../module/index.ts";
import { ModuleDefinition, ModuleFunction, ModuleMethod, type ModuleMetric } from "../../module/index.ts";
import { Generation } from "./generation.ts";
import { withinTime } from "./hook-time.ts";
import { type LoadedFunction, loadFunction } from "./loaded-function.ts";
import { type GameLoaderParts, loadedGames } from "./loaded-games.ts";
import { loadedHooks } from "./loaded-hook.ts";
import { loadMethod, ProtoFiles } from "./loaded-method.ts";
import { pushesOf } from "./loaded-pushes.ts";
import type { LoopWatchdog } from "./loop-watchdog.ts";
import type { ModuleBundle } from "./module-bundler.ts";
import { type Declared, OwnedContext } from "./module-context.ts";
import type { Send } from "./module-fetch.ts";
import { declaredMetrics } from "./module-metrics.ts";
import { ModuleError, type Place, thrownText } from "./module-problem.ts";
import type { ContextOptions, LoaderServices } from "./module-services.ts";
import { checkedSettings, settingsText } from "./module-settings.ts";
import { ModuleTimers, type TimerFunctions } from "./module-timers.ts";
import type { ReloadOrigin } from "./reload-report.ts";
import type { ServedGame } from "./serving-generation.ts";
import { SourcePositions } from "./source-positions.ts";

export interface LoaderOptions {
	/** Of modules, absolute. */
	readonly dir: string;
	readonly loadTimeoutMs: number;
	/** Of calls, in milliseconds; it may change. */
	readonly callTimeoutMs: () => number;
	readonly services: LoaderServices;
	/** Of a module, as it is now. */
	readonly contextOptions: (module: string) => ContextOptions;
	/** In a thread of the module's own: gives of `require` what the module may have. */
	readonly guard?: (require: (id: string) => unknown) => (id: string) => unknown;
	/** In a thread of the module's own: sends what it fetches. */
	readonly send?: Send;
	/** In the gateway's own thread: gets to know what runs. */
	readonly watchdog?: LoopWatchdog;
	readonly logger: Logger;
	/** Unix milliseconds. */
	readonly wall: () => number;
}

/** Origins of code that is gone back to. */
const EARLIER: ReadonlySet<string> = new Set<ReloadOrigin>(["rollback", "automatic", "undo"]);
/** Functions of one module. */
const MAX_FUNCTIONS = 200;
const TIMERS = [
	"setTimeout",
	"setInterval",
	"setImmediate",
	"clearTimeout",
	"clearInterval",
	"clearImmediate",
] as const;
const PARAMETERS = ["exports", "require", "module", "__filename", "__dirname", ...TIMERS].join(", ");

type Compiled = (
	exports: object,
	require: (name: string) => unknown,
	module: { exports: unknown },
	filename: string,
	dirname: string,
	...timers: TimerFunctions[(typeof TIMERS)[number]][]
) => void;

export class ModuleLoader {
	private readonly options: LoaderOptions;
	/** Calls what is put into it, under V8's watchdog; nothing else runs in it. */
	private readonly watched: Context & { work: (() => void) | undefined } = createContext({ work: undefined }) as never;
	private readonly callWork = new Script("work()", { filename: "framegate-module-loader" });

	constructor(options: LoaderOptions) {
		this.options = options;
	}

	/**
	 * Runs a bundle, and its `load` hook.
	 *
	 * @param number - of the generation. @param origin - what asked for it. @param given - of a module that is part of the program.
	 * @returns a generation that does not serve yet.
	 * @throws ModuleError when it throws, takes too long, or is no module.
	 */
	async load(bundle: ModuleBundle, number: number, origin: string, given?: ModuleDefinition): Promise<Generation> {
		const { dir, logger: root, wall, callTimeoutMs } = this.options;
		const logger = root.child({ module: bundle.name, generation: number });
		const positions = new SourcePositions(dir, bundle.map);
		const onError = (error: unknown) => {
			logger.error({ err: positions.translate(error) }, "the work of a timer of a module failed");
		};
		const { watchdog } = this.options;
		const timers = new ModuleTimers(onError, watchdog && watched(watchdog, bundle.name, number));
		const { name: module, map } = bundle;
		const forget = watchdog?.describe({ script: scriptName(bundle), module, generation: number, dir, map });
		const abort = new AbortController();
		const { services, contextOptions } = this.options;
		const options = contextOptions(bundle.name);
		const parts = { module, generation: number, logger, services, options, timers };
		const owned = new OwnedContext({ ...parts, signal: abort.signal, send: this.options.send });
		const { context, declared } = owned;
		const release = () => {
			timers.end();
			owned.end();
			forget?.();
		};
		try {
			const definition = given ?? this.definitionOf(this.evaluate(bundle, timers));
			const functions = await functionsOf(bundle.name, definition, positions);
			const games = gamesOf(
				definition,
				{ logger, positions, watchdog, module, generation: number },
				this.options.guard === undefined,
			);
			const hooks = loadedHooks(bundle.name, (definition.options.hooks ?? {}) as Readonly<Record<string, unknown>>);
			declare(bundle.name, definition, options.settings, declared, EARLIER.has(origin));
			for (const [push, loaded] of pushesOf(bundle.name, definition, positions)) declared.pushes.set(push, loaded);
			const steps = await owned.database.migrate(definition.options.migrations ?? {}, wall());
			if (steps.length > 0) logger.info({ steps }, "the tables of a module were migrated");
			await withinTime("load", this.options.loadTimeoutMs, () => definition.options.load?.(context));
			const loadedAtMs = wall();
			const { pushes } = declared;
			const metrics = [...declared.metrics.values()];
			const loaded = { bundle, number, loadedAtMs, origin, definition, functions, pushes, metrics, hooks, games };
			const disposeTimeoutMs = this.options.loadTimeoutMs;
			const own = { settingsText: settingsText(options.settings), context, abort, timers, release, positions, logger };
			return new Generation({ ...loaded, ...own, watchdog, callTimeoutMs, disposeTimeoutMs });
		} catch (error) {
			abort.abort();
			release();
			throw this.failure(bundle, positions, error);
		}
	}

	private evaluate(bundle: ModuleBundle, timers: ModuleTimers): unknown {
		const { file, text } = bundle;
		// The head is a line of its own, above the first: positions are those of the bundle.
		const filename = scriptName(bundle);
		const script = new Script(`(function (${PARAMETERS}) {\n${text}\n})`, { filename, lineOffset: -1 });
		const compiled = script.runInThisContext() as Compiled;
		const module: { exports: unknown } = { exports: {} };
		const own = this.options.guard?.(createRequire(file)) ?? createRequire(file);
		const require = (id: string): unknown => provided(id) ?? own(id);
		const functions = timers.functions();
		const { watched } = this;
		watched.work = () => {
			compiled(module.exports as object, require, module, file, dirname(file), ...TIMERS.map((one) => functions[one]));
		};
		try {
			this.callWork.runInContext(watched, { timeout: this.options.loadTimeoutMs });
		} finally {
			watched.work = undefined;
		}
		return module.exports;
	}

	private definitionOf(exported: unknown): ModuleDefinition {
		const isObject = typeof exported === "object" && exported !== null;
		const definition = isObject && "default" in exported ? exported.default : exported;
		if (definition instanceof ModuleDefinition) return definition;
		throw new Error('its default export is not what defineModule of "framegate/module" returns');
	}

	private failure({ name }: ModuleBundle, positions: SourcePositions, error: unknown): ModuleError {
		if (error instanceof ModuleError) return error;
		if (isTimeout(error)) {
			const message = `loading took longer than ${this.options.loadTimeoutMs} ms and was ended`;
			return new ModuleError({ module: name, message });
		}
		const { message, stack } = thrownText(error);
		return new ModuleError({ module: name, message, ...positions.placeOf(stack) });
	}
}

/** By which stacks name the code of a bundle. */
function scriptName({ name, digest }: ModuleBundle): string {
	return `framegate-module:${name}@${digest}`;
}

/** Of V8's watchdog. */
function isTimeout(error: unknown): boolean {
	try {
		return (error as NodeJS.ErrnoException | null)?.code === "ERR_SCRIPT_EXECUTION_TIMEOUT";
	} catch {
		return false;
	}
}

/** Runs work so that the watchdog knows of it. */
function watched(watchdog: LoopWatchdog, module: string, generation: number) {
	const index = watchdog.register(module, `timers of ${module}`);
	return (run: () => unknown): unknown => {
		watchdog.enter(index, generation);
		try {
			return run();
		} finally {
			watchdog.leave();
		}
	};
}

/** What the gateway gives in place of a package. */
function provided(id: string): unknown {
	if (id === "framegate/module") return moduleApi;
	return id === "zod" ? moduleApi.z : undefined;
}

async function functionsOf(
	module: string,
	{ options }: ModuleDefinition,
	positions: SourcePositions,
): Promise<ReadonlyMap<string, LoadedFunction>> {
	const declared = Object.entries(options.functions ?? {});
	if (declared.length > MAX_FUNCTIONS) throw new Error(`more than ${MAX_FUNCTIONS} functions`);
	const loaded = new Map<string, LoadedFunction>();
	const names = new Map<number, string>();
	const files = new ProtoFiles(module);
	for (const [name, entry] of declared) {
		const fail = (message: string, place: Place = {}): never => {
			throw new ModuleError({ module, message, ...place });
		};
		if (!(entry instanceof ModuleFunction || entry instanceof ModuleMethod)) {
			return fail(`${name}: not what defineFunction or defineMethod returns`);
		}
		const place = positions.placeOf(entry.definedAt);
		let made: LoadedFunction;
		try {
			made =
				entry instanceof ModuleMethod
					? await loadMethod(module, name, entry, files)
					: loadFunction(module, name, entry);
		} catch (error) {
			if (error instanceof ModuleError) throw error;
			return fail((error as Error).message, place);
		}
		loaded.set(name, made);
		const { number } = made.contract;
		const other = names.get(number);
		if (other !== undefined) fail(`${name}: number ${number} belongs to ${other}`, place);
		names.set(number, name);
	}
	return loaded;
}

/** @throws ModuleError in a thread: rooms run in the gateway's own, tick by tick. */
function gamesOf(definition: ModuleDefinition, parts: GameLoaderParts, isInline: boolean): readonly ServedGame[] {
	const games = loadedGames(definition, parts);
	if (isInline || games.length === 0) return games;
	const message = "games run in the gateway's thread only: take the module out of modules.isolated";
	throw new ModuleError({ module: parts.module, message, ...parts.positions.placeOf(games[0]?.definedAt ?? "") });
}

/** Takes what the definition declares for the context. @param given - settings of the operator. @param isEarlier - as in `checkedSettings`. */
function declare(
	module: string,
	{ options }: ModuleDefinition,
	given: unknown,
	declared: Declared,
	isEarlier: boolean,
): void {
	for (const metric of declaredMetrics(options.metrics ?? {})) {
		declared.metrics.set(options.metrics?.[metric.name] as ModuleMetric, metric);
	}
	if (options.config === undefined) return;
	declared.settings = { config: options.config, value: checkedSettings(module, options.config, given, isEarlier) };
}
