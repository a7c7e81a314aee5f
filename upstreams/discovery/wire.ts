// The wire format of Protocol Buffers (protobuf.dev/programming-guides/encoding), as far as the few messages of etcd and Nacos need
// it. 64-bit numbers are exact, as ids of leases use all of their bits; a generated codec for two dozen fields would be a second
// set of generated files.

export type FieldValue = bigint | Uint8Array;

export interface Field {
	readonly number: number;
	readonly value: FieldValue;
}

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;
const MAX_VARINT_BYTES = 10;

/** A message that is being written; fields with default values are left out. */
export class MessageWriter {
	private readonly parts: Uint8Array[] = [];

	int(number: number, value: bigint | number | boolean): this {
		if (value === 0 || value === 0n || value === false) return this;
		this.parts.push(varint(BigInt(number << 3) | BigInt(VARINT)), varint(BigInt(value)));
		return this;
	}

	bytes(number: number, value: Uint8Array | string): this {
		return value.length === 0 ? this : this.message(number, typeof value === "string" ? Buffer.from(value) : value);
	}

	/** A message within this one, also an empty one. */
	message(number: number, value: Uint8Array): this {
		this.parts.push(varint(BigInt((number << 3) | BYTES)), varint(BigInt(value.length)), value);
		return this;
	}

	finish(): Buffer {
		return Buffer.concat(this.parts);
	}
}

/** The bytes of a number; a negative one has ten, as two's complement of 64 bits. */
function varint(value: bigint): Uint8Array {
	let rest = BigInt.asUintN(64, value);
	const bytes: number[] = [];
	while (rest > 127n) {
		bytes.push(Number(rest & 127n) | 128);
		rest >>= 7n;
	}
	bytes.push(Number(rest));
	return Uint8Array.from(bytes);
}

/**
 * The fields of a message, in their order. Numbers are unsigned: `signed` gives those that may be negative.
 *
 * @throws RangeError when the bytes are no message.
 */
export function fieldsOf(bytes: Uint8Array): Field[] {
	const fields: Field[] = [];
	let position = 0;
	const number = (): bigint => {
		let value = 0n;
		for (let index = 0; index < MAX_VARINT_BYTES; index++) {
			const byte = bytes[position++];
			if (byte === undefined) throw new RangeError("a message ends within a number");
			value |= BigInt(byte & 127) << BigInt(7 * index);
			if (byte < 128) return BigInt.asUintN(64, value);
		}
		throw new RangeError("a number has more than ten bytes");
	};
	const take = (length: number): Uint8Array => {
		if (position + length > bytes.length) throw new RangeError("a message ends within a field");
		position += length;
		return bytes.subarray(position - length, position);
	};
	while (position < bytes.length) {
		const tag = Number(number());
		const wireType = tag & 7;
		if (wireType === VARINT) fields.push({ number: tag >>> 3, value: number() });
		else if (wireType === BYTES) fields.push({ number: tag >>> 3, value: take(Number(number())) });
		else if (wireType === FIXED64) take(8);
		else if (wireType === FIXED32) take(4);
		else throw new RangeError(`wire type ${wireType} is not used`);
	}
	return fields;
}

/** The last value of a number field, 0 without one; signed, as int64 is. */
export function intField(fields: readonly Field[], number: number): bigint {
	const value = fields.findLast((field) => field.number === number)?.value;
	return typeof value === "bigint" ? BigInt.asIntN(64, value) : 0n;
}

/** The values of a repeated field of bytes or messages. */
export function bytesFields(fields: readonly Field[], number: number): Uint8Array[] {
	return fields.flatMap((field) => (field.number === number && typeof field.value !== "bigint" ? [field.value] : []));
}

/** The last value of a field of bytes; empty without one. */
export function bytesField(fields: readonly Field[], number: number): Uint8Array {
	return bytesFields(fields, number).at(-1) ?? new Uint8Array();
}

/** The same as text. */
export function textField(fields: readonly Field[], number: number): string {
	return Buffer.from(bytesField(fields, number)).toString();
}
