// What the options and fields of parsed .proto files say: read when code is generated, and when a module brings a .proto file of its own.
import protobuf from "protobufjs";
import type { FieldRule, OneofRule } from "./contract.ts";

const PACKAGE = "framegate.v1";

export const fullName = (object: protobuf.ReflectionObject): string => object.fullName.slice(1);
export const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

/** The value of one option, whichever way protobufjs has parsed it; ours also under their full names, as other packages write them. */
export function option<T>(object: protobuf.ReflectionObject, name: string): T | undefined {
	const qualified = name.replace(/^\((?=[a-z_]+\)$)/, `(${PACKAGE}.`);
	for (const parsed of object.parsedOptions ?? []) {
		if (name in parsed) return parsed[name] as T;
		if (qualified in parsed) return parsed[qualified] as T;
	}
	return (object.options?.[name] ?? object.options?.[qualified]) as T | undefined;
}

function shapeOf(field: protobuf.Field): FieldRule["shape"] {
	if (field.resolvedType instanceof protobuf.Type) return "message";
	if (field.resolvedType instanceof protobuf.Enum) return "enum";
	if (field.type === "string" || field.type === "bytes" || field.type === "bool") return field.type;
	return "number";
}

interface RulesOption {
	required?: boolean;
	min_len?: number;
	max_len?: number;
	pattern?: string;
	min?: number;
	max?: number;
	min_items?: number;
	max_items?: number;
	defined_only?: boolean;
	secret?: boolean;
}

/** The rules of a field; undefined where there are none. */
export function fieldRule(field: protobuf.Field): FieldRule | undefined {
	const rules = option<RulesOption>(field, "(rules)");
	const shape = shapeOf(field);
	if (rules === undefined && shape !== "message") return undefined;
	const { min_len, max_len, min_items, max_items, defined_only, ...same } = rules ?? {};
	return {
		property: field.name,
		field: snakeCase(field.name),
		shape,
		cardinality: field.map ? "map" : field.repeated ? "many" : "one",
		...(field.resolvedType ? { typeName: fullName(field.resolvedType) } : {}),
		...same,
		...(min_len === undefined ? {} : { minLen: min_len }),
		...(max_len === undefined ? {} : { maxLen: max_len }),
		...(min_items === undefined ? {} : { minItems: min_items }),
		...(max_items === undefined ? {} : { maxItems: max_items }),
		...(defined_only && field.resolvedType instanceof protobuf.Enum
			? { definedValues: Object.values(field.resolvedType.values) }
			: {}),
	};
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

export function oneofRules(type: protobuf.Type): OneofRule[] {
	return type.oneofsArray
		.filter((oneof) => option<boolean>(oneof, "(oneof_required)"))
		.map((oneof) => ({ field: snakeCase(oneof.name), properties: oneof.fieldsArray.map((field) => field.name) }));
}

/** Decoded messages hold views of the input bytes. */
export function holdsBytes(type: protobuf.Type, seen = new Set<protobuf.Type>()): boolean {
	if (seen.has(type)) return false;
	seen.add(type);
	return type.fieldsArray.some(
		(field) =>
			field.type === "bytes" || (field.resolvedType instanceof protobuf.Type && holdsBytes(field.resolvedType, seen)),
	);
}

/** A message whose size has no bound in its own fields. */
export function holdsList(type: protobuf.Type, seen = new Set<protobuf.Type>()): boolean {
	if (seen.has(type)) return false;
	seen.add(type);
	return type.fieldsArray.some(
		(field) =>
			field.repeated ||
			field.map ||
			(field.resolvedType instanceof protobuf.Type && holdsList(field.resolvedType, seen)),
	);
}
