// From a function's declaration to what every surface of the gateway knows of a route: its contract, its HTTP paths, and the schemas
// that its calls are held to.
import * as z from "zod";
import type { ModuleCall, ModuleFunction, ObjectSchema, RestPath } from "../../module/index.ts";
import type { AnyRouteContract, JsonField, JsonForm } from "../../protocol/contract.ts";
import type { HttpBinding } from "../../protocol/http-binding.ts";
import { jsonMessage } from "../../protocol/json-message.ts";
import type { ServedFunction } from "./function-facts.ts";

/** Protocol numbers of modules: requests; pushes are above. */
export const FIRST_NUMBER = 7000;
export const LAST_NUMBER = 7499;
const FUNCTION_NAME = /^[a-z][A-Za-z0-9_]{0,47}$/;
const MAX_COST = 1000;
const METHODS = new Set(["GET", "POST", "PUT", "PATCH", "DELETE"]);
const SEGMENT = /^(?:[A-Za-z0-9._~-]+|\{[A-Za-z_][A-Za-z0-9_]*\})$/;
const MAX_SEGMENTS = 12;

/** Holds a value to what a function declares; a schema of zod does. */
export interface ValueCheck {
	safeParse(value: unknown): CheckedValue;
}

export type CheckedValue =
	| { readonly success: true; readonly data: object }
	| { readonly success: false; readonly error: { readonly issues: readonly ValueIssue[] } };

export interface ValueIssue {
	readonly path: readonly PropertyKey[];
	readonly message: string;
	readonly code?: string | undefined;
	readonly keys?: readonly string[];
}

export interface LoadedFunction extends ServedFunction {
	/** Refuses fields that it does not declare, unless the author says otherwise. */
	readonly input: ValueCheck;
	readonly output: ValueCheck;
	readonly run: (input: never, call: ModuleCall) => unknown;
}

/** @throws Error that says what is wrong with the declaration. */
export function loadFunction(module: string, name: string, declared: ModuleFunction): LoadedFunction {
	const { options, definedAt } = declared;
	checkOptions(name, options);
	const { number, permission = "session", cost = 1, idempotent = false, ordering = "none", timeoutMs, run } = options;
	const input = strict(schemaOf(options.input, `${name}: input`));
	const output = schemaOf(options.output, `${name}: output`);
	const rest = options.rest === undefined ? [] : "path" in options.rest ? [options.rest] : options.rest;
	const request = formOf(input, "input", `${name}: input`, options.description ?? "");
	const contract: AnyRouteContract = {
		number,
		name: `${module}.${name}`,
		request: jsonMessage(`input of ${module}.${name}`, request),
		reply: jsonMessage(`output of ${module}.${name}`, formOf(output, "output", `${name}: output`, "")),
		permission,
		cost,
		ordering,
		hasLargeReply: hasLists(output),
		idempotent,
		hasSideEffects: true,
		needsConnection: false,
		handlesRepeats: false,
		rpcPath: "",
	};
	const bindings = rest.map((path) => bindingOf(module, number, path, request.fields));
	return { name, contract, bindings, input, output, timeoutMs, run, definedAt };
}

function checkOptions(name: string, options: ModuleFunction["options"]): void {
	const { number, cost = 1, permission = "session", timeoutMs, ordering = "none", run } = options;
	checkRoute(name, { number, cost, permission, timeoutMs, run });
	if (ordering !== "none" && ordering !== "connection") throw new Error(`${name}: ordering must be none or connection`);
}

interface RouteFacts {
	readonly number: number;
	readonly cost: number;
	readonly permission: string;
	readonly timeoutMs: number | undefined;
	readonly run: unknown;
}

/** What every kind of function has. @throws Error that says what is wrong. */
export function checkRoute(name: string, { number, cost, permission, timeoutMs, run }: RouteFacts): void {
	if (!FUNCTION_NAME.test(name))
		throw new Error(`${name}: a function's name is a lower-case letter and up to 47 letters, digits or _`);
	if (!Number.isInteger(number) || number < FIRST_NUMBER || number > LAST_NUMBER) {
		throw new Error(`${name}: number must be from ${FIRST_NUMBER} to ${LAST_NUMBER}`);
	}
	if (!Number.isInteger(cost) || cost < 1 || cost > MAX_COST)
		throw new Error(`${name}: cost must be from 1 to ${MAX_COST}`);
	if (!/^[a-z][A-Za-z0-9._:-]{0,63}$/.test(permission)) throw new Error(`${name}: permission is not the name of one`);
	if (timeoutMs !== undefined && !(Number.isInteger(timeoutMs) && timeoutMs > 0)) {
		throw new Error(`${name}: timeoutMs must be a whole number above 0`);
	}
	if (typeof run !== "function") throw new Error(`${name}: run must be a function`);
}

function schemaOf(schema: unknown, what: string): ObjectSchema {
	if (schema instanceof z.ZodObject) return schema as ObjectSchema;
	throw new Error(`${what} must be z.object({ … })`);
}

/** A plain object schema drops what it does not know; a caller who misspells a field is better off with an error. */
function strict(schema: ObjectSchema): ObjectSchema {
	return schema.def.catchall === undefined ? (schema.strict() as ObjectSchema) : schema;
}

type JsonSchema = Readonly<Record<string, unknown>>;

function formOf(schema: ObjectSchema, io: "input" | "output", what: string, description: string): JsonForm {
	let json: JsonSchema;
	try {
		json = z.toJSONSchema(schema, { io, target: "draft-2020-12" }) as JsonSchema;
	} catch (error) {
		throw new Error(`${what} cannot be described as JSON Schema: ${(error as Error).message}`);
	}
	const { $schema: _, ...rest } = json;
	const required = new Set((json["required"] ?? []) as readonly string[]);
	const properties = Object.entries((json["properties"] ?? {}) as Readonly<Record<string, JsonSchema>>);
	const fields = properties.map(([name, property]) => fieldOf(name, property, required.has(name)));
	return { fields, schema: rest, description };
}

function fieldOf(name: string, property: JsonSchema, isRequired: boolean): JsonField {
	const isList = property["type"] === "array";
	const of = isList ? ((property["items"] ?? {}) as JsonSchema) : property;
	const type = typeof of["type"] === "string" ? of["type"] : Array.isArray(of["enum"]) ? "string" : "any";
	return { name, type, isList, isRequired };
}

/** A reply with a list in it may be as long as a page. */
function hasLists(schema: z.ZodType): boolean {
	return JSON.stringify(z.toJSONSchema(schema, { unrepresentable: "any" })).includes('"type":"array"');
}

function bindingOf(module: string, route: number, rest: RestPath, fields: readonly JsonField[]): HttpBinding {
	const { method, path } = rest;
	if (!METHODS.has(method))
		throw new Error(`rest: ${method} ${path}: the method is none of ${[...METHODS].join(", ")}`);
	for (const variable of checkPath(module, rest)) {
		if (!fields.some(({ name }) => name === variable)) {
			throw new Error(`rest: ${method} ${path}: the input has no field ${variable}`);
		}
	}
	return { route, method, path, body: method === "GET" || method === "DELETE" ? "" : "*" };
}

/** @returns the names of variables. @throws Error for a path that a module cannot have. */
export function checkPath(module: string, { method, path }: Pick<HttpBinding, "method" | "path">): readonly string[] {
	const what = `rest: ${method} ${path}`;
	if (!path.startsWith("/api/") && !path.startsWith(`/${module}/`)) {
		throw new Error(`${what}: the path must begin with /api/ or /${module}/`);
	}
	const segments = path.slice(1).split("/");
	if (segments.length > MAX_SEGMENTS) throw new Error(`${what}: more than ${MAX_SEGMENTS} segments`);
	return segments.flatMap((segment) => {
		if (!SEGMENT.test(segment))
			throw new Error(`${what}: ${segment || "an empty segment"} is neither a name nor {a_variable}`);
		const variable = /^\{(.*)\}$/.exec(segment)?.[1];
		return variable === undefined ? [] : [variable];
	});
}
