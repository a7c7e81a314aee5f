// A logger that keeps its entries, for tests to read.
import type { Logger } from "../../common/logger.ts";

export interface LogLine {
	readonly level: string;
	readonly fields: object;
	readonly message: string;
}

export interface QuietLogger extends Logger {
	readonly lines: LogLine[];
}

export function quietLogger(lines: LogLine[] = []): QuietLogger {
	const method = (level: string) => (fields: object, message: string) => {
		lines.push({ level, fields, message });
	};
	return {
		lines,
		debug: method("debug"),
		info: method("info"),
		warn: method("warn"),
		error: method("error"),
		fatal: method("fatal"),
		child: () => quietLogger(lines),
		isLevelEnabled: () => true,
	};
}
