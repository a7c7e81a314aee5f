// The field rules of a message, applied to a form's value before it is sent. The gateway checks them again; this is for people.
import type { FieldDescription } from "../../protocol/description.ts";
import { bytesFromBase64 } from "./bytes.ts";
import { isObject, type Json, type JsonObject, messageNamed, textOf } from "./catalog.ts";

/** One broken rule. `limit` is what the rule says: a length, a number, a pattern. */
export interface Violation {
	/** Path in property names: `content.text`, `channels[2]`. */
	readonly path: string;
	readonly rule:
		| "required"
		| "minLen"
		| "maxLen"
		| "pattern"
		| "min"
		| "max"
		| "minItems"
		| "maxItems"
		| "number"
		| "bytes"
		| "oneof";
	readonly limit: string;
}

/** The rules that a value breaks, in the order of its fields. */
export function violationsOf(message: string, value: JsonObject, prefix = ""): Violation[] {
	const { fields, requiredOneofs = [] } = messageNamed(message);
	const broken = fields.flatMap((field) => fieldViolations(field, value[field.name], `${prefix}${field.name}`));
	const missing = requiredOneofs
		.map((group) => fields.filter(({ oneof }) => oneof === group))
		.filter((members) => members.every(({ name }) => value[name] === undefined))
		.map((members) => ({
			path: `${prefix}${members[0]?.name ?? ""}`,
			rule: "oneof" as const,
			limit: members.map(({ protoName }) => protoName).join(", "),
		}));
	return [...broken, ...missing];
}

function fieldViolations(field: FieldDescription, value: Json | undefined, path: string): Violation[] {
	const { rules = {} } = field;
	if (field.cardinality === "one") {
		if (isAbsent(value)) return rules.required ? [{ path, rule: "required", limit: "" }] : [];
		return elementViolations(field, value as Json, path);
	}
	const items = Array.isArray(value) ? [...value.entries()] : isObject(value) ? Object.entries(value) : [];
	const found: Violation[] = [];
	const least = rules.minItems ?? (rules.required ? 1 : 0);
	if (items.length < least) found.push({ path, rule: "minItems", limit: String(least) });
	if (rules.maxItems !== undefined && items.length > rules.maxItems) {
		found.push({ path, rule: "maxItems", limit: String(rules.maxItems) });
	}
	return [...found, ...items.flatMap(([key, item]) => elementViolations(field, item as Json, `${path}[${key}]`))];
}

/** proto3 does not distinguish an unset scalar from a zero one. */
const isAbsent = (value: Json | undefined): boolean =>
	value === undefined || value === null || value === "" || value === 0 || value === "0" || value === false;

function elementViolations(field: FieldDescription, value: Json, path: string): Violation[] {
	switch (field.type) {
		case "message":
			return isObject(value) ? violationsOf(field.of ?? "", value, `${path}.`) : [];
		case "string":
			return textViolations(field, textOf(value), path);
		case "bytes": {
			const bytes = bytesFromBase64(textOf(value));
			return bytes === undefined ? [{ path, rule: "bytes", limit: "" }] : lengthViolations(field, bytes.length, path);
		}
		case "bool":
		case "enum":
			return [];
		default:
			return numberViolations(field, value, path);
	}
}

function textViolations(field: FieldDescription, text: string, path: string): Violation[] {
	const found = lengthViolations(field, [...text].length, path);
	const pattern = field.rules?.pattern;
	if (found.length === 0 && pattern !== undefined && !new RegExp(`^(?:${pattern})$`, "u").test(text)) {
		found.push({ path, rule: "pattern", limit: pattern });
	}
	return found;
}

function lengthViolations({ rules = {} }: FieldDescription, length: number, path: string): Violation[] {
	const { minLen = 0, maxLen } = rules;
	if (length < minLen) return [{ path, rule: "minLen", limit: String(minLen) }];
	return maxLen !== undefined && length > maxLen ? [{ path, rule: "maxLen", limit: String(maxLen) }] : [];
}

function numberViolations({ rules = {}, type }: FieldDescription, value: Json, path: string): Violation[] {
	const number = Number(value);
	const isWhole = type === "double" || /^-?\d+$/.test(textOf(value));
	const isUnsigned = type === "uint32" || type === "uint64";
	if (Number.isNaN(number) || !isWhole || textOf(value).trim() === "") return [{ path, rule: "number", limit: "" }];
	const min = rules.min ?? (isUnsigned ? 0 : undefined);
	if (min !== undefined && number < min) return [{ path, rule: "min", limit: String(min) }];
	return rules.max !== undefined && number > rules.max ? [{ path, rule: "max", limit: String(rules.max) }] : [];
}
