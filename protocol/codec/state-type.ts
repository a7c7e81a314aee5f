// What the state of a game consists of: a description that is data, by which the gateway writes states and differences, and clients
// read them. It goes to clients with every whole state.

/** Values that a choice is one of. */
export type ChoiceValue = string | number | boolean | null;

export type StateType =
	| { readonly kind: "boolean" | "integer" | "number" | "string" }
	/** A number to a declared precision: a multiple of `step`. */
	| { readonly kind: "steps"; readonly step: number }
	| { readonly kind: "choice"; readonly values: readonly ChoiceValue[] }
	| { readonly kind: "object"; readonly fields: readonly StateField[] }
	/** Values by key, such as players by user id. */
	| { readonly kind: "map" | "list" | "nullable"; readonly item: StateType };

export interface StateField {
	readonly name: string;
	readonly type: StateType;
	readonly isOptional?: boolean;
}

/** Nesting of a state. */
export const MAX_STATE_DEPTH = 16;
/** Entries of one list or map. */
export const MAX_STATE_ITEMS = 65_536;
/** Integers between this and its negative: the difference of two is exact as well. */
export const MAX_STATE_INTEGER = 2 ** 51;
/** Objects of JavaScript take this key for something else. */
export const FORBIDDEN_KEY = "__proto__";

/** Of steps, in a state. */
export function valueOfSteps(count: number, step: number): number {
	// 1 / 100 is exact enough where 0.01 is not: 3 / 100 is 0.03, 3 * 0.01 is not.
	const inverse = Math.round(1 / step);
	return step < 1 && Math.abs(inverse * step - 1) < 1e-9 ? count / inverse : count * step;
}

/** From negative and other integers to others: 0, -1, 1, -2 … are 0, 1, 2, 3 … */
export function zigzag(value: number): number {
	return value < 0 ? -2 * value - 1 : 2 * value;
}

export function unzigzag(value: number): number {
	return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
