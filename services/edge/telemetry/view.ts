// A view: the shared part of all subscriptions with the same request. It keeps the values that it has published, and
// turns the cache's readings into batches.

import type { FrameTexts, LiveSubscriber } from "../../../messaging/live-audience.ts";
import { DataBatch_Kind, type Quality, SubscriptionMode } from "../../../protocol/gen/schema.ts";
import { type KeyReading, KeyState, type PointReading, pointCount } from "../boxes/box-points.ts";
import type { BatchWriter } from "./batch-writer.ts";
import { type HasMoved, LastSent } from "./last-sent.ts";
import type { MemberState } from "./member-state.ts";
import { NO_LOAD, type PointBudget, type PointLoad } from "./point-budget.ts";
import { type CachedKey, EncodedKey, type PointCache, shownWeight } from "./point-cache.ts";
import type { PointSelection } from "./reading-points.ts";
import type { Snapshots } from "./snapshots.ts";
import type { EncodedUpdate } from "./update-encoder.ts";
import type { ViewSpec } from "./view-spec.ts";

/** Bytes of one ChannelUpdate, about, so that a huge channel can be split between messages. */
const UPDATE_BYTES = 24_576;
/** Most that a point takes beside a text, and that a character of a text takes. */
const POINT_BYTES = 36;
const CHARACTER_BYTES = 3;
const NUMBERS_PER_UPDATE = Math.floor(UPDATE_BYTES / POINT_BYTES);

export interface ViewOptions {
	readonly maxBatchBytes: number;
}

/** What the views of a box share. */
export interface ViewParts {
	readonly cache: PointCache;
	readonly writer: BatchWriter;
	readonly snapshots: Snapshots;
}

/** A frame that several clients are sent, with the texts that some of them get instead. */
export interface SharedFrame {
	readonly bytes: Uint8Array;
	readonly texts: FrameTexts;
}

/** A connection with its subscriptions. */
export interface Owner {
	/** The user of the subscriptions; kept, as the connection may have another user when they end. */
	readonly userId: string;
	/** By the id of the view. */
	readonly members: Map<string, Member>;
	readonly budget: PointBudget;
	/** Of all connections of the user. */
	readonly userBudget: PointBudget;
}

/** One connection's part in a view. */
export interface Member {
	readonly subscriber: LiveSubscriber;
	readonly owner: Owner;
	readonly view: View;
	/** When it was asked for, on the monotonic clock. */
	readonly sinceMs: number;
	state: MemberState;
	/** Points of its first data that were taken from the user's allowance already. */
	paidPoints: number;
	/** Batches missed since the last one that was sent. */
	missed: number;
	/** Batches missed since the subscription began. */
	dropped: number;
}

export class View {
	readonly spec: ViewSpec;
	readonly topic: string;
	readonly keys: readonly CachedKey[];
	readonly members = new Set<Member>();
	/** Number of the batch that was published last. */
	seq = 0;
	/** How much all views had published when its members were last checked for lag. */
	checkedAtBytes = Number.NEGATIVE_INFINITY;
	/** When the last batch was published, on the monotonic clock. */
	batchAtMs = Number.NEGATIVE_INFINITY;
	/** When changes were published last, on the monotonic clock. */
	changesAtMs = Number.NEGATIVE_INFINITY;
	/** Changes came too soon after others, and are published once the interval is over. */
	isDeferred = false;
	/** Whether it publishes changes, and so has to keep the values that it has published. */
	readonly sendsDeltas: boolean;
	/** Its present load, in the budgets of all its members. */
	load: PointLoad = NO_LOAD;
	/** All its keys have been read, so that it is known how many points it has. */
	isMeasured = false;
	/** The first read of its keys. */
	measuring: Promise<boolean> | undefined;
	/** Waits for its FULL batch after the box was unreachable: ticks skip it. */
	isRecovering = false;
	private readonly cache: PointCache;
	private readonly writer: BatchWriter;
	private readonly options: ViewOptions;
	private readonly lastSent: readonly LastSent[];
	/** Of `spec.points`, ascending. */
	private readonly wanted: readonly number[] | undefined;
	private readonly hasMoved: HasMoved;
	/** Version of the cache at which all members got exactly its contents. */
	private exactVersion = 0;
	/** Of views that show some points only: the part of each key. */
	private readonly parts: readonly EncodedKey[];
	private readonly snapshots: Snapshots;
	private snapshot:
		| { readonly version: number; readonly seq: number; readonly frames: readonly SharedFrame[] }
		| undefined;

	constructor(spec: ViewSpec, { cache, writer, snapshots }: ViewParts, options: ViewOptions) {
		this.spec = spec;
		this.topic = `view:${spec.id}`;
		this.sendsDeltas = spec.mode !== SubscriptionMode.INTERVAL;
		this.cache = cache;
		this.writer = writer;
		this.snapshots = snapshots;
		this.options = options;
		this.keys = cache.hold(spec.keys, spec.points);
		this.parts = spec.points === undefined ? [] : this.keys.map(() => new EncodedKey());
		this.wanted = spec.points && [...spec.points];
		this.lastSent = this.sendsDeltas ? this.keys.map(() => new LastSent()) : [];
		this.hasMoved = movedBeyond(spec.deadband);
	}

	/** Counts a batch that is published. */
	nextSeq(): number {
		this.dropSnapshot();
		return ++this.seq;
	}

	dropSnapshot(): void {
		if (this.snapshot === undefined) return;
		this.snapshot = undefined;
		this.snapshots.forget(this);
	}

	/** What it counts as in budgets of points. */
	get weight(): number {
		const named = this.spec.points?.size;
		let weight = 0;
		for (const { reading } of this.keys) weight += shownWeight(reading, named);
		return weight;
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
			if (this.sendsDeltas) this.recordSent(cached, this.lastSent[index] as LastSent);
		}
		return updates;
	}

	/**
	 * The points that have changed since they were published.
	 *
	 * @param isExact - within the deadband as well: all members then have the values of the cache.
	 */
	deltaUpdates(isExact = false): readonly EncodedUpdate[] {
		const updates: EncodedUpdate[] = [];
		if (this.exactVersion === this.cache.version) return updates;
		if (isExact) this.exactVersion = this.cache.version;
		const { shown, changed } = this.writer;
		for (let index = 0; index < this.keys.length; index++) {
			const cached = this.keys[index] as CachedKey;
			const last = this.lastSent[index] as LastSent;
			if (last.version === cached.version && !(isExact && this.hasDeadband)) continue;
			const isFirst = last.version === 0;
			last.version = cached.version;
			const reading = this.readingOf(cached);
			const worst = this.cache.qualityCap(cached);
			shown.show(reading, this.wanted);
			last.select(reading, shown, worst, isExact ? isOther : this.hasMoved, changed);
			const isOtherState = reading.state !== last.state || isFirst;
			last.state = reading.state;
			if (changed.length === 0 && !isOtherState) continue;
			this.encodeSelected(reading, changed, worst, updates, updates.length);
		}
		return updates;
	}

	/**
	 * Frames with everything for one member, under the number of the last batch. Valid for all members at that number.
	 */
	snapshotFrames(serverMs: number): readonly SharedFrame[] {
		const { version } = this.cache;
		if (this.snapshot?.version === version && this.snapshot.seq === this.seq) return this.snapshot.frames;
		const updates = this.keys.flatMap((cached, index) => this.updatesOf(cached, index));
		const frames: SharedFrame[] = [];
		let total = 0;
		for (const bytes of this.frames(DataBatch_Kind.FULL, updates, serverMs, 0, () => this.seq)) {
			frames.push({ bytes, texts: new Map() });
			total += bytes.length;
		}
		this.snapshot = { version, seq: this.seq, frames };
		this.snapshots.keep(this, total);
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
		this.dropSnapshot();
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
		const worst = this.cache.qualityCap(cached);
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
			const { shown } = this.writer;
			shown.show(reading, this.wanted);
			count = this.encodeSelected(reading, shown, worst, updates, 0);
		}
		updates.length = count;
		encoded.version = cached.version;
		return updates;
	}

	private get hasDeadband(): boolean {
		const { absolute, percent } = this.spec.deadband;
		return absolute > 0 || percent > 0;
	}

	/** Of a huge hash, views that name points and views of all points have different readings. */
	private readingOf({ reading }: CachedKey): KeyReading {
		return this.spec.points === undefined ? reading : (reading.named ?? reading);
	}

	/**
	 * Encodes a selection in updates of a bounded size; at least one, so that an empty channel is published as well.
	 *
	 * @param into - from `at` on; what is there is written over, where it is as long.
	 * @returns the place after the last one.
	 */
	private encodeSelected(
		reading: KeyReading,
		selection: PointSelection,
		worst: Quality,
		into: EncodedUpdate[],
		at: number,
	): number {
		const { name } = this.spec.source;
		const encoder = this.writer.updates;
		let count = at;
		let from = 0;
		let bytes = 0;
		for (let index = 0; index < selection.length; index++) {
			const pointBytes = bytesOf(reading, selection.indexes[index] as number);
			if (index > from && bytes + pointBytes > UPDATE_BYTES) {
				into[count] = encoder.encodeSelected(name, reading, selection, from, index, worst, into[count]);
				count++;
				from = index;
				bytes = 0;
			}
			bytes += pointBytes;
		}
		into[count] = encoder.encodeSelected(name, reading, selection, from, selection.length, worst, into[count]);
		return count + 1;
	}

	private recordSent(cached: CachedKey, last: LastSent): void {
		// Values that stayed within the deadband are published now.
		if (last.version === cached.version && !this.hasDeadband) return;
		last.version = cached.version;
		const reading = this.readingOf(cached);
		const { shown } = this.writer;
		if (reading.state === KeyState.PRESENT) shown.show(reading, this.wanted);
		else shown.clear();
		last.sent(reading, shown, this.cache.qualityCap(cached));
	}
}

/** About how many bytes a point takes. @param index - in the reading; -1: it is not there. */
function bytesOf(reading: KeyReading, index: number): number {
	if (index < 0 || reading.numbers !== undefined) return POINT_BYTES;
	const { value } = reading.points[index] as PointReading;
	return POINT_BYTES + (typeof value === "string" ? value.length * CHARACTER_BYTES : 0);
}

const isOther: HasMoved = (before, now) => !Object.is(before, now);

function movedBeyond({ absolute, percent }: ViewSpec["deadband"]): HasMoved {
	if (absolute > 0) return (before, now) => !Object.is(before, now) && Math.abs(now - before) > absolute;
	if (percent <= 0) return isOther;
	return (before, now) => !Object.is(before, now) && Math.abs(now - before) > (Math.abs(before) * percent) / 100;
}
