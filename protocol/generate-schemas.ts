// JSON Schemas of messages as plain JSON has them, with the field rules as constraints: the components of the OpenAPI description.
// Part of `npm run generate`.
import protobuf from "protobufjs";
import { protoName, type ReadOption } from "./generate-http.ts";

export type Schema = { [key: string]: unknown };

/** The `(rules)` option as protobufjs parses it. */
export interface Rules {
	required?: boolean;
	min_len?: number;
	max_len?: number;
	pattern?: string;
	min?: number;
	max?: number;
	min_items?: number;
	max_items?: number;
	secret?: boolean;
}

const INTEGERS: Readonly<Record<string, Schema>> = {
	int32: { type: "integer", format: "int32", minimum: -0x8000_0000, maximum: 0x7fff_ffff },
	uint32: { type: "integer", format: "int64", minimum: 0, maximum: 0xffff_ffff },
	int64: { type: "integer", format: "int64", minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER },
	uint64: { type: "integer", format: "int64", minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
};

export class SchemaWriter {
	/** By name of the component. */
	readonly schemas: Record<string, Schema> = {};
	private readonly option: ReadOption;
	private readonly shortName: (type: protobuf.Enum, value: string) => string;

	/** @param shortName - what a value of an enum is called in plain JSON. */
	constructor(option: ReadOption, shortName: (type: protobuf.Enum, value: string) => string) {
		this.option = option;
		this.shortName = shortName;
	}

	/**
	 * The schema of a message by reference; it is added to the components.
	 *
	 * @param isRequest - rules say which fields are required, and no others are taken. A reply has all fields that have a zero.
	 */
	message(type: protobuf.Type, isRequest: boolean): Schema {
		const name = componentName(type) + (isRequest && !type.name.endsWith("Request") ? "Input" : "");
		if (this.schemas[name] === undefined) {
			this.schemas[name] = {};
			this.schemas[name] = this.object(type, type.fieldsArray, isRequest);
		}
		return { $ref: `#/components/schemas/${name}` };
	}

	/** The schema of some fields of a message. */
	object(type: protobuf.Type, fields: readonly protobuf.Field[], isRequest: boolean): Schema {
		const required = fields.filter((field) => this.isRequired(field, isRequest)).map(protoName);
		const groups = type.oneofsArray.filter(({ fieldsArray }) => fieldsArray.length > 1);
		const rules = isRequest ? groups.flatMap((group) => this.groupRules(group)) : [];
		return {
			type: "object",
			...described(type.comment),
			properties: Object.fromEntries(fields.map((field) => [protoName(field), this.field(field, isRequest)])),
			...(required.length > 0 ? { required } : {}),
			...(rules.length > 0 ? { allOf: rules } : {}),
			...(isRequest ? { additionalProperties: false } : {}),
		};
	}

	field(field: protobuf.Field, isRequest: boolean): Schema {
		const rules = isRequest ? (this.option<Rules>(field, "(rules)") ?? {}) : {};
		const element = this.element(field, rules, isRequest);
		const min = rules.min_items ?? (rules.required ? 1 : undefined);
		const sized = (least: string, most: string) => ({
			...(min === undefined ? {} : { [least]: min }),
			...(rules.max_items === undefined ? {} : { [most]: rules.max_items }),
		});
		const comment = described(field.comment);
		if (field.map) {
			return { type: "object", ...comment, additionalProperties: element, ...sized("minProperties", "maxProperties") };
		}
		if (field.repeated) return { type: "array", ...comment, items: element, ...sized("minItems", "maxItems") };
		return { ...element, ...comment };
	}

	private element({ resolvedType, type, repeated }: protobuf.Field, rules: Rules, isRequest: boolean): Schema {
		if (resolvedType instanceof protobuf.Type) return this.message(resolvedType, isRequest);
		const isRequired = rules.required === true && !repeated;
		if (resolvedType instanceof protobuf.Enum) {
			const values = Object.entries(resolvedType.values).filter(([, number]) => !(isRequired && number === 0));
			return { type: "string", enum: values.map(([name]) => this.shortName(resolvedType, name)) };
		}
		if (type === "string") return text(rules, isRequired);
		if (type === "bool") return { type: "boolean" };
		if (type === "bytes") {
			const maxLength = rules.max_len === undefined ? {} : { maxLength: 4 * Math.ceil(rules.max_len / 3) };
			return { type: "string", contentEncoding: "base64", pattern: BASE64, ...maxLength };
		}
		const number = INTEGERS[type] ?? { type: "number", format: "double" };
		const { min, max } = rules;
		return {
			...number,
			...(min === undefined ? {} : { minimum: min }),
			...(max === undefined ? {} : { maximum: max }),
			...(isRequired ? { not: { const: 0 } } : {}),
		};
	}

	private isRequired(field: protobuf.Field, isRequest: boolean): boolean {
		if (isRequest) return this.option<Rules>(field, "(rules)")?.required === true;
		if (field.repeated || field.map) return true;
		return field.partOf === null && !(field.resolvedType instanceof protobuf.Type);
	}

	private groupRules(group: protobuf.OneOf): Schema[] {
		const names = group.fieldsArray.map(protoName);
		const pairs = names.flatMap((one, index) => names.slice(index + 1).map((other) => [one, other]));
		const onlyOne = pairs.map((required) => ({ not: { required } }));
		if (!this.option<boolean>(group, "(oneof_required)")) return onlyOne;
		return [...onlyOne, { anyOf: names.map((name) => ({ required: [name] })) }];
	}
}

const BASE64 = "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$";

function text(rules: Rules, isRequired: boolean): Schema {
	// A text that is not required may be empty, which is the same as absent.
	const minLength = isRequired ? Math.max(rules.min_len ?? 0, 1) : 0;
	return {
		type: "string",
		...(minLength > 0 ? { minLength } : {}),
		...(rules.max_len === undefined ? {} : { maxLength: rules.max_len }),
		...patternOf(rules.pattern, isRequired),
		...(rules.secret ? { format: "password" } : {}),
	};
}

/** Classes of Unicode are not in the dialect that most validators know: such a pattern is for people. */
function patternOf(pattern: string | undefined, isRequired: boolean): Schema {
	if (pattern === undefined) return {};
	return pattern.includes("\\p{") ? { "x-pattern": pattern } : { pattern: `^(?:${pattern})${isRequired ? "" : "?"}$` };
}

export function componentName(type: protobuf.Type): string {
	const parts: string[] = [];
	for (let at: protobuf.ReflectionObject | null = type; at instanceof protobuf.Type; at = at.parent)
		parts.unshift(at.name);
	return parts.join("_");
}

export function described(comment: string | null | undefined): Schema {
	return comment ? { description: comment.replaceAll("\n", " ") } : {};
}
