// One hash of points as it was read last: the next reply is compared with its bytes, and is only parsed where they differ.
import type { KeyReading, PointKey, PointReading } from "../../../ports/box-points.ts";
import { emptyReading, KeyState } from "../../../ports/box-points.ts";
import { encodeOperand } from "../script.ts";
import { PackedStrings } from "./points-packed.ts";
import { PointSlots } from "./points-slots.ts";
import { parsePointId, parseQuality, parseTimeMs, type WrittenQuality } from "./points-values.ts";

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
	private slots: PointSlots | undefined;

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
		this.slots ??= new PointSlots();
		this.reading = parseHash(this.key, raw, this.slots);
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
		this.slots = undefined;
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

function parseHash(key: PointKey, raw: RawHash, slots: PointSlots): KeyReading {
	const times = raw.times === undefined ? undefined : parseTimes(raw.times);
	const qualities = raw.qualities === undefined ? undefined : parseQualities(raw.qualities);
	const writtenMs = findTimestamp(raw.points);
	const bytes = raw.points;
	const strings = new PackedStrings(bytes);
	slots.begin(writtenMs);
	while (strings.left > 0) {
		strings.next();
		const id = parsePointId(bytes, strings.start, strings.end);
		strings.next();
		if (id < 0) continue;
		const sourceMs = times?.get(id) ?? writtenMs;
		slots.put(id, bytes, strings.start, strings.end, sourceMs, qualities?.get(id));
	}
	return { key, state: KeyState.PRESENT, reason: "", points: slots.end(), writtenMs, newestMs: slots.newestMs };
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
