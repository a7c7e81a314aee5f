// What a consumer group of Kafka gives to this process. Implementation: record-source-kafka.ts.

export interface IncomingRecord {
	readonly topic: string;
	readonly partition: number;
	readonly offset: bigint;
	/** Of the partition's leader when it was written. */
	readonly leaderEpoch: number;
	/** Undefined: it has none. */
	readonly key: Uint8Array | undefined;
	readonly value: Uint8Array;
	/** As UTF-8; one that has no value is "". */
	readonly headers: ReadonlyMap<string, string>;
	/** Of headers that are no UTF-8: what they are. Undefined: all are. */
	readonly headerBytes?: ReadonlyMap<string, Uint8Array>;
}

export interface PartitionOffset {
	readonly topic: string;
	readonly partition: number;
	/** The one to be read next. */
	readonly offset: bigint;
	readonly leaderEpoch: number;
}

export interface RecordListener {
	/** In the order of their partition. After a rebalance some come again. */
	onRecord(record: IncomingRecord): void;
	/**
	 * These partitions are this process's own, and no others, as `partitionName` has them.
	 *
	 * @param isFresh - nothing is kept of what was before: others may have had the partitions meanwhile.
	 */
	onAssigned(partitions: ReadonlySet<string>, isFresh: boolean): void;
}

export interface RecordSource {
	readonly topics: readonly string[];
	/** Records that are not committed yet, by partition; -1 where that is not known. */
	readonly lag: ReadonlyMap<string, number>;
	/** Why nothing is read at the moment; undefined while reading works. */
	readonly problem: string | undefined;
	readonly rebalances: number;
	/** Begins to read, and tries again until it can. */
	start(listener: RecordListener): void;
	pause(): void;
	resume(): void;
	/** @throws Error when they are not committed: the group is rebalancing, and the partition may be another process's by now. */
	commit(offsets: readonly PartitionOffset[]): Promise<void>;
	/** Leaves the group. */
	close(): Promise<void>;
}

export function partitionName({ topic, partition }: { readonly topic: string; readonly partition: number }): string {
	return `${topic}:${partition}`;
}

/** What a record takes beside its bytes. */
const RECORD_BYTES = 512;

export function incomingBytes({ key, value, headers }: IncomingRecord): number {
	let bytes = RECORD_BYTES + (key?.length ?? 0) + value.length;
	for (const [name, text] of headers) bytes += name.length + text.length;
	return bytes;
}
