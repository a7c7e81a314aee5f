// The process's logger: pino, one JSON object a line, secrets hidden. Its level is shared with every child and can
// change while the process runs; pino's own children keep the level that they were created with.
import pino from "pino";
import type { Logger } from "../../common/logger.ts";
import type { Config } from "../config/config.ts";
import { createRedaction, type Redaction, redactMessage } from "./redaction.ts";

export type LogLevel = Config["log"]["level"];

/** The logger at the root: what the process does to logging as a whole. */
export interface RootLogger extends Logger {
	setLevel(level: LogLevel): void;
	/** Writes out what is buffered, before it returns; for a process that ends this instant. Lines may swap places. */
	flush(): void;
	/** Resolves when all lines are written, in order, or at the timeout when the reader does not read them. */
	close(): Promise<void>;
}

/** Where lines go. The flushing is there when the destination buffers. */
export interface LogDestination {
	write(line: string): void;
	flush?(done: () => void): void;
	flushSync?(): void;
}

/** A reader of stdout that stalls must not stop the event loop, nor fill the memory: beyond this, lines are dropped. */
const MAX_BUFFERED_BYTES = 8 * 1024 * 1024;
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

function isPretty({ profile, log }: Config): boolean {
	if (log.format !== "auto") return log.format === "pretty";
	return profile === "development" && process.stdout.isTTY === true;
}

async function standardOutput(config: Config): Promise<LogDestination> {
	// A minimum of one byte writes every line at once; without any minimum, `flush` would wait for nothing.
	if (!isPretty(config)) {
		const output = pino.destination({ dest: 1, sync: false, minLength: 1, maxLength: MAX_BUFFERED_BYTES });
		// A full disk behind it costs lines, not the process: an error event without a listener would end it.
		output.on("error", () => {});
		return output;
	}
	// Only development pays for loading this.
	const { default: pretty } = await import("pino-pretty");
	const stream = pretty({
		colorize: process.stdout.isTTY === true,
		ignore: "pid,node",
		translateTime: "SYS:HH:MM:ss.l",
		singleLine: true,
		sync: true,
	});
	return stream as unknown as LogDestination;
}

/**
 * Makes the logger of the process.
 *
 * @param destination where lines go instead of standard output.
 */
export async function createLogger(config: Config, destination?: LogDestination): Promise<RootLogger> {
	const to = destination ?? (await standardOutput(config));
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
	const logger = new LevelledLogger(target, threshold, redact);
	return Object.assign(logger, {
		setLevel(level: LogLevel) {
			threshold.value = levelValue(level);
		},
		flush: () => flushNow(to),
		close: () => flushInOrder(to),
	});
}

function flushNow(to: LogDestination): void {
	try {
		to.flushSync?.();
	} catch {
		// The destination never opened or is closed already: there is nowhere to report it.
	}
}

async function flushInOrder(to: LogDestination): Promise<void> {
	await new Promise<void>((resolve) => {
		if (to.flush === undefined) return resolve();
		const timer = setTimeout(resolve, CLOSE_LIMIT_MS);
		to.flush(() => {
			clearTimeout(timer);
			resolve();
		});
	});
}
