// What crosses between the gateway and the thread of a module, in both directions.
import type { FunctionFacts } from "../function-facts.ts";
import type { ServedHook } from "../loaded-hook.ts";
import type { ModuleBundle } from "../module-bundler.ts";
import type { DeclaredMetric } from "../module-metrics.ts";
import type { ContextOptions, LoaderServices } from "../module-services.ts";
import type { Caller, RetireLimits } from "../serving-generation.ts";

/** What a thread is started with. */
export interface ThreadData {
	/** Of modules, absolute. */
	readonly dir: string;
	readonly loadTimeoutMs: number;
	readonly access: readonly string[];
	readonly external: readonly string[];
	readonly logLevel: string;
}

export interface HookFacts extends Omit<ServedHook, "called"> {
	readonly called: Pick<ServedHook["called"], "name" | "timeoutMs"> & { readonly routeName: string };
}

/** What the gateway has to know of a module that a thread has loaded. */
export interface LoadedFacts {
	readonly functions: readonly FunctionFacts[];
	readonly pushes: readonly { readonly number: number; readonly name: string; readonly definedAt: string }[];
	readonly hooks: readonly HookFacts[];
	readonly metrics: readonly DeclaredMetric[];
	readonly exportsState: boolean;
	readonly importsState: boolean;
}

export interface LoadRequest {
	readonly bundle: ModuleBundle;
	readonly number: number;
	readonly origin: string;
	readonly contextOptions: ContextOptions;
}

/** What a thread does for the gateway. */
export interface ThreadTarget {
	load(request: LoadRequest): Promise<LoadedFacts>;
	serve(): void;
	/** @param timeoutMs - of the call, when its function does not say less. */
	run(name: string, input: object, caller: Caller, timeoutMs: number): object | Promise<object>;
	exportState(): unknown;
	importState(state: unknown): void;
	/** @returns when the generation is over: its calls, and `dispose`. */
	retire(limits: RetireLimits): Promise<void>;
	abandon(): Promise<void>;
	/** @param logLevel - as it is now: lines below it are not to be sent. */
	ping(logLevel: string): void;
}

export type LogLevel = "debug" | "info" | "warn" | "error" | "fatal";

/** What the gateway does for a thread. */
export interface GatewayTarget {
	readonly services: LoaderServices;
	/** The thread has started, and loads the module from now on. */
	loading(): void;
	log(level: LogLevel, fields: object, message: string): void;
}
