// The errors of a call that is rejected before its handler runs, or after its deadline.
import { ErrorCode } from "../protocol/codes.ts";
import { GatewayError } from "../protocol/error.ts";
import type { PendingBound, PendingLimits } from "./call-budget.ts";

/** What a client with too many calls in flight should wait: about a round trip. */
const IN_FLIGHT_RETRY_MS = 100;
/** What a client should wait that finds too much in flight of others. */
const OVERLOAD_RETRY_MS = 1000;

/** A bucket has too few tokens. */
export function tooManyRequests(route: string, retryAfterMs: number): GatewayError {
	return new GatewayError(ErrorCode.RATE_LIMITED, `too many requests (${route})`, { retryAfterMs });
}

/** There is no room in the byte budget of a connection or its address. */
export function tooManyBytes(retryAfterMs: number): GatewayError {
	return new GatewayError(ErrorCode.RATE_LIMITED, "too many bytes", { retryAfterMs });
}

export function deadlineExceeded(): GatewayError {
	return new GatewayError(ErrorCode.TIMEOUT, "the request was not finished in time");
}

/** The error of a refused call. */
export function pendingError(bound: PendingBound, limits: PendingLimits): GatewayError {
	switch (bound) {
		case "in_flight":
			return inFlightError(`more than ${limits.maxInFlight} requests in flight on this connection`);
		case "connection":
			return inFlightError("too many bytes of requests in flight on this connection");
		case "before_login":
			return inFlightError("too many requests in flight before the login is answered");
		case "unauthenticated":
			return overloadError("too many bytes of requests in flight that wait for logins on this node");
		case "address":
			return overloadError("too many bytes of requests in flight from this address");
		case "process":
			return overloadError("too many bytes of requests in flight on this node");
		default:
			return bound satisfies never;
	}
}

function inFlightError(message: string): GatewayError {
	return new GatewayError(ErrorCode.RATE_LIMITED, message, { retryAfterMs: IN_FLIGHT_RETRY_MS });
}

function overloadError(message: string): GatewayError {
	return new GatewayError(ErrorCode.UNAVAILABLE, message, { retryAfterMs: OVERLOAD_RETRY_MS });
}

/** What a client is sent of an error beside its code. */
export function detailOf(error: GatewayError) {
	return {
		message: error.message,
		retryable: error.retryable,
		retryAfterMs: Math.ceil(error.retryAfterMs),
		violations: [...error.violations],
	};
}
