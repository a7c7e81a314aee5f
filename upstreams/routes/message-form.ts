// An operator's message as JSON: read and written by its descriptor, with 64-bit integers as texts, and described as JSON Schema.
import {
	type DescField,
	type DescMessage,
	fromBinary,
	fromJson,
	type JsonValue,
	type Registry,
	ScalarType,
	toBinary,
	toJson,
} from "@bufbuild/protobuf";
import { isFieldError } from "@bufbuild/protobuf/reflect";
import { ErrorCode } from "../../protocol/codes.ts";
import type { JsonField, JsonForm } from "../../protocol/contract.ts";
import { fieldError, GatewayError } from "../../protocol/error.ts";
import type { FieldRules, MessageRules } from "./field-rules.ts";

type Schema = Readonly<Record<string, unknown>>;

/** Messages in messages that are described; deeper ones are any object. */
const MAX_DEPTH = 5;

/**
 * @param description - what the route does; "" for a reply.
 * @param rules - of a request, which its schema has as constraints.
 */
export function messageForm(
	message: DescMessage,
	registry: Registry,
	description: string,
	rules?: MessageRules,
): JsonForm {
	const toBytes = (value: unknown, isStrict: boolean): Uint8Array => {
		try {
			return toBinary(message, fromJson(message, value as JsonValue, { registry, ignoreUnknownFields: !isStrict }));
		} catch (error) {
			throw jsonError(message, error, isStrict);
		}
	};
	const fromBytes = (bytes: Uint8Array, isPlain: boolean): unknown => {
		const options = isPlain ? { registry, useProtoFieldName: true, alwaysEmitImplicit: true } : { registry };
		return toJson(message, fromBinary(message, bytes), options);
	};
	return {
		fields: message.fields.map((field) => fieldOf(field, rules?.of(field))),
		schema: schemaOf(message, rules, 0),
		description,
		transcoding: { toBytes, fromBytes },
	};
}

/** Names the field and not its value, which may be a secret. */
function jsonError({ typeName }: DescMessage, error: unknown, isStrict: boolean): GatewayError {
	const code = isStrict ? ErrorCode.VALIDATION_FAILED : ErrorCode.BAD_REQUEST;
	const { message = "", cause } = error instanceof Error ? error : {};
	if (isFieldError(cause)) return fieldError(cause.field().name, "has a value of another type", { code });
	const [, name] = /key "([A-Za-z0-9_.[\]]{1,64})" is unknown/.exec(message) ?? [];
	if (name !== undefined) return fieldError(name, "is unknown", { code });
	return new GatewayError(code, `the content is not a ${typeName}`);
}

function fieldOf(field: DescField, rules: FieldRules = {}): JsonField {
	const isList = field.fieldKind === "list";
	const schema = valueSchema(field, undefined, MAX_DEPTH);
	const type = typeof schema["type"] === "string" ? schema["type"] : "string";
	return {
		name: field.name,
		type: field.fieldKind === "map" ? "object" : type,
		isList,
		isRequired: rules.required === true,
	};
}

function schemaOf(message: DescMessage, rules: MessageRules | undefined, depth: number): Schema {
	const known = WELL_KNOWN[message.typeName];
	if (known !== undefined) return known;
	if (depth >= MAX_DEPTH) return { type: "object" };
	const properties = message.fields.map((field) => [field.name, fieldSchema(field, rules, depth)] as const);
	const required = message.fields.filter((field) => rules?.of(field).required === true).map(({ name }) => name);
	const groups = message.oneofs.filter((oneof) => rules?.isRequired(oneof) === true);
	return {
		type: "object",
		properties: Object.fromEntries(properties),
		...(required.length > 0 ? { required } : {}),
		...(groups.length > 0
			? { allOf: groups.map(({ fields }) => ({ anyOf: fields.map(({ name }) => ({ required: [name] })) })) }
			: {}),
		additionalProperties: false,
	};
}

function fieldSchema(field: DescField, rules: MessageRules | undefined, depth: number): Schema {
	const value = valueSchema(field, rules, depth);
	const { required = false, minItems = required ? 1 : undefined, maxItems } = rules?.of(field) ?? {};
	const sized = (least: string, most: string) => ({
		...(minItems === undefined ? {} : { [least]: minItems }),
		...(maxItems === undefined ? {} : { [most]: maxItems }),
	});
	if (field.fieldKind === "list") return { type: "array", items: value, ...sized("minItems", "maxItems") };
	if (field.fieldKind === "map") {
		return { type: "object", additionalProperties: value, ...sized("minProperties", "maxProperties") };
	}
	return value;
}

/** Of a field, or of each of its elements. */
function valueSchema(field: DescField, rules: MessageRules | undefined, depth: number): Schema {
	if (field.message !== undefined) return schemaOf(field.message, rules?.within(field), depth + 1);
	const own = rules?.of(field) ?? {};
	const isRequired = own.required === true && field.fieldKind !== "list" && field.fieldKind !== "map";
	if (field.enum !== undefined) {
		const values = field.enum.values.filter(({ number }) => !(isRequired && number === 0));
		return { type: "string", enum: values.map(({ name }) => name) };
	}
	if (field.scalar === undefined) return {};
	return { ...SCALARS[field.scalar], ...constraintsOf(field.scalar, own, isRequired) };
}

/** A 64-bit integer is a text, which has no range in JSON Schema. */
function constraintsOf(
	scalar: ScalarType,
	{ minLen, maxLen, pattern, min, max }: FieldRules,
	isRequired: boolean,
): Schema {
	if (scalar === ScalarType.BYTES) {
		return maxLen === undefined ? {} : { maxLength: 4 * Math.ceil(maxLen / 3) };
	}
	if (scalar === ScalarType.STRING) {
		const minLength = minLen ?? (isRequired ? 1 : undefined);
		return {
			...(minLength === undefined ? {} : { minLength }),
			...(maxLen === undefined ? {} : { maxLength: maxLen }),
			...(pattern === undefined ? {} : { pattern: `^(?:${pattern})$` }),
		};
	}
	if (SCALARS[scalar]?.["type"] === "string") return {};
	return { ...(min === undefined ? {} : { minimum: min }), ...(max === undefined ? {} : { maximum: max }) };
}

const INT32: Schema = { type: "integer" };
/** A text in proto3 JSON; a number is taken as well. */
const INT64: Schema = { type: "string", format: "int64" };
const FLOAT: Schema = { type: "number" };

const SCALARS: Readonly<Partial<Record<ScalarType, Schema>>> = {
	[ScalarType.DOUBLE]: FLOAT,
	[ScalarType.FLOAT]: FLOAT,
	[ScalarType.INT64]: INT64,
	[ScalarType.UINT64]: INT64,
	[ScalarType.INT32]: INT32,
	[ScalarType.FIXED64]: INT64,
	[ScalarType.FIXED32]: INT32,
	[ScalarType.BOOL]: { type: "boolean" },
	[ScalarType.STRING]: { type: "string" },
	[ScalarType.BYTES]: { type: "string", contentEncoding: "base64" },
	[ScalarType.UINT32]: INT32,
	[ScalarType.SFIXED32]: INT32,
	[ScalarType.SFIXED64]: INT64,
	[ScalarType.SINT32]: INT32,
	[ScalarType.SINT64]: INT64,
};

/** Messages that proto3 JSON writes in a way of their own. */
const WELL_KNOWN: Readonly<Record<string, Schema>> = {
	"google.protobuf.Timestamp": { type: "string", format: "date-time" },
	"google.protobuf.Duration": { type: "string" },
	"google.protobuf.FieldMask": { type: "string" },
	"google.protobuf.Struct": { type: "object" },
	"google.protobuf.Value": {},
	"google.protobuf.ListValue": { type: "array" },
	"google.protobuf.Any": { type: "object" },
	"google.protobuf.BoolValue": { type: "boolean" },
	"google.protobuf.StringValue": { type: "string" },
	"google.protobuf.BytesValue": { type: "string", contentEncoding: "base64" },
	"google.protobuf.DoubleValue": FLOAT,
	"google.protobuf.FloatValue": FLOAT,
	"google.protobuf.Int32Value": INT32,
	"google.protobuf.UInt32Value": INT32,
	"google.protobuf.Int64Value": INT64,
	"google.protobuf.UInt64Value": INT64,
};
