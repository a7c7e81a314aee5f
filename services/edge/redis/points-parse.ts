// A hash of points as objects: whatever its values, their qualities and times, and the order that Redis has it in.

import { Quality } from "../../../protocol/gen/schema.ts";
import { type KeyReading, KeyState, type PointKey, type PointReading } from "../boxes/box-points.ts";
import { PackedStrings } from "./points-packed.ts";
import {
	type ParsedValue,
	parsePointId,
	parseQuality,
	parseText,
	parseTimeMs,
	shortDecimal,
	type WrittenQuality,
} from "./points-values.ts";

/** What came for one key, packed; `times` and `qualities` undefined where there are none. */
export interface RawHash {
	readonly points: Buffer;
	readonly times: Buffer | undefined;
	readonly qualities: Buffer | undefined;
}

const TIMESTAMP = Buffer.from("_timestamp");
const UNDERSCORE = 0x5f;

/** Any hash. @throws Error when it is malformed. */
export function parseHash(key: PointKey, raw: RawHash): KeyReading {
	const times = raw.times === undefined ? undefined : parseTimes(raw.times);
	const qualities = raw.qualities === undefined ? undefined : parseQualities(raw.qualities);
	const bytes = raw.points;
	const strings = new PackedStrings(bytes);
	// One slot for each field, since growing makes twice the garbage; unused slots are cut off at the end.
	const points = new Array<Point>(strings.left >> 1);
	let count = 0;
	let lastId = -1;
	let isSorted = true;
	let writtenMs = 0;
	let newestMs = 0;
	while (strings.left > 0) {
		strings.next();
		const { start, end } = strings;
		const id = parsePointId(bytes, start, end);
		strings.next();
		if (id < 0) {
			if (isTimestamp(bytes, start, end)) writtenMs = parseTimeMs(bytes, strings.start, strings.end);
			continue;
		}
		if (id < lastId) isSorted = false;
		lastId = id;
		const sourceMs = times?.get(id) ?? 0;
		if (sourceMs > newestMs) newestMs = sourceMs;
		points[count++] = readPoint(id, bytes, strings.start, strings.end, sourceMs, qualities?.get(id));
	}
	points.length = count;
	if (writtenMs > newestMs) newestMs = writtenMs;
	// `_timestamp` comes before or after the points.
	for (const point of points) if (times?.has(point.pointId) !== true) point.sourceMs = writtenMs;
	if (!isSorted) points.sort((a, b) => a.pointId - b.pointId);
	return { key, state: KeyState.PRESENT, reason: "", points, writtenMs, newestMs };
}

/**
 * A class, because V8 tracks the lifetime of objects by their literal: for a box that is read a thousand times a
 * minute, it allocates such objects in the old generation, and runs a full collection every hundred reads.
 */
export class Point implements PointReading {
	readonly pointId: number;
	readonly value: PointReading["value"];
	readonly quality: Quality;
	readonly flags: number;
	/** The point is not returned before this is set. */
	sourceMs = 0;

	constructor(pointId: number, value: PointReading["value"], quality: Quality, flags: number) {
		this.pointId = pointId;
		this.value = value;
		this.quality = quality;
		this.flags = flags;
	}
}

/** One point from its bytes. */
export function readPoint(
	pointId: number,
	bytes: Uint8Array,
	start: number,
	end: number,
	sourceMs: number,
	written: WrittenQuality | undefined,
): Point {
	const number = shortDecimal(bytes, start, end);
	if (number !== undefined && written === undefined) {
		const point = new Point(pointId, number, Quality.GOOD, 0);
		point.sourceMs = sourceMs;
		return point;
	}
	const parsed: ParsedValue =
		number !== undefined ? { value: number, quality: 0, flags: 0 } : parseText(bytes, start, end);
	const quality = Math.max(parsed.quality, written?.quality ?? 0) as Quality;
	const point = new Point(pointId, parsed.value, quality, parsed.flags | (written?.flags ?? 0));
	point.sourceMs = sourceMs;
	return point;
}

/** Whether that is the name of the field that says when a hash was written. */
export function isTimestamp(bytes: Buffer, start: number, end: number): boolean {
	if (bytes[start] !== UNDERSCORE || end - start !== TIMESTAMP.length) return false;
	return bytes.compare(TIMESTAMP, 0, TIMESTAMP.length, start, end) === 0;
}

/** Milliseconds by point. */
export function parseTimes(bytes: Buffer): Map<number, number> {
	return parseBeside(bytes, (start, end) => parseTimeMs(bytes, start, end));
}

function parseQualities(bytes: Buffer): Map<number, WrittenQuality> {
	return parseBeside(bytes, (start, end) => parseQuality(bytes, start, end));
}

function parseBeside<T>(bytes: Buffer, parse: (start: number, end: number) => T): Map<number, T> {
	const values = new Map<number, T>();
	const strings = new PackedStrings(bytes);
	while (strings.left > 0) {
		strings.next();
		const id = parsePointId(bytes, strings.start, strings.end);
		strings.next();
		if (id >= 0) values.set(id, parse(strings.start, strings.end));
	}
	return values;
}
