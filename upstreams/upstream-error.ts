// From a gRPC status to the error that a client gets, and which statuses speak of the endpoint.
import { ErrorCode } from "../protocol/codes.ts";
import { GatewayError, type Violation } from "../protocol/error.ts";
import { type AttemptFailure, Status } from "./endpoint-transport.ts";
import { readStatusDetails } from "./status-details.ts";

/** Longest text of an upstream that is passed on, in characters. */
const MAX_MESSAGE = 300;
/** When a client should try again that the upstream gave no time. */
const RETRY_MS = 1000;

/** Statuses that say something of the request: the client gets code and text. */
const OF_THE_REQUEST: Readonly<Partial<Record<Status, ErrorCode>>> = {
	[Status.INVALID_ARGUMENT]: ErrorCode.BAD_REQUEST,
	[Status.NOT_FOUND]: ErrorCode.NOT_FOUND,
	[Status.ALREADY_EXISTS]: ErrorCode.ALREADY_EXISTS,
	[Status.PERMISSION_DENIED]: ErrorCode.PERMISSION_DENIED,
	[Status.RESOURCE_EXHAUSTED]: ErrorCode.RATE_LIMITED,
	[Status.FAILED_PRECONDITION]: ErrorCode.PRECONDITION_FAILED,
	[Status.ABORTED]: ErrorCode.CONFLICT,
	[Status.OUT_OF_RANGE]: ErrorCode.BAD_REQUEST,
};

const FAULTS: ReadonlySet<Status> = new Set([Status.UNAVAILABLE, Status.INTERNAL, Status.UNKNOWN, Status.DATA_LOSS]);

/** Whether a status is a fault of the endpoint. A deadline is one only where it was the operator's. */
export function isFault(status: Status): boolean {
	return FAULTS.has(status);
}

/** @param service - name of the upstream, for the text. */
export function upstreamError(service: string, failure: AttemptFailure): GatewayError {
	const { status, message, details } = failure;
	const cause = new Error(`upstream ${service}: ${statusName(status)}: ${message.slice(0, MAX_MESSAGE)}`);
	const code = OF_THE_REQUEST[status];
	if (code !== undefined) {
		const { retryAfterMs, violations } = readStatusDetails(details);
		const isInvalid = violations.length > 0 && code === ErrorCode.BAD_REQUEST;
		return new GatewayError(isInvalid ? ErrorCode.VALIDATION_FAILED : code, textOf(service, message, violations), {
			retryAfterMs: code === ErrorCode.RATE_LIMITED ? retryAfterMs || RETRY_MS : retryAfterMs,
			violations,
			cause,
		});
	}
	if (status === Status.DEADLINE_EXCEEDED) {
		return new GatewayError(ErrorCode.TIMEOUT, `upstream ${service} did not answer in time`, { cause });
	}
	if (status === Status.UNAVAILABLE) {
		const { retryAfterMs } = readStatusDetails(details);
		return unavailableError(service, retryAfterMs || RETRY_MS, cause);
	}
	return new GatewayError(ErrorCode.UPSTREAM_FAILED, `upstream ${service} failed`, { cause });
}

export function unavailableError(service: string, retryAfterMs: number, cause?: unknown): GatewayError {
	return new GatewayError(ErrorCode.UNAVAILABLE, `upstream ${service} is unavailable`, { retryAfterMs, cause });
}

function textOf(service: string, message: string, violations: readonly Violation[]): string {
	const [first] = violations;
	const text = message || (first === undefined ? "" : `${first.field} ${first.description}`);
	return (text || `upstream ${service} refused the request`).slice(0, MAX_MESSAGE);
}

function statusName(status: Status): string {
	return Object.entries(Status).find(([, code]) => code === status)?.[0] ?? String(status);
}
