// What becomes of log files whose time is over: they are compressed, and removed by age and by the bytes of all. Several processes may
// do it at once.
import { createReadStream, createWriteStream } from "node:fs";
import { readdir, rename, rm, stat, utimes } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { LogFileName, LogFileNames } from "./log-file-names.ts";

export interface LogFileSweepOptions {
	readonly names: LogFileNames;
	readonly keptMs: number;
	readonly maxTotalBytes: number;
	readonly compresses: boolean;
	/** Unix milliseconds. */
	readonly now: () => number;
}

interface Found extends LogFileName {
	readonly file: string;
	readonly bytes: number;
	readonly changedAtMs: number;
}

/** A compression that did not end in so long a time was left by a process that was killed. */
const ABANDONED_MS = 3_600_000;
const PART = ".part";

/** @throws Error of the system, when the directory cannot be read. */
export async function sweepLogFiles(options: LogFileSweepOptions): Promise<void> {
	const { names, keptMs, maxTotalBytes, compresses, now } = options;
	const current = names.dateOf(names.periodOf(now()));
	const files = await list(options);
	const isOver = ({ date }: Found): boolean => date < current;
	/** Of a period that goes on the last file of each category is written; those before it are too long already. */
	const isWritten = (found: Found): boolean =>
		!isOver(found) &&
		!files.some((other) => other.category === found.category && other.index > found.index && !isOver(other));
	const oldestFirst = files.sort((one, other) => one.changedAtMs - other.changedAtMs);
	let total = oldestFirst.reduce((sum, { bytes }) => sum + bytes, 0);
	for (const found of oldestFirst) {
		if (isWritten(found)) continue;
		if (now() - found.changedAtMs > keptMs || total > maxTotalBytes) {
			await rm(found.file, { force: true });
			total -= found.bytes;
		} else if (compresses && isOver(found) && !found.isCompressed) {
			await compress(found);
		}
	}
}

async function list({ names, now }: LogFileSweepOptions): Promise<Found[]> {
	const found: Found[] = [];
	for (const name of await entriesOf(names.directory)) {
		const file = path.join(names.directory, name);
		const isPart = name.endsWith(PART);
		const parsed = names.parse(isPart ? name.slice(0, -PART.length) : name);
		if (parsed === undefined) continue;
		const stats = await stat(file).catch(() => undefined);
		// Another process has removed it meanwhile.
		if (stats === undefined) continue;
		if (!isPart) found.push({ file, ...parsed, bytes: stats.size, changedAtMs: stats.mtimeMs });
		else if (now() - stats.mtimeMs > ABANDONED_MS) await rm(file, { force: true });
	}
	return found;
}

async function entriesOf(directory: string): Promise<string[]> {
	try {
		return await readdir(directory);
	} catch (error) {
		// Somebody has removed it; with the next line it is there again.
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
		throw error;
	}
}

/** One process creates the file; to the others it exists. */
async function compress({ file, changedAtMs }: Found): Promise<void> {
	const part = `${file}.gz${PART}`;
	try {
		await pipeline(createReadStream(file), createGzip(), createWriteStream(part, { flags: "wx", mode: 0o640 }));
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code === "EEXIST" || code === "ENOENT") return;
		await rm(part, { force: true });
		throw error;
	}
	// Its age is that of its last line.
	await utimes(part, changedAtMs / 1000, changedAtMs / 1000);
	await rename(part, `${file}.gz`);
	await rm(file, { force: true });
}
