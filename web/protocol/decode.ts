// Protocol Buffers as a tree in which every field knows its bytes, so that a hex view can show one beside the other; and the proto3
// JSON of such a tree.
import type { FieldDescription } from "../../protocol/description.ts";
import { base64FromBytes, hexFromBytes } from "./bytes.ts";
import { enumNamed, type Json, messageNamed, textOf } from "./catalog.ts";
import { WireType, wireTypeOf } from "./encode.ts";

/** One field of a message, or one item of a packed list. */
export interface FieldNode {
	/** Undefined for a field that the description does not have. */
	readonly field: FieldDescription | undefined;
	readonly label: string;
	/** Its bytes in the frame: from the tag on, to before `end`. */
	readonly start: number;
	readonly end: number;
	/** Undefined where there are children. */
	readonly value?: Json;
	readonly children?: readonly FieldNode[];
}

/** Bytes that are not the message that they should be. */
export class DecodeError extends Error {
	constructor(offset: number) {
		super(`not a message: byte ${offset}`);
		this.name = "DecodeError";
	}
}

/** What a bytes field holds, where another field says so: the body of an envelope. */
export type BodyType = (siblings: readonly FieldNode[]) => string | undefined;

const MAX_DEPTH = 32;

/**
 * Decodes the message in `[start, end)`.
 *
 * @param bodyType - the message in a bytes field named `body`.
 * @throws DecodeError when the bytes are cut off or not of that message.
 */
export function decodeMessage(
	bytes: Uint8Array,
	name: string,
	start = 0,
	end = bytes.length,
	bodyType?: BodyType,
	depth = 0,
): FieldNode[] {
	if (depth > MAX_DEPTH) throw new DecodeError(start);
	const fields = new Map(messageNamed(name).fields.map((field) => [field.id, field]));
	const reader = new WireReader(bytes, start, end);
	const nodes: FieldNode[] = [];
	while (reader.at < end) {
		const tagStart = reader.at;
		const tag = Number(reader.varint());
		const wireType = tag & 7;
		const field = fields.get(tag >>> 3);
		const valueStart = reader.at;
		const value = reader.value(wireType);
		const place = { start: tagStart, end: reader.at };
		if (field === undefined || !fits(field, wireType)) {
			nodes.push({ field: undefined, label: `#${tag >>> 3}`, ...place, value: unknownText(value) });
			continue;
		}
		const body = field.name === "body" ? bodyType?.(nodes) : undefined;
		const known = body === undefined ? field : ({ ...field, type: "message", of: body } as FieldDescription);
		nodes.push({ ...fieldNode(bytes, known, wireType, value, valueStart, reader.at, depth), ...place });
	}
	return nodes;
}

function fits(field: FieldDescription, wireType: number): boolean {
	return wireTypeOf(field) === wireType || (field.cardinality !== "one" && wireType === WireType.LENGTH);
}

function unknownText(value: bigint | Uint8Array): string {
	return typeof value === "bigint" ? String(value) : hexFromBytes(value);
}

function fieldNode(
	bytes: Uint8Array,
	field: FieldDescription,
	wireType: number,
	value: bigint | Uint8Array,
	valueStart: number,
	end: number,
	depth: number,
): FieldNode {
	const base = { field, label: field.protoName, start: valueStart, end };
	if (typeof value === "bigint") return { ...base, value: varintValue(field, value) };
	const contentStart = end - value.length;
	if (field.cardinality === "map") return { ...base, children: entryNodes(bytes, field, contentStart, end, depth) };
	if (field.type === "message") {
		return { ...base, children: decodeMessage(bytes, field.of ?? "", contentStart, end, undefined, depth + 1) };
	}
	if (wireType === WireType.LENGTH && wireTypeOf(field) !== WireType.LENGTH) {
		return { ...base, children: packedNodes(bytes, field, contentStart, end) };
	}
	return { ...base, value: lengthValue(field, value) };
}

function entryNodes(
	bytes: Uint8Array,
	field: FieldDescription,
	start: number,
	end: number,
	depth: number,
): FieldNode[] {
	const reader = new WireReader(bytes, start, end);
	const nodes: FieldNode[] = [];
	while (reader.at < end) {
		const tagStart = reader.at;
		const tag = Number(reader.varint());
		const isKey = tag >>> 3 === 1;
		const valueStart = reader.at;
		const value = reader.value(tag & 7);
		const type = isKey ? (field.keyType ?? "string") : field.type;
		const item = { ...field, type, cardinality: "one", protoName: isKey ? "key" : "value" } as FieldDescription;
		nodes.push({ ...fieldNode(bytes, item, tag & 7, value, valueStart, reader.at, depth + 1), start: tagStart });
	}
	return nodes;
}

function packedNodes(bytes: Uint8Array, field: FieldDescription, start: number, end: number): FieldNode[] {
	const reader = new WireReader(bytes, start, end);
	const nodes: FieldNode[] = [];
	while (reader.at < end) {
		const itemStart = reader.at;
		const value = reader.value(wireTypeOf(field));
		const item = typeof value === "bigint" ? varintValue(field, value) : lengthValue(field, value);
		nodes.push({ field, label: `[${nodes.length}]`, start: itemStart, end: reader.at, value: item });
	}
	return nodes;
}

function varintValue(field: FieldDescription, value: bigint): Json {
	switch (field.type) {
		case "bool":
			return value !== 0n;
		case "enum": {
			const number = Number(BigInt.asIntN(32, value));
			return enumNamed(field.of ?? "").find((known) => known.number === number)?.name ?? number;
		}
		case "int32":
			return Number(BigInt.asIntN(32, value));
		case "int64":
			return String(BigInt.asIntN(64, value));
		case "uint64":
			return String(value);
		default:
			return Number(value);
	}
}

function lengthValue(field: FieldDescription, value: Uint8Array): Json {
	if (field.type === "string") return new TextDecoder().decode(value);
	if (field.type === "bytes") return base64FromBytes(value);
	const number = new DataView(value.buffer, value.byteOffset, 8).getFloat64(0, true);
	return Number.isFinite(number) ? number : String(number);
}

/** The proto3 JSON of a message's nodes. Fields that the description does not have are left out. */
export function jsonOfNodes(nodes: readonly FieldNode[]): { [name: string]: Json } {
	const json: { [name: string]: Json } = {};
	const lists = new Map<string, Json[]>();
	for (const { field, value, children } of nodes) {
		if (field === undefined) continue;
		if (field.cardinality === "map") {
			const [key, item] = entryOf(children ?? []);
			json[field.name] = { ...(json[field.name] as { [key: string]: Json } | undefined), [key]: item };
		} else if (field.cardinality === "many") {
			const list = lists.get(field.name) ?? [];
			lists.set(field.name, list);
			if (field.type === "message") list.push(jsonOfNodes(children ?? []));
			else list.push(...(children?.map((item) => item.value ?? null) ?? [value ?? null]));
			json[field.name] = list;
		} else {
			json[field.name] = children === undefined ? (value ?? null) : jsonOfNodes(children);
		}
	}
	return json;
}

function entryOf(nodes: readonly FieldNode[]): [string, Json] {
	const key = nodes.find(({ label }) => label === "key")?.value ?? "";
	const node = nodes.find(({ label }) => label === "value");
	return [textOf(key), node?.children ? jsonOfNodes(node.children) : (node?.value ?? "")];
}

class WireReader {
	at: number;
	private readonly bytes: Uint8Array;
	private readonly end: number;

	constructor(bytes: Uint8Array, start: number, end: number) {
		this.bytes = bytes;
		this.at = start;
		this.end = end;
	}

	varint(): bigint {
		let value = 0n;
		for (let shift = 0n; shift < 70n; shift += 7n) {
			const byte = this.bytes[this.at];
			if (byte === undefined || this.at >= this.end) throw new DecodeError(this.at);
			this.at++;
			value |= BigInt(byte & 127) << shift;
			if (byte < 128) return BigInt.asUintN(64, value);
		}
		throw new DecodeError(this.at);
	}

	/** A number, or bytes where it has a length. */
	value(wireType: number): bigint | Uint8Array {
		if (wireType === WireType.VARINT) return this.varint();
		if (wireType === WireType.FIXED64) return this.take(8);
		if (wireType === WireType.FIXED32) return this.take(4);
		if (wireType === WireType.LENGTH) return this.take(Number(this.varint()));
		throw new DecodeError(this.at);
	}

	private take(length: number): Uint8Array {
		const start = this.at;
		if (!(length <= this.end - start)) throw new DecodeError(start);
		this.at += length;
		return this.bytes.subarray(start, this.at);
	}
}
