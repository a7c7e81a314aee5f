// The logger inside of a thread: lines go to the gateway's. A loop that logs must not fill the gateway's memory, so that a thread may
// write so many lines between two life signs; what is beyond is counted.
import { inspect } from "node:util";
import type { Logger } from "../../../common/logger.ts";
import type { LogLevel } from "./thread-messages.ts";
import { wireError } from "./wire-errors.ts";

const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error", "fatal"];
/** Lines between two pings of the gateway. */
const MAX_LINES = 1000;
const MAX_FIELD_LENGTH = 16_384;
const MAX_FIELD_DEPTH = 100;

export interface ThreadLogOptions {
	/** Lines below it are not sent. */
	readonly level: string;
	readonly send: (level: LogLevel, fields: object, message: string) => void;
}

export class ThreadLog {
	private readonly options: ThreadLogOptions;
	private lowest: number;
	private left = MAX_LINES;
	private dropped = 0;

	constructor(options: ThreadLogOptions) {
		this.options = options;
		this.lowest = lowestOf(options.level);
	}

	/** The gateway has read what was written. @param level - lines below it are not sent from now on. */
	renew(level: string): void {
		this.lowest = lowestOf(level);
		this.left = MAX_LINES;
		if (this.dropped === 0) return;
		this.options.send("warn", { dropped: this.dropped }, "lines of a module were dropped: too many at once");
		this.dropped = 0;
	}

	logger(bindings: object = {}): Logger {
		const at = (level: LogLevel) => (fields: object, message: string) => {
			this.write(level, { ...bindings, ...fields }, message);
		};
		return {
			debug: at("debug"),
			info: at("info"),
			warn: at("warn"),
			error: at("error"),
			fatal: at("fatal"),
			child: (more) => this.logger({ ...bindings, ...more }),
			isLevelEnabled: (level) => LEVELS.indexOf(level as LogLevel) >= this.lowest,
		};
	}

	private write(level: LogLevel, fields: Readonly<Record<string, unknown>>, message: string): void {
		if (LEVELS.indexOf(level) < this.lowest) return;
		if (this.left === 0) {
			this.dropped++;
			return;
		}
		this.left--;
		this.options.send(level, asData(fields), String(message).slice(0, MAX_FIELD_LENGTH));
	}
}

/** One that is none of ours, such as `silent`, is above all of them. */
function lowestOf(level: string): number {
	const index = LEVELS.indexOf(level as LogLevel);
	return index < 0 ? LEVELS.length : index;
}

/** Fields that a message can carry: what is an error is kept as one, what cannot be cloned is shown as text. */
function asData(fields: Readonly<Record<string, unknown>>): object {
	return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, dataOf(value)]));
}

/** What the gateway writes as JSON: no deeper and no longer than it can be read and written there. */
function dataOf(value: unknown): unknown {
	if (value instanceof Error) return { framegateError: wireError(value) };
	if (typeof value === "string") return value.length > MAX_FIELD_LENGTH ? value.slice(0, MAX_FIELD_LENGTH) : value;
	if ((typeof value !== "object" && typeof value !== "function" && typeof value !== "symbol") || value === null) {
		return value;
	}
	try {
		const text = JSON.stringify(value) as string | undefined;
		if (text !== undefined && text.length <= MAX_FIELD_LENGTH && !isNested(text)) return JSON.parse(text) as unknown;
	} catch {
		// A cycle, for one.
	}
	return inspect(value, { depth: 2, breakLength: Number.POSITIVE_INFINITY }).slice(0, MAX_FIELD_LENGTH);
}

/** Deeper than anybody reads, by its brackets: those in texts count as well. */
function isNested(text: string): boolean {
	let depth = 0;
	for (const character of text) {
		if (character === "{" || character === "[") depth++;
		else if (character === "}" || character === "]") depth--;
		if (depth > MAX_FIELD_DEPTH) return true;
	}
	return false;
}
