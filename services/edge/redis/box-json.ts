// JSON and times as field services write them. The input is not trusted: values of another type become undefined or 0.
import { type JsonBounds, jsonExcess } from "../../../protocol/json-bounds.ts";
import { toUnixMs } from "./points-values.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

/** The largest text that is read of a box is a model of 1 MiB, with 2000 members. */
const MAX_TEXT_LENGTH = 1024 * 1024;
const BOUNDS: JsonBounds = { maxDepth: 64, maxValues: 65_536 };

/** The object that a text is, undefined when it is none, or too much of one. */
export function parseObject(text: string | null | undefined): JsonObject | undefined {
	if (typeof text !== "string" || text.length === 0 || text.length > MAX_TEXT_LENGTH) return undefined;
	if (jsonExcess(text, BOUNDS) !== undefined) return undefined;
	try {
		return asObject(JSON.parse(text));
	} catch {
		return undefined;
	}
}

export function asObject(value: unknown): JsonObject | undefined {
	return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

/** Texts as they are, numbers and booleans as their text, "" for everything else. */
export function textOf(value: unknown): string {
	if (typeof value === "string") return value;
	return typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

/** Finite numbers, and texts of such. */
export function numberOf(value: unknown): number | undefined {
	if (typeof value !== "number" && (typeof value !== "string" || value.trim() === "")) return undefined;
	const number = Number(value);
	return Number.isFinite(number) ? number : undefined;
}

export function booleanOf(value: unknown): boolean | undefined {
	if (typeof value === "boolean") return value;
	const text = textOf(value).trim().toLowerCase();
	if (text === "true" || text === "1") return true;
	return text === "false" || text === "0" ? false : undefined;
}

const LONGEST_TIME = 64;
const ISO_DATE = /^\d{4}-\d\d-\d\d/;
const ISO_WITH_ZONE = /(?:Z|[+-]\d\d:?\d\d)$/i;
const DATE_ONLY = /^\d{4}-\d\d-\d\d$/;

/** A time in seconds, milliseconds or ISO 8601 as Unix milliseconds; 0 for none. A time without its zone is UTC. */
export function timeMsOf(value: unknown): number {
	const text = textOf(value).trim();
	if (text.length > LONGEST_TIME) return 0;
	if (!ISO_DATE.test(text)) return toUnixMs(numberOf(text) ?? 0);
	const joined = text.replace(" ", "T");
	const ms = Date.parse(ISO_WITH_ZONE.test(joined) || DATE_ONLY.test(joined) ? joined : `${joined}Z`);
	return Number.isFinite(ms) && ms > 0 ? ms : 0;
}

/** Cut to a number of UTF-16 units, never inside of a character. */
export function cut(text: string, length: number): string {
	if (text.length <= length) return text;
	const last = text.charCodeAt(length - 1);
	const kept = text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length);
	// A slice refers to the whole text, which would stay in memory as long as the slice does.
	return Buffer.from(kept, "utf16le").toString("utf16le");
}
