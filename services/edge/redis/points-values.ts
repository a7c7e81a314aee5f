// Values as field services write them, and how they are read. Values arrive as bytes and most are short decimal
// numbers: those are read in place, without creating a string.  | text                                  | value
// | quality | flags | |---------------------------------------|--------------------|---------|-------| | `25.500000`,
// `-3`, `1e16`, `.5`, `+1`  | number             | GOOD    |       | | `true`, `false`                       | boolean
// | GOOD    |       | | an integer of ±2^53 or beyond         | its text, as a double would round it | GOOD | | |
// `inf`, `-Infinity`, `1e999`           | none               | BAD     | OV    | | `NaN`, nothing, invalid UTF-8, a
// text of more than 256 bytes | none | BAD | IV | | any other text: `0x10`, `1,5`, `ON`   | its text, to look at:
// nothing is guessed | BAD | IV |  Spaces around a value do not count.
import { isUtf8 } from "node:buffer";
import { Quality } from "../../../protocol/gen/schema.ts";

/** Quality descriptors of IEC 60870-5-104, 7.2.6.3. */
export const QualityFlag = {
	/** Beyond the range of the value. */
	OVERFLOW: 1,
	INVALID: 128,
} as const;

export interface ParsedValue {
	readonly value: number | string | boolean | undefined;
	readonly quality: Quality;
	readonly flags: number;
}

const OVERFLOWN: ParsedValue = { value: undefined, quality: Quality.BAD, flags: QualityFlag.OVERFLOW };
const NOTHING: ParsedValue = { value: undefined, quality: Quality.BAD, flags: QualityFlag.INVALID };
const TRUE: ParsedValue = { value: true, quality: Quality.GOOD, flags: 0 };
const FALSE: ParsedValue = { value: false, quality: Quality.GOOD, flags: 0 };

/** Longest text that is kept. */
const MAX_TEXT_BYTES = 256;

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const INTEGER = /^[+-]?\d+$/;
const INFINITE = /^[+-]?inf(?:inity)?$/i;
const NOT_A_NUMBER = /^[+-]?nan$/i;

const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;

/** Up to this many digits make an integer that a double holds exactly, and so does the power of ten below them. */
const EXACT_DIGITS = 15;
const POWERS_OF_TEN = Array.from({ length: EXACT_DIGITS + 1 }, (_, exponent) => 10 ** exponent);

/**
 * Reads `-123.456` in place. Division of two exact doubles is rounded once, so the result is the nearest double.
 *
 * @param into - gets the number at `index`: each number that is returned by a function is an object of its own.
 * @returns false for whatever does not look like this, which may well be a number.
 */
export function readShortDecimal(
	bytes: Uint8Array,
	start: number,
	end: number,
	into: number[],
	index: number,
): boolean {
	let at = start;
	const isNegative = bytes[at] === MINUS;
	if (isNegative) at++;
	let digits = 0;
	let mantissa = 0;
	let pointAt = -1;
	if (end - at > EXACT_DIGITS + 1) return false;
	for (; at < end; at++) {
		const byte = bytes[at] as number;
		if (byte >= ZERO && byte <= NINE) {
			mantissa = mantissa * 10 + (byte - ZERO);
			digits++;
		} else if (byte === POINT && pointAt < 0) {
			pointAt = digits;
		} else {
			return false;
		}
	}
	if (digits === 0 || digits > EXACT_DIGITS) return false;
	const size = pointAt < 0 ? mantissa : mantissa / (POWERS_OF_TEN[digits - pointAt] as number);
	into[index] = isNegative ? -size : size;
	return true;
}

/** Doubles from the start, as are all arrays that `readShortDecimal` is given. */
const one = [0.5];

/** As `readShortDecimal`. @returns undefined for whatever it does not read. */
export function shortDecimal(bytes: Uint8Array, start: number, end: number): number | undefined {
	return readShortDecimal(bytes, start, end, one, 0) ? one[0] : undefined;
}

/** Any value that `shortDecimal` does not read. */
export function parseText(bytes: Uint8Array, start: number, end: number): ParsedValue {
	if (end - start > MAX_TEXT_BYTES) return NOTHING;
	const slice = bytes.subarray(start, end);
	if (!isUtf8(slice)) return NOTHING;
	const text = Buffer.from(slice.buffer, slice.byteOffset, slice.byteLength).toString("utf8").trim();
	if (text === "" || NOT_A_NUMBER.test(text)) return NOTHING;
	if (DECIMAL.test(text)) return parseDecimal(text);
	if (INFINITE.test(text)) return OVERFLOWN;
	if (text === "true") return TRUE;
	if (text === "false") return FALSE;
	return { value: text, quality: Quality.BAD, flags: QualityFlag.INVALID };
}

function parseDecimal(text: string): ParsedValue {
	const value = Number(text);
	if (!Number.isFinite(value)) return OVERFLOWN;
	// Counters and serial numbers: every digit counts. What has a point or an exponent was a double at the writer.
	if (!Number.isSafeInteger(value) && INTEGER.test(text)) return { value: text, quality: Quality.GOOD, flags: 0 };
	return { value, quality: Quality.GOOD, flags: 0 };
}

/** Where units of times change: 10^11 seconds are the year 5138, as milliseconds 1973. */
const MS_FROM = 1e11;
const US_FROM = 1e14;
const NS_FROM = 1e17;
/** More than an int64 of nanoseconds is no time; a writer's invalid value must not be published as one. */
const NO_TIME_FROM = 2 ** 63;

/** A time in seconds, milliseconds, micro- or nanoseconds, recognized by its size, as Unix milliseconds; 0 for none. */
export function toUnixMs(time: number): number {
	if (!(time > 0) || time >= NO_TIME_FROM) return 0;
	if (time < MS_FROM) return Math.round(time * 1000);
	if (time < US_FROM) return Math.round(time);
	return Math.round(time < NS_FROM ? time / 1e3 : time / 1e6);
}

/** A time as a field service wrote it, whatever its unit. */
export function parseTimeMs(bytes: Uint8Array, start: number, end: number): number {
	const short = shortDecimal(bytes, start, end);
	if (short !== undefined) return toUnixMs(short);
	const { value } = parseText(bytes, start, end);
	return toUnixMs(Number(value ?? 0));
}

const QUALITY_NAMES: ReadonlyMap<string, Quality> = new Map([
	["0", Quality.GOOD],
	["good", Quality.GOOD],
	["1", Quality.UNCERTAIN],
	["uncertain", Quality.UNCERTAIN],
	["2", Quality.BAD],
	["bad", Quality.BAD],
	["3", Quality.UNAVAILABLE],
	["unavailable", Quality.UNAVAILABLE],
]);

export interface WrittenQuality {
	readonly quality: Quality;
	readonly flags: number;
}

const UNREADABLE: WrittenQuality = { quality: Quality.UNCERTAIN, flags: 0 };

/** `good`, `bad`, a number 0 to 3, with flags if there are any: `bad:128`. What cannot be read makes a value UNCERTAIN. */
export function parseQuality(bytes: Uint8Array, start: number, end: number): WrittenQuality {
	if (end - start > MAX_TEXT_BYTES) return UNREADABLE;
	const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("latin1");
	const [name = "", flagText = "0"] = text.trim().toLowerCase().split(":", 2);
	const quality = QUALITY_NAMES.get(name);
	const flags = Number(flagText);
	if (quality === undefined) return UNREADABLE;
	return { quality, flags: Number.isInteger(flags) && flags >= 0 && flags <= 0xff ? flags : 0 };
}

/** The id of a point, -1 for a field that is none: `_timestamp`, `007`, `abc`. */
export function parsePointId(bytes: Uint8Array, start: number, end: number): number {
	const length = end - start;
	if (length === 0 || length > 10 || (bytes[start] === ZERO && length > 1)) return -1;
	let id = 0;
	for (let at = start; at < end; at++) {
		const byte = bytes[at] as number;
		if (byte < ZERO || byte > NINE) return -1;
		id = id * 10 + (byte - ZERO);
	}
	return id > 0xffff_ffff ? -1 : id;
}
