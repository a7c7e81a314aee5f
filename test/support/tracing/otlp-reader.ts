// Reads an OTLP request strictly: a field, wire type, enum value or encoding that the schema does not have is an error, where a decoder of
// Protocol Buffers would pass over it; and so is what the schema's comments call invalid.
import { type Field, type FieldType, OTLP } from "./otlp-schema.ts";

type Message = Record<string, unknown>;

const WIRE_TYPES: Readonly<Record<string, number>> = {
	string: 2,
	bytes: 2,
	bool: 0,
	int64: 0,
	uint32: 0,
	fixed32: 5,
	fixed64: 1,
	double: 1,
};
const utf8 = new TextDecoder("utf-8", { fatal: true });

class Bytes {
	private readonly view: DataView;
	private readonly bytes: Uint8Array;
	private at = 0;

	constructor(bytes: Uint8Array) {
		this.bytes = bytes;
		this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	}

	get isAtEnd(): boolean {
		return this.at === this.bytes.length;
	}

	varint(): bigint {
		let value = 0n;
		for (let shift = 0n; shift < 70n; shift += 7n) {
			const byte = this.view.getUint8(this.at++);
			value |= BigInt(byte & 127) << shift;
			if (byte < 128) return value;
		}
		throw new Error("a varint of more than ten bytes");
	}

	fixed(bytes: 4 | 8): number | bigint {
		this.at += bytes;
		return bytes === 4 ? this.view.getUint32(this.at - 4, true) : this.view.getBigUint64(this.at - 8, true);
	}

	double(): number {
		this.at += 8;
		return this.view.getFloat64(this.at - 8, true);
	}

	chunk(): Uint8Array {
		const length = Number(this.varint());
		const end = this.at + length;
		if (end > this.bytes.length) throw new Error("a field is longer than its message");
		const chunk = this.bytes.subarray(this.at, end);
		this.at = end;
		return chunk;
	}
}

function readMessage(name: string, bytes: Uint8Array, path: string): Message {
	const fields = OTLP[name];
	if (fields === undefined) throw new Error(`${path}: no message ${name}`);
	const message: Message = {};
	const seen = new Set<string>();
	const from = new Bytes(bytes);
	while (!from.isAtEnd) {
		const tag = Number(from.varint());
		const [number, wireType] = [tag >>> 3, tag & 7];
		const field = fields[number];
		if (field === undefined) throw new Error(`${path}: ${name} has no field ${number}`);
		const at = `${path}.${field.name}`;
		if (wireType !== wireTypeOf(field.type)) throw new Error(`${at}: wire type ${wireType}`);
		const key = field.oneof ?? field.name;
		if (!field.isRepeated && seen.has(key)) throw new Error(`${at} is there twice`);
		seen.add(key);
		const value = readValue(field, from, at);
		if (field.isRepeated) message[field.name] = [...((message[field.name] as unknown[]) ?? []), value];
		else message[field.name] = value;
	}
	return message;
}

function wireTypeOf(type: FieldType): number {
	if (typeof type === "string") return WIRE_TYPES[type] as number;
	return "message" in type ? 2 : 0;
}

function readValue({ type }: Field, from: Bytes, path: string): unknown {
	if (typeof type !== "string") {
		if ("message" in type) return readMessage(type.message, from.chunk(), path);
		const number = Number(from.varint());
		if (!type.enum.includes(number)) throw new Error(`${path}: no such value ${number}`);
		return number;
	}
	switch (type) {
		case "string":
			return utf8.decode(from.chunk());
		case "bytes":
			return Buffer.from(from.chunk()).toString("hex");
		case "bool":
			return from.varint() !== 0n;
		case "int64":
			return Number(BigInt.asIntN(64, from.varint()));
		case "uint32":
			return Number(from.varint());
		case "fixed32":
			return from.fixed(4);
		case "fixed64":
			return from.fixed(8);
		case "double":
			return from.double();
		default:
			return type satisfies never;
	}
}

/** A span as a test looks at it. */
export interface ReceivedSpan {
	readonly traceId: string;
	readonly spanId: string;
	/** "" for the first of a trace. */
	readonly parentSpanId: string;
	readonly traceState: string;
	readonly name: string;
	readonly kind: "internal" | "server" | "client" | "producer" | "consumer";
	/** Unix nanoseconds. */
	readonly startNs: bigint;
	readonly endNs: bigint;
	readonly isError: boolean;
	readonly isSampled: boolean;
	readonly isParentRemote: boolean;
	readonly attributes: Readonly<Record<string, unknown>>;
	/** Of its process. */
	readonly resource: Readonly<Record<string, unknown>>;
}

const KINDS = [undefined, "internal", "server", "client", "producer", "consumer"] as const;

/** @throws Error that says where the request is not what the schema, or its comments, want. */
export function readOtlp(bytes: Uint8Array): readonly ReceivedSpan[] {
	const request = readMessage("ExportTraceServiceRequest", bytes, "request");
	const spans: ReceivedSpan[] = [];
	for (const { resource, scopeSpans } of list(request["resourceSpans"])) {
		const process = attributesOf(resource as Message | undefined, "resource");
		if (typeof process["service.name"] !== "string") throw new Error("resource: service.name is missing");
		for (const { scope, spans: own } of list(scopeSpans)) {
			if (!(scope as Message | undefined)?.["name"]) throw new Error("scope: no name");
			for (const span of list(own)) spans.push(spanOf(span, process));
		}
	}
	return spans;
}

function text(value: unknown): string {
	return typeof value === "string" ? value : "";
}

function list(value: unknown): Message[] {
	return (value ?? []) as Message[];
}

function spanOf(span: Message, resource: Readonly<Record<string, unknown>>): ReceivedSpan {
	const { traceId = "", spanId = "", parentSpanId = "", kind = 0, flags = 0 } = span;
	const name = text(span["name"]);
	const id = (value: unknown, bytes: number, what: string): string => {
		if (typeof value !== "string" || value.length !== 2 * bytes || /^0*$/.test(value)) {
			throw new Error(`span ${name}: ${what} is ${text(value)}`);
		}
		return value;
	};
	const [startNs, endNs] = [span["startTimeUnixNano"], span["endTimeUnixNano"]];
	if (typeof startNs !== "bigint" || typeof endNs !== "bigint") throw new Error(`span ${name}: no time`);
	if (endNs < startNs) throw new Error(`span ${name} ends before it begins`);
	if (name === "") throw new Error("a span without a name");
	const kindName = KINDS[kind as number];
	if (kindName === undefined) throw new Error(`span ${name}: no kind`);
	return {
		traceId: id(traceId, 16, "trace_id"),
		spanId: id(spanId, 8, "span_id"),
		parentSpanId: parentSpanId === "" ? "" : id(parentSpanId, 8, "parent_span_id"),
		traceState: (span["traceState"] as string) ?? "",
		name,
		kind: kindName,
		startNs,
		endNs,
		isError: (span["status"] as Message | undefined)?.["code"] === 2,
		isSampled: ((flags as number) & 1) === 1,
		isParentRemote: ((flags as number) & 0x200) !== 0,
		attributes: attributesOf(span, `span ${name}`),
		resource,
	};
}

function attributesOf(holder: Message | undefined, path: string): Readonly<Record<string, unknown>> {
	const attributes: Record<string, unknown> = {};
	for (const { key, value } of list(holder?.["attributes"])) {
		if (typeof key !== "string" || key === "") throw new Error(`${path}: an attribute without a name`);
		if (Object.hasOwn(attributes, key)) throw new Error(`${path}: two attributes ${key}`);
		attributes[key] = Object.values(value as Message)[0];
	}
	return attributes;
}
