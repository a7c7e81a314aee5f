// protobufjs' reader and writer, with a short way for 64-bit integers that fit a JavaScript number. The library splits
// every one into an object of two halves, which for messages full of times and offsets is most of the garbage they
// make. Values beyond 2^53 take the library's way.
import type protobuf from "protobufjs/minimal.js";
import { library } from "./runtime.ts";

/** 2^28: four groups of seven bits. */
const FOUR_GROUPS = 0x1000_0000;

/**
 * The largest doubles that fit. What is larger by rounding would otherwise go over the top and be written as the smallest,
 * past the rules that refuse numbers too large to be exact.
 */
const MAX_INT64 = 2 ** 63 - 1024;
const MAX_UINT64 = 2 ** 64 - 2048;

const inBrowser = typeof Buffer === "undefined";
const BaseReader: typeof protobuf.Reader = inBrowser ? library.Reader : library.BufferReader;
const BaseWriter: typeof protobuf.Writer = inBrowser ? library.Writer : library.BufferWriter;

function atMost<Value>(max: number, value: Value): Value | number {
	const number = Number(value);
	return number > max && number < Number.POSITIVE_INFINITY ? max : value;
}

export class FrameReader extends BaseReader {
	// The library's typings speak of Long, which this product does not have: see runtime.ts.
	override int64(): never {
		return (this.shortVarint() ?? super.int64()) as never;
	}

	override uint64(): never {
		return (this.shortVarint() ?? super.uint64()) as never;
	}

	/** Reads a varint of up to seven bytes (49 bits); undefined, and nothing read, when it is longer or cut off. */
	private shortVarint(): number | undefined {
		const { buf, pos } = this;
		const end = Math.min(this.len, pos + 7);
		let low = 0;
		let high = 0;
		for (let at = pos; at < end; at++) {
			const byte = buf[at] as number;
			const group = at - pos;
			if (group < 4) low |= (byte & 127) << (group * 7);
			else high |= (byte & 127) << ((group - 4) * 7);
			if (byte < 128) {
				this.pos = at + 1;
				return low + high * FOUR_GROUPS;
			}
		}
		return undefined;
	}
}

export class FrameWriter extends BaseWriter {
	override int64(value: Parameters<protobuf.Writer["int64"]>[0]): this {
		return this.shortVarint(value) ? this : (super.int64(atMost(MAX_INT64, value)) as this);
	}

	override uint64(value: Parameters<protobuf.Writer["uint64"]>[0]): this {
		return this.shortVarint(value) ? this : (super.uint64(atMost(MAX_UINT64, value)) as this);
	}

	/** Writes a varint; false, and nothing written, when the value is no integer from 0 to 2^53. */
	private shortVarint(value: unknown): boolean {
		if (!Number.isSafeInteger(value) || (value as number) < 0) return false;
		const number = value as number;
		const low = number % FOUR_GROUPS;
		if (low === number) {
			this.uint32(low);
			return true;
		}
		// Four bytes that all say "goes on", lowest group first; then the rest.
		const first = (low & 127) | ((low & 0x3f80) << 1) | ((low & 0x1f_c000) << 2) | ((low & 0xfe0_0000) << 3);
		this.fixed32(first | 0x8080_8080);
		this.uint32((number - low) / FOUR_GROUPS);
		return true;
	}
}
