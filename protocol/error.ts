// The one error class: whatever refuses a request throws it, and every surface (WebSocket, HTTP, client) shows the
// same code, message and violations.
import { ErrorCode, replyCode } from "./codes.ts";

/** One field that broke its rule; `field` is a path in proto names. */
export interface Violation {
	readonly field: string;
	readonly description: string;
}

/** Code of an operator that a fault is in: a generation of a module. */
export interface FaultSource {
	readonly module: string;
	readonly generation: number;
}

export interface GatewayErrorOptions {
	/** Milliseconds after which a repeat makes sense. */
	readonly retryAfterMs?: number;
	readonly violations?: readonly Violation[];
	/** What caused it; logged, never sent. */
	readonly cause?: unknown;
	/** Where it comes from, when the route is not that code's own; logged, never sent. */
	readonly source?: FaultSource | undefined;
}

/** An error with a reply code. Its message is shown to clients: no secrets, no internals. */
export class GatewayError extends Error {
	readonly code: ErrorCode;
	readonly retryAfterMs: number;
	readonly violations: readonly Violation[];
	readonly source: FaultSource | undefined;

	constructor(code: ErrorCode, message: string, options: GatewayErrorOptions = {}) {
		// These errors are replies, not faults: under a flood, capturing stacks would be the larger part of their cost.
		const limit = Error.stackTraceLimit;
		Error.stackTraceLimit = 0;
		super(message, options.cause === undefined ? undefined : { cause: options.cause });
		Error.stackTraceLimit = limit;
		this.name = "GatewayError";
		this.code = code;
		this.retryAfterMs = options.retryAfterMs ?? 0;
		this.violations = options.violations ?? [];
		this.source = options.source;
	}

	get retryable(): boolean {
		return replyCode(this.code).retryable;
	}

	/** Any thrown value as a GatewayError; what is not one becomes INTERNAL, with the original as its cause. */
	static from(thrown: unknown): GatewayError {
		if (thrown instanceof GatewayError) return thrown;
		return new GatewayError(ErrorCode.INTERNAL, "internal error", { cause: thrown });
	}
}

export interface FieldErrorOptions {
	/** VALIDATION_FAILED unless given. */
	readonly code?: ErrorCode;
	/** Field and description unless given. */
	readonly message?: string;
	readonly retryAfterMs?: number;
}

/**
 * An error that one field of the request is the reason for.
 *
 * @param field - path in proto names: "target.point_id".
 * @param description - what is wrong with it, as the rest of a sentence that begins with the field: "must be a finite number".
 */
export function fieldError(field: string, description: string, options: FieldErrorOptions = {}): GatewayError {
	const { code = ErrorCode.VALIDATION_FAILED, message = `${field} ${description}`, retryAfterMs = 0 } = options;
	return new GatewayError(code, message, { retryAfterMs, violations: [{ field, description }] });
}

/** Something that the request needs is not there right now. */
export function unavailable(what: string, retryAfterMs: number, cause?: unknown): GatewayError {
	return new GatewayError(ErrorCode.UNAVAILABLE, `${what} is unavailable`, { retryAfterMs, cause });
}
