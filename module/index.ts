// What a module of an operator imports as `framegate/module`: how it declares its functions, and what they get. Inside of a gateway these
// are the gateway's own objects; in a test of the operator's own, `dist/module.js` is.
import { sql } from "kysely";
import * as z from "zod";
import type { ModuleConfig, ModuleContext } from "./context.ts";
import type { ModuleFunction } from "./function.ts";
import type { ModuleGame } from "./game.ts";
import type { ModuleHooks } from "./hooks.ts";
import type { MetricKind, ModuleMetric } from "./metric.ts";
import type { ModuleMethod } from "./proto.ts";
import type { ModulePush } from "./push.ts";
import type { ModuleMigration } from "./store.ts";

export type { Kysely } from "kysely";
export * from "./context.ts";
export * from "./function.ts";
export * from "./game.ts";
export * from "./hooks.ts";
export * from "./metric.ts";
export * from "./params.ts";
export * from "./proto.ts";
export * from "./push.ts";
export * from "./store.ts";
export { sql, z };

export interface ModuleOptions {
	/** By name, as they are called: `POST /{module}/{name}`. */
	readonly functions?: Readonly<Record<string, ModuleFunction | ModuleMethod>>;
	/** By name: what it sends by `unicast` and `broadcast`. */
	// biome-ignore lint/suspicious/noExplicitAny: pushes of all bodies.
	readonly pushes?: Readonly<Record<string, ModulePush<any>>>;
	/** By name, as rooms are opened for them: lower-case letters, digits and hyphens. */
	readonly games?: Readonly<Record<string, ModuleGame>>;
	/** What it does at points of the gateway. */
	readonly hooks?: ModuleHooks;
	/** Settings, which the operator gives in `modules.config.NAME`: what does not fit keeps the generation from serving. */
	// biome-ignore lint/suspicious/noExplicitAny: of all schemas.
	readonly config?: ModuleConfig<any>;
	/** By name, as they are exported: lower-case letters, digits and `_`. */
	// biome-ignore lint/suspicious/noExplicitAny: of all labels.
	readonly metrics?: Readonly<Record<string, ModuleMetric<MetricKind, any>>>;
	/** Steps that make the module's tables, by name; those that are new run in the order of their names, once, before `load`. */
	readonly migrations?: Readonly<Record<string, ModuleMigration>>;
	/**
	 * Prepares the generation before it serves: opens, reads, checks itself. What it throws keeps the generation from serving, and the
	 * one before goes on.
	 */
	readonly load?: (context: ModuleContext) => void | Promise<void>;
	/** State for the next generation, copied by `structuredClone`. Called in the turn in which the next one begins to serve. */
	readonly exportState?: () => unknown;
	/** Takes over what the generation before exported. What it throws keeps this one from serving. */
	readonly importState?: (state: unknown) => void;
	/** Called when the last call has ended. */
	readonly dispose?: () => void | Promise<void>;
}

export class ModuleDefinition {
	readonly options: ModuleOptions;

	constructor(options: ModuleOptions) {
		this.options = options;
	}
}

/**
 * Defines a module: the default export of its file.
 *
 * @example
 * export default defineModule({
 *   functions: {
 *     hello: defineFunction({
 *       number: 7001,
 *       input: z.object({ name: z.string().max(64).default("World") }),
 *       output: z.object({ message: z.string() }),
 *       run: ({ name }) => ({ message: `Hello, ${name}!` }),
 *     }),
 *   },
 * });
 */
export function defineModule(options: ModuleOptions): ModuleDefinition {
	return new ModuleDefinition(options);
}

/** Names of the reply codes that a function may answer with: docs/reference/codes.md says what each means. */
export type CallErrorCode =
	| "UNAUTHENTICATED"
	| "PERMISSION_DENIED"
	| "BAD_REQUEST"
	| "VALIDATION_FAILED"
	| "NOT_FOUND"
	| "ALREADY_EXISTS"
	| "CONFLICT"
	| "RATE_LIMITED"
	| "UNAVAILABLE"
	| "TIMEOUT"
	| "PRECONDITION_FAILED"
	| "PAYLOAD_TOO_LARGE"
	| "UPSTREAM_FAILED";

export interface CallErrorOptions {
	/** The input field that is the reason. */
	readonly field?: string;
	/** When a repeat makes sense, in milliseconds. */
	readonly retryAfterMs?: number;
	/** Logged, never sent. */
	readonly cause?: unknown;
}

/** An error reply. Its message is shown to the caller: no secrets, no internals. */
export class CallError extends Error {
	readonly code: CallErrorCode;
	readonly field: string | undefined;
	readonly retryAfterMs: number;

	constructor(code: CallErrorCode, message: string, { field, retryAfterMs = 0, cause }: CallErrorOptions = {}) {
		super(message, cause === undefined ? undefined : { cause });
		this.name = "CallError";
		this.code = code;
		this.field = field;
		this.retryAfterMs = retryAfterMs;
	}
}
