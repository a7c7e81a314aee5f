// One hash of points as it was read last: the next reply is compared with its bytes, and is only parsed where they differ.
import type { KeyReading, PointKey, PointReading } from "../../../ports/box-points.ts";
import { emptyReading, KeyState } from "../../../ports/box-points.ts";
import { Quality } from "../../../protocol/gen/schema.ts";
import { encodeOperand } from "../script.ts";
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

/** What came for one key; `times` and `qualities` undefined where there are none. */
export interface RawHash {
	readonly points: Buffer;
	readonly times: Buffer | undefined;
	readonly qualities: Buffer | undefined;
}

const TIMESTAMP = Buffer.from("_timestamp");
const UNDERSCORE = 0x5f;
/** Costs of a point beside its bytes, for the bound of what is kept. */
const POINT_BYTES = 96;
const HASH_BYTES = 768;

export class PointHash {
	readonly key: PointKey;
	readonly redisKey: string;
	readonly timesKey: string | undefined;
	readonly qualityKey: string | undefined;
	/** The keys as operands of a command: see `RedisScript.runEncoded`. */
	readonly operands: { readonly points: string; readonly times: string; readonly qualities: string };
	/** Counted in what the reader keeps. */
	isKept = true;
	/** More points than are read at once, as it was last. */
	isHuge = false;
	/** Whether there is a hash of qualities, and when to look again (monotonic milliseconds). */
	hasQualities = false;
	qualitiesCheckAtMs = 0;
	/** Bytes of the last reply, for the size of the next; undefined before the first. */
	lastBytes: number | undefined;
	private reading: KeyReading | undefined;
	/** The last answer to who wanted all of a huge hash, beside others who named points. */
	private refusal: KeyReading | undefined;
	private raw: RawHash | undefined;

	constructor(key: PointKey, redisKey: string, timesKey: string | undefined, qualityKey: string | undefined) {
		this.key = { family: key.family, channel: key.channel, type: key.type };
		this.redisKey = redisKey;
		this.timesKey = timesKey;
		this.qualityKey = qualityKey;
		this.operands = {
			points: encodeOperand(redisKey),
			times: encodeOperand(timesKey ?? ""),
			qualities: encodeOperand(qualityKey ?? ""),
		};
	}

	/** Memory that this takes, about. */
	get keptBytes(): number {
		return HASH_BYTES + (this.lastBytes ?? 0) + (this.reading?.points.length ?? 0) * POINT_BYTES;
	}

	/** The reading of a reply; the same object as the last time if nothing changed. @throws Error when it is malformed. */
	accept(raw: RawHash): KeyReading {
		const { raw: last, reading } = this;
		if (last !== undefined && reading !== undefined && isSame(raw, last)) return reading;
		this.raw = { points: keep(raw.points, last?.points), times: copy(raw.times), qualities: copy(raw.qualities) };
		this.lastBytes = raw.points.length + (raw.times?.length ?? 0) + (raw.qualities?.length ?? 0);
		this.reading = parseHash(this.key, raw);
		return this.reading;
	}

	/** Missing or failed. */
	fail(state: KeyState, reason: string): KeyReading {
		const { reading } = this;
		if (reading !== undefined && reading.state === state && reading.reason === reason) return reading;
		return this.replace(emptyReading(this.key, state, reason));
	}

	/** A reading made elsewhere; the last one if it says the same. */
	settle(next: KeyReading): KeyReading {
		const { reading } = this;
		return reading !== undefined && isSameReading(reading, next) ? reading : this.replace(next);
	}

	/** All cannot be had, `named` can; the same object as long as that is the same. */
	refuseWhole(reason: string, named: KeyReading): KeyReading {
		if (this.refusal?.named === named) return this.refusal;
		this.refusal = { ...emptyReading(this.key, KeyState.FAILED, reason), newestMs: named.newestMs, named };
		return this.refusal;
	}

	private replace(reading: KeyReading): KeyReading {
		this.raw = undefined;
		this.lastBytes = 0;
		this.reading = reading;
		return reading;
	}
}

function isSame(a: RawHash, b: RawHash): boolean {
	return a.points.equals(b.points) && isSameBuffer(a.times, b.times) && isSameBuffer(a.qualities, b.qualities);
}

function isSameBuffer(a: Buffer | undefined, b: Buffer | undefined): boolean {
	return a === undefined || b === undefined ? a === b : a.equals(b);
}

/** Replies are windows on what the socket read, which would be kept whole: what stays is copied. */
function copy(raw: Buffer | undefined): Buffer | undefined {
	return raw === undefined ? undefined : keep(raw, undefined);
}

function keep(raw: Buffer, last: Buffer | undefined): Buffer {
	const room = last?.length === raw.length ? last : Buffer.allocUnsafeSlow(raw.length);
	raw.copy(room);
	return room;
}

function parseHash(key: PointKey, raw: RawHash): KeyReading {
	const times = raw.times === undefined ? undefined : parseTimes(raw.times);
	const qualities = raw.qualities === undefined ? undefined : parseQualities(raw.qualities);
	const writtenMs = findTimestamp(raw.points);
	const bytes = raw.points;
	const strings = new PackedStrings(bytes);
	// As many as there are fields, since growing makes twice the garbage; what is no point is cut off in the end.
	const points = new Array<PointReading>(strings.left >> 1);
	let count = 0;
	let lastId = -1;
	let isSorted = true;
	let newestMs = writtenMs;
	while (strings.left > 0) {
		strings.next();
		const id = parsePointId(bytes, strings.start, strings.end);
		strings.next();
		if (id < 0) continue;
		if (id < lastId) isSorted = false;
		lastId = id;
		const sourceMs = times?.get(id) ?? writtenMs;
		if (sourceMs > newestMs) newestMs = sourceMs;
		points[count++] = readPoint(id, bytes, strings.start, strings.end, sourceMs, qualities?.get(id));
	}
	points.length = count;
	if (!isSorted) points.sort((a, b) => a.pointId - b.pointId);
	return { key, state: KeyState.PRESENT, reason: "", points, writtenMs, newestMs };
}

/**
 * A class, as V8 watches how long objects of a literal live: those of a box that is read a thousand times a minute it makes
 * in the old generation from then on, and collects all of the heap for them every hundred reads.
 */
class Point implements PointReading {
	readonly pointId: number;
	readonly value: PointReading["value"];
	readonly quality: Quality;
	readonly flags: number;
	readonly sourceMs: number;

	constructor(pointId: number, value: PointReading["value"], quality: Quality, flags: number, sourceMs: number) {
		this.pointId = pointId;
		this.value = value;
		this.quality = quality;
		this.flags = flags;
		this.sourceMs = sourceMs;
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
): PointReading {
	const number = shortDecimal(bytes, start, end);
	if (number !== undefined && written === undefined) return new Point(pointId, number, Quality.GOOD, 0, sourceMs);
	const parsed: ParsedValue =
		number !== undefined ? { value: number, quality: 0, flags: 0 } : parseText(bytes, start, end);
	const quality = Math.max(parsed.quality, written?.quality ?? 0) as Quality;
	return new Point(pointId, parsed.value, quality, parsed.flags | (written?.flags ?? 0), sourceMs);
}

/** `_timestamp` comes before or after the points, and they need it. */
function findTimestamp(bytes: Buffer): number {
	const strings = new PackedStrings(bytes);
	while (strings.left > 0) {
		strings.next();
		const { start, end } = strings;
		strings.next();
		if (bytes[start] !== UNDERSCORE || end - start !== TIMESTAMP.length) continue;
		if (bytes.compare(TIMESTAMP, 0, TIMESTAMP.length, start, end) === 0) {
			return parseTimeMs(bytes, strings.start, strings.end);
		}
	}
	return 0;
}

function parseTimes(bytes: Buffer): Map<number, number> {
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

function isSameReading(a: KeyReading, b: KeyReading): boolean {
	if (a.state !== b.state || a.reason !== b.reason || a.writtenMs !== b.writtenMs) return false;
	if (a.points.length !== b.points.length) return false;
	return a.points.every((point, index) => {
		const other = b.points[index] as PointReading;
		const isSameValue = point.pointId === other.pointId && Object.is(point.value, other.value);
		return (
			isSameValue && point.quality === other.quality && point.flags === other.flags && point.sourceMs === other.sourceMs
		);
	});
}
