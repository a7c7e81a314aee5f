// Values of a call as literals of a language. Secrets become placeholders: samples are copied to places where no password belongs.
import type { FieldDescription } from "../../protocol/description.ts";
import { enumNamed, isObject, type Json, type JsonObject, messageNamed, textOf } from "../protocol/catalog.ts";

/** The call with a placeholder for every secret. */
export function withPlaceholders(message: string, value: JsonObject): JsonObject {
	const entries = messageNamed(message).fields.flatMap((field): [string, Json][] => {
		const item = value[field.name];
		if (item === undefined) return [];
		if (field.rules?.secret) return [[field.name, `<${field.protoName}>`]];
		return [[field.name, placeholdersIn(field, item)]];
	});
	return Object.fromEntries(entries);
}

function placeholdersIn(field: FieldDescription, item: Json): Json {
	const { of = "" } = field;
	if (field.type !== "message") return item;
	if (Array.isArray(item)) return item.map((each: Json) => (isObject(each) ? withPlaceholders(of, each) : each));
	return isObject(item) ? withPlaceholders(of, item) : item;
}

const indented = (lines: readonly string[], indent: string): string =>
	lines.map((line) => `\n${indent}${line},`).join("");

/** A message as the TypeScript client takes it: numbers for enums and 64-bit integers, bytes as Uint8Array. */
export function typescriptLiteral(message: string, value: JsonObject, indent = ""): string {
	const inner = `${indent}\t`;
	const lines = messageNamed(message).fields.flatMap((field) => {
		const item = value[field.name];
		return item === undefined ? [] : [`${field.name}: ${typescriptField(field, item, inner)}`];
	});
	return lines.length === 0 ? "{}" : `{${indented(lines, inner)}\n${indent}}`;
}

function typescriptField(field: FieldDescription, item: Json, indent: string): string {
	if (field.cardinality === "map") return JSON.stringify(item);
	if (Array.isArray(item)) {
		return `[${item.map((each: Json) => typescriptValue(field, each, indent)).join(", ")}]`;
	}
	return typescriptValue(field, item, indent);
}

function typescriptValue(field: FieldDescription, item: Json, indent: string): string {
	switch (field.type) {
		case "message":
			return typescriptLiteral(field.of ?? "", isObject(item) ? item : {}, indent);
		case "enum": {
			const known = enumNamed(field.of ?? "").find(({ name }) => name === item);
			return known === undefined ? textOf(item) : `${known.number} /* ${known.name} */`;
		}
		case "bytes":
			return `Uint8Array.from(atob(${JSON.stringify(item)}), (byte) => byte.charCodeAt(0))`;
		case "int64":
		case "uint64":
			return textOf(item);
		default:
			return JSON.stringify(item);
	}
}

/** A JSON value as Python. */
export function pythonLiteral(value: Json, indent = ""): string {
	if (value === null) return "None";
	if (typeof value === "boolean") return value ? "True" : "False";
	if (typeof value === "number") return String(value);
	if (typeof value === "string") return JSON.stringify(value);
	const inner = `${indent}    `;
	if (Array.isArray(value)) return `[${value.map((item: Json) => pythonLiteral(item, inner)).join(", ")}]`;
	const lines = Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}: ${pythonLiteral(item, inner)}`);
	return lines.length === 0 ? "{}" : `{${indented(lines, inner)}\n${indent}}`;
}

/** One word of a POSIX shell. */
export const shellWord = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** A Go string: raw where that is possible. */
export const goString = (text: string): string => (/[`\r\0]/.test(text) ? JSON.stringify(text) : `\`${text}\``);
