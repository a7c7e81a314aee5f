// Reads many hashes of points: in batches of bounded size, each one command, each hash parsed only where it changed.

import { Semaphore } from "../../../common/semaphore.ts";
import { unavailable } from "../../../protocol/error.ts";
import {
	emptyReading,
	type KeyReading,
	type KeyRequest,
	KeyState,
	type PointKey,
	pointKeyText,
} from "../boxes/box-points.ts";
import type { BoxOptions } from "../boxes/options.ts";
import type { BoxLink } from "./box-link.ts";
import type { PointKeys } from "./dialect.ts";
import { PointHash } from "./points-hash.ts";
import { readHuge } from "./points-huge.ts";
import { type HashReply, HashScript } from "./points-script.ts";

export interface PointsReaderOptions extends Pick<BoxOptions, "maxPointsPerKey" | "maxBytesPerKey"> {
	/** Hashes of one command. */
	readonly maxKeysPerBatch: number;
	/** Replies that are read at the same time. */
	readonly maxBatchesInFlight: number;
	/** Memory for the last replies; hashes beyond it are parsed at each read. */
	readonly maxKeptBytes: number;
	/** How often it is checked whether a hash of qualities has appeared or disappeared. */
	readonly qualityCheckMs: number;
}

/** What one command should bring at most; one hash may be larger. */
const BATCH_BYTES = 1024 * 1024;
/** Assumed of a hash that was not read yet. */
const UNKNOWN_BYTES = 32 * 1024;
/** Reads that may wait for others. */
const MAX_WAITING = 1000;
/** Of a read that is refused. */
const RETRY_AFTER_MS = 1000;

/** One hash of a batch: where its replies are among those of the command. */
interface Part {
	readonly hash: PointHash;
	readonly index: number;
	readonly pointsAt: number;
	readonly timesAt: number;
	readonly qualitiesAt: number;
}

interface Batch {
	/** As operands. */
	readonly keys: string[];
	readonly parts: Part[];
	bytes: number;
	/**
	 * When to check for hashes of qualities the next time. Different for each batch, and the same for all hashes of a
	 * batch, since a command that reads the same keys as the one before is not encoded again.
	 */
	readonly nextCheckAtMs: number;
}

export class PointsReader {
	private readonly link: BoxLink;
	private readonly dialect: PointKeys;
	private readonly options: PointsReaderOptions;
	private readonly reads: Semaphore;
	private readonly hashes = new Map<string, PointHash>();
	private readonly script: HashScript;
	private keptBytes = 0;

	constructor(link: BoxLink, dialect: PointKeys, options: PointsReaderOptions) {
		this.link = link;
		this.dialect = dialect;
		this.options = options;
		const rejection = (): Error => unavailable("the box", RETRY_AFTER_MS);
		this.reads = new Semaphore({ maxRunning: options.maxBatchesInFlight, maxWaiting: MAX_WAITING, rejection });
		// Metadata are fields, too.
		this.script = new HashScript(options.maxPointsPerKey + 1, options.maxBytesPerKey);
	}

	/** As `BoxPoints.read`. */
	async read(requests: readonly KeyRequest[]): Promise<readonly KeyReading[]> {
		const readings = new Array<KeyReading>(requests.length);
		const huge: number[] = [];
		const batches = this.divide(requests, readings, huge);
		await Promise.all(batches.map((batch) => this.reads.run(() => this.readBatch(batch, requests, readings, huge))));
		// One after the other: each may bring as much as a batch.
		for (const index of huge) {
			const { key, text, points, isWhole = false } = requests[index] as KeyRequest;
			const hash = this.hashOf(key, text);
			if (hash === undefined || points === undefined) continue;
			const named = await this.reads.run(() => readHuge(this.link, hash, points, this.options.maxPointsPerKey));
			const isRefused = isWhole && hash.isHuge && named.state === KeyState.PRESENT;
			readings[index] = isRefused ? hash.refuseWhole(this.tooMany(), named) : named;
			this.count(hash);
		}
		if (huge.length > 0) this.shrink();
		return readings;
	}

	/** Batches of the hashes that are read whole; fills in readings of those that are refused and records huge ones. */
	private divide(requests: readonly KeyRequest[], readings: KeyReading[], huge: number[]): Batch[] {
		const batches: Batch[] = [];
		const now = performance.now();
		let batch = this.newBatch(now);
		for (let index = 0; index < requests.length; index++) {
			const { key, text, points } = requests[index] as KeyRequest;
			const hash = this.hashOf(key, text);
			if (hash === undefined) {
				readings[index] = emptyReading(key, KeyState.FAILED, "not a type of this source");
				continue;
			}
			if (hash.isHuge && points !== undefined) {
				huge.push(index);
				continue;
			}
			const bytes = hash.lastBytes ?? UNKNOWN_BYTES;
			const isFull = batch.parts.length >= this.options.maxKeysPerBatch || batch.bytes + bytes > BATCH_BYTES;
			if (isFull && batch.parts.length > 0) {
				batches.push(batch);
				batch = this.newBatch(now);
			}
			batch.bytes += bytes;
			this.addPart(batch, hash, index, now);
		}
		if (batch.parts.length > 0) batches.push(batch);
		return batches;
	}

	private newBatch(nowMs: number): Batch {
		return {
			keys: [],
			parts: [],
			bytes: 0,
			nextCheckAtMs: nowMs + this.options.qualityCheckMs * (0.5 + Math.random() / 2),
		};
	}

	private addPart({ keys, parts, nextCheckAtMs }: Batch, hash: PointHash, index: number, now: number): void {
		const pointsAt = keys.push(hash.operands.points) - 1;
		const timesAt = hash.timesKey === undefined ? -1 : keys.push(hash.operands.times) - 1;
		let qualitiesAt = -1;
		if (hash.qualityKey !== undefined && (hash.hasQualities || now >= hash.qualitiesCheckAtMs)) {
			qualitiesAt = keys.push(hash.operands.qualities) - 1;
			if (!hash.hasQualities) hash.qualitiesCheckAtMs = nextCheckAtMs;
		}
		parts.push({ hash, index, pointsAt, timesAt, qualitiesAt });
	}

	private async readBatch(
		{ keys, parts }: Batch,
		requests: readonly KeyRequest[],
		readings: KeyReading[],
		huge: number[],
	): Promise<void> {
		const replies = await this.link.run((client) => this.script.read(client, keys));
		for (const part of parts) {
			const { hash, index } = part;
			readings[index] = this.readPart(part, replies);
			this.count(hash);
			if (hash.isHuge && requests[index]?.points !== undefined) huge.push(index);
		}
		this.shrink();
	}

	private readPart({ hash, pointsAt, timesAt, qualitiesAt }: Part, replies: readonly HashReply[]): KeyReading {
		const points = replies[pointsAt] as HashReply;
		const times = timesAt < 0 ? undefined : replies[timesAt];
		const qualities = qualitiesAt < 0 ? undefined : replies[qualitiesAt];
		if (qualitiesAt >= 0) hash.hasQualities = qualities !== 0;
		hash.isHuge = typeof points === "number" && points > 0;
		if (points === 0) return hash.fail(KeyState.MISSING, "no such key");
		if (typeof points === "number") {
			return hash.fail(KeyState.FAILED, this.tooMany());
		}
		if (typeof points === "string") return hash.fail(KeyState.FAILED, points);
		return hash.accept({ points, times: asBuffer(times), qualities: asBuffer(qualities) });
	}

	private tooMany(): string {
		return `more than ${this.options.maxPointsPerKey} points: name those that are wanted`;
	}

	private hashOf(key: PointKey, text = pointKeyText(key)): PointHash | undefined {
		const known = this.hashes.get(text);
		if (known !== undefined) return known;
		const { dialect } = this;
		const redisKey = dialect.keyOf(key);
		if (redisKey === undefined) return undefined;
		const hash = new PointHash(key, redisKey, dialect.timesKey(key), dialect.qualityKey(key));
		this.hashes.set(text, hash);
		this.count(hash);
		return hash;
	}

	private count(hash: PointHash): void {
		if (!hash.isKept) return;
		this.keptBytes += hash.keptBytes - hash.countedBytes;
		hash.countedBytes = hash.keptBytes;
	}

	/** Removes hashes in the order of their first read; a hash that is still read is added again as the newest. */
	private shrink(): void {
		if (this.keptBytes <= this.options.maxKeptBytes) return;
		for (const [text, hash] of this.hashes) {
			if (this.keptBytes <= this.options.maxKeptBytes / 2) return;
			this.hashes.delete(text);
			hash.isKept = false;
			this.keptBytes -= hash.countedBytes;
		}
	}
}

function asBuffer(reply: HashReply | undefined): Buffer | undefined {
	return reply instanceof Buffer ? reply : undefined;
}
