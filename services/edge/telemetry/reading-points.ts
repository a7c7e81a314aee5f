// Points of a reading by index, whether it has columns or objects; both are in the order of their ids. Nothing here makes
// objects for points that are not asked for.

import { Quality } from "../../../protocol/gen/schema.ts";
import { type KeyReading, KeyState, type PointReading, pointCount } from "../boxes/box-points.ts";

export function idAt(reading: KeyReading, index: number): number {
	const { numbers } = reading;
	return numbers === undefined ? (reading.points[index] as PointReading).pointId : (numbers.ids[index] as number);
}

/** One point as an object. */
export function pointAt(reading: KeyReading, index: number): PointReading {
	const { numbers, writtenMs } = reading;
	if (numbers === undefined) return reading.points[index] as PointReading;
	const pointId = numbers.ids[index] as number;
	const value = numbers.values[index] as number;
	return { pointId, value, quality: Quality.GOOD, flags: 0, sourceMs: numbers.times?.[index] ?? writtenMs };
}

/** A point that is asked for and not there. */
export function missingPoint(pointId: number): PointReading {
	return { pointId, value: undefined, quality: Quality.UNAVAILABLE, flags: 0, sourceMs: 0 };
}

/** Where a point is in a reading, -1 when it is not there. */
export function indexOfPoint(reading: KeyReading, pointId: number): number {
	let low = 0;
	let high = pointCount(reading) - 1;
	while (low <= high) {
		const middle = (low + high) >> 1;
		const id = idAt(reading, middle);
		if (id === pointId) return middle;
		if (id < pointId) low = middle + 1;
		else high = middle - 1;
	}
	return -1;
}

/**
 * The points of a reading that are asked for; those that are asked for by number and are not there are UNAVAILABLE.
 *
 * @param max - further ones are left out.
 */
export function shownPoints(
	reading: KeyReading,
	wanted: ReadonlySet<number> | undefined,
	max: number,
): readonly PointReading[] {
	if (wanted === undefined || reading.state !== KeyState.PRESENT) {
		return Array.from({ length: Math.min(max, pointCount(reading)) }, (_, index) => pointAt(reading, index));
	}
	const shown: PointReading[] = [];
	for (const pointId of wanted) {
		if (shown.length >= max) break;
		const index = indexOfPoint(reading, pointId);
		shown.push(index < 0 ? missingPoint(pointId) : pointAt(reading, index));
	}
	return shown;
}

/** How many points `shownPoints` has without a limit. */
export function shownCount(reading: KeyReading, wanted: ReadonlySet<number> | undefined): number {
	return wanted === undefined || reading.state !== KeyState.PRESENT ? pointCount(reading) : wanted.size;
}

/** Points of one reading, by their ids and their places in it. Filled again and again: one serves all views of a process. */
export class PointSelection {
	readonly ids: number[] = [];
	/** -1: the point is not there. */
	readonly indexes: number[] = [];
	length = 0;
	/** All points of the reading, in its order. */
	isWhole = false;

	clear(): void {
		this.length = 0;
		this.isWhole = false;
	}

	add(pointId: number, index: number): void {
		this.ids[this.length] = pointId;
		this.indexes[this.length] = index;
		this.length++;
	}

	/** Fills in what is shown of a reading. @param wanted - ascending; undefined: all. */
	show(reading: KeyReading, wanted: readonly number[] | undefined): void {
		this.clear();
		const count = pointCount(reading);
		this.isWhole = wanted === undefined;
		if (wanted === undefined || reading.state !== KeyState.PRESENT) {
			for (let index = 0; index < count; index++) this.add(idAt(reading, index), index);
			return;
		}
		for (const pointId of wanted) this.add(pointId, indexOfPoint(reading, pointId));
	}
}
