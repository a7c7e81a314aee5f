// Errors of the Connect protocol: its codes, the HTTP status of each, and their JSON with our ErrorDetail among the details.
import { ErrorCode, replyCode } from "../../../protocol/codes.ts";
import { GatewayError } from "../../../protocol/error.ts";
import { ErrorDetail } from "../../../protocol/gen/schema.ts";

/** Codes of the Connect protocol and the HTTP status of each (Connect protocol reference, "Error codes"). */
const HTTP_STATUS = {
	canceled: 499,
	unknown: 500,
	invalid_argument: 400,
	deadline_exceeded: 504,
	not_found: 404,
	already_exists: 409,
	permission_denied: 403,
	resource_exhausted: 429,
	failed_precondition: 400,
	aborted: 409,
	out_of_range: 400,
	unimplemented: 501,
	internal: 500,
	unavailable: 503,
	data_loss: 500,
	unauthenticated: 401,
} as const;
export type ConnectCode = keyof typeof HTTP_STATUS;

const CONNECT_CODES: Readonly<Record<ErrorCode, ConnectCode>> = {
	[ErrorCode.OK]: "internal",
	[ErrorCode.INTERNAL]: "internal",
	[ErrorCode.UNAUTHENTICATED]: "unauthenticated",
	[ErrorCode.TOKEN_EXPIRED]: "unauthenticated",
	[ErrorCode.PERMISSION_DENIED]: "permission_denied",
	[ErrorCode.UNKNOWN_PROTOCOL]: "unimplemented",
	[ErrorCode.BAD_REQUEST]: "invalid_argument",
	[ErrorCode.VALIDATION_FAILED]: "invalid_argument",
	[ErrorCode.NOT_FOUND]: "not_found",
	[ErrorCode.ALREADY_EXISTS]: "already_exists",
	[ErrorCode.CONFLICT]: "aborted",
	[ErrorCode.RATE_LIMITED]: "resource_exhausted",
	[ErrorCode.TOO_MANY_CONNECTIONS]: "unavailable",
	[ErrorCode.UNAVAILABLE]: "unavailable",
	[ErrorCode.TIMEOUT]: "deadline_exceeded",
	[ErrorCode.UNRECOVERABLE_POSITION]: "out_of_range",
	[ErrorCode.PRECONDITION_FAILED]: "failed_precondition",
	[ErrorCode.PAYLOAD_TOO_LARGE]: "resource_exhausted",
	[ErrorCode.UPSTREAM_FAILED]: "unknown",
	[ErrorCode.METHOD_NOT_ALLOWED]: "unimplemented",
	[ErrorCode.UPGRADE_REQUIRED]: "failed_precondition",
	[ErrorCode.HEADERS_TOO_LARGE]: "resource_exhausted",
	[ErrorCode.UNSUPPORTED_MEDIA_TYPE]: "unimplemented",
};

export interface ConnectErrorDetail {
	/** Full name of the message. */
	readonly type: string;
	readonly value: Uint8Array;
}

/** An error with a code of the Connect protocol that is not the one of its reply code, or with details of its own. */
export class ConnectError extends GatewayError {
	readonly connectCode: ConnectCode;
	readonly details: readonly ConnectErrorDetail[] | undefined;

	constructor(connectCode: ConnectCode, code: ErrorCode, message: string, details?: readonly ConnectErrorDetail[]) {
		super(code, message);
		this.connectCode = connectCode;
		this.details = details;
	}
}

export interface WrittenConnectError {
	readonly status: number;
	/** The JSON text. */
	readonly body: string;
}

export function writeConnectError(error: GatewayError): WrittenConnectError {
	const own = error instanceof ConnectError ? error : undefined;
	const code = own?.connectCode ?? CONNECT_CODES[error.code];
	const details = own?.details ?? [{ type: ErrorDetail.typeName, value: errorDetail(error) }];
	const body = JSON.stringify({
		code,
		...(error.message === "" ? {} : { message: error.message }),
		// Base64 without padding, as the protocol asks for.
		details: details.map(({ type, value }) => ({
			type,
			value: Buffer.from(value).toString("base64").replace(/=+$/, ""),
			...(own?.details === undefined ? { debug: debugOf(error) } : {}),
		})),
	});
	return { status: HTTP_STATUS[code], body };
}

/** The same for people, as proto3 JSON. */
function debugOf({ code, message, retryable, retryAfterMs, violations }: GatewayError): object {
	return {
		message,
		...(retryable ? { retryable } : {}),
		...(retryAfterMs > 0 ? { retryAfterMs: Math.ceil(retryAfterMs) } : {}),
		...(violations.length > 0 ? { violations } : {}),
		code: `ERROR_CODE_${replyCode(code).name}`,
	};
}

function errorDetail({ code, message, retryable, retryAfterMs, violations }: GatewayError): Uint8Array {
	const detail = { message, retryable, retryAfterMs: Math.ceil(retryAfterMs), violations: [...violations], code };
	return ErrorDetail.encode(detail).finish();
}
