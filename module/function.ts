// Functions whose messages are JSON, held to schemas of zod.
import type * as z from "zod";
import type { ModuleCall } from "./context.ts";
import type { ObjectSchema } from "./push.ts";

export interface RestPath {
	readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
	/** Below `/api/` or `/{module}/`: `/api/v1/items/{item_id}`, where a variable stands for the input field of its name. */
	readonly path: string;
}

/** What every function has. */
export interface RouteOptions {
	/** Protocol number, 7000 to 7499: clients depend on it. */
	readonly number: number;
	/** For the description of the API. */
	readonly description?: string;
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
}

export interface FunctionOptions<Input extends ObjectSchema, Output extends ObjectSchema> extends RouteOptions {
	/** Fields that it does not declare are refused. */
	readonly input: Input;
	/** Fields that it does not declare are not sent. */
	readonly output: Output;
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
