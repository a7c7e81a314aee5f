// A hash of nothing but good numbers, in order, as nearly all are: columns instead of objects. Of a thousand points that
// change each second objects were 96 kB of garbage, columns are 20.

import { Quality } from "../../../protocol/gen/schema.ts";
import {
	type KeyReading,
	KeyState,
	type NumberColumns,
	type PointKey,
	type PointReading,
} from "../boxes/box-points.ts";
import { PackedStrings } from "./points-packed.ts";
import { isTimestamp, Point, parseTimes, type RawHash } from "./points-parse.ts";
import { parsePointId, parseTimeMs, readShortDecimal } from "./points-values.ts";

/** What is being parsed, until it is known how much it is. */
const ids: number[] = [];
/** Doubles from the start, so that V8 keeps them as such. */
const values: number[] = [0.5];

class NumbersReading implements KeyReading {
	readonly key: PointKey;
	readonly state = KeyState.PRESENT;
	readonly reason = "";
	readonly numbers: NumberColumns;
	readonly writtenMs: number;
	readonly newestMs: number;
	private objects: readonly PointReading[] | undefined;

	constructor(key: PointKey, numbers: NumberColumns, writtenMs: number) {
		this.key = key;
		this.numbers = numbers;
		this.writtenMs = writtenMs;
		this.newestMs = numbers.times?.reduce((newest, time) => Math.max(newest, time), writtenMs) ?? writtenMs;
	}

	get points(): readonly PointReading[] {
		this.objects ??= this.makePoints();
		return this.objects;
	}

	private makePoints(): readonly PointReading[] {
		const { numbers, writtenMs } = this;
		const points = new Array<PointReading>(numbers.ids.length);
		for (let index = 0; index < points.length; index++) {
			const id = numbers.ids[index] as number;
			const value = numbers.values[index] as number;
			const point = new Point(id, value, Quality.GOOD, 0);
			point.sourceMs = numbers.times?.[index] ?? writtenMs;
			points[index] = point;
		}
		return points;
	}
}

/**
 * @param last - the reading before, whose ids are used again if they are the same.
 * @returns undefined if there is anything else in it, or they are in another order.
 * @throws Error when it is malformed.
 */
export function parseNumbers(key: PointKey, raw: RawHash, last: KeyReading | undefined): KeyReading | undefined {
	if (raw.qualities !== undefined) return undefined;
	const bytes = raw.points;
	const strings = new PackedStrings(bytes);
	const lastIds = last?.numbers?.ids;
	let isLikeLast = true;
	let count = 0;
	let lastId = -1;
	let writtenMs = 0;
	while (strings.left > 0) {
		strings.next();
		const { start, end } = strings;
		const id = parsePointId(bytes, start, end);
		strings.next();
		if (id < 0) {
			if (isTimestamp(bytes, start, end)) writtenMs = parseTimeMs(bytes, strings.start, strings.end);
			continue;
		}
		if (id < lastId || !readShortDecimal(bytes, strings.start, strings.end, values, count)) return undefined;
		lastId = id;
		if (lastIds?.[count] !== id) isLikeLast = false;
		ids[count++] = id;
	}
	const isSame = isLikeLast && lastIds?.length === count;
	const shownIds = isSame && lastIds !== undefined ? lastIds : ids.slice(0, count);
	const times = raw.times === undefined ? undefined : timesOf(shownIds, raw.times, writtenMs);
	return new NumbersReading(key, { ids: shownIds, values: values.slice(0, count), times }, writtenMs);
}

function timesOf(shownIds: readonly number[], bytes: Buffer, writtenMs: number): readonly number[] {
	const times = parseTimes(bytes);
	return shownIds.map((id) => times.get(id) ?? writtenMs);
}
