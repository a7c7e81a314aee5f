// The codec of a message type from a table of its fields, for programs in which size counts: a line per message where generated code
// takes a page. It makes no code at run time, so that pages under a Content-Security-Policy without `unsafe-eval` may use it.

import type { AnyWireMessage, Encoded, WireMessage } from "./wire.ts";
import { MAX_DEPTH, WireReader } from "./wire-reader.ts";
import { WireWriter } from "./wire-writer.ts";

const PACKAGE = "framegate.v1";

/** Kinds of fields by their letter in a table: how they are read and written, and their wire type. */
const kinds = {
	u: { method: "uint32", wireType: 0, zero: 0 },
	i: { method: "int32", wireType: 0, zero: 0 },
	U: { method: "uint64", wireType: 0, zero: 0 },
	I: { method: "int64", wireType: 0, zero: 0 },
	b: { method: "bool", wireType: 0, zero: false },
	d: { method: "double", wireType: 1, zero: 0 },
	s: { method: "string", wireType: 2, zero: "" },
	y: { method: "bytes", wireType: 2, zero: /* @__PURE__ */ new Uint8Array(0) },
	m: { method: "message", wireType: 2, zero: null },
} as const;

type Kind = (typeof kinds)[keyof typeof kinds];
type Values = Record<string, unknown>;

interface Field {
	readonly name: string;
	/** Field number << 3, without a wire type. */
	readonly base: number;
	readonly kind: Kind;
	readonly isRepeated: boolean;
	/** Keys are strings. */
	readonly isMap: boolean;
	/** Written, and kept when read, though it has its default. */
	readonly isExplicit: boolean;
	readonly oneof: string | undefined;
	readonly message: TableMessage | undefined;
}

interface Table {
	/** In the order of their numbers. */
	readonly fields: readonly Field[];
	readonly byNumber: ReadonlyMap<number, Field>;
	/** Defaults of the fields, which decoded messages inherit. */
	readonly defaults: Values;
}

/** `name=number`, the letter of its kind, `*` repeated, `%` map, `?` explicit presence, and after `|` the oneof. */
const FIELD = /^(\w+)=(\d+)([a-zA-Z])([*%?]?)(?:\|(\w+))?$/;

function tableOf(spec: string, messages: readonly AnyWireMessage[]): Table {
	let nextMessage = 0;
	const fields = spec.split(" ").flatMap((part): Field[] => {
		const [, name, number, letter, mark, oneof] = FIELD.exec(part) ?? [];
		if (name === undefined) return [];
		const kind = kinds[letter as keyof typeof kinds];
		return [
			{
				name,
				base: Number(number) << 3,
				kind,
				isRepeated: mark === "*",
				isMap: mark === "%",
				isExplicit: mark === "?" || oneof !== undefined || kind === kinds.m,
				oneof,
				message: kind === kinds.m ? (messages[nextMessage++] as TableMessage) : undefined,
			},
		];
	});
	const defaults: Values = {};
	for (const { name, kind, isRepeated, isMap, isExplicit } of fields) {
		if (!isRepeated && !isMap) defaults[name] = isExplicit ? null : kind.zero;
	}
	fields.sort((a, b) => a.base - b.base);
	return { fields, byNumber: new Map(fields.map((field) => [field.base >>> 3, field])), defaults };
}

class TableMessage implements WireMessage<Values, Values> {
	readonly typeName: string;
	private readonly spec: string;
	private readonly messages: () => readonly AnyWireMessage[];
	private parsed: Table | undefined;

	constructor(name: string, spec: string, messages: () => readonly AnyWireMessage[]) {
		this.typeName = `${PACKAGE}.${name}`;
		this.spec = spec;
		this.messages = messages;
	}

	/** Made at the first use: most programs use few of the messages that they have. */
	private get table(): Table {
		this.parsed ??= tableOf(this.spec, this.messages());
		return this.parsed;
	}

	encode(message: Values, writer: Encoded = new WireWriter()): Encoded {
		this.write(message, writer as WireWriter);
		return writer;
	}

	decode(bytes: Uint8Array): Values {
		const reader = new WireReader(bytes);
		return this.read(reader, reader.end, undefined, 0);
	}

	write(message: Values, writer: WireWriter): void {
		if (typeof message !== "object" || message === null) {
			throw new TypeError(`expected an object, found ${message === null ? "null" : typeof message}`);
		}
		for (const field of this.table.fields) {
			const value = Object.hasOwn(message, field.name) ? message[field.name] : undefined;
			if (value === undefined || value === null) continue;
			try {
				if (field.isMap) writeMap(field, value as Values, writer);
				else if (field.isRepeated) writeList(field, value as readonly unknown[], writer);
				else if (field.isExplicit || !isZero(value, field.kind)) writeValue(field, value, writer);
			} catch (cause) {
				throw new TypeError(`${field.name}: ${(cause as Error).message}`, { cause });
			}
		}
	}

	read(reader: WireReader, end: number, target: Values | undefined, depth: number): Values {
		if (depth > MAX_DEPTH) throw new Error("max depth exceeded");
		const { fields, byNumber, defaults } = this.table;
		const message = target ?? (Object.create(defaults) as Values);
		if (target === undefined) {
			for (const { name, isRepeated, isMap } of fields) if (isRepeated || isMap) message[name] = isMap ? {} : [];
		}
		const outerEnd = reader.end;
		reader.end = end;
		while (reader.pos < end) {
			const tag = reader.tag();
			const field = byNumber.get(tag >>> 3);
			if (field === undefined || !readField(field, tag & 7, message, reader, depth)) reader.skipField(tag, depth);
		}
		reader.end = outerEnd;
		return message;
	}
}

const isPackable = ({ kind, isRepeated }: Field): boolean => isRepeated && kind.wireType !== 2;

function isZero(value: unknown, kind: Kind): boolean {
	if (kind === kinds.y) return (value as Uint8Array).length === 0;
	// -0 is another number, of those that have it.
	return kind === kinds.d ? Object.is(value, 0) : value === kind.zero;
}

function writeValue({ base, kind, message }: Field, value: unknown, writer: WireWriter): void {
	writer.uint32(base | kind.wireType);
	if (kind.method !== "message") {
		writer[kind.method](value as never);
		return;
	}
	writer.fork();
	message?.write(value as Values, writer);
	writer.ldelim();
}

function writeList(field: Field, values: readonly unknown[], writer: WireWriter): void {
	if (!Array.isArray(values)) throw new TypeError(`expected an array, found ${typeof values}`);
	const { base, kind } = field;
	if (!isPackable(field)) {
		for (const value of values) writeValue(field, value, writer);
		return;
	}
	if (values.length === 0) return;
	writer.uint32(base | 2).fork();
	for (const value of values) writer[kind.method as "uint32"](value);
	writer.ldelim();
}

function writeMap(field: Field, values: Values, writer: WireWriter): void {
	for (const key of Object.keys(values)) {
		writer
			.uint32(field.base | 2)
			.fork()
			.uint32((1 << 3) | 2)
			.string(key);
		writeValue({ ...field, base: 2 << 3 }, values[key], writer);
		writer.ldelim();
	}
}

function readValue({ name, kind, message }: Field, into: Values, reader: WireReader, depth: number): unknown {
	if (kind.method === "bytes") return reader.takeBytes();
	if (kind.method !== "message") return reader[kind.method]();
	const length = reader.length();
	const before = Object.hasOwn(into, name) ? (into[name] as Values | null) : undefined;
	// A message that comes in parts is one message.
	return message?.read(reader, reader.pos + length, before ?? undefined, depth + 1);
}

/** @returns false, and reads nothing, when it is not of the field's wire type. */
function readField(field: Field, wireType: number, message: Values, reader: WireReader, depth: number): boolean {
	const { name, kind, isRepeated, isMap, isExplicit, oneof } = field;
	if (isPackable(field) && wireType === 2) {
		const end = reader.length() + reader.pos;
		readPacked(field, message[name] as unknown[], reader, end);
		return true;
	}
	if (wireType !== (isMap ? 2 : kind.wireType)) return false;
	if (isMap) readEntry(field, message[name] as Values, reader, depth);
	else if (isRepeated) (message[name] as unknown[]).push(readValue(field, {}, reader, depth));
	else {
		const value = readValue(field, message, reader, depth);
		if (isExplicit || !isZero(value, kind)) message[name] = value;
		else delete message[name];
		if (oneof !== undefined) select(oneof, name, message);
	}
	return true;
}

/** The last member of a oneof that comes is the one that counts. */
function select(oneof: string, name: string, message: Values): void {
	const before = message[oneof];
	if (typeof before === "string" && before !== name) delete message[before];
	message[oneof] = name;
}

function readPacked({ kind }: Field, values: unknown[], reader: WireReader, end: number): void {
	const outerEnd = reader.end;
	reader.end = end;
	while (reader.pos < end) values.push(reader[kind.method as "uint32"]());
	reader.end = outerEnd;
}

function readEntry(field: Field, values: Values, reader: WireReader, depth: number): void {
	const end = reader.length() + reader.pos;
	const outerEnd = reader.end;
	reader.end = end;
	let key = "";
	let value: unknown = field.message === undefined ? field.kind.zero : field.message.decode(new Uint8Array(0));
	while (reader.pos < end) {
		const tag = reader.tag();
		if (tag === ((1 << 3) | 2)) key = reader.string();
		else if (tag === ((2 << 3) | field.kind.wireType)) value = readValue(field, {}, reader, depth);
		else reader.skipField(tag, depth);
	}
	reader.end = outerEnd;
	// Assigned, this name would be that of the prototype.
	Object.defineProperty(values, key, { value, writable: true, enumerable: true, configurable: true });
}

/**
 * A message type from its table, as `npm run generate` writes it.
 *
 * @param name - without the package.
 * @param spec - the fields: see `FIELD`.
 * @param messages - the types of those that are messages, in order.
 */
export function message<Message, Properties>(
	name: string,
	spec: string,
	messages: () => readonly AnyWireMessage[] = () => [],
): WireMessage<Message, Properties> {
	return new TableMessage(name, spec, messages) as unknown as WireMessage<Message, Properties>;
}
