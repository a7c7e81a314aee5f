// One hash of points as it was read last: the next reply is compared with its bytes, and is only parsed where they differ.

import { encodeOperand } from "../../../stores/redis/script.ts";
import type { KeyReading, PointKey, PointReading } from "../boxes/box-points.ts";
import { emptyReading, KeyState, pointCount } from "../boxes/box-points.ts";
import { parseNumbers } from "./points-numbers.ts";
import { parseHash, type RawHash } from "./points-parse.ts";

/** Memory of a point beside its bytes, for the limit of kept readings. */
const POINT_BYTES = 96;
const HASH_BYTES = 768;
/** A hash that had other values than numbers is parsed as objects for this many changes. */
const OBJECTS_FOR = 30;

export class PointHash {
	readonly key: PointKey;
	readonly redisKey: string;
	readonly timesKey: string | undefined;
	readonly qualityKey: string | undefined;
	/** The keys as operands of a command: see `RedisScript.encode`. */
	readonly operands: { readonly points: string; readonly times: string; readonly qualities: string };
	/** Counted in what the reader keeps, and with how much. */
	isKept = true;
	countedBytes = 0;
	/** More points than are read at once, as it was last. */
	isHuge = false;
	/** Whether there is a hash of qualities, and when to look again (monotonic milliseconds). */
	hasQualities = false;
	qualitiesCheckAtMs = 0;
	/** Approximate memory of this object. */
	keptBytes = HASH_BYTES;
	/** Bytes of the last reply, for the size of the next; undefined before the first. */
	lastBytes: number | undefined;
	private reading: KeyReading | undefined;
	/** The last reading for views that want all points of a huge hash, beside views that name points. */
	private rejection: KeyReading | undefined;
	private raw: RawHash | undefined;
	/** Changes until it is tried again whether these are numbers only. */
	private objectsFor = 0;

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

	/** The reading of a reply; the same object as the last time if nothing changed. @throws Error when it is malformed. */
	accept(raw: RawHash): KeyReading {
		const { raw: last, reading } = this;
		if (last !== undefined && reading !== undefined && isSame(raw, last)) return reading;
		this.raw = { points: keep(raw.points, last?.points), times: copy(raw.times), qualities: copy(raw.qualities) };
		this.lastBytes = raw.points.length + (raw.times?.length ?? 0) + (raw.qualities?.length ?? 0);
		return this.keepReading(this.parse(raw), this.lastBytes);
	}

	/** Missing or failed. */
	fail(state: KeyState, reason: string): KeyReading {
		const { reading } = this;
		if (reading !== undefined && reading.state === state && reading.reason === reason) return reading;
		return this.replace(emptyReading(this.key, state, reason));
	}

	/** Takes over a reading made elsewhere; returns the last one if they are equal. */
	settle(next: KeyReading): KeyReading {
		const { reading } = this;
		return reading !== undefined && isSameReading(reading, next) ? reading : this.replace(next);
	}

	/** The hash cannot be read as a whole, `named` points can; the same object as long as `named` is the same. */
	refuseWhole(reason: string, named: KeyReading): KeyReading {
		if (this.rejection?.named === named) return this.rejection;
		this.rejection = { ...emptyReading(this.key, KeyState.FAILED, reason), newestMs: named.newestMs, named };
		return this.rejection;
	}

	/** Readings as objects are tried as columns after some changes: all values may be numbers again. */
	private parse(raw: RawHash): KeyReading {
		if (this.objectsFor > 0) {
			this.objectsFor--;
			return parseHash(this.key, raw);
		}
		const numbers = parseNumbers(this.key, raw, this.reading);
		if (numbers !== undefined) return numbers;
		this.objectsFor = OBJECTS_FOR;
		return parseHash(this.key, raw);
	}

	private replace(reading: KeyReading): KeyReading {
		this.raw = undefined;
		this.lastBytes = 0;
		return this.keepReading(reading, textBytes(reading.points));
	}

	/** @param bytes - what is kept beside the points. */
	private keepReading(reading: KeyReading, bytes: number): KeyReading {
		this.reading = reading;
		this.keptBytes = HASH_BYTES + bytes + pointCount(reading) * POINT_BYTES;
		return reading;
	}
}

/** Two a character at most, as V8 has them. */
function textBytes(points: readonly PointReading[]): number {
	return points.reduce((sum, { value }) => sum + (typeof value === "string" ? 2 * value.length : 0), 0);
}

function isSame(a: RawHash, b: RawHash): boolean {
	return a.points.equals(b.points) && isSameBuffer(a.times, b.times) && isSameBuffer(a.qualities, b.qualities);
}

function isSameBuffer(a: Buffer | undefined, b: Buffer | undefined): boolean {
	return a === undefined || b === undefined ? a === b : a.equals(b);
}

/** Replies are views of the socket's buffer, which would be kept as a whole: the kept part is copied. */
function copy(raw: Buffer | undefined): Buffer | undefined {
	return raw === undefined ? undefined : keep(raw, undefined);
}

function keep(raw: Buffer, last: Buffer | undefined): Buffer {
	const room = last?.length === raw.length ? last : Buffer.allocUnsafeSlow(raw.length);
	raw.copy(room);
	return room;
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
