// The keys of the configuration, read off the schema: where they stand, what they are called in the environment, and
// how a text from there becomes a value.
import * as z from "zod";
import { type FieldMeta, fieldMeta } from "../../common/option-fields.ts";
import { configSchema } from "./schema.ts";

/** A leaf of the schema. */
export interface ConfigKeyInfo {
	/** `limits.maxConnections` */
	readonly key: string;
	readonly path: readonly string[];
	/** `FRAMEGATE_LIMITS_MAX_CONNECTIONS` */
	readonly env: string;
	readonly schema: z.ZodType;
	readonly kind: "string" | "number" | "boolean" | "texts" | "json";
	readonly meta: FieldMeta;
	readonly default: unknown;
}

/** A group of keys, by name. */
export type KeyTree = ReadonlyMap<string, KeyTree | ConfigKeyInfo>;

/** Whether a node of the key tree is a group. */
export function isGroup(node: KeyTree | ConfigKeyInfo): node is KeyTree {
	return node instanceof Map;
}

/** `limits.maxConnections` → `FRAMEGATE_LIMITS_MAX_CONNECTIONS`. */
export function environmentName(path: readonly string[]): string {
	const words = path.map((part) =>
		part
			.replace(/KiB/g, "Kib")
			.replace(/([a-z0-9])([A-Z])/g, "$1_$2")
			.toUpperCase(),
	);
	return `FRAMEGATE_${words.join("_")}`;
}

/** The names that set a key in the environment: its own, then those of other programs. */
export function environmentNames({ env, meta }: ConfigKeyInfo): readonly string[] {
	return [env, ...(meta.aliases ?? []), ...(meta.aliasesInSeconds ?? [])];
}

function unwrap(schema: z.ZodType): z.ZodType {
	let inner = schema;
	while (inner instanceof z.ZodDefault || inner instanceof z.ZodOptional) inner = inner.unwrap() as z.ZodType;
	return inner;
}

function kindOf(schema: z.ZodType): ConfigKeyInfo["kind"] {
	const inner = unwrap(schema);
	if (inner instanceof z.ZodNumber) return "number";
	if (inner instanceof z.ZodBoolean) return "boolean";
	if (inner instanceof z.ZodString || inner instanceof z.ZodEnum) return "string";
	return inner instanceof z.ZodArray && inner.element instanceof z.ZodString ? "texts" : "json";
}

function keyInfo(schema: z.ZodType, path: readonly string[]): ConfigKeyInfo {
	return {
		key: path.join("."),
		path,
		env: environmentName(path),
		schema,
		kind: kindOf(schema),
		meta: fieldMeta(schema),
		default: schema.parse(undefined),
	};
}

function treeOf(object: z.ZodObject, path: readonly string[]): KeyTree {
	const entries = Object.entries(object.shape).map(([name, schema]): [string, KeyTree | ConfigKeyInfo] => {
		const at = [...path, name];
		return [name, schema instanceof z.ZodObject ? treeOf(schema, at) : keyInfo(schema as z.ZodType, at)];
	});
	return new Map(entries);
}

function leavesOf(tree: KeyTree): ConfigKeyInfo[] {
	return [...tree.values()].flatMap((node) => (isGroup(node) ? leavesOf(node) : [node]));
}

export const keyTree: KeyTree = treeOf(configSchema, []);

/** All keys, in the order of the schema. */
export const configKeys: readonly ConfigKeyInfo[] = Object.freeze(leavesOf(keyTree));

const TRUE = new Set(["true", "1", "yes", "on"]);
const FALSE = new Set(["false", "0", "no", "off"]);

/**
 * A text from the environment as the type that the key has. Lists are comma-separated or JSON, structures are JSON.
 *
 * A text that is no such thing is returned as it is, for the schema to refuse.
 */
function parseText(key: ConfigKeyInfo, value: string): unknown {
	switch (key.kind) {
		case "string":
			return value;
		case "number":
			return /^-?\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : value;
		case "boolean": {
			const word = value.trim().toLowerCase();
			if (TRUE.has(word)) return true;
			return FALSE.has(word) ? false : value;
		}
		case "texts":
			if (!value.trim().startsWith("[")) return value.split(",").map((part) => part.trim());
			return parseJson(value);
		case "json":
			return parseJson(value);
		default:
			return key.kind satisfies never;
	}
}

/** The same for a text that stands under one of the key's names, which may count in seconds. */
export function parseNamed(key: ConfigKeyInfo, name: string, text: string): unknown {
	const value = parseText(key, text);
	const isSeconds = key.meta.aliasesInSeconds?.includes(name) ?? false;
	return isSeconds && typeof value === "number" ? Math.round(value * 1000) : value;
}

function parseJson(value: string): unknown {
	try {
		return JSON.parse(value);
	} catch {
		return value;
	}
}
