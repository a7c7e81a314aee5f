// One log file after the other. Other processes may append to the same files: nothing is renamed, and each process goes on to the
// next file by itself. See docs/decisions/029-log-files.md.
import { close, fstat, open } from "node:fs";
import { mkdir } from "node:fs/promises";
import { promisify } from "node:util";
import type { LogCategory, LogFileNames } from "./log-file-names.ts";
import { LogOutput } from "./log-output.ts";

export interface LogFileOptions {
	readonly names: LogFileNames;
	readonly category: LogCategory;
	readonly maxBytes: number;
	/** Unix milliseconds. */
	readonly now: () => number;
	/** Called when another file was begun. */
	readonly onNext: () => void;
	/** Called when another file could not be opened: lines go on into the one before. */
	readonly onError: (error: unknown) => void;
}

const openFile = promisify(open);
const statFile = promisify(fstat);
const CHECK_INTERVAL_MS = 1000;
/** Lines that wait for the file of the next period to be opened. */
const MAX_PENDING_BYTES = 1_048_576;
const MODE = 0o640;

interface Opened {
	readonly fd: number;
	readonly period: number;
	readonly index: number;
}

export class LogFile {
	private readonly options: LogFileOptions;
	private opened: Opened;
	private output: LogOutput;
	private droppedBefore = 0;
	private checkAtMs = 0;
	private changing: Promise<void> | undefined;
	/** Lines of the next period, until its file is open. */
	private pending: string[] = [];
	private pendingLength = 0;

	private constructor(options: LogFileOptions, opened: Opened) {
		this.options = options;
		this.opened = opened;
		this.output = new LogOutput({ fd: opened.fd });
	}

	/** Opens the file of now. @throws Error of the system when it cannot be written. */
	static async open(options: LogFileOptions): Promise<LogFile> {
		await mkdir(options.names.directory, { recursive: true });
		return new LogFile(options, await openAt(options, options.names.periodOf(options.now()), 0));
	}

	get droppedLines(): number {
		return this.droppedBefore + this.output.droppedLines;
	}

	write(line: string): void {
		const nowMs = this.options.now();
		const isOver = this.options.names.periodOf(nowMs) !== this.opened.period;
		if (isOver) this.hold(line);
		else this.output.write(line);
		if (nowMs < this.checkAtMs) return;
		this.checkAtMs = nowMs + CHECK_INTERVAL_MS;
		this.changing ??= this.change(nowMs).finally(() => {
			this.changing = undefined;
			this.release();
		});
	}

	/** Resolves when all lines are written, or a write has failed. */
	async flushed(): Promise<void> {
		await this.changing;
		await new Promise<void>((resolve) => this.output.flush(resolve));
	}

	flushSync(): void {
		this.release();
		this.output.flushSync();
	}

	/** Another process may have compressed the file of a period that is over. */
	private hold(line: string): void {
		if (this.pendingLength + line.length > MAX_PENDING_BYTES) {
			this.droppedBefore++;
			return;
		}
		this.pending.push(line);
		this.pendingLength += line.length;
	}

	private release(): void {
		const lines = this.pending;
		this.pending = [];
		this.pendingLength = 0;
		for (const line of lines) this.output.write(line);
	}

	/** Goes on to another file when the time of this one is over, or it is too long, or somebody has deleted it. */
	private async change(nowMs: number): Promise<void> {
		const { names, maxBytes, onNext, onError } = this.options;
		const { fd, period, index } = this.opened;
		try {
			const now = names.periodOf(nowMs);
			const { size, nlink } = await statFile(fd);
			if (now === period && size < maxBytes && nlink > 0) return;
			const next = await openAt(this.options, now, now === period ? index : 0);
			const before = this.output;
			this.opened = next;
			this.output = new LogOutput({ fd: next.fd });
			before.flush(() => {
				this.droppedBefore += before.droppedLines;
				close(fd, () => {});
			});
			onNext();
		} catch (error) {
			onError(error);
		}
	}
}

/** Opens the first file of a period that has room. */
async function openAt({ names, category, maxBytes }: LogFileOptions, period: number, from: number): Promise<Opened> {
	await mkdir(names.directory, { recursive: true });
	for (let index = from; ; index++) {
		const fd = await openFile(names.pathOf(period, index, category), "a", MODE);
		const { size } = await statFile(fd);
		if (size < maxBytes) return { fd, period, index };
		close(fd, () => {});
	}
}
