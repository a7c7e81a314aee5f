// A message type whose encoded form is JSON text, not protobuf: for routes that are declared by a schema while the gateway runs. In a
// binary frame the body is that text, in a text frame it is the value itself.
import { ErrorCode } from "./codes.ts";
import type { AnyMessageType, JsonForm } from "./contract.ts";
import { GatewayError } from "./error.ts";
import { FrameWriter } from "./frame-coder.ts";
import { FRAME_JSON_BOUNDS, jsonExcess } from "./json-bounds.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true });
const encoder = new TextEncoder();

/**
 * Makes such a type. Its values are JSON objects; whether they are what the schema says is for the handler to check.
 *
 * @param typeName - for logs and error messages.
 */
export function jsonMessage(typeName: string, json: JsonForm): AnyMessageType {
	return {
		typeName,
		json,
		holdsBytes: false,
		rules: [],
		oneofs: [],
		encode: (message: object, writer = new FrameWriter()) => writer.raw(encoder.encode(jsonText(message))),
		decode: (reader, length) => {
			if (reader instanceof Uint8Array) return parsed(reader);
			return parsed(reader.buf.subarray(reader.pos, length === undefined ? reader.len : reader.pos + length));
		},
	};
}

/** Whether a message is the JSON that it came as: nothing has to be made of it. */
export function isJsonText({ json }: AnyMessageType): boolean {
	return json !== undefined && json.transcoding === undefined;
}

/** Pushes of modules: any process can write them as text by their numbers, also one that has not loaded the module. */
export const FIRST_JSON_PUSH = 7501;
export const LAST_JSON_PUSH = 7999;
const JSON_PUSH = jsonMessage("push of a module", { fields: [], schema: { type: "object" }, description: "" });

/** The message type of a push whose body is JSON; undefined for other numbers. */
export function jsonPush(number: number): AnyMessageType | undefined {
	return number >= FIRST_JSON_PUSH && number <= LAST_JSON_PUSH ? JSON_PUSH : undefined;
}

/** @throws GatewayError BAD_REQUEST when it is not the text of a JSON object; no bytes are an empty one. */
function parsed(bytes: Uint8Array): object {
	if (bytes.length === 0) return {};
	const value = jsonValue(bytes);
	if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
	throw new GatewayError(ErrorCode.BAD_REQUEST, "body is not a JSON object");
}

function jsonValue(bytes: Uint8Array): unknown {
	let text: string;
	try {
		text = utf8.decode(bytes);
	} catch {
		throw new GatewayError(ErrorCode.BAD_REQUEST, "body is not UTF-8");
	}
	const excess = jsonExcess(text, FRAME_JSON_BOUNDS);
	if (excess !== undefined) throw new GatewayError(ErrorCode.BAD_REQUEST, `body is ${excess}`);
	try {
		return JSON.parse(text) as unknown;
	} catch {
		throw new GatewayError(ErrorCode.BAD_REQUEST, "body is not JSON");
	}
}

/**
 * A message as text. JSON has no integers of 64 bits: they are texts in it, as in proto3 JSON. Most messages have none, and are written several
 * times as fast.
 *
 * @throws TypeError for a cycle; RangeError for what is too deep or too long; what a `toJSON` throws.
 */
export function jsonText(message: object): string {
	try {
		return JSON.stringify(message);
	} catch {
		return JSON.stringify(message, (_name, value: unknown) => (typeof value === "bigint" ? String(value) : value));
	}
}

/** The bytes of a value that came as JSON already. */
export function jsonBytes(value: unknown): Uint8Array {
	return encoder.encode(JSON.stringify(value));
}

/** A body as a JSON value. */
export function jsonOfBytes(bytes: Uint8Array): unknown {
	return bytes.length === 0 ? {} : (JSON.parse(utf8.decode(bytes)) as unknown);
}

/**
 * Puts texts, as a query or a path has them, into the JSON of a message. What is no value of its type stays a text, which the
 * schema refuses.
 *
 * @returns names that are no field.
 */
export function assignTexts(
	{ fields }: JsonForm,
	json: Record<string, unknown>,
	pairs: Iterable<readonly [string, string]>,
	isPath: boolean,
): string[] {
	const unknown: string[] = [];
	for (const [name, text] of pairs) {
		const field = fields.find((one) => one.name === name);
		if (field === undefined || field.type === "object") unknown.push(name);
		else if (field.isList) {
			const texts = isPath ? text.split(",") : [text];
			const list = (json[name] ?? []) as unknown[];
			json[name] = [...list, ...texts.map((item) => valueOfText(field.type, item))];
		} else json[name] = Object.hasOwn(json, name) ? [json[name], text] : valueOfText(field.type, text);
	}
	return unknown;
}

function valueOfText(type: string, text: string): unknown {
	if (type === "boolean") return text === "true" ? true : text === "false" ? false : text;
	if (type !== "number" && type !== "integer") return text;
	return /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : text;
}
