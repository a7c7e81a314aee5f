// How control says no.
import { ErrorCode } from "../../../protocol/codes.ts";
import { GatewayError } from "../../../protocol/error.ts";

export function invalid(field: string, description: string): GatewayError {
	return refusal(ErrorCode.VALIDATION_FAILED, field, description);
}

export function refusal(code: ErrorCode, field: string, description: string, retryAfterMs = 0): GatewayError {
	return new GatewayError(code, `${field}: ${description}`, { retryAfterMs, violations: [{ field, description }] });
}
