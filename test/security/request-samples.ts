// Requests made from the rules of the protocol: everything that a route requires, and one text of an attacker's choice in
// one place after another. What a route is about comes from `given`, by the name of the property, so that requests reach
// the stores and are not refused at the door.
import type { AnyMessageType, AnyRouteContract, FieldRule } from "../../protocol/contract.ts";
import { messageTypes } from "../../protocol/gen/schema.ts";

export type Given = Readonly<Record<string, unknown>>;

/** Deeper than any message is. */
const MAX_DEPTH = 6;

/** The places of a request that hold text, as paths of property names. */
export function textPlaces({ request }: AnyRouteContract): string[][] {
	return placesOf(request, 0);
}

function placesOf(type: AnyMessageType, depth: number): string[][] {
	if (depth > MAX_DEPTH) return [];
	return type.rules.flatMap((rule) => {
		if (rule.shape === "string") return [[rule.property]];
		if (rule.shape !== "message") return [];
		return placesOf(typeOf(rule), depth + 1).map((path) => [rule.property, ...path]);
	});
}

/** A request with `text` at `path`. */
export function requestWith(
	{ request }: AnyRouteContract,
	path: readonly string[],
	text: string,
	given: Given,
): object {
	return sample(request, path, text, given);
}

function sample(type: AnyMessageType, path: readonly string[], text: string, given: Given): object {
	const [head] = path;
	const message: Record<string, unknown> = {};
	for (const { properties } of type.oneofs) {
		const chosen = properties.find((name) => name === head) ?? properties[0];
		const rule = type.rules.find(({ property }) => property === chosen);
		if (rule) message[rule.property] = value(rule, path, text, given);
	}
	const inOneof = new Set(type.oneofs.flatMap(({ properties }) => properties));
	for (const rule of type.rules) {
		if (inOneof.has(rule.property)) continue;
		if (rule.property !== head && !rule.required && !(rule.property in given)) continue;
		message[rule.property] = value(rule, path, text, given);
	}
	return message;
}

function value(rule: FieldRule, path: readonly string[], text: string, given: Given): unknown {
	const isHere = path[0] === rule.property;
	const one =
		isHere || !(rule.property in given) ? element(rule, isHere ? path : [], text, given) : given[rule.property];
	if (rule.cardinality === "one" || Array.isArray(one)) return one;
	return rule.cardinality === "many" ? [one] : { [isHere ? text : "key"]: one };
}

function element(rule: FieldRule, path: readonly string[], text: string, given: Given): unknown {
	switch (rule.shape) {
		case "string":
			return path.length === 1 ? text : "sample-1";
		case "bytes":
			return Uint8Array.of(1);
		case "bool":
			return true;
		case "enum":
			// 0 is "unspecified", which counts as absent.
			return rule.definedValues?.find((number) => number > 0) ?? 1;
		case "number":
			return Math.max(1, rule.min ?? 1);
		case "message":
			return sample(typeOf(rule), path.slice(1), text, given);
		default:
			return rule.shape satisfies never;
	}
}

function typeOf({ typeName = "" }: FieldRule): AnyMessageType {
	const type = messageTypes.get(typeName);
	if (type === undefined) throw new Error(`no message ${typeName}`);
	return type;
}
