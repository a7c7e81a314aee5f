// Values that a request may well have: within the rules of its fields, and naming things that are there.
import type { FieldPlan } from "./message-plan.ts";
import type { Random } from "./random.ts";

/** What is there to be named, by the name of the field, or by `Message.field` where that says more. The ids differ from run to run, their number does not. */
export type Known = Readonly<Record<string, readonly string[]>>;

/** Words for fields that name nothing, or what the inputs themselves make. */
const WORDS = ["sample-1", "sample-2", "lobby", "relay", "gomoku", "c-1", "c-2", "room"];

export function soundText(random: Random, { name, path, rule }: FieldPlan, known: Known): string {
	const names = known[path] ?? known[name];
	if (names !== undefined && !random.oneIn(8)) return random.pick(names);
	const text = random.pick(WORDS);
	return rule?.minLen !== undefined && rule.minLen > text.length ? text.padEnd(rule.minLen, "x") : text;
}

export function soundNumber(random: Random, { rule }: FieldPlan): number {
	const min = Math.max(rule?.min ?? 0, -1000);
	const max = Math.min(rule?.max ?? min + 100, min + 5000);
	return random.oneIn(3)
		? min + random.below(Math.max(1, Math.floor(max - min) + 1))
		: Math.max(min, 1 + random.below(3));
}

export function soundEnum(random: Random, { rule, enumNumbers }: FieldPlan): number {
	return random.pick(rule?.definedValues ?? enumNumbers) ?? 0;
}

/** Required and expected ones nearly always, the others now and then. */
export function isPresent(random: Random, { rule, isExpected }: FieldPlan): boolean {
	return random.chance(rule?.required || isExpected ? 0.98 : 0.35);
}

/** Which fields of a message to write: one of each oneof. */
export function presentFields(random: Random, fields: readonly FieldPlan[]): readonly FieldPlan[] {
	const chosen = new Map<string, FieldPlan>();
	for (const field of fields) {
		if (field.oneof !== "" && (!chosen.has(field.oneof) || random.oneIn(2))) chosen.set(field.oneof, field);
	}
	return fields.filter((field) => (field.oneof === "" ? isPresent(random, field) : chosen.get(field.oneof) === field));
}
