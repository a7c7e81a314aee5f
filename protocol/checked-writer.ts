// A writer that refuses what is not of its field's type. protobufjs writes -1 as 4294967295, "1" as 1 and 1.9 as 1: for the
// number of a point that is another point.
import { FrameWriter } from "./frame-coder.ts";

const UINT32_MAX = 0xffff_ffff;
const INT32_MIN = -0x8000_0000;
const INT32_MAX = 0x7fff_ffff;

function isInteger(value: unknown, min: number, max: number): boolean {
	return Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;
}

/** Every method throws a TypeError that says what was expected, and shows the value if it is a number. */
export class CheckedWriter extends FrameWriter {
	override uint32(value: number): this {
		check(isInteger(value, 0, UINT32_MAX), value, "an integer from 0 to 4294967295");
		return super.uint32(value) as this;
	}

	override int32(value: number): this {
		check(isInteger(value, INT32_MIN, INT32_MAX), value, "an integer of 32 bits");
		return super.int32(value) as this;
	}

	override uint64(value: Parameters<FrameWriter["uint64"]>[0]): this {
		check(isInteger(value, 0, Number.MAX_SAFE_INTEGER), value, "an integer from 0 to 2^53");
		return super.uint64(value);
	}

	override int64(value: Parameters<FrameWriter["int64"]>[0]): this {
		check(Number.isSafeInteger(value), value, "an integer between -2^53 and 2^53");
		return super.int64(value);
	}

	override double(value: number): this {
		check(typeof value === "number", value, "a number");
		return super.double(value) as this;
	}

	override bool(value: boolean): this {
		check(typeof value === "boolean", value, "a boolean");
		return super.bool(value) as this;
	}

	override string(value: string): this {
		check(typeof value === "string", value, "a string");
		return super.string(value) as this;
	}

	override bytes(value: Uint8Array): this {
		check(value instanceof Uint8Array, value, "a Uint8Array");
		return super.bytes(value) as this;
	}
}

function check(holds: boolean, value: unknown, expected: string): void {
	if (holds) return;
	// A string may be a secret in the wrong place.
	const found = typeof value === "number" ? String(value) : value === null ? "null" : typeof value;
	throw new TypeError(`expected ${expected}, found ${found}`);
}
