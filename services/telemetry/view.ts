// A view: what all subscriptions that ask for the same have in common. It knows what it has told, and turns the cache's
// readings into batches.
import { type KeyReading, KeyState, type PointReading, pointCount } from "../../ports/box-points.ts";
import type { LiveSubscriber } from "../../ports/live-audience.ts";
import { DataBatch_Kind, Quality, SubscriptionMode } from "../../protocol/gen/schema.ts";
import type { BatchWriter } from "./batch-writer.ts";
import type { MemberState } from "./member-state.ts";
import { type CachedKey, EncodedKey, type PointCache } from "./point-cache.ts";
import { type EncodedUpdate, qualityOf } from "./update-encoder.ts";
import type { ViewSpec } from "./view-spec.ts";

/** What was told last of a key. */
interface Told {
	version: number;
	readonly points: Map<number, ToldPoint>;
	state: KeyState;
}

interface ToldPoint {
	readonly value: PointReading["value"];
	readonly quality: number;
	readonly flags: number;
}

/** Bytes of one ChannelUpdate, about, so that a huge channel can be split between messages. */
const UPDATE_BYTES = 24_576;
/** Most that a point takes beside a text, and that a character of a text takes. */
const POINT_BYTES = 36;
const CHARACTER_BYTES = 3;
const NUMBERS_PER_UPDATE = Math.floor(UPDATE_BYTES / POINT_BYTES);

export interface ViewOptions {
	readonly maxBatchBytes: number;
}

/** One connection's part in a view. */
export interface Member {
	readonly subscriber: LiveSubscriber;
	readonly view: View;
	/** When it was asked for, on the monotonic clock. */
	readonly sinceMs: number;
	state: MemberState;
	/** Batches missed since the last one that was sent. */
	missed: number;
	/** All that it ever missed. */
	dropped: number;
}

export class View {
	readonly spec: ViewSpec;
	readonly topic: string;
	readonly keys: readonly CachedKey[];
	readonly members = new Set<Member>();
	/** Number of the batch that was published last. */
	seq = 0;
	/** How much all views had published when it was looked last which of its members lag. */
	lookedAtBytes = Number.NEGATIVE_INFINITY;
	/** When it was, on the monotonic clock. */
	batchAtMs = Number.NEGATIVE_INFINITY;
	/** When changes were published last, on the monotonic clock. */
	changesAtMs = Number.NEGATIVE_INFINITY;
	/** Changes came too soon after others, and are told once the interval is over. */
	isDeferred = false;
	/** Whether it tells changes, and so has to know what it has told. */
	readonly tellsChanges: boolean;
	/** Waits for its FULL batch after the box was away: ticks leave it alone. */
	isRecovering = false;
	private readonly cache: PointCache;
	private readonly writer: BatchWriter;
	private readonly options: ViewOptions;
	private readonly told: Told[];
	/** Of the cache, as it was when everybody was told exactly what is in it. */
	private exactVersion = 0;
	/** Of views that show some points only: the part of each key. */
	private readonly parts: readonly EncodedKey[];
	private snapshot:
		| { readonly version: number; readonly seq: number; readonly frames: readonly Uint8Array[] }
		| undefined;

	constructor(spec: ViewSpec, cache: PointCache, writer: BatchWriter, options: ViewOptions) {
		this.spec = spec;
		this.topic = `view:${spec.id}`;
		this.tellsChanges = spec.mode !== SubscriptionMode.INTERVAL;
		this.cache = cache;
		this.writer = writer;
		this.options = options;
		this.keys = cache.hold(spec.keys, spec.points);
		this.parts = spec.points === undefined ? [] : this.keys.map(() => new EncodedKey());
		this.told = this.keys.map(() => ({ version: 0, points: new Map(), state: KeyState.MISSING }));
	}

	/** Counts a batch that is published. */
	nextSeq(): number {
		this.snapshot = undefined;
		return ++this.seq;
	}

	/** Points that it shows at present. */
	get pointCount(): number {
		return this.keys.reduce((sum, cached) => sum + (this.spec.points?.size ?? pointCount(cached.reading)), 0);
	}

	/** Everything, and from now on changes are counted from here. */
	fullUpdates(): readonly EncodedUpdate[] {
		const updates: EncodedUpdate[] = [];
		for (let index = 0; index < this.keys.length; index++) {
			const cached = this.keys[index] as CachedKey;
			for (const update of this.updatesOf(cached, index)) updates.push(update);
			if (this.tellsChanges) this.note(cached, this.told[index] as Told);
		}
		return updates;
	}

	/**
	 * What has moved since it was told.
	 *
	 * @param isExact - within the deadband as well: everybody knows then what the cache knows.
	 */
	deltaUpdates(isExact = false): readonly EncodedUpdate[] {
		const updates: EncodedUpdate[] = [];
		if (this.exactVersion === this.cache.version) return updates;
		if (isExact) this.exactVersion = this.cache.version;
		for (const [index, cached] of this.keys.entries()) {
			const told = this.told[index] as Told;
			if (told.version === cached.version && !(isExact && this.hasDeadband)) continue;
			const isFirst = told.version === 0;
			told.version = cached.version;
			const reading = this.readingOf(cached);
			const shown = this.shownOf(cached);
			const changed = shown.filter((point) => this.tellIfMoved(cached, told, point, isExact));
			changed.push(...vanished(told, shown));
			const isOther = reading.state !== told.state || isFirst;
			told.state = reading.state;
			if (changed.length === 0 && !isOther) continue;
			for (const part of chunks(changed)) {
				updates.push(this.writer.updates.encode(this.spec.source.name, reading, part, this.cache.worst(cached)));
			}
		}
		return updates;
	}

	/** Frames for one who has to be told everything now, under the number of the last batch. Good for everybody at that. */
	snapshotFrames(serverMs: number): readonly Uint8Array[] {
		const { version } = this.cache;
		if (this.snapshot?.version === version && this.snapshot.seq === this.seq) return this.snapshot.frames;
		const updates = this.keys.flatMap((cached, index) => this.updatesOf(cached, index));
		const frames = this.frames(DataBatch_Kind.FULL, updates, serverMs, 0, () => this.seq);
		this.snapshot = { version, seq: this.seq, frames };
		return frames;
	}

	/**
	 * Frames of a batch, each a copy.
	 *
	 * @param seqOf - gives the number of the next frame.
	 */
	frames(
		kind: DataBatch_Kind,
		updates: readonly EncodedUpdate[],
		serverMs: number,
		dropped: number,
		seqOf: () => number,
	): readonly Uint8Array[] {
		const batches = this.split(updates);
		// Built without `map`: see "Once a second" in ARCHITECTURE.md.
		const frames: Uint8Array[] = [];
		for (const [index, batch] of batches.entries()) {
			const more = index < batches.length - 1;
			const head = { subId: this.spec.id, seq: seqOf(), kind, serverMs, dropped: index === 0 ? dropped : 0, more };
			frames.push(new Uint8Array(this.writer.frame(head, batch)));
		}
		return frames;
	}

	release(): void {
		this.cache.release(this.keys, this.spec.points);
	}

	private split(updates: readonly EncodedUpdate[]): readonly (readonly EncodedUpdate[])[] {
		const batches: EncodedUpdate[][] = [[]];
		let bytes = 0;
		for (const update of updates) {
			if (bytes > 0 && bytes + update.bytes.length > this.options.maxBatchBytes) {
				batches.push([]);
				bytes = 0;
			}
			batches.at(-1)?.push(update);
			bytes += update.bytes.length;
		}
		return batches;
	}

	private updatesOf(cached: CachedKey, index: number): readonly EncodedUpdate[] {
		const encoded = this.spec.points === undefined ? cached.encoded : (this.parts[index] as EncodedKey);
		const { updates } = encoded;
		if (encoded.version === cached.version) return updates;
		const reading = this.readingOf(cached);
		const worst = this.cache.worst(cached);
		const { name } = this.spec.source;
		const encoder = this.writer.updates;
		const { numbers } = reading;
		let count = 0;
		if (numbers !== undefined && this.spec.points === undefined) {
			const size = numbers.ids.length;
			for (let from = 0; from < Math.max(1, size); from += NUMBERS_PER_UPDATE) {
				const to = Math.min(size, from + NUMBERS_PER_UPDATE);
				updates[count] = encoder.encodeNumbers(name, reading, numbers, from, to, worst, updates[count]);
				count++;
			}
		} else {
			for (const part of chunks(this.shownOf(cached))) {
				updates[count] = encoder.encode(name, reading, part, worst, updates[count]);
				count++;
			}
		}
		updates.length = count;
		encoded.version = cached.version;
		return updates;
	}

	private get hasDeadband(): boolean {
		const { absolute, percent } = this.spec.deadband;
		return absolute > 0 || percent > 0;
	}

	/** Of a huge hash, those who name points and those who want all see different things. */
	private readingOf({ reading }: CachedKey): KeyReading {
		return this.spec.points === undefined ? reading : (reading.named ?? reading);
	}

	private shownOf(cached: CachedKey): readonly PointReading[] {
		return shownPoints(this.readingOf(cached), this.spec.points);
	}

	private note(cached: CachedKey, told: Told): void {
		// What stayed within the deadband is told now.
		if (told.version === cached.version && !this.hasDeadband) return;
		told.version = cached.version;
		told.state = this.readingOf(cached).state;
		told.points.clear();
		if (told.state !== KeyState.PRESENT) return;
		for (const point of this.shownOf(cached)) this.remember(cached, told, point);
	}

	private remember(cached: CachedKey, told: Told, point: PointReading): void {
		const quality = qualityOf(point, this.cache.worst(cached));
		told.points.set(point.pointId, { value: point.value, quality, flags: point.flags });
	}

	private tellIfMoved(cached: CachedKey, told: Told, point: PointReading, isExact: boolean): boolean {
		const before = told.points.get(point.pointId);
		const quality = qualityOf(point, this.cache.worst(cached));
		const isSame = before !== undefined && before.quality === quality && before.flags === point.flags;
		if (isSame && !this.hasMoved(before.value, point.value, isExact)) return false;
		this.remember(cached, told, point);
		return true;
	}

	private hasMoved(before: PointReading["value"], now: PointReading["value"], isExact: boolean): boolean {
		if (Object.is(before, now)) return false;
		if (isExact || typeof before !== "number" || typeof now !== "number") return true;
		const { absolute, percent } = this.spec.deadband;
		const distance = Math.abs(now - before);
		if (absolute > 0) return distance > absolute;
		return percent > 0 ? distance > (Math.abs(before) * percent) / 100 : true;
	}
}

/** The points of a reading that are asked for; those that are asked for by number and are not there are UNAVAILABLE. */
export function shownPoints(reading: KeyReading, wanted: ReadonlySet<number> | undefined): readonly PointReading[] {
	if (wanted === undefined || reading.state !== KeyState.PRESENT) return reading.points;
	const present = new Map(reading.points.map((point) => [point.pointId, point]));
	return [...wanted].map((pointId) => present.get(pointId) ?? missingPoint(pointId));
}

/** Points that were told and are not there any more. */
function vanished(told: Told, shown: readonly PointReading[]): PointReading[] {
	if (told.points.size <= shown.length) return [];
	const present = new Set(shown.map(({ pointId }) => pointId));
	const gone = [...told.points.keys()].filter((pointId) => !present.has(pointId));
	for (const pointId of gone) told.points.delete(pointId);
	return gone.map(missingPoint);
}

function missingPoint(pointId: number): PointReading {
	return { pointId, value: undefined, quality: Quality.UNAVAILABLE, flags: 0, sourceMs: 0 };
}

/** At least one, so that an empty channel is told as well. */
function chunks(points: readonly PointReading[]): readonly (readonly PointReading[])[] {
	const parts: PointReading[][] = [];
	let start = 0;
	let bytes = 0;
	let index = 0;
	// Of each tick; `entries` would make more garbage here than everything else that encodes.
	for (const { value } of points) {
		const pointBytes = POINT_BYTES + (typeof value === "string" ? value.length * CHARACTER_BYTES : 0);
		if (index > start && bytes + pointBytes > UPDATE_BYTES) {
			parts.push(points.slice(start, index));
			start = index;
			bytes = 0;
		}
		bytes += pointBytes;
		index++;
	}
	return start === 0 ? [points] : [...parts, points.slice(start)];
}
