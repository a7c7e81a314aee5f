// Spans on their way to the collector: bounded, in batches, one request at a time. What finds no room, or is in a batch that the collector did
// not take, is dropped and counted; nothing waits for any of it but the end of the process, for a bounded time.
import type { RecordedSpan, SpanSink } from "./recorded-span.ts";

/** Sends a batch. @throws Error when it was not taken, after what the exporter has tried by itself. */
export type ExportSpans = (spans: readonly RecordedSpan[]) => Promise<void>;

export interface SpanQueueOptions {
	/** Undefined while the exporter is being loaded, which is once. */
	readonly exportSpans: ExportSpans;
	/** Spans that wait, with those that are being sent. */
	readonly maxSpans: number;
	readonly maxBatch: number;
	/** How long a span waits for others. */
	readonly intervalMs: number;
	/** Called with the first failure, and with the first success behind one. */
	readonly onOutage: (error: Error | undefined) => void;
}

export interface SpanCounts {
	exported: number;
	/** No room in the queue. */
	dropped: number;
	/** The collector did not take them. */
	failed: number;
	/** Not recorded, as their call had too many. */
	omitted: number;
}

export class SpanQueue implements SpanSink {
	readonly counts: SpanCounts = { exported: 0, dropped: 0, failed: 0, omitted: 0 };
	private readonly options: SpanQueueOptions;
	private waiting: RecordedSpan[] = [];
	private sending = 0;
	private timer: NodeJS.Timeout | undefined;
	private current: Promise<void> | undefined;
	private isFailing = false;
	private isClosed = false;

	constructor(options: SpanQueueOptions) {
		this.options = options;
	}

	/** Waiting and being sent. */
	get size(): number {
		return this.waiting.length + this.sending;
	}

	add(span: RecordedSpan): void {
		const { maxSpans, maxBatch, intervalMs } = this.options;
		if (this.isClosed || this.size >= maxSpans) {
			this.counts.dropped++;
			return;
		}
		this.waiting.push(span);
		if (this.current !== undefined) return;
		if (this.waiting.length >= maxBatch) this.run();
		else this.timer ??= setTimeout(() => this.run(), intervalMs).unref();
	}

	/** Sends what waits, for so long at most; the rest is dropped, and counted. */
	async close(timeoutMs: number): Promise<void> {
		this.isClosed = true;
		let timer: NodeJS.Timeout | undefined;
		const timeout = new Promise<"late">((resolve) => {
			timer = setTimeout(() => resolve("late"), timeoutMs);
		});
		const drained = async () => {
			await this.current;
			while (this.waiting.length > 0) await this.send();
		};
		if ((await Promise.race([drained(), timeout])) === "late") {
			this.counts.dropped += this.size;
			this.waiting = [];
		}
		clearTimeout(timer);
		clearTimeout(this.timer);
	}

	private run(): void {
		clearTimeout(this.timer);
		this.timer = undefined;
		this.current ??= this.drain();
	}

	private async drain(): Promise<void> {
		// A whole batch at once while there is one; the rest waits for its time.
		do await this.send();
		while (this.waiting.length >= this.options.maxBatch && !this.isClosed);
		this.current = undefined;
		if (this.waiting.length > 0 && !this.isClosed) {
			this.timer ??= setTimeout(() => this.run(), this.options.intervalMs).unref();
		}
	}

	private async send(): Promise<void> {
		const batch = this.waiting.splice(0, this.options.maxBatch);
		if (batch.length === 0) return;
		this.sending = batch.length;
		try {
			await this.options.exportSpans(batch);
			this.counts.exported += batch.length;
			if (this.isFailing) this.options.onOutage(undefined);
			this.isFailing = false;
		} catch (error) {
			this.counts.failed += batch.length;
			if (!this.isFailing) this.options.onOutage(error as Error);
			this.isFailing = true;
		} finally {
			this.sending = 0;
		}
	}
}
