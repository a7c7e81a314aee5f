// The process's logger: pino, one JSON object a line, secrets hidden. Its level is shared with every child and can
// change while the process runs; pino's own children keep the level that they were created with.
import pino from "pino";
import type { Logger } from "../../common/logger.ts";
import type { Config } from "../config/config.ts";
import { LogOutput } from "./log-output.ts";
import { createRedaction, type Redaction, redactMessage } from "./redaction.ts";

export type LogLevel = Config["log"]["level"];

/** The logger at the root: what the process does to logging as a whole. */
export interface RootLogger extends Logger {
	/** Lines that standard output did not take, since the start. */
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
	write(line: string): void;
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

class LevelledLogger implements Logger {
	readonly #target: pino.Logger;
	readonly #threshold: Threshold;
	readonly #redact: Redaction;

	constructor(target: pino.Logger, threshold: Threshold, redact: Redaction) {
		this.#target = target;
		this.#threshold = threshold;
		this.#redact = redact;
	}

	// Bound, so that a method can be handed on by itself.
	readonly debug = (fields: object, message: string): void => this.#write("debug", 20, fields, message);
	readonly info = (fields: object, message: string): void => this.#write("info", 30, fields, message);
	readonly warn = (fields: object, message: string): void => this.#write("warn", 40, fields, message);
	readonly error = (fields: object, message: string): void => this.#write("error", 50, fields, message);
	readonly fatal = (fields: object, message: string): void => this.#write("fatal", 60, fields, message);

	child(bindings: Record<string, unknown>): Logger {
		// pino formats the bindings of its root only.
		return new LevelledLogger(this.#target.child(this.#redact(bindings)), this.#threshold, this.#redact);
	}

	isLevelEnabled(level: string): boolean {
		return levelValue(level) >= this.#threshold.value && level !== "silent";
	}

	#write(level: "debug" | "info" | "warn" | "error" | "fatal", value: number, fields: object, message: string): void {
		if (value >= this.#threshold.value) this.#target[level](fields, redactMessage(message));
	}
}

class ProcessLogger extends LevelledLogger implements RootLogger {
	private readonly threshold: Threshold;
	private readonly destination: LogDestination;

	constructor(target: pino.Logger, threshold: Threshold, redact: Redaction, destination: LogDestination) {
		super(target, threshold, redact);
		this.threshold = threshold;
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
	// Only development pays for loading this.
	const { prettyFactory } = await import("pino-pretty");
	return prettyFactory({
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

/**
 * Makes the logger of the process.
 *
 * @param destination where lines go instead of standard output.
 */
export async function createLogger(config: Config, destination?: LogDestination): Promise<RootLogger> {
	const output = destination === undefined ? new LogOutput() : undefined;
	const to = output === undefined ? (destination as LogDestination) : formatted(output, await lineFormat(config));
	const redact = createRedaction(config.log.redact);
	const target = pino(
		{
			// The threshold below decides; pino lets everything through.
			level: "trace",
			base: { node: config.node.id, pid: process.pid },
			timestamp: pino.stdTimeFunctions.isoTime,
			formatters: { level: (label) => ({ level: label }), log: redact },
			serializers: { err: (value) => value },
		},
		to,
	);
	const threshold: Threshold = { value: levelValue(config.log.level) };
	const logger = new ProcessLogger(target, threshold, redact, to);
	if (output !== undefined) {
		output.onRecovered = (dropped) => logger.warn({ dropped }, "log lines dropped: standard output did not take them");
	}
	return logger;
}
