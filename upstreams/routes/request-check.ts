// Holds the bytes of a request against the rules of its fields. They are decoded for that alone: what goes on is what came.
import { type DescField, type DescMessage, fromBinary } from "@bufbuild/protobuf";
import { ErrorCode } from "../../protocol/codes.ts";
import type { AnyMessageType, FieldRule, OneofRule, RelayedBody } from "../../protocol/contract.ts";
import { GatewayError } from "../../protocol/error.ts";
import { compileValidator, type Validator } from "../../protocol/validation.ts";
import { type MessageRules, shapeOf } from "./field-rules.ts";

/** A decoded message, with the members of its oneofs as properties of their own. */
type Decoded = Record<string, unknown>;

/** What is done with decoded messages of one type before they are looked at. */
interface Lift {
	/** Properties of oneofs, which hold `{case, value}`. */
	readonly oneofs: readonly string[];
	readonly nested: (readonly [property: string, lift: Lift])[];
}

interface Plan {
	readonly type: AnyMessageType & { readonly rules: FieldRule[] };
	readonly lift: Lift;
}

/**
 * @returns undefined when no rule applies: such requests are not decoded.
 * @throws Error that names a rule which cannot be kept.
 */
export function requestCheck(rules: MessageRules): ((body: RelayedBody) => ReturnType<Validator>) | undefined {
	if (!hasRules(rules, new Set())) return undefined;
	const { message } = rules;
	const { type, lift } = planOf(rules, new Map());
	const validate = compileValidator(type);
	if (validate === undefined) return undefined;
	return ({ bytes }) => {
		try {
			const decoded = fromBinary(message, bytes) as unknown as Decoded;
			liftOneofs(decoded, lift);
			return validate(decoded);
		} catch {
			throw new GatewayError(ErrorCode.BAD_REQUEST, `the content is not a ${message.typeName}`);
		}
	};
}

/** Of a message or of one that it can contain. */
function hasRules(rules: MessageRules, seen: Set<DescMessage>): boolean {
	const { message } = rules;
	if (rules.isDefined) {
		if (seen.has(message)) return false;
		seen.add(message);
	}
	if (message.oneofs.some((oneof) => rules.isRequired(oneof))) return true;
	return message.fields.some((field) => {
		if (Object.keys(rules.of(field)).length > 0) return true;
		const within = rules.within(field);
		return within !== undefined && hasRules(within, seen);
	});
}

function planOf(rules: MessageRules, known: Map<DescMessage, Plan>): Plan {
	const { message } = rules;
	const same = rules.isDefined ? known.get(message) : undefined;
	if (same !== undefined) return same;
	const plan: Plan = {
		type: checkedType(
			message,
			message.oneofs
				.filter((oneof) => rules.isRequired(oneof))
				.map(({ name, fields }) => ({ field: name, properties: fields.map(({ localName }) => localName) })),
		),
		lift: { oneofs: message.oneofs.map(({ localName }) => localName), nested: [] },
	};
	// Messages may contain themselves.
	if (rules.isDefined) known.set(message, plan);
	for (const field of message.fields) {
		const within = rules.within(field);
		const inner = within !== undefined && hasRules(within, new Set()) ? planOf(within, known) : undefined;
		if (inner !== undefined) plan.lift.nested.push([field.localName, inner.lift]);
		const rule = ruleOf(field, rules, inner?.type);
		if (rule !== undefined) plan.type.rules.push(rule);
	}
	return plan;
}

/** A type that the validator knows; nothing is encoded or decoded by it. */
function checkedType({ typeName }: DescMessage, oneofs: readonly OneofRule[]): Plan["type"] {
	const unused = (): never => {
		throw new Error(`${typeName} is only checked`);
	};
	return { typeName, rules: [], oneofs, holdsBytes: false, encode: unused, decode: unused };
}

function ruleOf(field: DescField, rules: MessageRules, type: AnyMessageType | undefined): FieldRule | undefined {
	const { definedOnly, ...own } = rules.of(field);
	if (Object.keys(own).length === 0 && definedOnly !== true && type === undefined) return undefined;
	const set = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
	return {
		property: field.localName,
		field: field.name,
		shape: shapeOf(field),
		cardinality: field.fieldKind === "map" ? "map" : field.fieldKind === "list" ? "many" : "one",
		...(type === undefined ? {} : { type }),
		...set,
		...(definedOnly && field.enum !== undefined
			? { definedValues: field.enum.values.map(({ number }) => number) }
			: {}),
	};
}

function liftOneofs(message: Decoded, { oneofs, nested }: Lift): void {
	for (const name of oneofs) {
		const held = message[name] as { readonly case?: string; readonly value?: unknown } | undefined;
		if (held?.case !== undefined) message[held.case] = held.value;
	}
	for (const [property, lift] of nested) {
		const value = message[property];
		if (value === undefined || value === null) continue;
		if ("$typeName" in (value as object)) liftOneofs(value as Decoded, lift);
		else for (const one of Object.values(value)) liftOneofs(one as Decoded, lift);
	}
}
