// Field rules at work: compiles the rules of a message type into one function, once, when the route table is built.
// A type without rules compiles to undefined and costs nothing per message.
import type { AnyMessageType, FieldRule, OneofRule } from "./contract.ts";
import type { Violation } from "./error.ts";
import { messageTypes } from "./gen/schema.ts";

/** Appends what is wrong with `message` to `violations`; `path` is "" or ends with a dot. */
type Check = (message: Record<string, unknown>, path: string, violations: Violation[]) => void;

/** Looks a decoded message over; gives the violations, or undefined when there are none. */
export type Validator = (message: object) => Violation[] | undefined;

/** Enough to correct a form by; a message with a thousand bad elements is not worth a thousand lines. */
const MAX_VIOLATIONS = 20;

/**
 * Compiles the rules of a type and of every type inside it.
 *
 * @returns undefined when no rule applies.
 */
export function compileValidator(type: AnyMessageType): Validator | undefined {
	const check = compileMessage(type, new Map());
	if (check === undefined) return undefined;
	return function validate(message) {
		const violations: Violation[] = [];
		check(message as Record<string, unknown>, "", violations);
		return violations.length === 0 ? undefined : violations.slice(0, MAX_VIOLATIONS);
	};
}

function compileMessage(type: AnyMessageType, seen: Map<AnyMessageType, Check>): Check | undefined {
	const known = seen.get(type);
	if (known) return known;
	let checks: Check[] = [];
	const run: Check = (message, path, violations) => {
		for (const check of checks) check(message, path, violations);
	};
	seen.set(type, run);
	checks = [
		...type.rules.map((rule) => compileField(rule, seen)).filter((check) => check !== undefined),
		...type.oneofs.map(compileOneof),
	];
	return checks.length === 0 ? undefined : run;
}

function compileOneof(rule: OneofRule): Check {
	const members = rule.properties
		.map((name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`))
		.join(", ");
	return (message, path, violations) => {
		const set = rule.properties.some((property) => message[property] !== undefined && message[property] !== null);
		if (!set) violations.push({ field: path + rule.field, description: `must have one of ${members}` });
	};
}

function compileField(rule: FieldRule, seen: Map<AnyMessageType, Check>): Check | undefined {
	const element = compileElement(rule, seen);
	if (rule.cardinality === "one") return singular(rule, element);
	const count = compileCount(rule);
	if (element === undefined && count === undefined) return undefined;
	return (message, path, violations) => {
		const value = message[rule.property];
		const isList = Array.isArray(value);
		const keys = isList || value === undefined || value === null ? [] : Object.keys(value);
		const length = isList ? value.length : keys.length;
		const problem = count?.(length);
		if (problem !== undefined) violations.push({ field: path + rule.field, description: problem });
		if (element === undefined) return;
		// What is beyond the size is refused already, and may be tens of thousands.
		const end = Math.min(length, rule.maxItems ?? length);
		for (let index = 0; index < end && violations.length < MAX_VIOLATIONS; index++) {
			const key = isList ? index : (keys[index] as string);
			const item = (value as Readonly<Record<string | number, unknown>>)[key];
			element(item, `${path}${rule.field}[${key}]`, violations);
		}
	};
}

function compileCount(rule: FieldRule): ((count: number) => string | undefined) | undefined {
	const min = rule.minItems ?? (rule.required ? 1 : 0);
	const max = rule.maxItems;
	if (min === 0 && max === undefined) return undefined;
	return (count) => {
		if (count < min) return `must have at least ${counted(min, "item")}`;
		if (max !== undefined && count > max) return `must have at most ${counted(max, "item")}`;
		return undefined;
	};
}

type ElementCheck = (value: unknown, field: string, violations: Violation[]) => void;

function singular(rule: FieldRule, element: ElementCheck | undefined): Check | undefined {
	if (element === undefined && !rule.required) return undefined;
	return (message, path, violations) => {
		const value = message[rule.property];
		if (isAbsent(value)) {
			if (rule.required) violations.push({ field: path + rule.field, description: "is required" });
			return;
		}
		element?.(value, path + rule.field, violations);
	};
}

/** proto3 does not distinguish an unset scalar from a zero one. */
function isAbsent(value: unknown): boolean {
	if (value === undefined || value === null || value === "" || value === 0 || value === false || value === 0n)
		return true;
	return value instanceof Uint8Array && value.length === 0;
}

function compileElement(rule: FieldRule, seen: Map<AnyMessageType, Check>): ElementCheck | undefined {
	switch (rule.shape) {
		case "message": {
			const type = rule.type ?? messageTypes.get(rule.typeName ?? "");
			const check = type && compileMessage(type, seen);
			return check && ((value, field, violations) => check(value as Record<string, unknown>, `${field}.`, violations));
		}
		case "string":
			return compileString(rule);
		case "bytes":
			return compileLength(rule, (value) => (value as Uint8Array).length, "byte");
		case "number":
			return compileNumber(rule);
		case "enum":
			return compileEnum(rule);
		case "bool":
			return undefined;
		default:
			return rule.shape satisfies never;
	}
}

function compileString(rule: FieldRule): ElementCheck | undefined {
	const length = compileLength(rule, (value) => codePoints(value as string), "character");
	if (rule.pattern === undefined) return length;
	const pattern = new RegExp(`^(?:${rule.pattern})$`, "u");
	return (value, field, violations) => {
		const before = violations.length;
		length?.(value, field, violations);
		if (violations.length === before && !pattern.test(value as string)) {
			violations.push({ field, description: `must match ${rule.pattern}` });
		}
	};
}

function codePoints(text: string): number {
	let count = 0;
	for (const _ of text) count++;
	return count;
}

const counted = (count: number, unit: string): string => `${count} ${unit}${count === 1 ? "" : "s"}`;

function compileLength(rule: FieldRule, measure: (value: unknown) => number, unit: string): ElementCheck | undefined {
	const { minLen = 0, maxLen } = rule;
	if (minLen === 0 && maxLen === undefined) return undefined;
	return (value, field, violations) => {
		const length = measure(value);
		if (length < minLen) violations.push({ field, description: `must be at least ${counted(minLen, unit)}` });
		if (maxLen !== undefined && length > maxLen) {
			violations.push({ field, description: `must be at most ${counted(maxLen, unit)}` });
		}
	};
}

function compileNumber(rule: FieldRule): ElementCheck | undefined {
	const { min, max } = rule;
	if (min === undefined && max === undefined) return undefined;
	return (value, field, violations) => {
		const number = value as number;
		if (min !== undefined && !(number >= min)) violations.push({ field, description: `must be at least ${min}` });
		if (max !== undefined && !(number <= max)) violations.push({ field, description: `must be at most ${max}` });
	};
}

function compileEnum(rule: FieldRule): ElementCheck | undefined {
	if (rule.definedValues === undefined) return undefined;
	const defined = new Set(rule.definedValues);
	return (value, field, violations) => {
		if (!defined.has(value as number)) violations.push({ field, description: "is not a defined value" });
	};
}
