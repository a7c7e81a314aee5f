// Protocol Buffers from proto3 JSON, by the description: the pages hold values as JSON, and the binary dialect is made of it. Nothing is
// compiled at run time, which a strict content security policy forbids.
import type { FieldDescription, ScalarType } from "../../protocol/description.ts";
import { bytesFromBase64 } from "./bytes.ts";
import { enumNamed, hasPresence, isObject, type Json, messageNamed, textOf } from "./catalog.ts";

/** A value that its field cannot hold. */
export class EncodeError extends Error {
	/** Path of the field in proto names: `content.custom`. */
	readonly field: string;

	constructor(field: string, problem: string) {
		super(`${field}: ${problem}`);
		this.name = "EncodeError";
		this.field = field;
	}
}

export const WireType = { VARINT: 0, FIXED64: 1, LENGTH: 2, FIXED32: 5 } as const;

/**
 * Encodes a message.
 *
 * @throws EncodeError naming the field that cannot hold its value.
 */
export function encodeMessage(name: string, json: Json, path = ""): Uint8Array {
	if (!isObject(json)) throw new EncodeError(path || name, "is no object");
	const out: number[] = [];
	const fields = [...messageNamed(name).fields].sort((one, other) => one.id - other.id);
	for (const field of fields) {
		const value = json[field.name] ?? json[field.protoName];
		if (value !== undefined && value !== null) writeField(out, field, value, `${path}${field.protoName}`);
	}
	return Uint8Array.from(out);
}

function writeField(out: number[], field: FieldDescription, value: Json, path: string): void {
	if (field.cardinality === "map") {
		if (!isObject(value)) throw new EncodeError(path, "is no object");
		for (const [key, item] of Object.entries(value)) writeEntry(out, field, key, item, `${path}[${key}]`);
		return;
	}
	if (field.cardinality === "many") {
		if (!Array.isArray(value)) throw new EncodeError(path, "is no list");
		writeList(out, field, value, path);
		return;
	}
	if (hasPresence(field) || !isZero(value, field, path)) writeTagged(out, field, value, path);
}

/** Scalars but strings and bytes are packed. */
function writeList(out: number[], field: FieldDescription, items: readonly Json[], path: string): void {
	if (items.length === 0) return;
	if (wireTypeOf(field) === WireType.LENGTH) {
		for (const [index, item] of items.entries()) writeTagged(out, field, item, `${path}[${index}]`);
		return;
	}
	const packed: number[] = [];
	for (const [index, item] of items.entries()) writeValue(packed, field, item, `${path}[${index}]`);
	writeTag(out, field.id, WireType.LENGTH);
	writeBytes(out, packed);
}

function writeEntry(out: number[], field: FieldDescription, key: string, item: Json, path: string): void {
	const entry: number[] = [];
	const keyField = { ...field, id: 1, type: field.keyType ?? "string", cardinality: "one" } as FieldDescription;
	writeTagged(entry, keyField, key, path);
	writeTagged(entry, { ...field, id: 2, cardinality: "one" }, item, path);
	writeTag(out, field.id, WireType.LENGTH);
	writeBytes(out, entry);
}

function writeTagged(out: number[], field: FieldDescription, value: Json, path: string): void {
	writeTag(out, field.id, wireTypeOf(field));
	writeValue(out, field, value, path);
}

export function wireTypeOf({ type }: Pick<FieldDescription, "type">): number {
	if (type === "double") return WireType.FIXED64;
	return type === "string" || type === "bytes" || type === "message" ? WireType.LENGTH : WireType.VARINT;
}

function isZero(value: Json, field: FieldDescription, path: string): boolean {
	if (field.type === "enum") return enumNumber(value, field, path) === 0;
	return value === "" || value === false || (field.type !== "string" && field.type !== "bytes" && Number(value) === 0);
}

function writeValue(out: number[], field: FieldDescription, value: Json, path: string): void {
	switch (field.type) {
		case "message":
			writeBytes(out, encodeMessage(field.of ?? "", value, `${path}.`));
			return;
		case "enum":
			writeVarint(out, BigInt(enumNumber(value, field, path)));
			return;
		case "string":
			if (typeof value !== "string") throw new EncodeError(path, "is no text");
			writeBytes(out, new TextEncoder().encode(value));
			return;
		case "bytes": {
			const bytes = typeof value === "string" ? bytesFromBase64(value) : undefined;
			if (bytes === undefined) throw new EncodeError(path, "is not base64");
			writeBytes(out, bytes);
			return;
		}
		case "bool":
			out.push(value === true ? 1 : 0);
			return;
		case "double":
			writeDouble(out, value, path);
			return;
		default:
			writeVarint(out, integer(value, field.type, path));
	}
}

function enumNumber(value: Json, field: FieldDescription, path: string): number {
	if (typeof value === "number" && Number.isInteger(value)) return value;
	const known = enumNamed(field.of ?? "").find(({ name }) => name === value);
	if (known === undefined) throw new EncodeError(path, `has no value ${textOf(value)}`);
	return known.number;
}

/** Lowest and highest value of each integer type. */
const RANGES: Readonly<Record<Extract<ScalarType, `${string}int${string}`>, readonly [bigint, bigint]>> = {
	int32: [-(2n ** 31n), 2n ** 31n - 1n],
	uint32: [0n, 2n ** 32n - 1n],
	int64: [-(2n ** 63n), 2n ** 63n - 1n],
	uint64: [0n, 2n ** 64n - 1n],
};

function integer(value: Json, type: keyof typeof RANGES, path: string): bigint {
	const text = textOf(value);
	if (!/^-?\d{1,20}$/.test(text)) throw new EncodeError(path, "is no whole number");
	const number = BigInt(text);
	const [lowest, highest] = RANGES[type];
	if (number < lowest || number > highest) throw new EncodeError(path, `is not from ${lowest} to ${highest}`);
	return number;
}

function writeDouble(out: number[], value: Json, path: string): void {
	const number = typeof value === "string" && value.trim() === "" ? Number.NaN : Number(value);
	if (Number.isNaN(number) && value !== "NaN") throw new EncodeError(path, "is no number");
	const view = new DataView(new ArrayBuffer(8));
	view.setFloat64(0, number, true);
	out.push(...new Uint8Array(view.buffer));
}

const writeTag = (out: number[], id: number, wireType: number): void => writeVarint(out, BigInt((id << 3) | wireType));

/** Negative numbers are their 64-bit two's complement. */
function writeVarint(out: number[], value: bigint): void {
	let rest = BigInt.asUintN(64, value);
	for (; rest > 127n; rest >>= 7n) out.push(Number(rest & 127n) | 128);
	out.push(Number(rest));
}

function writeBytes(out: number[], bytes: Uint8Array | readonly number[]): void {
	writeVarint(out, BigInt(bytes.length));
	for (const byte of bytes) out.push(byte);
}
