// The one table of reply codes and the one table of close codes. docs/reference/codes.md lists the same rows; a test
// compares them.
import { ErrorCode } from "./gen/enums.ts";

export { CloseCode, type CloseDetail, closeReason, retryAfterOfReason } from "./close-codes.ts";
export { ErrorCode };

export interface ReplyCodeEntry {
	readonly code: ErrorCode;
	/** Name without the enum prefix, as logs, metrics and JSON errors show it. */
	readonly name: keyof typeof ErrorCode;
	/** Whether a client may repeat the request unchanged. */
	readonly retryable: boolean;
	/** The HTTP status that stands for this code on the HTTP surface. */
	readonly httpStatus: number;
}

const httpStatusByName: Record<keyof typeof ErrorCode, number> = {
	OK: 200,
	INTERNAL: 500,
	UNAUTHENTICATED: 401,
	TOKEN_EXPIRED: 401,
	PERMISSION_DENIED: 403,
	UNKNOWN_PROTOCOL: 404,
	BAD_REQUEST: 400,
	VALIDATION_FAILED: 422,
	NOT_FOUND: 404,
	ALREADY_EXISTS: 409,
	CONFLICT: 409,
	RATE_LIMITED: 429,
	TOO_MANY_CONNECTIONS: 503,
	UNAVAILABLE: 503,
	TIMEOUT: 504,
	UNRECOVERABLE_POSITION: 410,
	PRECONDITION_FAILED: 412,
	PAYLOAD_TOO_LARGE: 413,
	UPSTREAM_FAILED: 502,
	METHOD_NOT_ALLOWED: 405,
	UPGRADE_REQUIRED: 426,
	HEADERS_TOO_LARGE: 431,
	UNSUPPORTED_MEDIA_TYPE: 415,
};

const retryable = new Set<keyof typeof ErrorCode>([
	"INTERNAL",
	"RATE_LIMITED",
	"TOO_MANY_CONNECTIONS",
	"UNAVAILABLE",
	"TIMEOUT",
]);

/** Reply codes, indexed by their number. */
export const replyCodes: readonly ReplyCodeEntry[] = Object.freeze(
	(Object.keys(ErrorCode) as (keyof typeof ErrorCode)[]).map((name) => ({
		code: ErrorCode[name],
		name,
		retryable: retryable.has(name),
		httpStatus: httpStatusByName[name],
	})),
);

/** The table row of a code; unknown numbers, which only a newer peer can send, count as INTERNAL. */
export function replyCode(code: number): ReplyCodeEntry {
	return replyCodes[code] ?? (replyCodes[ErrorCode.INTERNAL] as ReplyCodeEntry);
}
