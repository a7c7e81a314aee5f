// What the view of a game consists of, from the JSON Schema of its declaration.
import { type ChoiceValue, FORBIDDEN_KEY, MAX_STATE_DEPTH, type StateType } from "../../protocol/codec/state-type.ts";

type Schema = Readonly<Record<string, unknown>>;

/** Values of one choice. */
const MAX_VALUES = 1000;
const MAX_FIELDS = 500;

/** @throws Error naming what cannot be sent as it is declared. */
export function stateTypeOf(schema: Schema, path = "view", depth = 0): StateType {
	if (depth > MAX_STATE_DEPTH - 1) throw new Error(`${path}: nested more than ${MAX_STATE_DEPTH} deep`);
	if (Array.isArray(schema["type"])) {
		const kinds = schema["type"].map((type: unknown) => ({ ...schema, type }));
		return nullable(kinds, path, depth);
	}
	const { type } = schema;
	const values = schema["enum"] ?? ("const" in schema ? [schema["const"]] : undefined);
	if (Array.isArray(values)) return choice(values, path);
	if (Array.isArray(schema["anyOf"])) return nullable(schema["anyOf"] as readonly Schema[], path, depth);
	switch (type) {
		case "boolean":
		case "string":
			return { kind: type };
		case "integer":
		case "number": {
			const step = schema["multipleOf"];
			if (type === "integer" && (step === undefined || step === 1)) return { kind: "integer" };
			return typeof step === "number" && step > 0 ? { kind: "steps", step } : { kind: "number" };
		}
		case "array": {
			const items = schema["items"];
			if (typeof items !== "object" || items === null || "prefixItems" in schema) {
				throw new Error(`${path}: an array must have items of one kind`);
			}
			return { kind: "list", item: stateTypeOf(items as Schema, `${path}[]`, depth + 1) };
		}
		case "object":
			return object(schema, path, depth);
		default:
			throw new Error(`${path}: ${JSON.stringify(type ?? "this")} cannot be part of a view`);
	}
}

function choice(values: readonly unknown[], path: string): StateType {
	const isPlain = (value: unknown) => value === null || ["string", "number", "boolean"].includes(typeof value);
	if (values.length === 0 || values.length > MAX_VALUES || !values.every(isPlain)) {
		throw new Error(`${path}: must have 1 to ${MAX_VALUES} plain values`);
	}
	return { kind: "choice", values: values as readonly ChoiceValue[] };
}

function nullable(options: readonly Schema[], path: string, depth: number): StateType {
	const others = options.filter(({ type }) => type !== "null");
	const [item] = others;
	if (others.length !== 1 || options.length !== 2 || item === undefined) {
		throw new Error(`${path}: a union cannot be part of a view, but for one with null`);
	}
	return { kind: "nullable", item: stateTypeOf(item, path, depth + 1) };
}

function object(schema: Schema, path: string, depth: number): StateType {
	const rest = schema["additionalProperties"];
	const properties = Object.entries((schema["properties"] ?? {}) as Readonly<Record<string, Schema>>);
	if (typeof rest === "object" && rest !== null && Object.keys(rest).length > 0) {
		if (properties.length > 0) throw new Error(`${path}: an object has fields, or keys of any name, not both`);
		return { kind: "map", item: stateTypeOf(rest as Schema, `${path}.*`, depth + 1) };
	}
	if (properties.length > MAX_FIELDS) throw new Error(`${path}: more than ${MAX_FIELDS} fields`);
	const required = new Set((schema["required"] ?? []) as readonly string[]);
	const fields = properties.map(([name, inner]) => {
		if (name === FORBIDDEN_KEY) throw new Error(`${path}: a field must not be called ${FORBIDDEN_KEY}`);
		const type = stateTypeOf(inner, `${path}.${name}`, depth + 1);
		return required.has(name) ? { name, type } : { name, type, isOptional: true };
	});
	return { kind: "object", fields };
}
