// The part of pino's logger that the product calls.

type LogMethod = (fields: object, message: string) => void;

/** An error whose cause is outside of the program, as it is logged: without a stack, which says nothing about it. */
export function withoutStack(error: Error): Error {
	return Object.create(error, { stack: { value: undefined } }) as Error;
}

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
