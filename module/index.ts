// What a module of an operator imports as `framegate/module`: how it declares its functions, and what they get. Inside of a gateway these
// are the gateway's own objects; in a test of the operator's own, `dist/module.js` is.
import { sql } from "kysely";
import * as z from "zod";
import type { ModuleCall, ModuleConfig, ModuleContext } from "./context.ts";
import type { ModuleGame } from "./game.ts";
import type { ModuleHooks } from "./hooks.ts";
import type { MetricKind, ModuleMetric } from "./metric.ts";
import type { ModuleMethod } from "./proto.ts";
import type { ModulePush, ObjectSchema } from "./push.ts";
import type { ModuleMigration } from "./store.ts";

export type { Kysely } from "kysely";
export * from "./context.ts";
export * from "./game.ts";
export * from "./hooks.ts";
export * from "./metric.ts";
export * from "./proto.ts";
export * from "./push.ts";
export * from "./store.ts";
export { sql, z };

export interface RestPath {
	readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
	/** Below `/api/` or `/{module}/`: `/api/v1/items/{item_id}`, where a variable stands for the input field of its name. */
	readonly path: string;
}

export interface FunctionOptions<Input extends ObjectSchema, Output extends ObjectSchema> {
	/** Protocol number, 7000 to 7499: clients depend on it. */
	readonly number: number;
	/** For the description of the API. */
	readonly description?: string;
	/** Fields that it does not declare are refused. */
	readonly input: Input;
	/** Fields that it does not declare are not sent. */
	readonly output: Output;
	/** `public`, `session` (any user who is logged in; the default), `authenticated` (those, and API keys), or a permission. */
	readonly permission?: string;
	/** Tokens that a call takes from each rate limit; 1 by default. */
	readonly cost?: number;
	/** At most `limits.requestTimeoutMs`, which is the default. */
	readonly timeoutMs?: number;
	/** A repeat has no further effect, so that clients may retry blindly. False by default. */
	readonly idempotent?: boolean;
	/** `connection`: calls of one connection run one after another. `none` by default. */
	readonly ordering?: "none" | "connection";
	readonly rest?: RestPath | readonly RestPath[];
	/** Answers a call. What it throws is the error reply: a CallError as it is, anything else as INTERNAL, and logged. */
	readonly run: (input: z.output<Input>, call: ModuleCall) => z.input<Output> | Promise<z.input<Output>>;
}

/** A function, as a module lists it. */
export class ModuleFunction {
	readonly options: FunctionOptions<ObjectSchema, ObjectSchema>;
	/** A stack whose second frame is where it was defined, for reports of errors. */
	readonly definedAt: string;

	constructor(options: FunctionOptions<ObjectSchema, ObjectSchema>, definedAt: string) {
		this.options = options;
		this.definedAt = definedAt;
	}
}

/** Defines a function; the types of `run` come from its schemas. */
export function defineFunction<Input extends ObjectSchema, Output extends ObjectSchema>(
	options: FunctionOptions<Input, Output>,
): ModuleFunction {
	// Of the schemas, `run` has been checked against both.
	const erased = options as unknown as FunctionOptions<ObjectSchema, ObjectSchema>;
	return new ModuleFunction(erased, new Error("defined").stack ?? "");
}

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
