// Where the lines of the log go: standard output, written in the background, one write at a time. A reader that stalls, a
// disk that is full and a pipe that nobody reads any more cost lines, which are counted, and neither the event loop nor memory.
//
// It is not sonic-boom, which pino brings: its `flushSync`, which pino calls for a fatal line and at the end of a process, repeats
// a write without end while the disk is full; after a failed write a full buffer is not tried again; and a stalled pipe keeps a
// thread of libuv's pool, for whose end the end of the process waits.
import { constants, fstatSync, openSync, type Stats, write as writeFile, writeSync } from "node:fs";

export interface LogOutputOptions {
	/** What is written to; standard output unless given. */
	readonly fd?: number;
	/** Bytes of lines that may wait; a line beyond them is dropped. */
	readonly maxBufferedBytes?: number;
	/** Wait after a failed write, in milliseconds. */
	readonly retryMs?: number;
}

const STANDARD_OUTPUT = 1;
const MAX_BUFFERED_BYTES = 8 * 1024 * 1024;
const RETRY_MS = 1000;
/** Wait for the reader of a full pipe. */
const FULL_PIPE_MS = 20;
/** Longest wait for it by a process that ends this instant. */
const FLUSH_SYNC_LIMIT_MS = 100;
/** PIPE_BUF of Linux: what is written to a pipe at once and is no longer, is never mixed with what other processes write. */
const PIPE_CHUNK_BYTES = 4096;
const CHUNK_BYTES = 65_536;
const LINE_END = 0x0a;
/** Taken entries are removed from the front when there are as many, since each removal moves the rest. */
const TAKEN_AT_ONCE = 1000;

type Outcome = "written" | "full" | "failed";

/** Lines that are written together. */
interface Chunk {
	/** What is still to be written. */
	bytes: Buffer;
	readonly lines: number;
}

export class LogOutput {
	/** Lines that could not be written, or found no room to wait, since the start. */
	droppedLines = 0;
	/** Called when writing succeeds after lines were dropped; with how many, since it was called last. */
	onRecovered: (dropped: number) => void = () => {};
	private readonly fd: number;
	private readonly maxChunkBytes: number;
	private readonly maxBufferedBytes: number;
	private readonly retryMs: number;
	private waiting: Buffer[] = [];
	/** Of `waiting`, the first that has not been taken. */
	private head = 0;
	private bufferedBytes = 0;
	private current: Chunk | undefined;
	private isWriting = false;
	private timer: NodeJS.Timeout | undefined;
	/** A part of a line has been written, and its end was dropped. */
	private isMidLine = false;
	private reportedDrops = 0;
	private nextReportAtMs = 0;
	private onFlushed: (() => void)[] = [];

	constructor(options: LogOutputOptions = {}) {
		const { fd = STANDARD_OUTPUT } = options;
		const stats = fstatSync(fd);
		this.fd = openAgain(fd, stats);
		this.maxChunkBytes = stats.isFIFO() ? PIPE_CHUNK_BYTES : CHUNK_BYTES;
		this.maxBufferedBytes = options.maxBufferedBytes ?? MAX_BUFFERED_BYTES;
		this.retryMs = options.retryMs ?? RETRY_MS;
	}

	/** @param line - with its line end. Dropped when too much waits already. */
	write(line: string): void {
		const bytes = Buffer.from(line);
		if (this.bufferedBytes + bytes.length > this.maxBufferedBytes) {
			this.droppedLines++;
			return;
		}
		this.waiting.push(bytes);
		this.bufferedBytes += bytes.length;
		this.start();
	}

	/** @param done - called when all lines are written, or a write has failed. */
	flush(done: () => void): void {
		if (this.isIdle) {
			done();
			return;
		}
		this.onFlushed.push(done);
		clearTimeout(this.timer);
		this.timer = undefined;
		this.start();
	}

	/**
	 * Writes what waits before it returns; gives up at the first failure, and when a full pipe is not read for 100 ms. What is being
	 * written in the background may come out behind it.
	 */
	flushSync(): void {
		const deadlineMs = performance.now() + FLUSH_SYNC_LIMIT_MS;
		for (;;) {
			const chunk = this.isWriting ? this.nextChunk() : (this.current ?? this.nextChunk());
			if (chunk === undefined) return;
			if (!this.isWriting) this.current = undefined;
			while (chunk.bytes.length > 0) {
				const outcome = this.tryNow(chunk);
				if (outcome === "written") continue;
				if (outcome === "failed" || performance.now() >= deadlineMs) {
					this.drop(chunk);
					return;
				}
				sleep(FULL_PIPE_MS);
			}
			this.isMidLine = false;
		}
	}

	private get isIdle(): boolean {
		return this.current === undefined && this.head === this.waiting.length;
	}

	private start(): void {
		if (this.isWriting || this.timer !== undefined) return;
		this.current ??= this.nextChunk();
		const { current } = this;
		if (current === undefined) {
			this.settle();
			return;
		}
		this.isWriting = true;
		writeFile(this.fd, current.bytes, 0, current.bytes.length, null, (error, written) => {
			this.isWriting = false;
			this.advance(current, error, written);
		});
	}

	private advance(chunk: Chunk, error: NodeJS.ErrnoException | null, written: number): void {
		switch (this.record(chunk, error, written)) {
			case "full":
				this.pause(FULL_PIPE_MS);
				break;
			case "failed":
				this.current = undefined;
				this.drop(chunk);
				this.pause(this.retryMs);
				this.settle();
				break;
			default:
				if (chunk.bytes.length === 0) {
					this.current = undefined;
					this.isMidLine = false;
					this.reportDrops();
				}
				this.start();
		}
	}

	private tryNow(chunk: Chunk): Outcome {
		try {
			return this.record(chunk, null, writeSync(this.fd, chunk.bytes));
		} catch (error) {
			return this.record(chunk, error as NodeJS.ErrnoException, 0);
		}
	}

	private record(chunk: Chunk, error: NodeJS.ErrnoException | null, written: number): Outcome {
		if (error !== null) return error.code === "EAGAIN" || error.code === "EINTR" ? "full" : "failed";
		this.bufferedBytes -= written;
		chunk.bytes = chunk.bytes.subarray(written);
		if (written > 0) this.isMidLine = chunk.bytes.length > 0;
		return "written";
	}

	private drop({ bytes, lines }: Chunk): void {
		this.bufferedBytes -= bytes.length;
		let ends = 0;
		for (const byte of bytes) if (byte === LINE_END) ends++;
		// A line end may stand before them.
		this.droppedLines += Math.min(ends, lines);
	}

	private pause(ms: number): void {
		this.timer = setTimeout(() => {
			this.timer = undefined;
			this.start();
		}, ms);
		// Lines that cannot be written keep no process alive.
		this.timer.unref();
	}

	private settle(): void {
		const listeners = this.onFlushed;
		this.onFlushed = [];
		for (const listener of listeners) listener();
	}

	private reportDrops(): void {
		const dropped = this.droppedLines - this.reportedDrops;
		if (dropped === 0 || performance.now() < this.nextReportAtMs) return;
		this.nextReportAtMs = performance.now() + this.retryMs;
		this.reportedDrops = this.droppedLines;
		this.onRecovered(dropped);
	}

	/** As many whole lines as go into one write; a longer line goes alone. */
	private nextChunk(): Chunk | undefined {
		const { head, waiting } = this;
		let bytes = 0;
		let end = head;
		for (; end < waiting.length; end++) {
			const { length } = waiting[end] as Buffer;
			if (end > head && bytes + length > this.maxChunkBytes) break;
			bytes += length;
		}
		if (end === head) return undefined;
		const parts = waiting.slice(head, end);
		this.head = end;
		if (this.head >= TAKEN_AT_ONCE || this.head === waiting.length) {
			waiting.splice(0, this.head);
			this.head = 0;
		}
		if (this.isMidLine) {
			parts.unshift(Buffer.of(LINE_END));
			this.bufferedBytes++;
		}
		return { bytes: Buffer.concat(parts), lines: end - head };
	}
}

/**
 * The same pipe or terminal by a descriptor of its own, on which writing does not wait for its reader. Setting that on the one that
 * was inherited would set it for every process that shares it. A file stays as it is, since its position is shared as well, with
 * standard error; and a socket cannot be opened.
 */
function openAgain(fd: number, stats: Stats): number {
	if (!stats.isFIFO() && !stats.isCharacterDevice()) return fd;
	try {
		return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
	} catch {
		// Another user's, or a pipe whose reader is gone already.
		return fd;
	}
}

function sleep(ms: number): void {
	Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
