// Counts the errors that a client causes, by the minute; too many of them close its connection.
import { ErrorCode } from "../protocol/codes.ts";
import type { GatewayError } from "../protocol/error.ts";
import type { Connection } from "./connection.ts";

/** Codes of errors that the client causes; too many of them within a minute close its connection. */
const CLIENT_FAULTS = new Set<ErrorCode>([
	ErrorCode.UNAUTHENTICATED,
	ErrorCode.TOKEN_EXPIRED,
	ErrorCode.PERMISSION_DENIED,
	ErrorCode.UNKNOWN_PROTOCOL,
	ErrorCode.BAD_REQUEST,
	ErrorCode.VALIDATION_FAILED,
	ErrorCode.RATE_LIMITED,
	ErrorCode.PAYLOAD_TOO_LARGE,
]);
const ERROR_WINDOW_MS = 60_000;

/** @returns how many errors of the client's making there are in this minute; 0 when this one is not of its making. */
export function countFault(
	connection: Connection,
	{ code, retryAfterMs }: Pick<GatewayError, "code" | "retryAfterMs">,
	nowMs: number,
): number {
	if (!CLIENT_FAULTS.has(code)) return 0;
	if (code === ErrorCode.RATE_LIMITED) {
		// A client that waited for `retryAfterMs` made no error, however often it reaches the limit.
		const hasWaited = nowMs >= connection.limitedUntilMs;
		connection.limitedUntilMs = nowMs + retryAfterMs;
		if (hasWaited) return 0;
	}
	if (nowMs - connection.errorsSinceMs > ERROR_WINDOW_MS) {
		connection.errorsSinceMs = nowMs;
		connection.errorCount = 0;
	}
	return ++connection.errorCount;
}
