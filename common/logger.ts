// The part of pino's logger that the product calls.

type LogMethod = (fields: object, message: string) => void;

export interface Logger {
	/** Lines that were not written since the start, where that is counted. */
	readonly droppedLines?: number;
	readonly debug: LogMethod;
	readonly info: LogMethod;
	readonly warn: LogMethod;
	readonly error: LogMethod;
	readonly fatal: LogMethod;
	child(bindings: Record<string, unknown>): Logger;
	isLevelEnabled(level: string): boolean;
}
