// What a client does wrong, counted by the minute: enough of it closes the connection.
import { ErrorCode } from "../protocol/codes.ts";
import type { GatewayError } from "../protocol/error.ts";
import type { Connection } from "./connection.ts";

/** Codes that tell of a client doing wrong; enough of them within a minute close its connection. */
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
		// Who has waited for as long as it was told did nothing wrong, however often it meets the limit.
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
