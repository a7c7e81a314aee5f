// The newest reading of every key of one box that has a view. Keys are read together, once however many views show
// them, and not again if they were just read.

import type { Clock } from "../../../common/clock.ts";
import { Quality } from "../../../protocol/gen/schema.ts";
import {
	type BoxPoints,
	emptyReading,
	type KeyReading,
	type KeyRequest,
	KeyState,
	type PointKey,
	pointCount,
	pointKeyText,
} from "../boxes/box-points.ts";
import type { TelemetryCounters } from "./metrics.ts";
import { MIN_POINTS_PER_KEY } from "./options.ts";
import { SourceAge } from "./source-age.ts";
import type { EncodedUpdate } from "./update-encoder.ts";

/** The updates of a key: encoded once for each version, and overwritten by the next. */
export class EncodedKey {
	/** That was encoded last; 0 before the first. */
	version = 0;
	readonly updates: EncodedUpdate[] = [];
}

/** One watched hash. */
export class CachedKey {
	readonly key: PointKey;
	readonly text: string;
	reading: KeyReading;
	/** Monotonic milliseconds; -Infinity before the first. */
	readAtMs = Number.NEGATIVE_INFINITY;
	/** Changes whenever the updates of the key change. */
	version = 1;
	isStale = false;
	readonly age = new SourceAge();
	/** All points as they are published. */
	readonly encoded = new EncodedKey();
	inFlight: Promise<void> | undefined;
	/** Views that want all points. */
	private wholeUsers = 0;
	/** Views that name points, and how many of them name each. */
	private namedUsers = 0;
	private readonly wantedBy = new Map<number, number>();
	private union: ReadonlySet<number> | undefined;
	/** Counts how often more points than before were wanted, and up to where the last read that began took them in. */
	private widened = 0;
	private coveredAtRead = 0;

	constructor(key: PointKey) {
		this.key = key;
		this.text = pointKeyText(key);
		this.reading = emptyReading(key, KeyState.MISSING, "not read yet");
	}

	get users(): number {
		return this.wholeUsers + this.namedUsers;
	}

	/** Whether any view shows all points. */
	get isWhole(): boolean {
		return this.wholeUsers > 0;
	}

	/** Points that are named; undefined: none are. */
	get wanted(): ReadonlySet<number> | undefined {
		if (this.wantedBy.size === 0) return undefined;
		// Made when it is read, not for each view that comes.
		this.union ??= new Set(this.wantedBy.keys());
		return this.union;
	}

	/** Everything that is wanted was wanted when it was read last: a reading of a huge hash has nothing else. */
	get isCovered(): boolean {
		return this.coveredAtRead === this.widened;
	}

	/** A read begins. @returns what to end it with. */
	beginRead(): number {
		return this.widened;
	}

	endRead(mark: number): void {
		this.coveredAtRead = mark;
	}

	use(points: ReadonlySet<number> | undefined, by: 1 | -1): void {
		if (by > 0 && this.isMore(points)) this.widened++;
		if (points === undefined) this.wholeUsers += by;
		else {
			this.namedUsers += by;
			for (const point of points) {
				const count = (this.wantedBy.get(point) ?? 0) + by;
				if (count > 0) this.wantedBy.set(point, count);
				else this.wantedBy.delete(point);
			}
			this.union = undefined;
		}
	}

	private isMore(points: ReadonlySet<number> | undefined): boolean {
		if (points === undefined) return this.wholeUsers === 0;
		// Whole, it has those that are named, unless it is too large for that.
		if (this.wholeUsers > 0 && this.reading.state !== KeyState.FAILED) return false;
		for (const point of points) if (!this.wantedBy.has(point)) return true;
		return false;
	}
}

export class PointCache {
	/** Changes with every change of any key. */
	version = 1;
	private readonly box: BoxPoints;
	private readonly clock: Clock;
	private readonly counters: TelemetryCounters;
	private readonly staleMs: number;
	private readonly keys = new Map<string, CachedKey>();
	private isDegraded = false;
	private pointTotal = 0;

	constructor(points: BoxPoints, clock: Clock, counters: TelemetryCounters, staleMs: number) {
		this.box = points;
		this.clock = clock;
		this.counters = counters;
		this.staleMs = staleMs;
	}

	get size(): number {
		return this.keys.size;
	}

	/** Points of all keys together. */
	get points(): number {
		return this.pointTotal;
	}

	/**
	 * Points that a view of these keys would show, as far as they are known, counted by `shownWeight`.
	 *
	 * @param points - how many are named; undefined: all are shown.
	 */
	weigh(keys: readonly PointKey[], points: number | undefined): number {
		let weight = 0;
		for (const key of keys) {
			const reading = this.keys.get(pointKeyText(key))?.reading;
			weight += shownWeight(reading, points);
		}
		return weight;
	}

	/** How many of the keys are not watched yet. */
	unknown(keys: readonly PointKey[]): number {
		return keys.reduce((count, key) => count + (this.keys.has(pointKeyText(key)) ? 0 : 1), 0);
	}

	/** Begins to watch keys. */
	hold(keys: readonly PointKey[], points: ReadonlySet<number> | undefined): readonly CachedKey[] {
		return keys.map((key) => {
			const text = pointKeyText(key);
			let cached = this.keys.get(text);
			if (cached === undefined) {
				cached = new CachedKey(key);
				this.keys.set(text, cached);
				this.pointTotal += weightOf(cached.reading);
			}
			cached.use(points, 1);
			return cached;
		});
	}

	release(keys: readonly CachedKey[], points: ReadonlySet<number> | undefined): void {
		for (const cached of keys) {
			cached.use(points, -1);
			if (cached.users > 0) continue;
			this.keys.delete(cached.text);
			this.pointTotal -= weightOf(cached.reading);
		}
	}

	/** The quality that good points are published with. */
	qualityCap(cached: CachedKey): Quality {
		return this.isDegraded || cached.isStale ? Quality.UNCERTAIN : Quality.GOOD;
	}

	/**
	 * The box does not answer, or answers again: all points are published with another quality, and have to be read
	 * again.
	 *
	 * @returns false when it was so before.
	 */
	degrade(isDegraded: boolean): boolean {
		if (this.isDegraded === isDegraded) return false;
		this.isDegraded = isDegraded;
		this.version++;
		for (const cached of this.keys.values()) {
			cached.version++;
			cached.readAtMs = Number.NEGATIVE_INFINITY;
		}
		return true;
	}

	/**
	 * Makes sure that keys were read within the last `maxAgeMs`.
	 *
	 * @throws GatewayError UNAVAILABLE when the box does not answer; the readings stay as they were.
	 */
	async refresh(keys: readonly CachedKey[], maxAgeMs: number): Promise<void> {
		const sinceMs = this.clock.monotonic() - maxAgeMs;
		await this.readWhere(keys, (cached) => cached.readAtMs < sinceMs || !cached.isCovered);
		// A read that was in flight already may have been without some of the points.
		await this.readWhere(keys, (cached) => !cached.isCovered);
	}

	/**
	 * Marks keys whose source has been silent for too long, or could not be read for so long.
	 *
	 * @returns whether that changed anything.
	 */
	updateStaleness(keys: readonly CachedKey[], isReadable = true): boolean {
		if (this.staleMs === 0) return false;
		const before = this.version;
		const nowMs = this.clock.monotonic();
		for (const cached of keys) {
			const unreadMs = isReadable ? 0 : nowMs - cached.readAtMs;
			const isStale = Math.max(unreadMs, cached.age.ageMs(nowMs)) > this.staleMs;
			if (isStale === cached.isStale) continue;
			cached.isStale = isStale;
			this.changed(cached);
		}
		return this.version !== before;
	}

	private async readWhere(keys: readonly CachedKey[], isDue: (cached: CachedKey) => boolean): Promise<void> {
		const due: CachedKey[] = [];
		const waiting = new Set<Promise<void>>();
		for (const cached of keys) {
			if (!isDue(cached)) continue;
			if (cached.inFlight === undefined) due.push(cached);
			else waiting.add(cached.inFlight);
		}
		if (due.length > 0) {
			const reading = this.read(due);
			waiting.add(reading);
			for (const cached of due) cached.inFlight = reading;
		}
		if (waiting.size > 0) await Promise.all(waiting);
	}

	private async read(due: readonly CachedKey[]): Promise<void> {
		const startMs = this.clock.monotonic();
		const { counters } = this;
		counters.reads++;
		counters.keysRead += due.length;
		// Built without `map`: see "Once a second" in ARCHITECTURE.md.
		const requests: KeyRequest[] = [];
		const marks: number[] = [];
		for (const cached of due) {
			requests.push({ key: cached.key, text: cached.text, points: cached.wanted, isWhole: cached.isWhole });
			marks.push(cached.beginRead());
		}
		try {
			const readings = await this.box.read(requests);
			const tookMs = this.clock.monotonic() - startMs;
			counters.readMs += tookMs;
			counters.maxReadMs = Math.max(counters.maxReadMs, tookMs);
			for (let index = 0; index < due.length; index++) {
				const cached = due[index] as CachedKey;
				const reading = readings[index];
				// Counted from when it was asked for: what is written meanwhile may not be in it.
				if (reading !== undefined) this.take(cached, reading, startMs);
				cached.endRead(marks[index] as number);
			}
		} catch (error) {
			counters.failedReads++;
			throw error;
		} finally {
			for (const cached of due) cached.inFlight = undefined;
		}
	}

	private take(cached: CachedKey, reading: KeyReading, atMs: number): void {
		cached.readAtMs = atMs;
		if (reading === cached.reading) return;
		// The last view may have been removed by the time it has been read.
		if (this.keys.get(cached.text) === cached) this.pointTotal += weightOf(reading) - weightOf(cached.reading);
		cached.reading = reading;
		this.counters.pointsRead += pointCount(reading);
		cached.age.saw(reading.newestMs, atMs, this.clock.now());
		this.changed(cached);
	}

	private changed(cached: CachedKey): void {
		cached.version++;
		this.version++;
	}
}

/** Characters of texts that count as a point. */
const TEXT_PER_POINT = 32;

/** How many points a reading counts as: long texts count more. */
function weightOf(reading: KeyReading): number {
	let weight = Math.max(MIN_POINTS_PER_KEY, pointCount(reading));
	if (reading.numbers !== undefined) return weight;
	for (const { value } of reading.points) {
		if (typeof value === "string") weight += Math.floor(value.length / TEXT_PER_POINT);
	}
	return weight + pointCount(reading.named ?? reading) - pointCount(reading);
}

/** What a key counts as in a view. @param points - how many are named; undefined: all are shown. */
export function shownWeight(reading: KeyReading | undefined, points: number | undefined): number {
	return Math.max(MIN_POINTS_PER_KEY, points ?? (reading === undefined ? 0 : pointCount(reading)));
}
