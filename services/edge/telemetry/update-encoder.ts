// A ChannelUpdate as bytes (protobuf encoding: https://protobuf.dev/programming-guides/encoding/). Written byte by byte, since
// points are most of the work of a tick, and the general writer checks the space at every field: a thousand points took
// it 80 µs, and 190 µs in a process that had just woken, where this takes 53 and 108.

import { Quality } from "../../../protocol/gen/schema.ts";
import { type KeyReading, KeyState, type NumberColumns, type PointReading } from "../boxes/box-points.ts";
import { missingPoint, type PointSelection } from "./reading-points.ts";

/** An encoded ChannelUpdate, and how many points are in it. */
export interface EncodedUpdate {
	readonly bytes: Uint8Array;
	readonly points: number;
}

/** Tag bytes: field number << 3 | wire type (0 varint, 1 64-bit, 2 length-delimited). */
const UPDATE = { SOURCE: 10, CHANNEL: 16, TYPE: 24, POINT: 34, QUALITY: 40, REASON: 50 } as const;
const POINT = { ID: 8, NUM: 17, STR: 26, BOOL: 32, QUALITY: 40, FLAGS: 48, SOURCE_MS: 56 } as const;

const INITIAL_BYTES = 4096;
/** More than any field but a text takes, all fields of a point or of an update together. */
const FIXED_BYTES = 64;
/** Tag and varint of a time: see `varint` for how large it may be. */
const TIME_BYTES = 10;
/** Most that a UTF-16 unit takes in UTF-8. */
const UNIT_BYTES = 3;

export class UpdateEncoder {
	private buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
	private view = new DataView(this.buffer.buffer);
	private at = 0;
	/** The source time that was written last, and its bytes: points of a hash mostly have the same. */
	private timeMs = 0;
	private readonly time = new Uint8Array(TIME_BYTES);
	private timeLength = 0;

	/**
	 * @param points - those to encode, of the reading.
	 * @param worst - quality that good points are encoded with: GOOD, or UNCERTAIN when the reading is out of date.
	 * @param old - an update that is not used any more: overwritten and returned if it has as many bytes and points.
	 */
	encode(
		source: string,
		reading: KeyReading,
		points: readonly PointReading[],
		worst: Quality,
		old?: EncodedUpdate,
	): EncodedUpdate {
		this.begin(source, reading);
		for (const point of points) this.point(point, reading.writtenMs, worst);
		return this.finish(reading, points.length, old);
	}

	/** As `encode`, the numbers of a reading from one index up to another. */
	encodeNumbers(
		source: string,
		reading: KeyReading,
		numbers: NumberColumns,
		from: number,
		to: number,
		worst: Quality,
		old?: EncodedUpdate,
	): EncodedUpdate {
		this.begin(source, reading);
		this.reserve((to - from) * FIXED_BYTES);
		for (let index = from; index < to; index++) this.number(numbers, index, reading.writtenMs, worst);
		return this.finish(reading, to - from, old);
	}

	/** As `encode`, the points of a selection from one place up to another. */
	encodeSelected(
		source: string,
		reading: KeyReading,
		{ ids, indexes }: PointSelection,
		from: number,
		to: number,
		worst: Quality,
		old?: EncodedUpdate,
	): EncodedUpdate {
		this.begin(source, reading);
		const { numbers, writtenMs } = reading;
		for (let at = from; at < to; at++) {
			const index = indexes[at] as number;
			if (index < 0) this.point(missingPoint(ids[at] as number), writtenMs, worst);
			else if (numbers === undefined) this.point(reading.points[index] as PointReading, writtenMs, worst);
			else {
				this.reserve(FIXED_BYTES);
				this.number(numbers, index, writtenMs, worst);
			}
		}
		return this.finish(reading, to - from, old);
	}

	private begin(source: string, { key }: KeyReading): void {
		this.at = 0;
		this.reserve(FIXED_BYTES + source.length * UNIT_BYTES);
		this.text(UPDATE.SOURCE, source);
		if (key.channel !== 0) this.integer(UPDATE.CHANNEL, key.channel);
		this.integer(UPDATE.TYPE, key.type);
	}

	private finish({ state, reason }: KeyReading, points: number, old: EncodedUpdate | undefined): EncodedUpdate {
		if (state !== KeyState.PRESENT) {
			this.reserve(FIXED_BYTES + reason.length * UNIT_BYTES);
			this.integer(UPDATE.QUALITY, state === KeyState.MISSING ? Quality.UNAVAILABLE : Quality.BAD);
			this.text(UPDATE.REASON, reason);
		}
		// Values of a fixed size seldom change the length; an array buffer for each key and tick is slow to make and to collect.
		const isLikeOld = old !== undefined && old.bytes.length === this.at && old.points === points;
		const update = isLikeOld ? old : { bytes: new Uint8Array(this.at), points };
		this.buffer.copy(update.bytes, 0, 0, this.at);
		return update;
	}

	private number({ ids, values, times }: NumberColumns, index: number, writtenMs: number, worst: Quality): void {
		const start = this.beginPoint(ids[index] as number);
		this.double(values[index] as number);
		if (worst !== Quality.GOOD) this.integer(POINT.QUALITY, worst);
		this.sourceTime(times?.[index] || writtenMs);
		this.close(start);
	}

	private point(point: PointReading, writtenMs: number, worst: Quality): void {
		const { pointId, value, flags } = point;
		this.reserve(FIXED_BYTES + (typeof value === "string" ? value.length * UNIT_BYTES : 0));
		const start = this.beginPoint(pointId);
		if (typeof value === "number") this.double(value);
		else if (typeof value === "string") this.text(POINT.STR, value);
		else if (typeof value === "boolean") this.integer(POINT.BOOL, Number(value));
		const quality = qualityOf(point, worst);
		if (quality !== Quality.GOOD) this.integer(POINT.QUALITY, quality);
		if (flags !== 0) this.integer(POINT.FLAGS, flags);
		this.sourceTime(point.sourceMs || writtenMs);
		this.close(start);
	}

	/** @returns what to close the point with. */
	private beginPoint(pointId: number): number {
		this.buffer[this.at++] = UPDATE.POINT;
		// Space for a length of one byte, which is enough unless there are texts.
		const start = ++this.at;
		if (pointId !== 0) this.integer(POINT.ID, pointId);
		return start;
	}

	private double(value: number): void {
		this.buffer[this.at] = POINT.NUM;
		this.view.setFloat64(this.at + 1, value, true);
		this.at += 9;
	}

	private sourceTime(sourceMs: number): void {
		if (sourceMs === 0) return;
		if (sourceMs !== this.timeMs) this.encodeTime(sourceMs);
		for (let index = 0; index < this.timeLength; index++) this.buffer[this.at++] = this.time[index] as number;
	}

	/** Keeps the bytes of a source time for the next points; the field is written at its place in any case. */
	private encodeTime(sourceMs: number): void {
		const start = this.at;
		this.integer(POINT.SOURCE_MS, sourceMs);
		this.timeMs = sourceMs;
		this.timeLength = this.at - start;
		this.time.set(this.buffer.subarray(start, this.at));
		this.at = start;
	}

	/** Writes the length of what began at `start`, before it. */
	private close(start: number): void {
		const length = this.at - start;
		if (length < 128) {
			this.buffer[start - 1] = length;
			return;
		}
		const more = varintBytes(length) - 1;
		this.buffer.copyWithin(start + more, start, this.at);
		this.at = start - 1;
		this.varint(length);
		this.at += length;
	}

	private text(tag: number, text: string): void {
		this.buffer[this.at++] = tag;
		const start = ++this.at;
		this.at += this.buffer.write(text, start, "utf8");
		this.close(start);
	}

	private integer(tag: number, value: number): void {
		this.buffer[this.at++] = tag;
		this.varint(value);
	}

	/** @param value - a whole number from 0 to 2^53. */
	private varint(value: number): void {
		let left = value;
		for (; left > 0x7fff_ffff; left = Math.floor(left / 128)) this.buffer[this.at++] = (left % 128) | 128;
		for (; left > 127; left >>>= 7) this.buffer[this.at++] = (left & 127) | 128;
		this.buffer[this.at++] = left;
	}

	private reserve(bytes: number): void {
		if (this.at + bytes <= this.buffer.length) return;
		const larger = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, this.at + bytes));
		this.buffer.copy(larger, 0, 0, this.at);
		this.buffer = larger;
		this.view = new DataView(larger.buffer);
	}
}

/** A reading that is out of date makes good points uncertain, and no bad one better. */
export function qualityOf(point: PointReading, worst: Quality): Quality {
	return point.quality === Quality.GOOD ? worst : point.quality;
}

function varintBytes(value: number): number {
	let bytes = 1;
	for (let left = value; left > 127; left >>>= 7) bytes++;
	return bytes;
}
