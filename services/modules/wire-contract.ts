// Whether clients of one generation can call the next one: the same functions and numbers, inputs that take what was sent before, and
// outputs that have what was read before. Limits of values may change, as a refused value names its field.
import type { AnyRouteContract } from "../../protocol/contract.ts";
import type { ServedFunction } from "./function-facts.ts";
import { protoProblems } from "./proto-contract.ts";

type Schema = Readonly<Record<string, unknown>>;
/** Of problems that are named. */
const MAX_PROBLEMS = 10;
const MAX_DEPTH = 16;

/** @returns what would break clients, one sentence each; nothing when the change is compatible. */
export function contractProblems(
	before: ReadonlyMap<string, ServedFunction>,
	after: ReadonlyMap<string, ServedFunction>,
): string[] {
	const problems: string[] = [];
	for (const [name, { contract: old }] of before) {
		const next = after.get(name)?.contract;
		if (next === undefined) problems.push(`${name} (${old.number}) is gone`);
		else if (next.number !== old.number) problems.push(`${name}: number ${old.number} became ${next.number}`);
		if (next !== undefined) compareFields(name, old, next, problems);
	}
	return problems.slice(0, MAX_PROBLEMS);
}

function compareFields(name: string, old: AnyRouteContract, next: AnyRouteContract, problems: string[]): void {
	if (old.request.reflected !== undefined && next.request.reflected !== undefined) {
		problems.push(...protoProblems(name, old, next));
		return;
	}
	if (old.request.reflected !== undefined || next.request.reflected !== undefined) {
		problems.push(`${name}: bodies are of another kind, JSON or Protocol Buffers`);
		return;
	}
	compare(`${name}: input`, schemaOf(old.request), schemaOf(next.request), "input", problems, 0);
	compare(`${name}: output`, schemaOf(old.reply), schemaOf(next.reply), "output", problems, 0);
}

const schemaOf = (type: AnyRouteContract["request"]): Schema => type.json?.schema ?? {};
const propertiesOf = (schema: Schema) => (schema["properties"] ?? {}) as Readonly<Record<string, Schema>>;
const requiredOf = (schema: Schema) => new Set((schema["required"] ?? []) as readonly string[]);

/** What a value is at all, without its limits. */
function kindOf(schema: Schema): string {
	if (Array.isArray(schema["enum"]) || "const" in schema) return "values";
	return JSON.stringify(schema["type"] ?? schema["anyOf"] ?? schema["$ref"] ?? "any");
}

function compare(
	path: string,
	old: Schema,
	next: Schema,
	direction: "input" | "output",
	problems: string[],
	depth: number,
): void {
	if (depth > MAX_DEPTH) return;
	if (kindOf(old) !== kindOf(next)) {
		problems.push(`${path} is of another type`);
		return;
	}
	compareValues(path, old, next, direction, problems);
	const [oldRequired, nextRequired] = [requiredOf(old), requiredOf(next)];
	const [oldProperties, nextProperties] = [propertiesOf(old), propertiesOf(next)];
	for (const [name, property] of Object.entries(oldProperties)) {
		const now = nextProperties[name];
		if (now === undefined) problems.push(`${path}.${name} is gone`);
		else compare(`${path}.${name}`, property, now, direction, problems, depth + 1);
		if (now !== undefined && direction === "output" && oldRequired.has(name) && !nextRequired.has(name)) {
			problems.push(`${path}.${name} may be left out now`);
		}
	}
	if (direction === "input") {
		for (const name of nextRequired) if (!oldRequired.has(name)) problems.push(`${path}.${name} is required now`);
	}
	const [oldItems, nextItems] = [old["items"], next["items"]];
	if (oldItems && nextItems) {
		compare(`${path}[]`, oldItems as Schema, nextItems as Schema, direction, problems, depth + 1);
	}
}

/** An input goes on taking every value, an output has none that clients do not know. */
function compareValues(
	path: string,
	old: Schema,
	next: Schema,
	direction: "input" | "output",
	problems: string[],
): void {
	if (kindOf(old) !== "values") return;
	const [before, after] = [valuesOf(old), valuesOf(next)];
	const [all, some] = direction === "input" ? [after, before] : [before, after];
	const missing = [...some].find((value) => !all.has(value));
	if (missing === undefined) return;
	problems.push(direction === "input" ? `${path} does not take ${missing} any more` : `${path} may be ${missing} now`);
}

function valuesOf(schema: Schema): ReadonlySet<string> {
	const values = (schema["enum"] ?? [schema["const"]]) as readonly unknown[];
	return new Set(values.map((value) => JSON.stringify(value)));
}
