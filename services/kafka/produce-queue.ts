// Records that wait for one topic. One batch is in flight at a time, so that none overtakes another; what arrives meanwhile makes the
// next. A batch that Kafka refuses for a record in it is halved until the record is alone that is refused; any other failure is repeated,
// with back-off, until it succeeds or nobody waits for it any more.
import type { Logger } from "../../common/logger.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError, unavailable } from "../../protocol/error.ts";
import type { UplinkOptions } from "./options.ts";
import { onAbort, pause } from "./pause.ts";
import {
	type OutgoingRecord,
	recordBytes,
	type TopicWriter,
	WRITE_FAILURES,
	WriteFailure,
	type WriteFailureReason,
} from "./topic-writer.ts";

export interface ProduceQueueParts {
	readonly writer: TopicWriter;
	readonly logger: Logger;
	/** Monotonic milliseconds. */
	readonly now: () => number;
	readonly options: Pick<UplinkOptions, "timeoutMs" | "lingerMs" | "maxBatchBytes" | "maxBufferedBytes">;
}

/** Records that are waited for together. */
interface Group {
	left: number;
	/** Nobody waits any more: what of it is not written yet need not be. */
	isAbandoned: boolean;
	resolve(): void;
	reject(error: GatewayError): void;
}

interface Waiting {
	readonly record: OutgoingRecord;
	readonly bytes: number;
	/** Undefined: nobody waits for it. */
	readonly group: Group | undefined;
}

const RETRY_AFTER_MS = 1000;
/** While somebody has to put right what is wrong. */
const LONG_RETRY_AFTER_MS = 10_000;
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 5000;
/** Between two lines about a failure that lasts. */
const QUIET_MS = 60_000;
/** Records of one request to Kafka. */
const MAX_BATCH_RECORDS = 2000;

/** What does not pass by itself. */
const FOR_OPERATORS: ReadonlySet<WriteFailureReason> = new Set([
	"not_authorized",
	"not_authenticated",
	"tls",
	"topic_missing",
	"clock",
]);
/** What a look at the topic finds out as well. */
const SEEN_BY_CHECK: ReadonlySet<WriteFailureReason> = new Set([
	"unavailable",
	"topic_missing",
	"not_authenticated",
	"tls",
]);

export class ProduceQueue {
	/** Since the start, in records. */
	readonly counts = { written: 0, dropped: 0, substituted: 0 };
	/** Requests that failed, by reason. */
	readonly failures: Record<WriteFailureReason, number>;
	private readonly parts: ProduceQueueParts;
	private waiting: Waiting[] = [];
	private waitingBytes = 0;
	private current: Promise<void> | undefined;
	private failure: { readonly error: WriteFailure; readonly sinceMs: number } | undefined;
	private quietUntilMs = Number.NEGATIVE_INFINITY;
	private readonly closing = new AbortController();

	constructor(parts: ProduceQueueParts) {
		this.parts = parts;
		this.failures = Object.fromEntries(WRITE_FAILURES.map((reason) => [reason, 0])) as typeof this.failures;
	}

	/** Of what waits and what is in flight. */
	get bufferedBytes(): number {
		return this.waitingBytes;
	}

	/** Why nothing is written at the moment, and for how long; undefined while writing works. */
	get outage(): { readonly reason: WriteFailureReason; readonly message: string; readonly forMs: number } | undefined {
		if (this.failure === undefined) return undefined;
		const { error, sinceMs } = this.failure;
		return { reason: error.reason, message: error.message, forMs: this.parts.now() - sinceMs };
	}

	/**
	 * Why a caller need not begin to wait: nothing was written for longer than callers wait, and there is a record by which it will be found
	 * out when that is over. Undefined while writing works, and for the one that is to find it out.
	 */
	get rejection(): GatewayError | undefined {
		const { outage, current } = this;
		if (outage === undefined || current === undefined || outage.forMs < this.parts.options.timeoutMs) return undefined;
		return this.unavailable();
	}

	/**
	 * Appends records in their order. Resolves when Kafka has all of them.
	 *
	 * @throws GatewayError UNAVAILABLE when there is no room for them, or Kafka has not confirmed them in time: whether they were written is
	 *   then unknown. When Kafka refuses one that has no substitute: PAYLOAD_TOO_LARGE for its size, UPSTREAM_FAILED for another rule.
	 */
	append(records: readonly OutgoingRecord[], timeoutMs = this.parts.options.timeoutMs): Promise<void> {
		if (records.length === 0) return Promise.resolve();
		const entries = records.map((record) => ({ record, bytes: recordBytes(record) }));
		const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
		if (!this.hasRoomFor(bytes)) return Promise.reject(this.unavailable());
		return new Promise((resolve, reject) => {
			const end = (): void => {
				group.isAbandoned = true;
				this.dropAbandoned();
				reject(this.unavailable());
			};
			const timer = setTimeout(end, timeoutMs);
			const group: Group = {
				left: records.length,
				isAbandoned: false,
				resolve: () => {
					clearTimeout(timer);
					resolve();
				},
				reject: (error) => {
					clearTimeout(timer);
					group.isAbandoned = true;
					reject(error);
				},
			};
			for (const entry of entries) this.add({ ...entry, group });
		});
	}

	/** Appends a record that nobody waits for. @returns false when there is no room for it: it is counted, and gone. */
	offer(record: OutgoingRecord): boolean {
		const bytes = recordBytes(record);
		if (!this.hasRoomFor(bytes)) {
			this.counts.dropped++;
			return false;
		}
		this.add({ record, bytes, group: undefined });
		return true;
	}

	/** Asks the cluster for the topic. @throws Error that says what is wrong. */
	async check(): Promise<void> {
		const { failure } = this;
		if (failure !== undefined && this.current !== undefined) throw this.problem(failure.error);
		try {
			await this.parts.writer.check();
		} catch (error) {
			throw this.problem(error instanceof WriteFailure ? error : new WriteFailure("unavailable", error));
		}
		if (failure === undefined || this.failure !== failure) return;
		// Whether a topic may be written to is known only when it is.
		if (!SEEN_BY_CHECK.has(failure.error.reason)) throw this.problem(failure.error);
		this.recovered();
	}

	/** The library has failed with an attempt, and makes another one by itself. */
	onRetry(error: WriteFailure): void {
		this.recordFailure(error);
	}

	/** Writes what waits, for so long at most; the rest is refused, or dropped and counted. */
	async close(timeoutMs: number): Promise<void> {
		const timer = setTimeout(() => this.closing.abort(), timeoutMs);
		while (this.current !== undefined && !this.closing.signal.aborted) {
			await Promise.race([this.current, onAbort(this.closing.signal)]);
		}
		clearTimeout(timer);
		this.closing.abort();
		const rest = this.waiting;
		this.waiting = [];
		for (const entry of rest) this.refuse(entry, this.unavailable());
		await this.parts.writer.close();
		await this.current;
	}

	private hasRoomFor(bytes: number): boolean {
		return !this.closing.signal.aborted && this.waitingBytes + bytes <= this.parts.options.maxBufferedBytes;
	}

	private add(entry: Waiting): void {
		this.waiting.push(entry);
		this.waitingBytes += entry.bytes;
		this.current ??= this.run();
	}

	private async run(): Promise<void> {
		const { lingerMs } = this.parts.options;
		if (lingerMs > 0) await pause(lingerMs, this.closing.signal);
		else await Promise.resolve();
		while (this.waiting.length > 0 && !this.closing.signal.aborted) {
			await this.write(this.waiting.splice(0, this.nextSize()));
		}
		// In the same turn as the look: what comes from now on begins another run.
		this.current = undefined;
	}

	/** Records of the next batch: at least one, whatever its size. */
	private nextSize(): number {
		let bytes = 0;
		let size = 0;
		for (const entry of this.waiting) {
			bytes += entry.bytes;
			if (size === MAX_BATCH_RECORDS || (size > 0 && bytes > this.parts.options.maxBatchBytes)) break;
			size++;
		}
		return size;
	}

	private async write(entries: readonly Waiting[]): Promise<void> {
		let batch = entries;
		for (let attempt = 0; ; attempt++) {
			batch = this.withoutAbandoned(batch);
			if (batch.length === 0) return;
			try {
				await this.parts.writer.write(batch.map(({ record }) => record));
				this.recovered();
				for (const entry of batch) this.settle(entry);
				return;
			} catch (error) {
				const failure = error instanceof WriteFailure ? error : new WriteFailure("unavailable", error);
				this.failures[failure.reason]++;
				const written = batch.filter((_entry, index) => failure.written.has(index));
				batch = batch.filter((_entry, index) => !failure.written.has(index));
				for (const entry of written) this.settle(entry);
				if (failure.isOfRecords) {
					await this.writeHalves(batch, failure);
					return;
				}
				this.recordFailure(failure);
				if (!this.closing.signal.aborted) await pause(backOff(attempt), this.closing.signal);
				if (!this.closing.signal.aborted) continue;
				for (const entry of batch) this.refuse(entry, this.unavailable());
				return;
			}
		}
	}

	private async writeHalves(batch: readonly Waiting[], failure: WriteFailure): Promise<void> {
		const [entry] = batch;
		if (entry === undefined) return;
		if (batch.length > 1) {
			const half = Math.ceil(batch.length / 2);
			await this.write(batch.slice(0, half));
			await this.write(batch.slice(half));
			return;
		}
		const { topic } = this.parts.writer;
		const { key, substitute } = entry.record;
		const fields = {
			topic,
			key: typeof key === "string" ? key : Buffer.from(key).toString(),
			bytes: entry.bytes,
			reason: failure.reason,
			err: failure,
		};
		if (substitute !== undefined) {
			this.parts.logger.error(fields, "Kafka refused a record; one without its content is written in its place");
			this.counts.substituted++;
			await this.write([{ ...entry, record: substitute }]);
			return;
		}
		this.parts.logger.error(fields, "Kafka refused a record; dropped");
		this.refuse(
			entry,
			failure.reason === "too_large"
				? new GatewayError(ErrorCode.PAYLOAD_TOO_LARGE, "the record is larger than the topic takes")
				: new GatewayError(ErrorCode.UPSTREAM_FAILED, "the record breaks a rule of the topic"),
		);
	}

	private dropAbandoned(): void {
		this.waiting = [...this.withoutAbandoned(this.waiting)];
	}

	private withoutAbandoned(entries: readonly Waiting[]): readonly Waiting[] {
		const kept = entries.filter(({ group }) => group?.isAbandoned !== true);
		if (kept.length === entries.length) return entries;
		for (const { group, bytes } of entries) if (group?.isAbandoned === true) this.waitingBytes -= bytes;
		return kept;
	}

	private settle({ bytes, group }: Waiting): void {
		this.waitingBytes -= bytes;
		this.counts.written++;
		if (group === undefined) return;
		group.left--;
		if (group.left === 0) group.resolve();
	}

	private refuse({ bytes, group }: Waiting, error: GatewayError): void {
		this.waitingBytes -= bytes;
		this.counts.dropped++;
		group?.reject(error);
	}

	private recordFailure(error: WriteFailure): void {
		const nowMs = this.parts.now();
		const isNew = this.failure?.error.reason !== error.reason;
		this.failure = { error, sinceMs: this.failure?.sinceMs ?? nowMs };
		if (!isNew && nowMs < this.quietUntilMs) return;
		this.quietUntilMs = nowMs + QUIET_MS;
		const { topic } = this.parts.writer;
		const { reason } = error;
		const fields = { topic, reason, problem: describe(reason), bufferedBytes: this.waitingBytes, err: error };
		this.parts.logger.warn(fields, "writing to Kafka failed; will retry");
	}

	private recovered(): void {
		if (this.failure === undefined) return;
		const { topic } = this.parts.writer;
		this.parts.logger.info({ topic, forMs: Math.round(this.outage?.forMs ?? 0) }, "writing to Kafka works again");
		this.failure = undefined;
		this.quietUntilMs = Number.NEGATIVE_INFINITY;
	}

	private problem({ reason, message }: WriteFailure): Error {
		return new Error(`topic ${this.parts.writer.topic}: ${describe(reason)} (${message})`);
	}

	private unavailable(): GatewayError {
		const error = this.failure?.error;
		const isOperators = error !== undefined && FOR_OPERATORS.has(error.reason);
		return unavailable("Kafka", isOperators ? LONG_RETRY_AFTER_MS : RETRY_AFTER_MS, error);
	}
}

const DESCRIPTIONS: Readonly<Record<WriteFailureReason, string>> = {
	too_large: "a record is larger than the topic's max.message.bytes",
	rejected: "a record breaks a rule of the topic",
	not_authorized: "the gateway may not write to the topic (ACL)",
	not_authenticated: "the brokers refuse the gateway's login",
	tls: "TLS with the brokers fails: a certificate does not do, or kafka.tls is off",
	topic_missing: "the topic does not exist",
	clock: "this machine's clock is too far from the broker's for the topic's message.timestamp limits",
	too_few_replicas: "fewer replicas are in sync than the topic's min.insync.replicas",
	unavailable: "Kafka is unavailable",
};

export function describe(reason: WriteFailureReason): string {
	return DESCRIPTIONS[reason];
}

/** Half of it by chance, so that processes do not come back all at once. */
function backOff(attempt: number): number {
	const ms = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempt, 10));
	return ms / 2 + (Math.random() * ms) / 2;
}
