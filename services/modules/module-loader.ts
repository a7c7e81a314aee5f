// From a bundle to a generation that could serve. The bundle runs as a script: Node keeps what `import()` loads for
// ever, and a script is collected with the last reference to its functions.
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { type Context, createContext, Script } from "node:vm";
import type { Logger } from "../../common/logger.ts";
import * as moduleApi from "../../module/index.ts";
import {
	CallError,
	type ModuleContext,
	ModuleDefinition,
	ModuleFunction,
	type ModulePush,
} from "../../module/index.ts";
import { replyCode } from "../../protocol/codes.ts";
import type { AnyPushContract } from "../../protocol/contract.ts";
import { GatewayError } from "../../protocol/error.ts";
import { Generation } from "./generation.ts";
import { withinTime } from "./hook-time.ts";
import { type LoadedFunction, loadFunction } from "./loaded-function.ts";
import { type LoadedPush, outgoing, pushesOf } from "./loaded-pushes.ts";
import type { ModuleBundle } from "./module-bundler.ts";
import { moduleLogger } from "./module-call.ts";
import { ModuleError, type Place } from "./module-problem.ts";
import { ModuleTimers, type TimerFunctions } from "./module-timers.ts";
import { SourcePositions } from "./source-positions.ts";

/** What modules do through the gateway. */
export interface ModuleServices {
	/** Of these users, those who are online. @throws GatewayError UNAVAILABLE. */
	online(userIds: readonly string[]): Promise<ReadonlySet<string>>;
	/** @throws GatewayError UNAVAILABLE, PAYLOAD_TOO_LARGE. */
	unicast(userId: string, push: AnyPushContract, body: object): Promise<unknown>;
	/** To every user who is online. @returns how many were reached. @throws GatewayError UNAVAILABLE. */
	broadcast(push: AnyPushContract, body: object): Promise<number>;
	/** @throws GatewayError UNAVAILABLE. */
	disconnect(userId: string): Promise<number>;
}

export interface LoaderOptions {
	/** Of modules, absolute. */
	readonly dir: string;
	readonly loadTimeoutMs: number;
	/** Of calls, in milliseconds; it may change. */
	readonly callTimeoutMs: () => number;
	readonly services: ModuleServices;
	readonly logger: Logger;
	/** Unix milliseconds. */
	readonly wall: () => number;
}

interface OwnedParts {
	readonly timers: ModuleTimers;
	readonly signal: AbortSignal;
	readonly pushes: ReadonlyMap<ModulePush, LoadedPush>;
}

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
	 * @param number - of the generation. @param origin - what asked for it.
	 * @returns a generation that does not serve yet.
	 * @throws ModuleError when it throws, takes too long, or is no module.
	 */
	async load(bundle: ModuleBundle, number: number, origin: string): Promise<Generation> {
		const { dir, logger: root, wall, callTimeoutMs } = this.options;
		const logger = root.child({ module: bundle.name, generation: number });
		const positions = new SourcePositions(dir, bundle.map);
		const timers = new ModuleTimers((error) => {
			logger.error({ err: positions.translate(error) }, "the work of a timer of a module failed");
		});
		const abort = new AbortController();
		// The code of the module has the context before its pushes are known.
		const pushes = new Map<ModulePush, LoadedPush>();
		const context = this.contextOf(bundle.name, number, logger, { timers, signal: abort.signal, pushes });
		try {
			const definition = this.definitionOf(this.evaluate(bundle, timers));
			const functions = functionsOf(bundle.name, definition, positions);
			for (const [push, loaded] of pushesOf(bundle.name, definition, positions)) pushes.set(push, loaded);
			await withinTime("load", this.options.loadTimeoutMs, () => definition.options.load?.(context));
			const loadedAtMs = wall();
			const loaded = { bundle, number, loadedAtMs, origin, definition, functions, pushes };
			const disposeTimeoutMs = this.options.loadTimeoutMs;
			return new Generation({ ...loaded, context, abort, timers, positions, logger, callTimeoutMs, disposeTimeoutMs });
		} catch (error) {
			abort.abort();
			timers.end();
			throw this.failure(bundle, positions, error);
		}
	}

	private evaluate({ name, file, text, digest }: ModuleBundle, timers: ModuleTimers): unknown {
		// The head is a line of its own, above the first: positions are those of the bundle.
		const filename = `framegate-module:${name}@${digest}`;
		const script = new Script(`(function (${PARAMETERS}) {\n${text}\n})`, { filename, lineOffset: -1 });
		const compiled = script.runInThisContext() as Compiled;
		const module: { exports: unknown } = { exports: {} };
		const own = createRequire(file);
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

	private contextOf(
		module: string,
		generation: number,
		logger: Logger,
		{ timers, signal, pushes }: OwnedParts,
	): ModuleContext {
		const { services } = this.options;
		return Object.freeze({
			module,
			generation,
			log: moduleLogger(logger),
			signal,
			every: (intervalMs: number, run: () => unknown) => timers.every(intervalMs, run),
			online: (userIds: readonly string[]) => services.online(userIds).catch(rethrow),
			unicast: async (userId: string, push: ModulePush, given: unknown) => {
				const { contract, body } = outgoing(pushes, push, given);
				await services.unicast(userId, contract, body).catch(rethrow);
			},
			broadcast: async (push: ModulePush, given: unknown) => {
				const { contract, body } = outgoing(pushes, push, given);
				return await services.broadcast(contract, body).catch(rethrow);
			},
			disconnect: (userId: string) => services.disconnect(userId).catch(rethrow),
		});
	}

	private failure({ name }: ModuleBundle, positions: SourcePositions, error: unknown): ModuleError {
		if (error instanceof ModuleError) return error;
		if ((error as NodeJS.ErrnoException | null)?.code === "ERR_SCRIPT_EXECUTION_TIMEOUT") {
			const message = `loading took longer than ${this.options.loadTimeoutMs} ms and was ended`;
			return new ModuleError({ module: name, message });
		}
		// Of another realm or not, an error is what has a stack.
		const { message, stack } = (error ?? {}) as { message?: unknown; stack?: unknown };
		const place = typeof stack === "string" ? positions.placeOf(stack) : {};
		return new ModuleError({ module: name, message: typeof message === "string" ? message : String(error), ...place });
	}
}

/** What the gateway gives in place of a package. */
function provided(id: string): unknown {
	if (id === "framegate/module") return moduleApi;
	return id === "zod" ? moduleApi.z : undefined;
}

function functionsOf(
	module: string,
	{ options }: ModuleDefinition,
	positions: SourcePositions,
): ReadonlyMap<string, LoadedFunction> {
	const declared = Object.entries(options.functions ?? {});
	if (declared.length > MAX_FUNCTIONS) throw new Error(`more than ${MAX_FUNCTIONS} functions`);
	const loaded = new Map<string, LoadedFunction>();
	const names = new Map<number, string>();
	for (const [name, entry] of declared) {
		const fail = (message: string, place: Place = {}): never => {
			throw new ModuleError({ module, message, ...place });
		};
		if (!(entry instanceof ModuleFunction)) return fail(`${name}: not what defineFunction returns`);
		const place = positions.placeOf(entry.definedAt);
		try {
			loaded.set(name, loadFunction(module, name, entry));
		} catch (error) {
			fail((error as Error).message, place);
		}
		const other = names.get(entry.options.number);
		if (other !== undefined) fail(`${name}: number ${entry.options.number} belongs to ${other}`, place);
		names.set(entry.options.number, name);
	}
	return loaded;
}

/** Errors of the gateway as modules know them. */
function rethrow(error: unknown): never {
	if (!(error instanceof GatewayError)) throw error;
	const { name } = replyCode(error.code);
	throw new CallError(name as CallError["code"], error.message, { retryAfterMs: error.retryAfterMs, cause: error });
}
