// Appends records to a topic with an idempotent producer and acks=all.
import type { Producer } from "@platformatic/kafka";
import { type ClientSettings, errorIds, type KafkaLibrary, problemOf, TLS_FAILURE } from "./client-kafka.ts";
import type { UplinkOptions } from "./options.ts";
import { type OutgoingRecord, type TopicWriter, WriteFailure, type WriteFailureReason } from "./topic-writer.ts";

export interface KafkaTopicWriterOptions {
	readonly topic: string;
	readonly load: () => Promise<KafkaLibrary>;
	readonly settings: ClientSettings;
	readonly compression: UplinkOptions["compression"];
	/** Unix milliseconds: the time of records. */
	readonly now: () => number;
	/** The library repeats by itself what failed for a moment, under the same sequence numbers; this is called with why. */
	readonly onRetry?: (failure: WriteFailure) => void;
}

type Text = string | Uint8Array;
type KafkaProducer = Producer<Text, Buffer, string, Text>;

/**
 * Attempts of the library's own, which keep the sequence numbers: a broker that restarts brings no duplicates. Beyond, the queue tries
 * again, and says so.
 */
const RETRIES = 8;
const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 1000;

const REASONS: readonly (readonly [WriteFailureReason, readonly string[]])[] = [
	["not_authenticated", ["PLT_KFK_AUTHENTICATION", "SASL_AUTHENTICATION_FAILED", "UNSUPPORTED_SASL_MECHANISM"]],
	[
		"not_authorized",
		["TOPIC_AUTHORIZATION_FAILED", "CLUSTER_AUTHORIZATION_FAILED", "TRANSACTIONAL_ID_AUTHORIZATION_FAILED"],
	],
	["tls", [TLS_FAILURE]],
	["too_large", ["MESSAGE_TOO_LARGE", "RECORD_LIST_TOO_LARGE"]],
	["rejected", ["INVALID_RECORD", "CORRUPT_MESSAGE", "POLICY_VIOLATION"]],
	["clock", ["INVALID_TIMESTAMP"]],
	["too_few_replicas", ["NOT_ENOUGH_REPLICAS", "NOT_ENOUGH_REPLICAS_AFTER_APPEND"]],
	["topic_missing", ["UNKNOWN_TOPIC_OR_PARTITION", "INVALID_TOPIC_EXCEPTION", "UNKNOWN_TOPIC_ID"]],
];

export class KafkaTopicWriter implements TopicWriter {
	readonly topic: string;
	private readonly options: KafkaTopicWriterOptions;
	private library: KafkaLibrary | undefined;
	private producer: KafkaProducer | undefined;
	private isClosed = false;

	constructor(options: KafkaTopicWriterOptions) {
		this.options = options;
		this.topic = options.topic;
	}

	async write(records: readonly OutgoingRecord[]): Promise<void> {
		const producer = await this.open();
		const timestamp = BigInt(this.options.now());
		const messages = records.map(({ key, value, headers }) => ({
			topic: this.topic,
			...(key.length > 0 && { key }),
			value: Buffer.from(value.buffer, value.byteOffset, value.byteLength),
			headers: new Map(Object.entries(headers)),
			timestamp,
		}));
		try {
			await producer.send({ messages });
		} catch (error) {
			throw failureOf(error, this.options.settings, this.written(error, records));
		}
	}

	async check(): Promise<void> {
		try {
			const producer = await this.open();
			await producer.metadata({ topics: [this.topic], forceUpdate: true });
		} catch (error) {
			throw failureOf(error, this.options.settings);
		}
	}

	async close(): Promise<void> {
		this.isClosed = true;
		await this.producer?.close(true).catch(() => undefined);
	}

	private async open(): Promise<KafkaProducer> {
		if (this.isClosed) throw new WriteFailure("unavailable", new Error("the writer is closed"));
		if (this.producer !== undefined) return this.producer;
		const { load, settings, compression, onRetry } = this.options;
		const library = await load();
		const { Producer, compatibilityPartitioner, stringSerializer } = library;
		this.library = library;
		// Another caller may have come meanwhile.
		this.producer ??= new Producer<Text, Buffer, string, Text>({
			...settings,
			idempotent: true,
			acks: library.ProduceAcks.ALL,
			retries: RETRIES,
			retryDelay: (_client, _operation, attempt, _retries, error) => {
				onRetry?.(failureOf(error, settings));
				return Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** (attempt - 1));
			},
			...(compression !== "none" && { compression }),
			// Where Java's and Go's clients put the same key.
			partitioner: compatibilityPartitioner,
			serializers: { key: toBytes, headerKey: stringSerializer, headerValue: toBytes },
		});
		return this.producer;
	}

	/** Records of partitions that were written although others failed. */
	private written(error: unknown, records: readonly OutgoingRecord[]): ReadonlySet<number> {
		const offsets = (error as { produced?: { offsets?: { partition: number; offset: bigint }[] } }).produced?.offsets;
		const partitions = new Set(offsets?.filter(({ offset }) => offset >= 0n).map(({ partition }) => partition));
		const count = this.producer?.currentMetadata?.topics.get(this.topic)?.partitionsCount;
		const partitioner = this.library?.compatibilityPartitioner;
		if (partitions.size === 0 || count === undefined || partitioner === undefined) return new Set();
		const written = new Set<number>();
		for (const [index, { key }] of records.entries()) {
			// Of those without a key it is not known where they went.
			if (key.length === 0) continue;
			const message = { topic: this.topic };
			if (partitions.has(partitioner(message as never, Buffer.from(key)) % count)) written.add(index);
		}
		return written;
	}
}

/** Most are texts; those of dead letters may be any bytes. */
function toBytes(text?: Text): Buffer | undefined {
	return text === undefined ? undefined : Buffer.from(text as string);
}

function failureOf(error: unknown, settings: ClientSettings, written?: ReadonlySet<number>): WriteFailure {
	if (error instanceof WriteFailure) return error;
	const ids = errorIds(error);
	const reason = REASONS.find(([, names]) => names.some((name) => ids.has(name)))?.[0] ?? "unavailable";
	return new WriteFailure(reason, problemOf(error, settings), written);
}
