// Reads the Protocol Buffers wire format (https://protobuf.dev/programming-guides/encoding/). Takes and refuses what protobufjs
// takes and refuses: property tests hold the two against each other.

/** Nesting of messages and groups; beyond it the bytes are refused. The same as protobufjs has. */
export const MAX_DEPTH = 100;

const TWO_32 = 0x1_0000_0000;
/** Longer strings are decoded by the platform; shorter ASCII ones faster by hand. */
const SHORT_STRING = 32;
const utf8 = /* @__PURE__ */ new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export class WireReader {
	private readonly bytes: Uint8Array;
	private readonly view: DataView;
	pos = 0;
	/** End of the message that is being read. */
	end: number;

	constructor(bytes: Uint8Array) {
		this.bytes = bytes;
		this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		this.end = bytes.length;
	}

	/** Field number and wire type. */
	tag(): number {
		const start = this.pos;
		const value = this.varint32();
		const length = this.pos - start;
		if (length > 5 || (length === 5 && (this.bytes[this.pos - 1] as number) > 15))
			throw new Error("invalid tag encoding");
		return value;
	}

	uint32(): number {
		return this.varint32();
	}

	int32(): number {
		return this.varint32() | 0;
	}

	/** @returns the nearest number, exact up to 2^53. */
	uint64(): number {
		const [low, high] = this.varint64();
		return low + high * TWO_32;
	}

	/** @returns the nearest number, exact up to 2^53 in both directions. */
	int64(): number {
		const [low, high] = this.varint64();
		if (high < 0x8000_0000) return low + high * TWO_32;
		const negated = (~low + 1) >>> 0;
		return -(negated + ((~high + (negated === 0 ? 1 : 0)) >>> 0) * TWO_32);
	}

	bool(): boolean {
		const [low, high] = this.varint64(true);
		return low !== 0 || high !== 0;
	}

	double(): number {
		const start = this.pos;
		this.skip(8);
		return this.view.getFloat64(start, true);
	}

	/** A view of the input, not a copy. */
	takeBytes(): Uint8Array {
		const length = this.length();
		const start = this.pos;
		this.skip(length);
		return this.bytes.subarray(start, start + length);
	}

	/** @throws TypeError when it is not UTF-8. */
	string(): string {
		const taken = this.takeBytes();
		if (taken.length > SHORT_STRING) return utf8.decode(taken);
		let text = "";
		for (const byte of taken) {
			if (byte > 127) return utf8.decode(taken);
			text += String.fromCharCode(byte);
		}
		return text;
	}

	/** The length of what follows, not beyond the end. */
	length(): number {
		const start = this.pos;
		const value = this.varint32();
		const length = this.pos - start;
		if (length > 5 || (length === 5 && (this.bytes[this.pos - 1] as number) > 7))
			throw new Error("invalid length encoding");
		if (value > this.end - this.pos) throw this.beyond(value);
		return value;
	}

	skip(length: number): void {
		if (length > this.end - this.pos) throw this.beyond(length);
		this.pos += length;
	}

	/** Skips a field that is not known, or of another wire type than expected. */
	skipField(tag: number, depth: number): void {
		if (depth > MAX_DEPTH) throw new Error("max depth exceeded");
		const number = tag >>> 3;
		if (number === 0) throw new Error("illegal tag: field number 0");
		switch (tag & 7) {
			case 0:
				// As protobufjs does: one of more than ten bytes is no error in a field whose value nobody uses.
				while (this.byte() > 127);
				return;
			case 1:
				this.skip(8);
				return;
			case 2:
				this.skip(this.length());
				return;
			case 3: {
				for (let inner = this.tag(); inner !== ((number << 3) | 4) >>> 0; inner = this.tag())
					this.skipField(inner, depth + 1);
				return;
			}
			case 5:
				this.skip(4);
				return;
			default:
				throw new Error(`invalid wire type ${tag & 7} at offset ${this.pos}`);
		}
	}

	private byte(): number {
		if (this.pos >= this.end) throw this.beyond(1);
		return this.bytes[this.pos++] as number;
	}

	/** The lower 32 bits of a varint. */
	private varint32(): number {
		let value = 0;
		for (let shift = 0; shift < 70; shift += 7) {
			const byte = this.byte();
			if (shift < 32) value |= (byte & 127) << shift;
			if (byte < 128) return value >>> 0;
		}
		throw new Error("invalid varint encoding");
	}

	/**
	 * The two halves of a varint.
	 *
	 * @param anyBits - bits beyond the 64th count as well: only whether there are any is wanted.
	 */
	private varint64(anyBits = false): [low: number, high: number] {
		let low = 0;
		let high = 0;
		for (let shift = 0; shift < 70; shift += 7) {
			const byte = this.byte();
			const bits = byte & 127;
			if (shift < 28) low |= bits << shift;
			else if (shift === 28) {
				low |= bits << 28;
				high |= bits >>> 4;
			} else if (shift < 63 || !anyBits) high |= bits << (shift - 32);
			else high |= bits;
			if (byte < 128) return [low >>> 0, high >>> 0];
		}
		throw new Error("invalid varint encoding");
	}

	private beyond(length: number): RangeError {
		return new RangeError(`index out of range: ${this.pos} + ${length} > ${this.end}`);
	}
}
