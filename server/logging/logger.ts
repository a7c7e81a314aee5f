// The process's logger: pino, one JSON object a line, secrets hidden. Its level is shared with every child and can
// change while the process runs; pino's own children keep the level that they were created with.
import pino from "pino";
import type { Logger } from "../../common/logger.ts";
import type { Config } from "../config/config.ts";
import { LOG_CATEGORIES, type LogCategory } from "./log-file-names.ts";
import { LogFiles } from "./log-files.ts";
import { LogOutput } from "./log-output.ts";
import { createRedaction, type Redaction, redactMessage } from "./redaction.ts";

export type LogLevel = Config["log"]["level"];

/** The logger at the root: what the process does to logging as a whole. */
export interface RootLogger extends Logger {
	/** Lines that standard output or files did not take, since the start. */
	readonly droppedLines: number;
	setLevel(level: LogLevel): void;
	/** Writes out what is buffered, before it returns; for a process that ends this instant. Lines may swap places. */
	flush(): void;
	/** Resolves when all lines are written, in order, or at the timeout when the reader does not read them. */
	close(): Promise<void>;
}

/** Where lines go. The flushing is there when the destination buffers. */
export interface LogDestination {
	readonly droppedLines?: number;
	write(line: string, category: LogCategory): void;
	flush?(done: () => void): void;
	flushSync?(): void;
}

const CLOSE_LIMIT_MS = 1000;
const SILENT = Number.POSITIVE_INFINITY;

interface Threshold {
	value: number;
}

function levelValue(level: string): number {
	return level === "silent" ? SILENT : (pino.levels.values[level] ?? SILENT);
}

const CATEGORIES: ReadonlySet<unknown> = new Set(LOG_CATEGORIES);
const ERROR = 50;

/** What all loggers of a process share. */
interface Shared {
	readonly threshold: Threshold;
	readonly redact: Redaction;
	/** Of the line that pino is writing. */
	readonly line: { category: LogCategory };
}

class LevelledLogger implements Logger {
	readonly #target: pino.Logger;
	readonly #shared: Shared;
	readonly #category: LogCategory;

	constructor(target: pino.Logger, shared: Shared, category: LogCategory) {
		this.#target = target;
		this.#shared = shared;
		this.#category = category;
	}

	// Bound, so that a method can be handed on by itself.
	readonly debug = (fields: object, message: string): void => this.#write("debug", 20, fields, message);
	readonly info = (fields: object, message: string): void => this.#write("info", 30, fields, message);
	readonly warn = (fields: object, message: string): void => this.#write("warn", 40, fields, message);
	readonly error = (fields: object, message: string): void => this.#write("error", 50, fields, message);
	readonly fatal = (fields: object, message: string): void => this.#write("fatal", 60, fields, message);

	child({ category, ...bindings }: Record<string, unknown>): Logger {
		const own = CATEGORIES.has(category) ? (category as LogCategory) : this.#category;
		// pino formats the bindings of its root only.
		return new LevelledLogger(this.#target.child(this.#shared.redact(bindings)), this.#shared, own);
	}

	isLevelEnabled(level: string): boolean {
		return levelValue(level) >= this.#shared.threshold.value && level !== "silent";
	}

	#write(level: "debug" | "info" | "warn" | "error" | "fatal", value: number, fields: object, message: string): void {
		if (value < this.#shared.threshold.value) return;
		const category = value >= ERROR ? "error" : this.#category;
		this.#shared.line.category = category;
		this.#target[level]({ category, ...fields }, redactMessage(message));
	}
}

class ProcessLogger extends LevelledLogger implements RootLogger {
	private readonly threshold: Threshold;
	private readonly destination: LogDestination;

	constructor(target: pino.Logger, shared: Shared, destination: LogDestination) {
		super(target, shared, "system");
		this.threshold = shared.threshold;
		this.destination = destination;
	}

	get droppedLines(): number {
		return this.destination.droppedLines ?? 0;
	}

	setLevel(level: LogLevel): void {
		this.threshold.value = levelValue(level);
	}

	flush(): void {
		this.destination.flushSync?.();
	}

	close(): Promise<void> {
		const { destination } = this;
		return new Promise((resolve) => {
			if (destination.flush === undefined) return resolve();
			const timer = setTimeout(resolve, CLOSE_LIMIT_MS);
			destination.flush(() => {
				clearTimeout(timer);
				resolve();
			});
		});
	}
}

function isPretty({ profile, log }: Config): boolean {
	if (log.format !== "auto") return log.format === "pretty";
	return profile === "development" && process.stdout.isTTY === true;
}

/** Lines for people, if they are wanted; otherwise as they are. */
async function lineFormat(config: Config): Promise<((line: string) => string) | undefined> {
	if (!isPretty(config)) return undefined;
	// Only development pays for loading this. It is CommonJS: bundled, it has a default export and no others.
	const { default: pretty } = await import("pino-pretty");
	return pretty.prettyFactory({
		colorize: process.stdout.isTTY === true,
		ignore: "pid,node",
		translateTime: "SYS:HH:MM:ss.l",
		singleLine: true,
	});
}

function formatted(output: LogOutput, format: ((line: string) => string) | undefined): LogDestination {
	if (format === undefined) return output;
	return {
		get droppedLines() {
			return output.droppedLines;
		},
		write: (line) => output.write(format(line)),
		flush: (done) => output.flush(done),
		flushSync: () => output.flushSync(),
	};
}

/** Lines that go to several places. */
function toAll(destinations: readonly LogDestination[]): LogDestination {
	return {
		get droppedLines() {
			return destinations.reduce((sum, { droppedLines = 0 }) => sum + droppedLines, 0);
		},
		write(line, category) {
			for (const destination of destinations) destination.write(line, category);
		},
		flush(done) {
			let left = destinations.length;
			if (left === 0) done();
			for (const destination of destinations) destination.flush?.(() => --left === 0 && done());
		},
		flushSync() {
			for (const destination of destinations) destination.flushSync?.();
		},
	};
}

/**
 * Makes the logger of the process.
 *
 * @param destination - where lines go instead of standard output and files.
 * @throws Error of the system when a log file cannot be written.
 */
export async function createLogger(config: Config, destination?: LogDestination): Promise<RootLogger> {
	const { log } = config;
	let logger: RootLogger | undefined;
	const output = destination === undefined && log.console ? new LogOutput() : undefined;
	const places: LogDestination[] = destination === undefined ? [] : [destination];
	if (output !== undefined) places.push(formatted(output, await lineFormat(config)));
	if (destination === undefined && log.file.enabled) {
		const onError = (error: unknown) =>
			logger?.warn({ err: error }, "log files were not changed, compressed or removed");
		places.push(await LogFiles.open({ settings: log.file, now: Date.now, onError }));
	}
	const to = toAll(places);
	const redact = createRedaction(log.redact);
	const line: Shared["line"] = { category: "system" };
	const target = pino(
		{
			// The threshold below decides; pino lets everything through.
			level: "trace",
			base: { node: config.node.id, pid: process.pid },
			timestamp: pino.stdTimeFunctions.isoTime,
			formatters: { level: (label) => ({ level: label }), log: redact },
			serializers: { err: (value) => value },
		},
		{ write: (text: string) => to.write(text, line.category) },
	);
	const threshold: Threshold = { value: levelValue(log.level) };
	const created = new ProcessLogger(target, { threshold, redact, line }, to);
	logger = created;
	if (output !== undefined) {
		output.onRecovered = (dropped) => created.warn({ dropped }, "log lines dropped: standard output did not take them");
	}
	return created;
}
