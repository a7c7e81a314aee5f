// The newest reading of every key that somebody watches at one box. Keys are read together, once however many views show
// them, and not again if that was just done.
import {
	type BoxPoints,
	type KeyReading,
	KeyState,
	type PointKey,
	type PointReading,
	pointKeyText,
} from "../../ports/box-points.ts";
import type { Clock } from "../../ports/clock.ts";
import { Quality } from "../../protocol/gen/schema.ts";
import type { EncodedUpdate } from "./batch-writer.ts";
import { SourceAge } from "./source-age.ts";
import type { TelemetryCounters } from "./telemetry-options.ts";

/** One watched hash. */
export class CachedKey {
	readonly key: PointKey;
	readonly text: string;
	reading: KeyReading;
	/** Monotonic milliseconds; -Infinity before the first. */
	readAtMs = Number.NEGATIVE_INFINITY;
	/** Changes whenever what is told of the key does. */
	version = 1;
	isStale = false;
	readonly age = new SourceAge();
	/** All points as they are told, and of which version. */
	encoded: { readonly version: number; readonly updates: readonly EncodedUpdate[] } | undefined;
	inFlight: Promise<void> | undefined;
	/** Views that want all points. */
	private wholeUsers = 0;
	private readonly wantedBy = new Map<ReadonlySet<number>, number>();
	private union: ReadonlySet<number> | undefined;

	constructor(key: PointKey) {
		this.key = key;
		this.text = pointKeyText(key);
		this.reading = { key, state: KeyState.MISSING, reason: "not read yet", points: [], writtenMs: 0 };
	}

	get users(): number {
		let users = this.wholeUsers;
		for (const count of this.wantedBy.values()) users += count;
		return users;
	}

	/** Points to ask for; undefined: all. */
	get wanted(): ReadonlySet<number> | undefined {
		if (this.wholeUsers > 0) return undefined;
		this.union ??= new Set([...this.wantedBy.keys()].flatMap((points) => [...points]));
		return this.union;
	}

	use(points: ReadonlySet<number> | undefined, by: 1 | -1): void {
		if (points === undefined) this.wholeUsers += by;
		else {
			const count = (this.wantedBy.get(points) ?? 0) + by;
			if (count > 0) this.wantedBy.set(points, count);
			else this.wantedBy.delete(points);
		}
		this.union = undefined;
		// Points that nobody wanted may be missing from a reading of a huge hash.
		if (by > 0 && this.reading.state !== KeyState.PRESENT) this.readAtMs = Number.NEGATIVE_INFINITY;
	}
}

export class PointCache {
	/** Changes with every change of any key. */
	version = 1;
	private readonly points: BoxPoints;
	private readonly clock: Clock;
	private readonly counters: TelemetryCounters;
	private readonly staleMs: number;
	private readonly keys = new Map<string, CachedKey>();
	private isDegraded = false;

	constructor(points: BoxPoints, clock: Clock, counters: TelemetryCounters, staleMs: number) {
		this.points = points;
		this.clock = clock;
		this.counters = counters;
		this.staleMs = staleMs;
	}

	get size(): number {
		return this.keys.size;
	}

	/** How many of the keys are not watched yet. */
	unknown(keys: readonly PointKey[]): number {
		return keys.reduce((count, key) => count + (this.keys.has(pointKeyText(key)) ? 0 : 1), 0);
	}

	/** Begins to watch keys. */
	hold(keys: readonly PointKey[], points: ReadonlySet<number> | undefined): readonly CachedKey[] {
		return keys.map((key) => {
			const text = pointKeyText(key);
			const cached = this.keys.get(text) ?? new CachedKey(key);
			this.keys.set(text, cached);
			cached.use(points, 1);
			return cached;
		});
	}

	release(keys: readonly CachedKey[], points: ReadonlySet<number> | undefined): void {
		for (const cached of keys) {
			cached.use(points, -1);
			if (cached.users === 0) this.keys.delete(cached.text);
		}
	}

	/** What good points are told with. */
	worst(cached: CachedKey): Quality {
		return this.isDegraded || cached.isStale ? Quality.UNCERTAIN : Quality.GOOD;
	}

	/** The box does not answer, or does again: everything is told with another quality, and to be read anew. */
	degrade(isDegraded: boolean): void {
		if (this.isDegraded === isDegraded) return;
		this.isDegraded = isDegraded;
		this.version++;
		for (const cached of this.keys.values()) {
			cached.version++;
			cached.readAtMs = Number.NEGATIVE_INFINITY;
		}
	}

	/**
	 * Makes sure that keys were read within the last `maxAgeMs`.
	 *
	 * @throws GatewayError UNAVAILABLE when the box does not answer; the readings stay as they were.
	 */
	async refresh(keys: readonly CachedKey[], maxAgeMs: number): Promise<void> {
		const nowMs = this.clock.monotonic();
		const due: CachedKey[] = [];
		const waiting = new Set<Promise<void>>();
		for (const cached of keys) {
			if (nowMs - cached.readAtMs <= maxAgeMs) continue;
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

	/** Marks keys whose source has been silent for too long. */
	judge(keys: readonly CachedKey[]): void {
		if (this.staleMs === 0) return;
		const nowMs = this.clock.monotonic();
		for (const cached of keys) {
			const isStale = cached.age.ageMs(nowMs) > this.staleMs;
			if (isStale === cached.isStale) continue;
			cached.isStale = isStale;
			this.changed(cached);
		}
	}

	private async read(due: readonly CachedKey[]): Promise<void> {
		const startMs = this.clock.monotonic();
		const { counters } = this;
		counters.reads++;
		counters.keysRead += due.length;
		try {
			const readings = await this.points.read(due.map(({ key, wanted }) => ({ key, points: wanted })));
			const tookMs = this.clock.monotonic() - startMs;
			counters.readMs += tookMs;
			counters.maxReadMs = Math.max(counters.maxReadMs, tookMs);
			for (const [index, cached] of due.entries()) {
				const reading = readings[index];
				// Counted from when it was asked for: what is written meanwhile may not be in it.
				if (reading !== undefined) this.take(cached, reading, startMs);
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
		cached.reading = reading;
		this.counters.pointsRead += reading.points.length;
		cached.age.saw(newestMs(reading), atMs, this.clock.now());
		this.changed(cached);
	}

	private changed(cached: CachedKey): void {
		cached.version++;
		this.version++;
	}
}

/** The latest time that the source tells in a reading, 0 when it tells none. */
function newestMs({ points, writtenMs }: KeyReading): number {
	return points.reduce((newest, { sourceMs }: PointReading) => Math.max(newest, sourceMs), writtenMs);
}
