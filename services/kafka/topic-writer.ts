// Appends records to one topic of Kafka. Implementation: topic-writer-kafka.ts.
import type { SpanScope } from "../../common/tracing.ts";

/** A record to be appended. */
export interface OutgoingRecord {
	/** Records with the same key keep their order; "": it has none to keep. */
	readonly key: string | Uint8Array;
	readonly value: Uint8Array;
	readonly headers: Readonly<Record<string, string | Uint8Array>>;
	/** What it belongs to, where that is not what runs when it is appended. */
	readonly trace?: SpanScope | undefined;
	/** What is written in its place when Kafka refuses it for what it is, most often for its size. */
	readonly substitute?: OutgoingRecord;
}

/** Why records could not be written; the label of metrics. */
export const WRITE_FAILURES = [
	/** A record, or all of a request together, is larger than the topic takes. */
	"too_large",
	/** A record breaks another rule of the topic. */
	"rejected",
	/** The gateway may not write to the topic. */
	"not_authorized",
	/** The gateway could not log in. */
	"not_authenticated",
	/** A certificate does not do, or a broker speaks TLS and the gateway does not. */
	"tls",
	"topic_missing",
	/** The clock of this machine and that of the broker are too far apart. */
	"clock",
	/** Fewer replicas are in sync than the topic's min.insync.replicas. */
	"too_few_replicas",
	"unavailable",
] as const;

export type WriteFailureReason = (typeof WRITE_FAILURES)[number];

/** A batch, or a part of it, was not written, or it is not known to be. */
export class WriteFailure extends Error {
	readonly reason: WriteFailureReason;
	/** Indices of records that were written all the same. */
	readonly written: ReadonlySet<number>;

	constructor(reason: WriteFailureReason, cause: unknown, written: ReadonlySet<number> = new Set()) {
		super(cause instanceof Error ? cause.message : String(cause), { cause });
		this.name = "WriteFailure";
		this.reason = reason;
		this.written = written;
	}

	/** It lies with a record: the same again would fail again. */
	get isOfRecords(): boolean {
		return this.reason === "too_large" || this.reason === "rejected";
	}
}

export interface TopicWriter {
	readonly topic: string;
	/**
	 * Appends records in their order, those of one key to one partition. Resolves when all replicas in sync have them. One call at a time.
	 *
	 * @throws WriteFailure
	 */
	write(records: readonly OutgoingRecord[]): Promise<void>;
	/** Asks the cluster for the topic. @throws WriteFailure */
	check(): Promise<void>;
	/** Ends what is in flight. */
	close(): Promise<void>;
}

/** What a record takes in a batch and beside it in memory, roughly. */
const RECORD_BYTES = 256;

export function recordBytes({ key, value, headers }: OutgoingRecord): number {
	let bytes = RECORD_BYTES + key.length + value.length;
	for (const name in headers) bytes += name.length + (headers[name] as string | Uint8Array).length;
	return bytes;
}
