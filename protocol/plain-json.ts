// JSON for people and for older clients: proto field names, numbers as numbers, short names of enums, every field of a reply.
// What is read is held to the types strictly, and everything that is wrong is named. Proto3 JSON, which json.ts has, allows
// several spellings of most values and ignores what it does not know.
import protobuf from "protobufjs";
import { ErrorCode } from "./codes.ts";
import type { AnyMessageType, RelayedBody } from "./contract.ts";
import { shortEnumName } from "./enum-names.ts";
import { GatewayError, type Violation } from "./error.ts";
import { enumAliases } from "./gen/http.ts";
import reflection from "./gen/reflection.json" with { type: "json" };
import { assignTexts } from "./json-message.ts";

/** Problems that are named; the rest of a message that is wrong everywhere adds nothing. */
const MAX_VIOLATIONS = 20;

type Properties = Record<string, unknown>;

/** A field of a message, resolved once. */
interface PlainField {
	/** Property of decoded messages. */
	readonly property: string;
	/** Name in the .proto file, which is the one in JSON. */
	readonly name: string;
	readonly kind: "one" | "many" | "map";
	/** Absent is not the same as zero. */
	readonly isOptional: boolean;
	/** Other members of the group of which only one may be set. */
	readonly rivals: readonly string[];
	readonly value: PlainValue;
}

interface FieldsOfType {
	readonly all: readonly PlainField[];
	/** By their names, and by those of their properties. */
	readonly byName: ReadonlyMap<string, PlainField>;
}

/** How one value is read and written. */
type PlainValue =
	| { readonly kind: "message"; readonly type: protobuf.Type }
	| { readonly kind: "enum"; readonly names: ReadonlyMap<string, number>; readonly shown: ReadonlyMap<number, string> }
	| { readonly kind: "integer"; readonly min: number; readonly max: number }
	| { readonly kind: "number" | "string" | "bool" | "bytes" };

const INTEGERS: Readonly<Record<string, readonly [number, number]>> = {
	int32: [-0x8000_0000, 0x7fff_ffff],
	uint32: [0, 0xffff_ffff],
	int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
	uint64: [0, Number.MAX_SAFE_INTEGER],
};

export class PlainJson {
	private readonly root: protobuf.Root;
	private readonly types = new Map<string, protobuf.Type>();
	/** Types of modules go with them. */
	private readonly fields = new WeakMap<protobuf.Type, FieldsOfType>();

	constructor(root: protobuf.Root = protobuf.Root.fromJSON(reflection)) {
		this.root = root;
	}

	/**
	 * Reads a message.
	 *
	 * @returns its properties, as `encode` takes them.
	 * @throws GatewayError VALIDATION_FAILED that names every field that is unknown or of another type.
	 */
	read(type: AnyMessageType, value: unknown): Properties {
		if (type.json !== undefined) {
			const { transcoding } = type.json;
			// Held to its schema where it is used.
			return transcoding === undefined ? (value as Properties) : { bytes: transcoding.toBytes(value, true) };
		}
		const violations: Violation[] = [];
		const properties = this.readMessage(this.typeOf(type), value, "", violations);
		if (violations.length > 0) throw invalid(violations);
		return properties;
	}

	/** Writes a message, given as `encode` takes it. */
	write(type: AnyMessageType, message: object): Properties {
		if (type.json !== undefined) {
			const { transcoding } = type.json;
			if (transcoding === undefined) return message as Properties;
			return transcoding.fromBytes((message as RelayedBody).bytes, true) as Properties;
		}
		return this.writeMessage(this.typeOf(type), message as Properties);
	}

	/**
	 * Puts texts, as a query or a path has them, into the JSON of a message.
	 *
	 * @param pairs - names are paths: `deadband.absolute`. A name that comes again adds to a list.
	 * @param isPath - a list is separated by commas.
	 * @returns names that are no field.
	 */
	assign(type: AnyMessageType, json: Properties, pairs: Iterable<readonly [string, string]>, isPath = false): string[] {
		if (type.json !== undefined) return assignTexts(type.json, json, pairs, isPath);
		const unknown: string[] = [];
		for (const [path, text] of pairs) {
			if (!this.assignOne(this.typeOf(type), json, path.split("."), text, isPath)) unknown.push(path);
		}
		return unknown;
	}

	/** The fields of a message, for people: their names and types. */
	describe(type: AnyMessageType): readonly { readonly name: string; readonly type: string }[] {
		if (type.json !== undefined) {
			return type.json.fields.map(({ name, type: of, isList }) => ({ name, type: isList ? `list of ${of}` : of }));
		}
		return this.fieldsOf(this.typeOf(type)).all.map(({ name, kind, value }) => {
			const text = value.kind === "message" ? value.type.name : value.kind;
			return { name, type: kind === "one" ? text : `${kind === "many" ? "list" : "map"} of ${text}` };
		});
	}

	private assignOne(type: protobuf.Type, json: Properties, path: string[], text: string, isPath: boolean): boolean {
		const [head = "", ...rest] = path;
		const field = this.find(type, head);
		if (field === undefined || field.kind === "map") return false;
		if (field.value.kind === "message") {
			if (rest.length === 0 || field.kind === "many") return false;
			const inner = json[field.name] ?? {};
			json[field.name] = inner;
			return this.assignOne(field.value.type, inner as Properties, rest, text, isPath);
		}
		if (rest.length > 0) return false;
		if (field.kind === "one") {
			// Twice the same is as wrong as a list.
			json[field.name] = Object.hasOwn(json, field.name) ? [json[field.name], text] : valueOfText(field.value, text);
			return true;
		}
		const texts = isPath ? text.split(",") : [text];
		const list = (json[field.name] ?? []) as unknown[];
		json[field.name] = [...list, ...texts.map((item) => valueOfText(field.value, item))];
		return true;
	}

	private find(type: protobuf.Type, name: string): PlainField | undefined {
		return this.fieldsOf(type).byName.get(name);
	}

	private readMessage(type: protobuf.Type, value: unknown, path: string, violations: Violation[]): Properties {
		const properties: Properties = {};
		if (typeof value !== "object" || value === null || Array.isArray(value)) {
			violations.push({ field: path.slice(0, -1), description: "must be an object" });
			return properties;
		}
		for (const [name, item] of Object.entries(value)) {
			if (violations.length >= MAX_VIOLATIONS) break;
			const field = this.find(type, name);
			if (field === undefined) {
				violations.push({ field: path + name.slice(0, 64), description: "is unknown" });
			} else if (
				Object.hasOwn(properties, field.property) ||
				field.rivals.some((rival) => Object.hasOwn(properties, rival))
			) {
				violations.push({
					field: path + field.name,
					description: "must not be set beside another member of its group",
				});
			} else properties[field.property] = this.readField(field, item, path + field.name, violations);
		}
		return properties;
	}

	private readField(field: PlainField, value: unknown, path: string, violations: Violation[]): unknown {
		switch (field.kind) {
			case "one":
				return this.readValue(field.value, value, path, violations);
			case "many":
				if (Array.isArray(value)) {
					return value.map((item, index) => this.readValue(field.value, item, `${path}[${index}]`, violations));
				}
				violations.push({ field: path, description: "must be a list" });
				return [];
			case "map": {
				if (typeof value !== "object" || value === null || Array.isArray(value)) {
					violations.push({ field: path, description: "must be an object" });
					return {};
				}
				const entries = Object.entries(value);
				return Object.fromEntries(
					entries.map(([key, item]) => [
						key,
						this.readValue(field.value, item, `${path}[${key.slice(0, 64)}]`, violations),
					]),
				);
			}
			default:
				return field.kind satisfies never;
		}
	}

	private readValue(kind: PlainValue, value: unknown, path: string, violations: Violation[]): unknown {
		if (kind.kind === "message") return this.readMessage(kind.type, value, `${path}.`, violations);
		const read = scalar(kind, value);
		if (read === undefined && violations.length < MAX_VIOLATIONS)
			violations.push({ field: path, description: expected(kind) });
		return read;
	}

	private writeMessage(type: protobuf.Type, message: Properties): Properties {
		const json: Properties = {};
		for (const field of this.fieldsOf(type).all) {
			const value = message[field.property] ?? undefined;
			if (value === undefined && field.isOptional) continue;
			json[field.name] = this.writeField(field, value);
		}
		return json;
	}

	private writeField({ kind, value: how }: PlainField, value: unknown): unknown {
		if (kind === "many") return ((value ?? []) as unknown[]).map((item) => this.writeValue(how, item));
		if (kind === "one") return this.writeValue(how, value);
		const entries = Object.entries((value ?? {}) as Properties);
		return Object.fromEntries(entries.map(([key, item]) => [key, this.writeValue(how, item)]));
	}

	private writeValue(how: PlainValue, value: unknown): unknown {
		switch (how.kind) {
			case "message":
				return this.writeMessage(how.type, (value ?? {}) as Properties);
			case "enum":
				return how.shown.get((value ?? 0) as number) ?? value;
			case "bytes":
				return value === undefined ? "" : Buffer.from(value as Uint8Array).toString("base64");
			case "string":
				return value ?? "";
			case "bool":
				return value ?? false;
			case "number":
			case "integer":
				return value ?? 0;
			default:
				return how satisfies never;
		}
	}

	private typeOf({ typeName, reflected }: AnyMessageType): protobuf.Type {
		if (reflected !== undefined) return reflected;
		let type = this.types.get(typeName);
		if (type === undefined) {
			type = this.root.lookupType(typeName);
			this.types.set(typeName, type);
		}
		return type;
	}

	private fieldsOf(type: protobuf.Type): FieldsOfType {
		let fields = this.fields.get(type);
		if (fields === undefined) {
			const all = type.fieldsArray.map(plainField);
			// A name of the .proto file comes before a property that is called the same.
			const byName = new Map([
				...all.map((field) => [field.property, field] as const),
				...all.map((field) => [field.name, field] as const),
			]);
			fields = { all, byName };
			this.fields.set(type, fields);
		}
		return fields;
	}
}

function plainField(unresolved: protobuf.Field): PlainField {
	const field = unresolved.resolve();
	const { resolvedType, partOf } = field;
	const rivals = partOf === null ? [] : partOf.fieldsArray.filter((other) => other !== field).map(({ name }) => name);
	const isMessage = resolvedType instanceof protobuf.Type;
	const kind = field.map ? "map" : field.repeated ? "many" : "one";
	return {
		property: field.name,
		name: (field as protobuf.Field & { readonly protoName: string }).protoName,
		kind,
		isOptional: kind === "one" && (isMessage || partOf !== null),
		rivals,
		value: plainValue(field),
	};
}

function plainValue({ resolvedType, type }: protobuf.Field): PlainValue {
	if (resolvedType instanceof protobuf.Type) return { kind: "message", type: resolvedType };
	if (resolvedType instanceof protobuf.Enum) {
		const entries = Object.entries(resolvedType.values).map(([name, number]) => {
			return [shortEnumName(resolvedType, name, enumAliases), name, number] as const;
		});
		return {
			kind: "enum",
			names: new Map(
				entries.flatMap(([short, full, number]) => [
					[short, number],
					[full, number],
				]),
			),
			shown: new Map(entries.map(([short, , number]) => [number, short])),
		};
	}
	const range = INTEGERS[type];
	if (range !== undefined) return { kind: "integer", min: range[0], max: range[1] };
	if (type === "string" || type === "bool" || type === "bytes") return { kind: type };
	return { kind: "number" };
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

type ScalarValue = Exclude<PlainValue, { kind: "message" }>;

/** @returns the value; undefined where it is another than `expected`. */
function scalar(how: ScalarValue, value: unknown): unknown {
	switch (how.kind) {
		case "string":
			return typeof value === "string" && !/\p{Cs}/u.test(value) ? value : undefined;
		case "bool":
			return typeof value === "boolean" ? value : undefined;
		case "number":
			return Number.isFinite(value) ? value : undefined;
		case "integer": {
			const isWithin = Number.isSafeInteger(value) && (value as number) >= how.min && (value as number) <= how.max;
			return isWithin ? value : undefined;
		}
		case "enum":
			return typeof value === "string" ? how.names.get(value) : undefined;
		case "bytes":
			return typeof value === "string" && BASE64.test(value) ? Buffer.from(value, "base64") : undefined;
		default:
			return how satisfies never;
	}
}

function expected(how: ScalarValue): string {
	switch (how.kind) {
		case "string":
			return "must be a string";
		case "bool":
			return "must be true or false";
		case "number":
			return "must be a number";
		case "integer":
			return `must be an integer from ${how.min} to ${how.max}`;
		case "enum":
			return `must be one of ${[...how.shown.values()].join(", ")}`;
		case "bytes":
			return "must be base64";
		default:
			return how satisfies never;
	}
}

/** The JSON value that a text stands for; the text itself where it is none, which is refused when it is read. */
function valueOfText(how: PlainValue, text: string): unknown {
	switch (how.kind) {
		case "integer":
			return /^(?:0|-?[1-9]\d*)$/.test(text) ? Number(text) : text;
		case "number":
			return /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : text;
		case "bool":
			return text === "true" ? true : text === "false" ? false : text;
		case "string":
		case "bytes":
		case "enum":
		case "message":
			return text;
		default:
			return how satisfies never;
	}
}

function invalid(violations: readonly Violation[]): GatewayError {
	const named = violations.slice(0, MAX_VIOLATIONS);
	const text = named.map(({ field, description }) => `${field || "the content"} ${description}`).join("; ");
	return new GatewayError(ErrorCode.VALIDATION_FAILED, text, { violations: named });
}
