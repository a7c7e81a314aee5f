// What a view has sent last of one key, so that it can send what differs. Columns: views are many, and an object for each of
// their points was most of the memory of a process (2.9 million points filled a heap of 300 MB; they take 47 MB like this).

import { Quality } from "../../../protocol/gen/schema.ts";
import { type KeyReading, KeyState, type PointReading } from "../boxes/box-points.ts";
import type { PointSelection } from "./reading-points.ts";
import { qualityOf } from "./update-encoder.ts";

const ValueKind = { NONE: 0, NUMBER: 1, TEXT: 2, BOOLEAN: 3 } as const;

/** A mark: the kind of the value in the lowest two bits, the quality in the next three, the flags above. */
const QUALITY_SHIFT = 2;
const FLAGS_SHIFT = 5;
const KIND_MASK = 3;

const UNAVAILABLE_MARK = Quality.UNAVAILABLE << QUALITY_SHIFT;

/** Whether a number has moved far enough to be sent. */
export type HasMoved = (before: number, now: number) => boolean;

const NO_NUMBERS: readonly number[] = [];

export class LastSent {
	/** Of the cached key; 0: nothing was sent. */
	version = 0;
	state: KeyState = KeyState.MISSING;
	/** Ascending; the reading's own where that has them, which all views of the key share. */
	private ids: readonly number[] = NO_NUMBERS;
	/** Doubles; of what is no number, anything. */
	private values: number[] = [];
	private marks: number[] = [];
	/** By index. */
	private texts: Map<number, string> | undefined;

	/** Points whose last values are kept. */
	get size(): number {
		return this.marks.length;
	}

	/** Everything that is shown was sent. */
	sent(reading: KeyReading, shown: PointSelection, worst: Quality): void {
		this.state = reading.state;
		this.resize(reading, shown);
		this.texts = undefined;
		for (let at = 0; at < shown.length; at++) this.store(at, reading, shown.indexes[at] as number, worst);
	}

	/**
	 * Selects what differs from what was sent last, those that are not shown any more included, and counts it as sent.
	 *
	 * @param changed - filled here.
	 */
	select(
		reading: KeyReading,
		shown: PointSelection,
		worst: Quality,
		hasMoved: HasMoved,
		changed: PointSelection,
	): void {
		changed.clear();
		if (this.hasSameIds(shown)) {
			for (let at = 0; at < shown.length; at++) {
				const index = shown.indexes[at] as number;
				if (!this.differs(at, reading, index, worst, hasMoved)) continue;
				this.store(at, reading, index, worst);
				changed.add(shown.ids[at] as number, index);
			}
			return;
		}
		this.merge(reading, shown, worst, hasMoved, changed);
	}

	/** Other points than the last time. */
	private merge(
		reading: KeyReading,
		shown: PointSelection,
		worst: Quality,
		hasMoved: HasMoved,
		changed: PointSelection,
	): void {
		const before = new LastSent();
		before.ids = this.ids;
		before.values = this.values;
		before.marks = this.marks;
		before.texts = this.texts;
		const gone: number[] = [];
		this.ids = NO_NUMBERS;
		this.texts = undefined;
		this.values = [];
		this.marks = [];
		this.resize(reading, shown);
		let old = 0;
		for (let at = 0; at < shown.length; at++) {
			const id = shown.ids[at] as number;
			while (old < before.size && (before.ids[old] as number) < id) gone.push(before.ids[old++] as number);
			const index = shown.indexes[at] as number;
			const isKnown = old < before.size && before.ids[old] === id;
			if (isKnown && !before.differs(old, reading, index, worst, hasMoved)) this.copy(at, before, old);
			else {
				this.store(at, reading, index, worst);
				changed.add(id, index);
			}
			if (isKnown) old++;
		}
		while (old < before.size) gone.push(before.ids[old++] as number);
		for (const id of gone) changed.add(id, -1);
	}

	private hasSameIds(shown: PointSelection): boolean {
		if (this.size !== shown.length) return false;
		for (let at = 0; at < shown.length; at++) if (this.ids[at] !== shown.ids[at]) return false;
		return true;
	}

	private resize({ numbers }: KeyReading, shown: PointSelection): void {
		if (this.hasSameIds(shown)) return;
		this.ids = shown.isWhole && numbers !== undefined ? numbers.ids : shown.ids.slice(0, shown.length);
		// Doubles from the start, as V8 keeps an object for each otherwise.
		this.values = new Array<number>(shown.length).fill(0.5);
		this.marks = new Array<number>(shown.length).fill(UNAVAILABLE_MARK);
	}

	private differs(at: number, reading: KeyReading, index: number, worst: Quality, hasMoved: HasMoved): boolean {
		const mark = this.marks[at] as number;
		if (index < 0) return mark !== UNAVAILABLE_MARK;
		const { numbers } = reading;
		if (numbers !== undefined) {
			if (mark !== ((worst << QUALITY_SHIFT) | ValueKind.NUMBER)) return true;
			return hasMoved(this.values[at] as number, numbers.values[index] as number);
		}
		const point = reading.points[index] as PointReading;
		if (mark !== markOf(point, worst)) return true;
		const { value } = point;
		if (typeof value === "number") return hasMoved(this.values[at] as number, value);
		if (typeof value === "string") return this.texts?.get(at) !== value;
		return typeof value === "boolean" && this.values[at] !== Number(value);
	}

	private store(at: number, reading: KeyReading, index: number, worst: Quality): void {
		if (index < 0) {
			this.marks[at] = UNAVAILABLE_MARK;
			return;
		}
		const { numbers } = reading;
		if (numbers !== undefined) {
			this.marks[at] = (worst << QUALITY_SHIFT) | ValueKind.NUMBER;
			this.values[at] = numbers.values[index] as number;
			return;
		}
		const point = reading.points[index] as PointReading;
		const { value } = point;
		this.marks[at] = markOf(point, worst);
		if (typeof value === "string") {
			this.texts ??= new Map();
			this.texts.set(at, value);
			return;
		}
		this.texts?.delete(at);
		if (value !== undefined) this.values[at] = Number(value);
	}

	private copy(at: number, from: LastSent, index: number): void {
		this.marks[at] = from.marks[index] as number;
		this.values[at] = from.values[index] as number;
		if (((from.marks[index] as number) & KIND_MASK) !== ValueKind.TEXT) return;
		this.texts ??= new Map();
		this.texts.set(at, from.texts?.get(index) ?? "");
	}
}

function markOf(point: PointReading, worst: Quality): number {
	return kindOf(point.value) | (qualityOf(point, worst) << QUALITY_SHIFT) | (point.flags << FLAGS_SHIFT);
}

function kindOf(value: PointReading["value"]): number {
	switch (typeof value) {
		case "number":
			return ValueKind.NUMBER;
		case "string":
			return ValueKind.TEXT;
		case "boolean":
			return ValueKind.BOOLEAN;
		default:
			return ValueKind.NONE;
	}
}
