// The context of one generation: what the gateway does for it, as the code of a module has it. All that it owns ends with it.
import type { Logger } from "../../common/logger.ts";
import {
	CallError,
	type ModuleConfig,
	type ModuleContext,
	type ModuleMetric,
	type ModulePush,
} from "../../module/index.ts";
import { replyCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import { gatewayFunctions } from "./gateway-functions.ts";
import { type LoadedPush, outgoing } from "./loaded-pushes.ts";
import { moduleLogger } from "./module-call.ts";
import { moduleFetch, type Send } from "./module-fetch.ts";
import { type DeclaredMetric, moduleMetricsOf } from "./module-metrics.ts";
import type { ContextOptions, LoaderServices } from "./module-services.ts";
import { moduleStore } from "./module-store.ts";
import type { ModuleTimers } from "./module-timers.ts";
import { ModuleDatabase } from "./store/module-database.ts";

export interface ContextParts {
	readonly module: string;
	readonly generation: number;
	readonly logger: Logger;
	readonly services: LoaderServices;
	readonly options: ContextOptions;
	readonly timers: ModuleTimers;
	/** Of the generation. */
	readonly signal: AbortSignal;
	/** Sends what it fetches; by default whatever it is. */
	readonly send?: Send | undefined;
}

/** What a definition declares, by what the module holds of it. It is not known yet when the code of the module begins to run. */
export interface Declared {
	readonly pushes: Map<ModulePush, LoadedPush>;
	readonly metrics: Map<ModuleMetric, DeclaredMetric>;
	settings: { readonly config: ModuleConfig; readonly value: unknown } | undefined;
}

/** The context, and what ends with it. */
export class OwnedContext {
	readonly context: ModuleContext;
	readonly declared: Declared = { pushes: new Map(), metrics: new Map(), settings: undefined };
	readonly database: ModuleDatabase;
	private readonly parts: ContextParts;
	private isOver = false;

	constructor(parts: ContextParts) {
		this.parts = parts;
		const { module, services, options } = parts;
		const guard = <Result>(work: () => Promise<Result>) => this.guarded(work);
		this.database = new ModuleDatabase(module, options.sqlDialect, services.statements, guard);
		this.context = this.make();
	}

	/** The generation has ended, `dispose` included: nothing is done for it any more. */
	end(): void {
		this.isOver = true;
		this.database.end();
	}

	private make(): ModuleContext {
		const { module, generation, logger, services, options, timers, signal, send } = this.parts;
		const { pushes, metrics } = this.declared;
		const store = moduleStore(module, services.values, options.store);
		const fetchBounded = moduleFetch(signal, options.fetch, send);
		const guarded = <Result>(work: () => Promise<Result>) => this.guarded(work);
		return Object.freeze<ModuleContext>({
			module,
			generation,
			log: moduleLogger(logger),
			signal,
			store: Object.freeze<ModuleContext["store"]>({
				get: <Value>(key: string) => guarded(() => store.get<Value>(key)),
				set: (key, value, given) => guarded(() => store.set(key, value, given)),
				delete: (key, given) => guarded(() => store.delete(key, given)),
				keys: (given) => guarded(() => store.keys(given)),
			}),
			metrics: moduleMetricsOf(metrics, (metric, value, labels) => {
				void services.record(module, metric, value, labels).catch(() => {});
			}),
			config: (settings) => this.settingsOf(settings) as never,
			database: () => this.database.kysely() as never,
			fetch: (url, given) => guarded(() => fetchBounded(url, given)),
			every: (intervalMs, run) => timers.every(intervalMs, run),
			...gatewayFunctions(services, (push, body) => outgoing(pushes, push, body), guarded),
		});
	}

	private settingsOf(config: ModuleConfig): unknown {
		const { settings } = this.declared;
		if (settings?.config !== config) throw new Error("config: these settings are not the `config` of the module");
		return settings.value;
	}

	private async guarded<Result>(work: () => Promise<Result>): Promise<Result> {
		const { module } = this.parts;
		if (this.isOver) throw new CallError("UNAVAILABLE", `this generation of module ${module} has ended`);
		try {
			return await work();
		} catch (error) {
			throw asCallError(error);
		}
	}
}

/** Errors of the gateway as modules know them. */
export function asCallError(error: unknown): unknown {
	if (!(error instanceof GatewayError)) return error;
	const { name } = replyCode(error.code);
	const field = error.violations[0]?.field;
	const options = { retryAfterMs: error.retryAfterMs, cause: error, ...(field ? { field } : {}) };
	return new CallError(name as CallError["code"], error.message, options);
}
