// The largest request that a route takes: every field as long, and every list as full, as its rules and the largest message
// allow. Ids come from what exists, so that the request reaches the stores.
import type { AnyMessageType, AnyRouteContract, FieldRule } from "../../../protocol/contract.ts";
import { messageTypes } from "../../../protocol/gen/schema.ts";

/** What exists, by the name of the property that refers to it. */
export type Given = Readonly<Record<string, unknown>>;

/** Fields without a rule of their own are filled up to here; the message limit shortens them. */
const UNRULED_LENGTH = 4096;
const UNRULED_ITEMS = 1000;
/** Deeper than any message of the protocol is. */
const MAX_DEPTH = 6;
/** The search for the fullest request that fits ends when two tries differ by less than this share. */
const PRECISION = 1 / 256;

/**
 * @param sizeOf - bytes of the frame that carries this request.
 * @param maxBytes - the largest frame.
 */
export function largestRequest(
	{ request }: AnyRouteContract,
	given: Given,
	sizeOf: (request: object) => number,
	maxBytes: number,
): object {
	let [low, high] = [0, 1];
	const full = filled(request, 1, given, 0);
	if (sizeOf(full) <= maxBytes) return full;
	while (high - low > PRECISION) {
		const middle = (low + high) / 2;
		if (sizeOf(filled(request, middle, given, 0)) <= maxBytes) low = middle;
		else high = middle;
	}
	return filled(request, low, given, 0);
}

/** @param share - 0 to 1: how full lists, strings and byte fields are. */
function filled(type: AnyMessageType, share: number, given: Given, depth: number): object {
	const message: Record<string, unknown> = {};
	const notChosen = new Set(type.oneofs.flatMap(({ properties }) => properties.slice(1)));
	for (const rule of type.rules) {
		if (notChosen.has(rule.property) || depth > MAX_DEPTH) continue;
		message[rule.property] = rule.property in given ? given[rule.property] : value(rule, share, given, depth);
	}
	return message;
}

function value(rule: FieldRule, share: number, given: Given, depth: number): unknown {
	if (rule.cardinality === "one") return element(rule, share, given, depth, 0);
	const items = Math.max(rule.minItems ?? 1, Math.floor((rule.maxItems ?? UNRULED_ITEMS) * share));
	const elements = Array.from({ length: items }, (_, index) => element(rule, share, given, depth, index));
	return rule.cardinality === "many"
		? elements
		: Object.fromEntries(elements.map((one, index) => [`key-${index}`, one]));
}

function element(rule: FieldRule, share: number, given: Given, depth: number, index: number): unknown {
	switch (rule.shape) {
		case "string": {
			const length = Math.max(rule.minLen ?? 1, Math.floor((rule.maxLen ?? UNRULED_LENGTH) * share));
			// A list of equal strings would be cheaper than one of different ones.
			return `${index}`.padStart(length, "x").slice(-length);
		}
		case "bytes":
			return new Uint8Array(Math.floor((rule.maxLen ?? UNRULED_LENGTH) * share)).fill(0x5a);
		case "bool":
			return true;
		case "enum":
			return rule.definedValues?.find((number) => number > 0) ?? 1;
		case "number":
			return Math.min(rule.max ?? 1000 + index, Math.max(rule.min ?? 0, 1000 + index));
		case "message":
			return filled(typeOf(rule), share, given, depth + 1);
		default:
			return rule.shape satisfies never;
	}
}

function typeOf({ typeName = "" }: FieldRule): AnyMessageType {
	const type = messageTypes.get(typeName);
	if (type === undefined) throw new Error(`no message ${typeName}`);
	return type;
}
