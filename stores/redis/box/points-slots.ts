// The points of one hash, written over at each read: a box of a thousand points whose values all change would be a thousand
// new objects a second, which V8 takes for long-lived ones and collects with all of the heap.
import type { PointReading } from "../../../ports/box-points.ts";
import type { Quality } from "../../../protocol/gen/schema.ts";
import { type ParsedValue, parseText, shortDecimal, type WrittenQuality } from "./points-values.ts";

type Slot = { -readonly [Field in keyof PointReading]: PointReading[Field] };

export class PointSlots {
	/** In the order of the reply, which Redis keeps as long as no field comes or goes. */
	private readonly slots: Slot[] = [];
	/** The latest time of them all. */
	newestMs = 0;
	private points: readonly PointReading[] = [];
	private count = 0;
	private isOther = false;

	/** Of a new reply, whose hash was written at a time. */
	begin(writtenMs: number): void {
		this.newestMs = writtenMs;
		this.count = 0;
		this.isOther = false;
	}

	/** The next point of the reply. */
	put(
		pointId: number,
		bytes: Uint8Array,
		start: number,
		end: number,
		sourceMs: number,
		written: WrittenQuality | undefined,
	): void {
		const slot = this.slots[this.count];
		if (slot !== undefined && slot.pointId === pointId) fill(slot, bytes, start, end, sourceMs, written);
		else {
			this.slots[this.count] = readPoint(pointId, bytes, start, end, sourceMs, written);
			this.isOther = true;
		}
		if (sourceMs > this.newestMs) this.newestMs = sourceMs;
		this.count++;
	}

	/** All of the reply, in the order of their ids. The same array as before if they are the same points. */
	end(): readonly PointReading[] {
		if (this.isOther || this.count !== this.points.length) {
			this.slots.length = this.count;
			this.points = [...this.slots].sort((a, b) => a.pointId - b.pointId);
		}
		return this.points;
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
): Slot {
	const slot: Slot = { pointId, value: 0, quality: 0, flags: 0, sourceMs };
	fill(slot, bytes, start, end, sourceMs, written);
	return slot;
}

function fill(
	slot: Slot,
	bytes: Uint8Array,
	start: number,
	end: number,
	sourceMs: number,
	written: WrittenQuality | undefined,
): void {
	slot.sourceMs = sourceMs;
	const number = shortDecimal(bytes, start, end);
	if (number !== undefined && written === undefined) {
		slot.value = number;
		slot.quality = 0;
		slot.flags = 0;
		return;
	}
	const parsed: ParsedValue =
		number !== undefined ? { value: number, quality: 0, flags: 0 } : parseText(bytes, start, end);
	slot.value = parsed.value;
	slot.quality = Math.max(parsed.quality, written?.quality ?? 0) as Quality;
	slot.flags = parsed.flags | (written?.flags ?? 0);
}
