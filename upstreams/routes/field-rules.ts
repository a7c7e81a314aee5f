// What the fields of an operator's message must hold: rules of its definitions, options of our options.proto, and those of the configuration,
// which come first.
import {
	type DescField,
	type DescMessage,
	type DescOneof,
	getOption,
	type Registry,
	ScalarType,
} from "@bufbuild/protobuf";

/** Of one field. Absent ones do not constrain. */
export interface FieldRules {
	readonly required?: boolean | undefined;
	/** Code points of a text, or bytes. */
	readonly minLen?: number | undefined;
	readonly maxLen?: number | undefined;
	/** Which the whole text must match. */
	readonly pattern?: string | undefined;
	readonly min?: number | undefined;
	readonly max?: number | undefined;
	/** Of a list or a map. */
	readonly minItems?: number | undefined;
	readonly maxItems?: number | undefined;
	/** The value of an enum must be a known one. */
	readonly definedOnly?: boolean | undefined;
}

/** By the path of the field in the request: `items.name`; of lists and maps, each element's. */
export type RulesByPath = Readonly<Record<string, FieldRules>>;

/** Rules that definitions have. */
export interface DefinedRules {
	ofField(field: DescField): FieldRules | undefined;
	/** One of its members must be set. */
	isRequired(oneof: DescOneof): boolean;
}

/** Of a descriptor set: it has options.proto in it if a field has rules. */
export function rulesOfRegistry(registry: Registry): DefinedRules {
	const rules = registry.getExtension("framegate.v1.rules");
	const required = registry.getExtension("framegate.v1.oneof_required");
	return {
		ofField: (field) => {
			if (rules === undefined) return undefined;
			const {
				$typeName: _,
				$unknown: __,
				...values
			} = getOption(field, rules) as unknown as Readonly<Record<string, unknown>>;
			// What is not set is empty, but for min and max.
			const set = Object.entries(values).filter(([name, value]) =>
				name === "min" || name === "max" ? value !== undefined : Boolean(value),
			);
			return set.length === 0 ? undefined : (Object.fromEntries(set) as FieldRules);
		},
		isRequired: (oneof) => required !== undefined && getOption(oneof, required) === true,
	};
}

/** The rules of a message within a request, whatever they come from. */
export class MessageRules {
	readonly message: DescMessage;
	private readonly defined: DefinedRules;
	private readonly paths: RulesByPath;

	/** @throws Error that names a path which leads to no field, or a rule that its field cannot have. */
	constructor(message: DescMessage, defined: DefinedRules, paths: RulesByPath = {}) {
		this.message = message;
		this.defined = defined;
		this.paths = paths;
		for (const path of Object.keys(paths)) {
			const [name = "", ...rest] = path.split(".");
			const field = message.fields.find((one) => one.name === name);
			if (field === undefined) throw new Error(`rules: ${message.typeName} has no field ${name}`);
			if (rest.length > 0 && field.message === undefined) {
				throw new Error(`rules: ${path}: ${message.typeName}.${name} is no message`);
			}
		}
		for (const field of message.fields) checkRules(field, this.of(field));
	}

	/** Nothing of the configuration is for it, so that it is the same wherever its type is used. */
	get isDefined(): boolean {
		return Object.keys(this.paths).length === 0;
	}

	of(field: DescField): FieldRules {
		return { ...this.defined.ofField(field), ...this.paths[field.name] };
	}

	isRequired(oneof: DescOneof): boolean {
		return this.defined.isRequired(oneof);
	}

	/** Of the message in a field; undefined where that is none. */
	within(field: DescField): MessageRules | undefined {
		if (field.message === undefined) return undefined;
		const prefix = `${field.name}.`;
		const paths = Object.entries(this.paths)
			.filter(([path]) => path.startsWith(prefix))
			.map(([path, rules]) => [path.slice(prefix.length), rules] as const);
		return new MessageRules(field.message, this.defined, Object.fromEntries(paths));
	}
}

type Shape = "string" | "bytes" | "number" | "bool" | "enum" | "message";

/** Of a field, or of each of its elements. */
export function shapeOf({ message, enum: values, scalar }: DescField): Shape {
	if (message !== undefined) return "message";
	if (values !== undefined) return "enum";
	if (scalar === ScalarType.STRING) return "string";
	if (scalar === ScalarType.BYTES) return "bytes";
	return scalar === ScalarType.BOOL ? "bool" : "number";
}

const LENGTHS = ["minLen", "maxLen"] as const;
const COUNTS = ["minItems", "maxItems"] as const;
const RANGE = ["min", "max"] as const;

/** A rule that can never apply is a mistake, and what it was meant to keep out would reach the service. */
function checkRules(field: DescField, rules: FieldRules): void {
	const shape = shapeOf(field);
	const isOne = field.fieldKind !== "list" && field.fieldKind !== "map";
	const wrong = (names: readonly (keyof FieldRules)[], isPossible: boolean, what: string) => {
		const name = isPossible ? undefined : names.find((one) => rules[one] !== undefined);
		if (name !== undefined) throw new Error(`rules: ${nameOf(field)}: ${name} is for ${what}`);
	};
	wrong(LENGTHS, shape === "string" || shape === "bytes", "texts and bytes");
	wrong(["pattern"], shape === "string", "texts");
	wrong(RANGE, shape === "number", "numbers");
	wrong(COUNTS, !isOne, "lists and maps");
	wrong(["definedOnly"], shape === "enum", "enums");
	if (rules.pattern === undefined) return;
	try {
		new RegExp(`^(?:${rules.pattern})$`, "u");
	} catch (error) {
		throw new Error(`rules: ${nameOf(field)}: ${(error as Error).message}`);
	}
}

const nameOf = ({ parent, name }: DescField): string => `${parent.typeName}.${name}`;
