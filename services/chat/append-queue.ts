// Group commit: messages of all conversations that arrive within a short window become one transaction. One batch is
// in the database at a time; what arrives meanwhile makes the next. A batch that the database refuses for what is in it is
// divided, until the message is alone that it refuses.

import { GatewayError, unavailable } from "../../protocol/error.ts";
import { bytesOf, takeBatch } from "./append-batch.ts";
import type { AppendResult, NewMessage } from "./chat-message-store.ts";
import { type AppendCounters, BATCH_BOUNDS } from "./metrics.ts";
import { type ChatOptions, chatDefaults } from "./options.ts";

export type AppendQueueOptions = ChatOptions["append"];

/** Commits one batch. @returns one result per message, in their order. */
export type CommitBatch = (messages: readonly NewMessage[]) => Promise<readonly AppendResult[]>;

interface Waiting {
	readonly message: NewMessage;
	resolve(result: AppendResult): void;
	reject(error: unknown): void;
}

const RETRY_AFTER_MS = 500;

export class AppendQueue {
	private readonly commit: CommitBatch;
	private readonly options: AppendQueueOptions;
	private readonly waiting: Waiting[] = [];
	private waitingBytes = 0;
	/** When the first of those that wait came, in milliseconds. */
	private waitingSinceMs = 0;
	private timer: NodeJS.Timeout | undefined;
	private current: Promise<void> | undefined;
	private readonly counts = { committed: 0, failed: 0, batches: 0, messages: 0 };
	private readonly buckets: number[] = new Array<number>(BATCH_BOUNDS.length + 1).fill(0);

	constructor(commit: CommitBatch, options: Partial<AppendQueueOptions> = {}) {
		this.commit = commit;
		this.options = { ...chatDefaults.append, ...options };
	}

	/** As of now. */
	get counters(): AppendCounters {
		return { ...this.counts, buckets: this.buckets, waiting: this.waiting.length };
	}

	/**
	 * Resolves when the message is committed, or known to be refused.
	 *
	 * @throws GatewayError UNAVAILABLE: whether it was committed is then unknown, and a repeat with the same
	 *   `clientMsgId` finds out.
	 */
	append(message: NewMessage): Promise<AppendResult> {
		if (this.waiting.length >= this.options.maxWaiting) {
			this.counts.failed++;
			return Promise.reject(unavailable("chat, which has more to write than it can,", RETRY_AFTER_MS));
		}
		return new Promise((resolve, reject) => {
			if (this.waiting.length === 0) this.waitingSinceMs = performance.now();
			this.waiting.push({ message, resolve, reject });
			this.waitingBytes += bytesOf(message);
			this.schedule();
		});
	}

	/** Resolves when everything that waited is committed or failed. */
	async flushed(): Promise<void> {
		while (this.current !== undefined || this.waiting.length > 0) {
			if (this.current === undefined) this.begin();
			await this.current;
		}
	}

	private schedule(): void {
		if (this.current !== undefined) return;
		if (this.isFull) this.begin();
		else this.timer ??= setTimeout(() => this.begin(), this.options.windowMs);
	}

	/**
	 * Behind a commit. A transaction costs as much as several messages: beginning the next one before the window of its first message
	 * is over would make small ones where commits are quick.
	 */
	private scheduleNext(): void {
		if (this.waiting.length === 0) return;
		const leftMs = this.waitingSinceMs + this.options.windowMs - performance.now();
		if (this.isFull || leftMs <= 0) this.begin();
		else this.timer ??= setTimeout(() => this.begin(), leftMs);
	}

	private get isFull(): boolean {
		const { maxBatch, maxBatchBytes } = this.options;
		return this.waiting.length >= maxBatch || this.waitingBytes >= maxBatchBytes;
	}

	private begin(): void {
		clearTimeout(this.timer);
		this.timer = undefined;
		if (this.current !== undefined || this.waiting.length === 0) return;
		const batch = takeBatch(this.waiting, this.waitingBytes, this.options);
		for (const { message } of batch) this.waitingBytes -= bytesOf(message);
		this.current = this.run(batch).finally(() => {
			this.current = undefined;
			this.scheduleNext();
		});
	}

	private async run(batch: readonly Waiting[]): Promise<void> {
		try {
			const results = await this.commit(batch.map((entry) => entry.message));
			this.count(results);
			batch.forEach((entry, index) => {
				entry.resolve(results[index] as AppendResult);
			});
		} catch (error) {
			// Nothing of it was committed, and a repeat would not be either.
			if (batch.length > 1 && error instanceof GatewayError && !error.retryable) {
				const half = Math.ceil(batch.length / 2);
				await this.run(batch.slice(0, half));
				await this.run(batch.slice(half));
				return;
			}
			this.counts.failed += batch.length;
			for (const entry of batch) entry.reject(error);
		}
	}

	private count(results: readonly AppendResult[]): void {
		const bucket = BATCH_BOUNDS.findIndex((bound) => results.length <= bound);
		const index = bucket < 0 ? BATCH_BOUNDS.length : bucket;
		this.buckets[index] = (this.buckets[index] ?? 0) + 1;
		this.counts.batches++;
		this.counts.messages += results.length;
		for (const { kind } of results) if (kind === "appended") this.counts.committed++;
	}
}
