// Writes the Protocol Buffers wire format, and refuses what is not of its field's type: -1 where an unsigned number belongs, or
// "1" for 1, would otherwise be written as something else. Has the methods that protobufjs' generated code calls, too.
import type { Encoded } from "./wire.ts";

const UINT32_MAX = 0xffff_ffff;
const INT32_MIN = -0x8000_0000;
const INT32_MAX = 0x7fff_ffff;
const TWO_32 = 0x1_0000_0000;
const FIRST_BYTES = 128;
const utf8 = /* @__PURE__ */ new TextEncoder();

/** Every method throws a TypeError that says what was expected, and shows the value if it is a number. */
export class WireWriter implements Encoded {
	private buffer: Uint8Array<ArrayBuffer> = new Uint8Array(FIRST_BYTES);
	/** Where the messages begin that are not ended yet; before each, one byte is left for its length. */
	private readonly starts: number[] = [];
	private pos = 0;

	get len(): number {
		return this.pos;
	}

	/** A copy of what was written. */
	finish(): Uint8Array<ArrayBuffer> {
		return this.buffer.slice(0, this.pos);
	}

	/** Takes back what the last `fork` began, and what was written before it from a length on. */
	abandon(length: number): void {
		this.starts.pop();
		this.pos = length;
	}

	/** Takes back what was written from a length on. Nothing that `fork` began may be open. */
	truncate(length: number): void {
		this.pos = length;
	}

	/** Sets bits of a byte that was written. */
	mark(at: number, bits: number): void {
		this.buffer[at] = (this.buffer[at] ?? 0) | bits;
	}

	/** Begins something whose length goes before it. */
	fork(): this {
		this.reserve(1);
		this.pos++;
		this.starts.push(this.pos);
		return this;
	}

	/** Ends what the last `fork` began. */
	ldelim(): this {
		const start = this.starts.pop() ?? 0;
		const end = this.pos;
		const length = end - start;
		let more = 0;
		for (let rest = length >>> 7; rest > 0; rest >>>= 7) more++;
		this.reserve(more);
		if (more > 0) this.buffer.copyWithin(start + more, start, end);
		this.pos = start - 1;
		this.varint(length);
		this.pos = end + more;
		return this;
	}

	uint32(value: number): this {
		check(isInteger(value, 0, UINT32_MAX), value, "an integer from 0 to 4294967295");
		return this.varint(value);
	}

	int32(value: number): this {
		check(isInteger(value, INT32_MIN, INT32_MAX), value, "an integer of 32 bits");
		return this.signed(value);
	}

	uint64(value: number): this {
		check(isInteger(value, 0, Number.MAX_SAFE_INTEGER), value, "an integer from 0 to 2^53");
		return this.varint(value);
	}

	int64(value: number): this {
		check(Number.isSafeInteger(value), value, "an integer between -2^53 and 2^53");
		return this.signed(value);
	}

	bool(value: boolean): this {
		check(typeof value === "boolean", value, "a boolean");
		return this.varint(value ? 1 : 0);
	}

	double(value: number): this {
		check(typeof value === "number", value, "a number");
		this.reserve(8);
		new DataView(this.buffer.buffer).setFloat64(this.pos, value, true);
		this.pos += 8;
		return this;
	}

	string(value: string): this {
		check(typeof value === "string", value, "a string");
		return this.raw(utf8.encode(value), true);
	}

	bytes(value: Uint8Array): this {
		check(value instanceof Uint8Array, value, "a Uint8Array");
		return this.raw(value, true);
	}

	uint32s(values: readonly number[]): this {
		this.fork();
		for (const value of values) this.uint32(value);
		return this.ldelim();
	}

	int32s(values: readonly number[]): this {
		this.fork();
		for (const value of values) this.int32(value);
		return this.ldelim();
	}

	/** Bytes as they are, or with their length before them. */
	raw(value: Uint8Array, withLength = false): this {
		if (withLength) this.varint(value.length);
		this.reserve(value.length);
		this.buffer.set(value, this.pos);
		this.pos += value.length;
		return this;
	}

	/** Integers from 0 to 2^53. */
	private varint(value: number): this {
		this.reserve(10);
		let rest = value;
		while (rest > 127) {
			this.buffer[this.pos++] = (rest % 128) | 128;
			rest = Math.floor(rest / 128);
		}
		this.buffer[this.pos++] = rest;
		return this;
	}

	/** Negative integers are written as 64 bits of two's complement. */
	private signed(value: number): this {
		if (value >= 0) return this.varint(value);
		this.reserve(10);
		let low = -(value % TWO_32) >>> 0;
		let high = Math.floor(-value / TWO_32) >>> 0;
		low = (~low + 1) >>> 0;
		high = (~high + (low === 0 ? 1 : 0)) >>> 0;
		for (let i = 0; i < 9; i++) {
			this.buffer[this.pos++] = (low & 127) | 128;
			low = ((low >>> 7) | (high << 25)) >>> 0;
			high >>>= 7;
		}
		this.buffer[this.pos++] = low;
		return this;
	}

	private reserve(length: number): void {
		const needed = this.pos + length;
		if (needed <= this.buffer.length) return;
		const grown = new Uint8Array(Math.max(needed, this.buffer.length * 2));
		grown.set(this.buffer.subarray(0, this.pos));
		this.buffer = grown;
	}
}

function isInteger(value: unknown, min: number, max: number): boolean {
	return Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;
}

function check(holds: boolean, value: unknown, expected: string): void {
	if (holds) return;
	// A string may be a secret in the wrong place.
	const found = typeof value === "number" ? String(value) : value === null ? "null" : typeof value;
	throw new TypeError(`expected ${expected}, found ${found}`);
}
