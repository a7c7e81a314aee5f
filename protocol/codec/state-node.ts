// What is kept of a state that was written: the values that its type declares, as they were written.
import { FORBIDDEN_KEY, MAX_STATE_INTEGER, MAX_STATE_ITEMS, type StateType } from "./state-type.ts";

/** What was written of a map: entries by key, with the numbers that stand for the keys. */
export interface MapNode {
	readonly entries: Map<string, { readonly slot: number; node: unknown }>;
	next: number;
}

type Values = Readonly<Record<string, unknown>>;

/** UTF-8 does not have them. */
const LONE_SURROGATE = /\p{Surrogate}/gu;

/** A value is not of its type. */
export class StateError extends Error {
	readonly path: string;

	constructor(path: string, problem: string) {
		super(`${path === "" ? "the state" : path} ${problem}`);
		this.name = "StateError";
		this.path = path;
	}
}

/** What is kept of a value: what its type declares of it, as it is written. */
export function nodeOf(type: StateType, value: unknown): unknown {
	switch (type.kind) {
		case "boolean":
			return value === true || value === false ? value : fail("must be a boolean");
		case "integer":
			return isInteger(value) ? value + 0 : fail("must be an integer between -2^51 and 2^51");
		case "steps": {
			const steps = typeof value === "number" ? Math.round(value / type.step) + 0 : Number.NaN;
			return isInteger(steps) ? steps : fail(`must be a number of less than 2^51 steps of ${type.step}`);
		}
		case "number":
			return typeof value === "number" && Number.isFinite(value) ? value + 0 : fail("must be a finite number");
		case "string":
			return typeof value === "string" ? value.replace(LONE_SURROGATE, "\ufffd") : fail("must be a string");
		case "choice": {
			const index = type.values.indexOf(value as never);
			return index < 0 ? fail(`must be one of ${JSON.stringify(type.values)}`) : index;
		}
		case "nullable":
			return value === null ? null : nodeOf(type.item, value);
		case "list": {
			if (!Array.isArray(value)) return fail("must be a list");
			limit(value.length);
			return value.map((item, index) => at(`[${index}]`, () => nodeOf(type.item, item)));
		}
		case "map": {
			const node: MapNode = { entries: new Map(), next: 0 };
			for (const [key, item] of entriesOf(value)) {
				node.entries.set(key, { slot: node.next++, node: at(`.${key}`, () => nodeOf(type.item, item)) });
			}
			limit(node.entries.size);
			return node;
		}
		case "object": {
			const values = fieldsOf(value);
			return type.fields.map(({ name, type: inner, isOptional }) => {
				const item = values[name];
				if (item === undefined && isOptional === true) return undefined;
				return at(`.${name}`, () => nodeOf(inner, item));
			});
		}
		default:
			return type satisfies never;
	}
}

/** Whether a value is what was written of it; false when it is none of the type. */
export function isSame(type: StateType, node: unknown, value: unknown): boolean {
	switch (type.kind) {
		case "steps":
			return typeof value === "number" && Math.round(value / type.step) === node;
		case "choice":
			return type.values[node as number] === value;
		case "nullable":
			return node === null || value === null ? node === value : isSame(type.item, node, value);
		case "list": {
			const items = node as readonly unknown[];
			if (!Array.isArray(value) || value.length !== items.length) return false;
			return items.every((item, index) => isSame(type.item, item, value[index]));
		}
		case "map": {
			const { entries } = node as MapNode;
			if (typeof value !== "object" || value === null) return false;
			const keys = Object.keys(value);
			if (keys.length !== entries.size) return false;
			return keys.every((key) => {
				const entry = entries.get(key);
				return entry !== undefined && isSame(type.item, entry.node, (value as Values)[key]);
			});
		}
		case "object": {
			if (typeof value !== "object" || value === null) return false;
			const nodes = node as readonly unknown[];
			return type.fields.every(({ name, type: inner }, index) => {
				const [before, item] = [nodes[index], (value as Values)[name]];
				return before === undefined || item === undefined ? before === item : isSame(inner, before, item);
			});
		}
		default:
			return node === value;
	}
}

export function entriesOf(value: unknown): (readonly [string, unknown])[] {
	const entries = Object.entries(fieldsOf(value)).filter(([, item]) => item !== undefined);
	for (const [key] of entries) {
		if (key === FORBIDDEN_KEY || key.search(LONE_SURROGATE) >= 0)
			fail(`has the key ${JSON.stringify(key)}, which is not allowed`);
	}
	return entries;
}

export function fieldsOf(value: unknown): Values {
	if (typeof value !== "object" || value === null || Array.isArray(value)) return fail("must be an object");
	return value as Values;
}

export function isInteger(value: unknown): value is number {
	return Number.isInteger(value) && Math.abs(value as number) < MAX_STATE_INTEGER;
}

export function limit(count: number): void {
	if (count > MAX_STATE_ITEMS) fail(`has more than ${MAX_STATE_ITEMS} entries`);
}

export function at<Result>(segment: string, work: () => Result): Result {
	try {
		return work();
	} catch (error) {
		throw below(segment, error);
	}
}

export function below(segment: string, error: unknown): unknown {
	if (!(error instanceof StateError)) return error;
	const problem = error.message.slice(error.path === "" ? "the state ".length : error.path.length + 1);
	return new StateError(`${segment}${error.path}`, problem);
}

export function fail(problem: string): never {
	throw new StateError("", problem);
}
