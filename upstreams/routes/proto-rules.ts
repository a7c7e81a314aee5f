// Rules that a `.proto` file gives its fields, as protobufjs has parsed them.
import protobuf from "protobufjs";
import { fullName, option } from "../../protocol/reflection-facts.ts";
import type { DefinedRules, FieldRules } from "./field-rules.ts";

const OWN = /^\(\.?framegate\.v1\.([^)]*)\)/;
const KNOWN = new Set(["route", "push", "rules", "alias", "oneof_required"]);
/** Names in options.proto, and here. `secret` says nothing of a message that is passed on: no value of it is logged. */
const RULES: Readonly<Record<string, keyof FieldRules | undefined>> = {
	required: "required",
	min_len: "minLen",
	max_len: "maxLen",
	pattern: "pattern",
	min: "min",
	max: "max",
	min_items: "minItems",
	max_items: "maxItems",
	defined_only: "definedOnly",
	secret: undefined,
};

/** @throws Error that names an option which options.proto does not have. */
export function rulesOfProto(root: protobuf.Root): DefinedRules {
	checkOptions(root);
	const typeOf = (name: string): protobuf.Type => root.lookupType(name);
	return {
		ofField: ({ parent, name }) => {
			// Entries of maps are types of descriptors alone.
			const field =
				root.lookup(parent.typeName) instanceof protobuf.Type ? typeOf(parent.typeName).fields[name] : undefined;
			const parsed = field && option<Readonly<Record<string, unknown>>>(field, "(rules)");
			return field && parsed && rulesOf(field, parsed);
		},
		isRequired: ({ parent, name }) => {
			const oneof = typeOf(parent.typeName).oneofs[name];
			return oneof !== undefined && option<boolean>(oneof, "(oneof_required)") === true;
		},
	};
}

function rulesOf(field: protobuf.Field, parsed: Readonly<Record<string, unknown>>): FieldRules {
	const entries = Object.entries(parsed).flatMap(([name, value]) => {
		if (!(name in RULES)) throw new Error(`${fullName(field)}: options.proto has no rule ${name}`);
		const known = RULES[name];
		return known === undefined ? [] : [[known, value] as const];
	});
	return Object.fromEntries(entries);
}

/** A misspelled option would be a field without its rule. */
function checkOptions(namespace: protobuf.NamespaceBase): void {
	for (const nested of namespace.nestedArray) {
		if (nested instanceof protobuf.Type) {
			for (const object of [...nested.fieldsArray, ...nested.oneofsArray]) checkOptionsOf(object);
		}
		if (nested instanceof protobuf.Namespace) checkOptions(nested);
	}
}

function checkOptionsOf(object: protobuf.ReflectionObject): void {
	for (const name of Object.keys(object.options ?? {})) {
		const own = OWN.exec(name)?.[1];
		if (own !== undefined && !KNOWN.has(own))
			throw new Error(`${fullName(object)}: options.proto has no option ${own}`);
	}
}
