// The log in files, one for all lines or one for each category.
import type { Config } from "../config/config.ts";
import { LogFile } from "./log-file.ts";
import { LOG_CATEGORIES, type LogCategory, LogFileNames, spanMs } from "./log-file-names.ts";
import { sweepLogFiles } from "./log-file-sweep.ts";

export interface LogFilesOptions {
	readonly settings: Config["log"]["file"];
	/** Unix milliseconds. */
	readonly now: () => number;
	/** Called when files could not be changed, compressed or removed. */
	readonly onError: (error: unknown) => void;
}

export class LogFiles {
	private readonly files: Partial<Record<LogCategory, LogFile>>;
	private readonly sweep: () => void;
	/** One after the other. */
	private sweeping: Promise<void> = Promise.resolve();

	private constructor(files: LogFiles["files"], sweep: () => Promise<void>) {
		this.files = files;
		this.sweep = () => {
			this.sweeping = this.sweeping.then(sweep);
		};
		this.sweep();
	}

	/**
	 * Opens the files, and removes what is too old.
	 *
	 * @throws Error of the system when a file cannot be written.
	 */
	static async open({ settings, now, onError }: LogFilesOptions): Promise<LogFiles> {
		const { path, rotation, retention, maxBytes, maxTotalBytes, compress: compresses } = settings;
		const names = new LogFileNames(path, spanMs(rotation));
		const sweepOptions = { names, keptMs: spanMs(retention), maxTotalBytes, compresses, now };
		let files: LogFiles | undefined;
		const onNext = () => files?.sweep();
		const openOne = (category: LogCategory) => LogFile.open({ names, category, maxBytes, now, onNext, onError });
		const all: Partial<Record<LogCategory, LogFile>> = {};
		if (names.hasCategories) for (const category of LOG_CATEGORIES) all[category] = await openOne(category);
		else {
			const shared = await openOne("system");
			for (const category of LOG_CATEGORIES) all[category] = shared;
		}
		files = new LogFiles(all, () => sweepLogFiles(sweepOptions).catch(onError));
		return files;
	}

	get droppedLines(): number {
		let sum = 0;
		for (const file of this.different()) sum += file.droppedLines;
		return sum;
	}

	/** @param line - with its line end. */
	write(line: string, category: LogCategory): void {
		this.files[category]?.write(line);
	}

	/** @param onFlushed - called when all lines are written, or a write has failed. */
	flush(onFlushed: () => void): void {
		void Promise.all([...this.different()].map((file) => file.flushed())).then(() => onFlushed());
	}

	flushSync(): void {
		for (const file of this.different()) file.flushSync();
	}

	/** Resolves when nothing is being compressed or removed. */
	async swept(): Promise<void> {
		await this.sweeping;
	}

	private different(): Set<LogFile> {
		return new Set(Object.values(this.files));
	}
}
