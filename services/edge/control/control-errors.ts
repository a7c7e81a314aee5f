// Errors of control requests.
import { ErrorCode } from "../../../protocol/codes.ts";
import { GatewayError } from "../../../protocol/error.ts";

export function invalid(field: string, description: string): GatewayError {
	return rejection(ErrorCode.VALIDATION_FAILED, field, description);
}

export function rejection(code: ErrorCode, field: string, description: string, retryAfterMs = 0): GatewayError {
	return new GatewayError(code, `${field}: ${description}`, { retryAfterMs, violations: [{ field, description }] });
}
