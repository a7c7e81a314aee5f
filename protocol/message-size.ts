// How many bytes a message takes, without encoding it: the generated `encode` writes into a writer that counts. Exact for
// protobuf; for proto3 JSON an upper bound, since a writer is given numbers of fields and values of enums, not their names.
import type { Writer } from "protobufjs";
import type { MessageType } from "./contract.ts";

export interface MessageSizer {
	/** Bytes of the encoded message. */
	sizeOf<Properties>(type: MessageType<unknown, Properties>, message: Properties): number;
}

/** What the generated code calls of a writer. Each method returns the writer. */
interface CountedWriter {
	uint32(value: number): this;
	int32(value: number): this;
	uint64(value: number | string): this;
	int64(value: number | string): this;
	double(value: number): this;
	bool(value: boolean): this;
	string(value: string): this;
	bytes(value: Uint8Array | string): this;
	uint32s(values: readonly number[]): this;
	int32s(values: readonly number[]): this;
	raw(bytes: Uint8Array): this;
	fork(): this;
	ldelim(): this;
}

abstract class Counter implements MessageSizer {
	protected count = 0;

	sizeOf<Properties>(type: MessageType<unknown, Properties>, message: Properties): number {
		this.count = 0;
		this.begin();
		type.encode(message, this as unknown as Writer);
		return this.count;
	}

	protected begin(): void {}
}

/** Sizes of encoded protobuf messages. */
export class ProtobufSizer extends Counter implements CountedWriter {
	/** Where the messages began whose end has not come yet. */
	private readonly starts: number[] = [];

	protected override begin(): void {
		this.starts.length = 0;
	}

	uint32(value: number): this {
		this.count += varintBytes(value >>> 0);
		return this;
	}

	int32(value: number): this {
		this.count += value < 0 ? 10 : varintBytes(value);
		return this;
	}

	uint64(value: number | string): this {
		this.count += varintBytes(Number(value));
		return this;
	}

	int64(value: number | string): this {
		return this.uint64(value);
	}

	double(_value: number): this {
		this.count += 8;
		return this;
	}

	bool(_value: boolean): this {
		this.count += 1;
		return this;
	}

	string(value: string): this {
		return this.delimited(Buffer.byteLength(value));
	}

	bytes(value: Uint8Array | string): this {
		return this.delimited(byteCount(value));
	}

	uint32s(values: readonly number[]): this {
		let bytes = 0;
		for (const value of values) bytes += varintBytes(value >>> 0);
		return this.delimited(bytes);
	}

	int32s(values: readonly number[]): this {
		let bytes = 0;
		for (const value of values) bytes += value < 0 ? 10 : varintBytes(value);
		return this.delimited(bytes);
	}

	raw(bytes: Uint8Array): this {
		this.count += bytes.length;
		return this;
	}

	fork(): this {
		this.starts.push(this.count);
		return this;
	}

	ldelim(): this {
		const start = this.starts.pop() ?? 0;
		this.count += varintBytes(this.count - start);
		return this;
	}

	private delimited(bytes: number): this {
		this.count += varintBytes(bytes) + bytes;
		return this;
	}
}

/** Longest name of a field in JSON, with its quotes, the colon and a comma. A test holds the schema against it. */
export const JSON_NAME_BYTES = 26;
/** Longest name of an enum's value, with its quotes; more than any 32-bit integer. The same test. */
export const JSON_ENUM_BYTES = 40;

/** Upper bounds of the sizes of messages in proto3 JSON. */
export class JsonSizer extends Counter implements CountedWriter {
	/** The number of a field was written, and its value comes next. */
	private isTagged = false;

	protected override begin(): void {
		this.isTagged = false;
		this.count = 2;
	}

	/** The number of a field, unless its value is due. */
	uint32(value: number): this {
		if (this.isTagged) return this.value(digits(value));
		this.count += JSON_NAME_BYTES;
		this.isTagged = true;
		return this;
	}

	/** The value of an enum, or an integer: the writer cannot distinguish them. */
	int32(_value: number): this {
		return this.value(JSON_ENUM_BYTES);
	}

	/** 64-bit integers are strings. */
	uint64(value: number | string): this {
		return this.value(2 + (typeof value === "string" ? value.length : digits(value)));
	}

	int64(value: number | string): this {
		return this.uint64(value);
	}

	double(value: number): this {
		return this.value(2 + String(value).length);
	}

	bool(_value: boolean): this {
		return this.value(5);
	}

	string(value: string): this {
		return this.value(jsonTextBytes(value));
	}

	bytes(value: Uint8Array | string): this {
		return this.value(2 + 4 * Math.ceil(byteCount(value) / 3));
	}

	uint32s(values: readonly number[]): this {
		let bytes = 2;
		for (const value of values) bytes += digits(value) + 1;
		return this.value(bytes);
	}

	int32s(values: readonly number[]): this {
		return this.value(2 + values.length * (JSON_ENUM_BYTES + 1));
	}

	/** Fields that the schema does not know are not in JSON. */
	raw(_bytes: Uint8Array): this {
		return this;
	}

	/** A message within: braces, and the brackets of a list that it may begin. */
	fork(): this {
		return this.value(4);
	}

	ldelim(): this {
		this.isTagged = false;
		return this;
	}

	private value(bytes: number): this {
		this.count += bytes;
		this.isTagged = false;
		return this;
	}
}

/** What a string takes in JSON, with its quotes. */
export function jsonTextBytes(text: string): number {
	return Buffer.byteLength(JSON.stringify(text));
}

function varintBytes(value: number): number {
	// Negative 64-bit integers take ten bytes.
	if (value < 0) return 10;
	let bytes = 1;
	for (let rest = value; rest >= 128; rest /= 128) bytes++;
	return bytes;
}

function digits(value: number): number {
	return String(value).length;
}

function byteCount(value: Uint8Array | string): number {
	return typeof value === "string" ? Math.ceil((value.length * 3) / 4) : value.length;
}
