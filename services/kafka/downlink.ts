// Publishes the records of a consumer group. Records for one target are published in the order in which they were read; an offset is
// committed when all before it are done: published, or in the dead-letter topic. What was read and is not done is bounded, and reading
// pauses at the bound.
import type { Logger } from "../../common/logger.ts";
import { PeriodicTask } from "../../common/periodic-task.ts";
import type { Tracer } from "../../common/tracing.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import { DeadLetters } from "./dead-letters.ts";
import { type DownlinkOutcome, goesTogether } from "./downlink-publisher.ts";
import { type DownlinkRecord, laneOf, readDownlink } from "./downlink-record.ts";
import { KeyLanes } from "./key-lanes.ts";
import type { DownlinkOptions } from "./options.ts";
import { PartitionProgress } from "./partition-progress.ts";
import { pause } from "./pause.ts";
import {
	type IncomingRecord,
	incomingBytes,
	type PartitionOffset,
	partitionName,
	type RecordListener,
	type RecordSource,
} from "./record-source.ts";
import { isUnsampled, processRecorded } from "./record-spans.ts";
import { RecordProblem } from "./records.ts";
import type { OutgoingRecord } from "./topic-writer.ts";

export interface DownlinkParts {
	readonly source: RecordSource;
	/** @throws GatewayError */
	readonly publish: (record: DownlinkRecord) => Promise<DownlinkOutcome>;
	/** Publishes several for one target that `goTogether`, in their order. @throws GatewayError when any fails; then each is published alone. */
	readonly publishTogether: (records: readonly DownlinkRecord[]) => Promise<DownlinkOutcome>;
	/** Appends to the dead-letter topic; undefined when there is none. @throws GatewayError */
	readonly appendDeadLetter: ((record: OutgoingRecord) => Promise<void>) | undefined;
	readonly logger: Logger;
	/** Monotonic milliseconds. */
	readonly now: () => number;
	/** Continues the traces of records. */
	readonly tracer?: Tracer | undefined;
	readonly options: Pick<
		DownlinkOptions,
		"maxAttempts" | "retryMs" | "maxInFlightBytes" | "concurrency" | "commitIntervalMs"
	>;
}

/** A record that nothing can be made of, with the reason. */
interface Unreadable {
	readonly problem: RecordProblem;
}

/** A record that was read and is not done. */
interface InFlight {
	readonly record: IncomingRecord;
	readonly read: DownlinkRecord | Unreadable;
	readonly progress: PartitionProgress;
	readonly bytes: number;
}

/** Codes with which a record can never be published. */
const PERMANENT: ReadonlySet<ErrorCode> = new Set([
	ErrorCode.VALIDATION_FAILED,
	ErrorCode.NOT_FOUND,
	ErrorCode.PAYLOAD_TOO_LARGE,
	ErrorCode.BAD_REQUEST,
]);
const OUTAGES: ReadonlySet<ErrorCode> = new Set([ErrorCode.UNAVAILABLE, ErrorCode.TIMEOUT]);
const MAX_PAUSE_MS = 5000;
const MAX_THROTTLE_MS = 1000;
/** Records of a partition behind one that is not done; beyond it reading pauses. */
export const MAX_UNCOMMITTED = 20_000;
/** Records that are published in one step, and their bytes. */
const MAX_TOGETHER = 64;
const MAX_TOGETHER_BYTES = 262_144;
/** How long the end of the process waits for what is being published. */
const CLOSE_TIMEOUT_MS = 5000;

export class Downlink implements RecordListener {
	/** Since the start. Records; of `published` and `repeated` each inbox or channel. */
	readonly counts = { read: 0, published: 0, repeated: 0, retried: 0 };
	readonly deadLetters: DeadLetters;
	private readonly parts: DownlinkParts;
	private readonly lanes: KeyLanes<InFlight>;
	private readonly partitions = new Map<string, PartitionProgress>();
	private readonly commits: PeriodicTask;
	private readonly closing = new AbortController();
	private bytes = 0;
	private isPaused = false;
	/** Records that were published: while there are none, a failure is an outage, and no fault of a record. */
	private successes = 0;

	constructor(parts: DownlinkParts) {
		this.parts = parts;
		this.lanes = new KeyLanes({
			maxRunning: parts.options.concurrency,
			pieceSize: (waiting) => this.togetherSize(waiting),
			run: (items) => this.process(items),
		});
		this.deadLetters = new DeadLetters({ ...parts, signal: this.closing.signal });
		this.commits = new PeriodicTask({
			intervalMs: parts.options.commitIntervalMs,
			run: () => this.commit(),
			onError: (error) => parts.logger.debug({ err: error }, "committing offsets failed; the next round will retry"),
		});
	}

	get source(): RecordSource {
		return this.parts.source;
	}

	/** Of what was read and is not done. */
	get inFlightBytes(): number {
		return this.bytes;
	}

	start(): void {
		this.commits.start();
		this.parts.source.start(this);
	}

	onRecord(record: IncomingRecord): void {
		const progress = this.partitions.get(partitionName(record));
		// It is another process's by now.
		if (progress === undefined || this.closing.signal.aborted) return;
		if (!progress.add(record.offset, record.leaderEpoch)) return;
		this.counts.read++;
		const bytes = incomingBytes(record);
		this.bytes += bytes;
		const read = readOrProblem(record);
		const lane = "problem" in read ? `unreadable:${partitionName(record)}` : laneOf(read.target);
		this.lanes.add(lane, { record, read, progress, bytes });
		const isFull = this.bytes >= this.parts.options.maxInFlightBytes || progress.size >= MAX_UNCOMMITTED;
		if (!isFull || this.isPaused) return;
		this.isPaused = true;
		this.parts.source.pause();
	}

	onAssigned(assigned: ReadonlySet<string>, isFresh: boolean): void {
		// Records of a partition that is gone are published to their end, and not committed.
		for (const name of [...this.partitions.keys()]) if (isFresh || !assigned.has(name)) this.partitions.delete(name);
		for (const name of assigned) {
			if (this.partitions.has(name)) continue;
			const colon = name.lastIndexOf(":");
			this.partitions.set(name, new PartitionProgress(name.slice(0, colon), Number(name.slice(colon + 1))));
		}
		this.resumeIfRoom();
	}

	/** Publishes what is being published, commits, and leaves the group; what waits is read again by others. */
	async close(): Promise<void> {
		this.closing.abort();
		this.parts.source.pause();
		let timer: NodeJS.Timeout | undefined;
		const timeout = new Promise<void>((resolve) => {
			timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
		});
		await Promise.race([this.lanes.settled(), timeout]);
		clearTimeout(timer);
		await this.commits.close();
		await this.commits.run();
		await this.parts.source.close();
	}

	/** How many of the first records of a lane are published in one step. */
	private togetherSize(waiting: readonly InFlight[]): number {
		const [first] = waiting;
		if (first === undefined || !this.isPlain(first)) return 1;
		let bytes = 0;
		let size = 0;
		for (const item of waiting) {
			bytes += item.bytes;
			if (size === MAX_TOGETHER || (size > 0 && (bytes > MAX_TOGETHER_BYTES || !this.isPlain(item)))) break;
			size++;
		}
		return size;
	}

	/** Nothing about it asks for a step of its own, as spans would. */
	private isPlain({ read, record }: InFlight): boolean {
		if ("problem" in read || !goesTogether(read)) return false;
		return this.parts.tracer === undefined || isUnsampled(record);
	}

	private async process(items: readonly InFlight[]): Promise<void> {
		if (items.length > 1 && (await this.processTogether(items))) {
			for (const item of items) this.settle(item, true);
			return;
		}
		const { tracer } = this.parts;
		for (const item of items) {
			const { record, read } = item;
			const handle = () => this.handle(record, read);
			this.settle(item, await (tracer === undefined ? handle() : processRecorded(tracer, record, handle)));
		}
	}

	/** @returns false: each is to be published by itself, which those that were published already do no harm to. */
	private async processTogether(items: readonly InFlight[]): Promise<boolean> {
		if (this.closing.signal.aborted) return false;
		try {
			this.published(await this.parts.publishTogether(items.map(({ read }) => read as DownlinkRecord)));
			return true;
		} catch {
			return false;
		}
	}

	private settle({ record, progress, bytes }: InFlight, isDone: boolean): void {
		this.bytes -= bytes;
		if (isDone) progress.done(record.offset);
		this.resumeIfRoom();
	}

	/** @returns whether it is done; otherwise this process ends, and another one reads it again. */
	private async handle(record: IncomingRecord, read: DownlinkRecord | Unreadable): Promise<boolean> {
		const { signal } = this.closing;
		if (signal.aborted) return false;
		if ("problem" in read) return await this.deadLetters.add(record, read.problem.message, 1);
		const { maxAttempts, retryMs } = this.parts.options;
		let attempts = 0;
		for (let tries = 0; ; tries++) {
			const successes = this.successes;
			const failure = await this.attempt(read);
			if (failure === undefined) return true;
			if (PERMANENT.has(failure.code)) return await this.deadLetters.add(record, failure.message, attempts + 1);
			if (signal.aborted) return false;
			if (failure.code === ErrorCode.RATE_LIMITED) {
				await pause(Math.min(MAX_THROTTLE_MS, Math.max(1, failure.retryAfterMs)), signal);
				if (signal.aborted) return false;
				continue;
			}
			this.counts.retried++;
			await pause(Math.min(MAX_PAUSE_MS, retryMs * 2 ** Math.min(tries, 10)), signal);
			// While nothing can be published, it is not the record.
			if (!OUTAGES.has(failure.code) || this.successes > successes) attempts++;
			if (attempts >= maxAttempts) return await this.deadLetters.add(record, failure.message, attempts);
			if (signal.aborted) return false;
		}
	}

	private async attempt(read: DownlinkRecord): Promise<GatewayError | undefined> {
		try {
			this.published(await this.parts.publish(read));
			return undefined;
		} catch (error) {
			const failure = GatewayError.from(error);
			if (failure.code === ErrorCode.INTERNAL) {
				this.parts.logger.error({ err: error }, "publishing a record of Kafka failed");
			}
			return failure;
		}
	}

	private published({ published, repeated }: DownlinkOutcome): void {
		this.counts.published += published;
		this.counts.repeated += repeated;
		this.successes++;
	}

	private resumeIfRoom(): void {
		if (!this.isPaused || this.bytes > this.parts.options.maxInFlightBytes / 2) return;
		for (const { size } of this.partitions.values()) if (size > MAX_UNCOMMITTED / 2) return;
		this.isPaused = false;
		if (!this.closing.signal.aborted) this.parts.source.resume();
	}

	private async commit(): Promise<void> {
		const taken: { readonly progress: PartitionProgress; readonly offset: PartitionOffset }[] = [];
		for (const progress of this.partitions.values()) {
			const committable = progress.takeCommittable();
			if (committable === undefined) continue;
			taken.push({ progress, offset: { topic: progress.topic, partition: progress.partition, ...committable } });
		}
		if (taken.length === 0) return;
		try {
			await this.parts.source.commit(taken.map(({ offset }) => offset));
		} catch (error) {
			// To the partition as it was: after a rebalance there may be another of its name, which others have brought further.
			for (const { progress, offset } of taken) progress.giveBack(offset.offset, offset.leaderEpoch);
			throw error;
		}
	}
}

function readOrProblem(record: IncomingRecord): DownlinkRecord | Unreadable {
	try {
		return readDownlink(record);
	} catch (error) {
		return { problem: error instanceof RecordProblem ? error : new RecordProblem("the record cannot be read") };
	}
}
