// Error replies and close codes as the one error class of the product.
import { CloseCode, ErrorCode } from "../protocol/codes.ts";
import { GatewayError } from "../protocol/error.ts";
import type { Envelope } from "../protocol/gen/codec/envelope.ts";
import type { CloseInfo } from "./connection/link.ts";

/** A request that went out and will get no reply: it is unknown whether it took effect. */
export class ReplyLostError extends GatewayError {}

/** Whether a request that failed may have taken effect nevertheless. */
export function mayHaveWorked(error: unknown): boolean {
	if (!(error instanceof GatewayError) || error instanceof ReplyLostError) return true;
	return error.code !== ErrorCode.UNAVAILABLE && error.code !== ErrorCode.RATE_LIMITED;
}

/** The error that an error reply stands for. */
export function errorOfReply(envelope: Envelope, routeName: string): GatewayError {
	const detail = envelope.error;
	return new GatewayError(envelope.code ?? ErrorCode.INTERNAL, detail?.message || `${routeName} failed`, {
		retryAfterMs: detail?.retryAfterMs ?? 0,
		violations: (detail?.violations ?? []).map(({ field = "", description = "" }) => ({ field, description })),
	});
}

const codeOfClose = new Map<number, ErrorCode>([
	[CloseCode.BAD_FRAME, ErrorCode.BAD_REQUEST],
	[CloseCode.AUTH_TIMEOUT, ErrorCode.UNAUTHENTICATED],
	[CloseCode.REVOKED, ErrorCode.UNAUTHENTICATED],
	[CloseCode.LIMIT, ErrorCode.RATE_LIMITED],
	[CloseCode.FORBIDDEN, ErrorCode.PERMISSION_DENIED],
	[CloseCode.SUB_PROTOCOL, ErrorCode.BAD_REQUEST],
	[CloseCode.TAKEN_OVER, ErrorCode.CONFLICT],
	[CloseCode.REPLACED, ErrorCode.CONFLICT],
]);

/** What requests fail with when the server closed for good. */
export function errorOfClose(info: CloseInfo): GatewayError {
	const code = codeOfClose.get(info.code) ?? ErrorCode.UNAVAILABLE;
	return new GatewayError(code, `the server closed the connection: ${info.code} ${info.reason}`);
}
