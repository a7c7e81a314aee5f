// A consumer group of Kafka, by the classic protocol. A consumer that fails is closed and made again, after a pause: what it had read and
// not committed is read again.
import { isUtf8 } from "node:buffer";
import type { Consumer, MessagesStream } from "@platformatic/kafka";
import type { Logger } from "../../common/logger.ts";
import { type ClientSettings, type KafkaLibrary, problemOf } from "./client-kafka.ts";
import type { DownlinkOptions } from "./options.ts";
import { onAbort, pause } from "./pause.ts";
import {
	type IncomingRecord,
	type PartitionOffset,
	partitionName,
	type RecordListener,
	type RecordSource,
} from "./record-source.ts";

export interface KafkaRecordSourceOptions {
	readonly topics: readonly string[];
	readonly groupId: string;
	readonly load: () => Promise<KafkaLibrary>;
	readonly settings: ClientSettings;
	readonly logger: Logger;
	readonly options: Pick<DownlinkOptions, "startFrom" | "maxFetchBytes" | "sessionTimeoutMs">;
}

type KafkaConsumer = Consumer<Buffer, Buffer, string, Buffer>;
type KafkaStream = MessagesStream<Buffer, Buffer, string, Buffer>;

/** A commit in flight. The library sends it again behind a rebalance, of which the partitions may be other processes' then. */
interface Commit {
	/** The library's own array: it reads it at each attempt. */
	readonly offsets: PartitionOffset[];
	isOvertaken: boolean;
}

const FIRST_PAUSE_MS = 250;
const MAX_PAUSE_MS = 5000;
/** Attempts of the library's own, before the consumer is made again. */
const RETRIES = 3;
const RETRY_DELAY_MS = 250;
/** How long a broker holds a fetch that brings nothing. */
const MAX_WAIT_MS = 1000;
/** Records that the stream keeps ready before it fetches more; a fetch may bring more than these. */
const HIGH_WATER_MARK = 256;
const LAG_INTERVAL_MS = 5000;
const CLOSE_TIMEOUT_MS = 3000;

export class KafkaRecordSource implements RecordSource {
	readonly topics: readonly string[];
	readonly lag = new Map<string, number>();
	problem: string | undefined = "not connected yet";
	rebalances = 0;
	private readonly options: KafkaRecordSourceOptions;
	private readonly closing = new AbortController();
	private listener: RecordListener | undefined;
	private consumer: KafkaConsumer | undefined;
	private stream: KafkaStream | undefined;
	private running: Promise<void> | undefined;
	private isPaused = false;
	/** From the start of a rebalance until the group has its partitions again. */
	private isRebalancing = false;
	private readonly commits = new Set<Commit>();
	private failures = 0;

	constructor(options: KafkaRecordSourceOptions) {
		this.options = options;
		this.topics = options.topics;
	}

	start(listener: RecordListener): void {
		this.listener = listener;
		this.running ??= this.run();
	}

	pause(): void {
		this.isPaused = true;
		this.stream?.pause();
	}

	resume(): void {
		this.isPaused = false;
		this.stream?.resume();
	}

	async commit(offsets: readonly PartitionOffset[]): Promise<void> {
		if (this.consumer === undefined) throw new Error("there is no consumer at the moment");
		if (this.isRebalancing) throw new Error("the consumer group is rebalancing");
		const commit: Commit = { offsets: offsets.map((offset) => ({ ...offset })), isOvertaken: false };
		this.commits.add(commit);
		try {
			await this.consumer.commit({ offsets: commit.offsets });
		} finally {
			this.commits.delete(commit);
		}
		if (commit.isOvertaken) throw new Error("the consumer group has been rebalanced meanwhile");
	}

	async close(): Promise<void> {
		this.closing.abort();
		await this.running;
	}

	private async run(): Promise<void> {
		const { signal } = this.closing;
		while (!signal.aborted) {
			try {
				await this.consume();
			} catch (error) {
				this.failed(error);
			}
			if (signal.aborted) return;
			const ms = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(this.failures, 10));
			await pause(ms / 2 + (Math.random() * ms) / 2, signal);
		}
	}

	/** Reads until the consumer fails, or the source is closed. @throws what it fails with. */
	private async consume(): Promise<void> {
		const consumer = await this.open();
		const failure = new Promise<never>((_, reject) => {
			consumer.on("error", reject);
			consumer.on("consumer:heartbeat:stalled", () => reject(new Error("no heartbeat was answered for too long")));
		});
		failure.catch(() => undefined);
		let isFresh = true;
		consumer.on("consumer:group:join", () => {
			// Without a rebalance it was no member for a while: others may have had its partitions meanwhile.
			this.assigned(consumer, isFresh || !this.isRebalancing);
			isFresh = false;
			this.isRebalancing = false;
			this.overtakeCommits();
		});
		consumer.on("consumer:group:rebalance", () => {
			this.rebalances++;
			this.isRebalancing = true;
			this.overtakeCommits();
		});
		consumer.on("consumer:lag", (lag) => this.measured(lag));
		try {
			const { topics } = this;
			const fallbackMode = this.options.options.startFrom;
			const stream = await consumer.consume({ topics: [...topics], mode: "committed", fallbackMode });
			const ended = this.read(stream);
			this.consumer = consumer;
			consumer.startLagMonitoring({ topics: [...topics] }, LAG_INTERVAL_MS);
			this.recovered();
			await Promise.race([failure, ended, onAbort(this.closing.signal)]);
		} finally {
			this.consumer = undefined;
			this.stream = undefined;
			this.isRebalancing = false;
			await closed(consumer);
		}
	}

	private async open(): Promise<KafkaConsumer> {
		const { load, settings, groupId, options } = this.options;
		const { Consumer, stringDeserializer } = await load();
		const { maxFetchBytes, sessionTimeoutMs } = options;
		return new Consumer<Buffer, Buffer, string, Buffer>({
			...settings,
			groupId,
			autocommit: false,
			retries: RETRIES,
			retryDelay: (_client: unknown, _operation: unknown, _attempt: number, _retries: number, error: Error) => {
				// The library's own attempts take some seconds; what is wrong is known before they are over.
				if (this.problem !== undefined) this.problem = problemOf(error, settings).message;
				return RETRY_DELAY_MS;
			},
			sessionTimeout: sessionTimeoutMs,
			rebalanceTimeout: 3 * sessionTimeoutMs,
			heartbeatInterval: Math.floor(sessionTimeoutMs / 4),
			heartbeatStallTimeout: sessionTimeoutMs,
			maxBytes: maxFetchBytes,
			maxWaitTime: MAX_WAIT_MS,
			highWaterMark: HIGH_WATER_MARK,
			deserializers: { headerKey: stringDeserializer },
		} as never);
	}

	/** @returns what rejects when the stream ends. */
	private read(stream: KafkaStream): Promise<never> {
		this.stream = stream;
		const ended = new Promise<never>((_, reject) => {
			stream.on("error", reject);
			stream.on("close", () => reject(new Error("the stream of records ended")));
		});
		ended.catch(() => undefined);
		stream.on("data", ({ topic, partition, offset, leaderEpoch, key, value, headers }) => {
			this.listener?.onRecord({
				topic,
				partition,
				offset,
				leaderEpoch,
				// Copies: what the library hands out keeps the whole fetch in memory.
				key: key && Buffer.from(key),
				value: value === undefined || value === null ? Buffer.alloc(0) : Buffer.from(value),
				...headersOf(headers),
			});
		});
		if (this.isPaused) stream.pause();
		return ended;
	}

	/** What they hold is not sent again: another process may have committed more. */
	private overtakeCommits(): void {
		for (const commit of this.commits) {
			commit.offsets.length = 0;
			commit.isOvertaken = true;
		}
	}

	private assigned(consumer: KafkaConsumer, isFresh: boolean): void {
		const names = new Set<string>();
		for (const { topic, partitions } of consumer.assignments ?? []) {
			for (const partition of partitions) names.add(partitionName({ topic, partition }));
		}
		for (const name of [...this.lag.keys()]) if (!names.has(name)) this.lag.delete(name);
		this.listener?.onAssigned(names, isFresh);
	}

	private measured(lags: ReadonlyMap<string, readonly bigint[]>): void {
		for (const [topic, partitions] of lags) {
			for (const [partition, lag] of partitions.entries()) {
				const name = partitionName({ topic, partition });
				if (lag >= 0n) this.lag.set(name, Number(lag));
				else this.lag.delete(name);
			}
		}
	}

	private failed(error: unknown): void {
		const cause = problemOf(error, this.options.settings);
		const isFirst = this.failures === 0;
		this.failures++;
		this.problem = cause.message;
		this.lag.clear();
		const { groupId, logger } = this.options;
		const fields = { topics: this.topics, groupId, err: cause };
		if (isFirst) logger.warn(fields, "reading from Kafka failed; will retry");
		else logger.debug(fields, "reading from Kafka failed again; will retry");
	}

	private recovered(): void {
		if (this.failures > 0) {
			this.options.logger.info(
				{ topics: this.topics, groupId: this.options.groupId },
				"reading from Kafka works again",
			);
		}
		this.failures = 0;
		this.problem = undefined;
	}
}

/** Bounded: a broker that is gone may not answer. */
async function closed(consumer: KafkaConsumer): Promise<void> {
	let timer: NodeJS.Timeout | undefined;
	const timeout = new Promise<void>((resolve) => {
		timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
	});
	await Promise.race([consumer.close(true).catch(() => undefined), timeout]);
	clearTimeout(timer);
}

/** What writes records may leave out a header's value, and put any bytes there. */
function headersOf(
	given: ReadonlyMap<string, Buffer | null | undefined>,
): Pick<IncomingRecord, "headers" | "headerBytes"> {
	const headers = new Map<string, string>();
	let headerBytes: Map<string, Uint8Array> | undefined;
	for (const [name, bytes] of given) {
		headers.set(name, bytes?.toString() ?? "");
		if (bytes === null || bytes === undefined || isUtf8(bytes)) continue;
		headerBytes ??= new Map();
		headerBytes.set(name, Buffer.from(bytes));
	}
	return headerBytes === undefined ? { headers } : { headers, headerBytes };
}
