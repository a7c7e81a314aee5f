// Whether clients of one generation can call the next one, where messages are Protocol Buffers: fields are known by their numbers on the wire
// and by their names in JSON, and neither may change its meaning.
import type { Enum, Field, Type } from "protobufjs";
import type { AnyMessageType, AnyRouteContract, FieldRule } from "../../protocol/contract.ts";

type Direction = "input" | "output";
/** Messages within messages. */
const MAX_DEPTH = 32;

/** @returns what would break clients, one sentence each. */
export function protoProblems(name: string, old: AnyRouteContract, next: AnyRouteContract): readonly string[] {
	const problems: string[] = [];
	if (old.rpcPath !== next.rpcPath) problems.push(`${name}: its Connect path ${old.rpcPath} became ${next.rpcPath}`);
	const compare = (direction: Direction, before: AnyMessageType, after: AnyMessageType) => {
		const types = [before.reflected as Type, after.reflected as Type] as const;
		new Comparison(direction, problems).messages(`${name}: ${direction}`, types[0], types[1], [before, after], 0);
	};
	compare("input", old.request, next.request);
	compare("output", old.reply, next.reply);
	return problems;
}

type Rules = readonly [before: AnyMessageType | undefined, after: AnyMessageType | undefined];

class Comparison {
	private readonly direction: Direction;
	private readonly problems: string[];
	private readonly seen = new Set<string>();

	constructor(direction: Direction, problems: string[]) {
		this.direction = direction;
		this.problems = problems;
	}

	messages(path: string, old: Type, next: Type, rules: Rules, depth: number): void {
		const pair = `${old.fullName} ${next.fullName}`;
		if (depth > MAX_DEPTH || this.seen.has(pair)) return;
		this.seen.add(pair);
		for (const field of old.fieldsArray) {
			const now = next.fieldsById[field.id];
			const place = `${path}.${field.protoName}`;
			if (now === undefined) this.problems.push(`${place} (${field.id}) is gone`);
			else this.fields(place, field, now, rules, depth);
		}
		if (this.direction === "output") return;
		for (const field of next.fieldsArray) {
			if (isRequired(rules[1], field) && !isRequired(rules[0], old.fieldsById[field.id])) {
				this.problems.push(`${path}.${field.protoName} is required now`);
			}
		}
	}

	private fields(path: string, old: Field, next: Field, rules: Rules, depth: number): void {
		if (old.protoName !== next.protoName) this.problems.push(`${path} (${old.id}) is called ${next.protoName} now`);
		if (kindOf(old) !== kindOf(next)) {
			this.problems.push(`${path} is of another type`);
			return;
		}
		const [from, to] = [old.resolvedType, next.resolvedType];
		if (isType(from) && isType(to)) {
			const inner: Rules = [ruleOf(rules[0], old)?.type, ruleOf(rules[1], next)?.type];
			this.messages(path, from, to, inner, depth + 1);
		} else if (from !== null && to !== null && !isType(from) && !isType(to)) this.values(path, from, to);
	}

	/** An input goes on taking every value, an output has none that clients do not know. */
	private values(path: string, old: Enum, next: Enum): void {
		const [all, some] = this.direction === "input" ? [next, old] : [old, next];
		const missing = Object.entries(some.values).find(([name, number]) => all.values[name] !== number);
		if (missing === undefined) return;
		this.problems.push(
			this.direction === "input" ? `${path} does not take ${missing[0]} any more` : `${path} may be ${missing[0]} now`,
		);
	}
}

const isType = (type: Type | Enum | null): type is Type => type !== null && "fieldsArray" in type;

/** What is on the wire, and how often. */
function kindOf(field: Field): string {
	const type = field.resolvedType === null ? field.type : isType(field.resolvedType) ? "message" : "enum";
	const key = "keyType" in field ? `map of ${String(field.keyType)}` : "";
	return `${type} ${field.repeated} ${key} ${field.partOf?.name ?? ""}`;
}

function ruleOf(type: AnyMessageType | undefined, field: Field | undefined): FieldRule | undefined {
	return type?.rules.find(({ property }) => property === field?.name);
}

const isRequired = (type: AnyMessageType | undefined, field: Field | undefined): boolean => {
	return ruleOf(type, field)?.required === true;
};
