// Records that cannot be published: they go to the dead-letter topic as they are, with the reason in their headers. Where there is no such
// topic they are dropped. Either is counted; of a flood of them, one a second is logged.
import type { Logger } from "../../common/logger.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import { pause } from "./pause.ts";
import type { IncomingRecord } from "./record-source.ts";
import { RECORD_HEADERS } from "./records.ts";
import type { OutgoingRecord } from "./topic-writer.ts";

export interface DeadLettersParts {
	readonly appendDeadLetter: ((record: OutgoingRecord) => Promise<void>) | undefined;
	readonly logger: Logger;
	/** Monotonic milliseconds. */
	readonly now: () => number;
	/** Aborted when the process ends. */
	readonly signal: AbortSignal;
}

const RETRY_MS = 1000;
const LOG_INTERVAL_MS = 1000;
const MAX_REASON = 500;
const OF_THE_RECORD: ReadonlySet<ErrorCode> = new Set([ErrorCode.PAYLOAD_TOO_LARGE, ErrorCode.UPSTREAM_FAILED]);

export class DeadLetters {
	/** Records since the start. */
	readonly counts = { written: 0, dropped: 0 };
	private readonly parts: DeadLettersParts;
	private quietUntilMs = Number.NEGATIVE_INFINITY;
	private unlogged = 0;

	constructor(parts: DeadLettersParts) {
		this.parts = parts;
	}

	/** @returns whether the record is done; false when the process ended before it could be written. */
	async add(record: IncomingRecord, reason: string, attempts: number): Promise<boolean> {
		const { appendDeadLetter, signal } = this.parts;
		if (appendDeadLetter === undefined) return this.drop(record, reason, attempts);
		const letter = deadLetter(record, reason, attempts);
		for (;;) {
			try {
				await appendDeadLetter(letter);
				this.counts.written++;
				this.log(record, reason, attempts, "a record cannot be published; it is in the dead-letter topic");
				return true;
			} catch (error) {
				// The topic has other rules than the one it came from: it takes less, or only what has a key.
				if (OF_THE_RECORD.has(GatewayError.from(error).code)) return this.drop(record, reason, attempts);
				this.log(
					record,
					reason,
					attempts,
					"a record cannot be published, nor written to the dead-letter topic; will retry",
				);
			}
			await pause(RETRY_MS, signal);
			if (signal.aborted) return false;
		}
	}

	private drop(record: IncomingRecord, reason: string, attempts: number): true {
		this.counts.dropped++;
		this.log(record, reason, attempts, "a record cannot be published; dropped");
		return true;
	}

	private log(record: IncomingRecord, reason: string, attempts: number, message: string): void {
		const nowMs = this.parts.now();
		if (nowMs < this.quietUntilMs) {
			this.unlogged++;
			return;
		}
		this.quietUntilMs = nowMs + LOG_INTERVAL_MS;
		const { topic, partition, offset } = record;
		this.parts.logger.error({ topic, partition, offset, reason, attempts, unlogged: this.unlogged }, message);
		this.unlogged = 0;
	}
}

function deadLetter(
	{ topic, partition, offset, key, value, headers, headerBytes = new Map() }: IncomingRecord,
	reason: string,
	attempts: number,
): OutgoingRecord {
	return {
		key: key ?? "",
		value,
		headers: {
			...Object.fromEntries(headers),
			...Object.fromEntries(headerBytes),
			[RECORD_HEADERS.error]: reason.slice(0, MAX_REASON),
			[RECORD_HEADERS.source]: `${topic}/${partition}/${offset}`,
			[RECORD_HEADERS.attempts]: String(attempts),
		},
	};
}
