// Calls whose reply holds a secret.
import type { Call } from "../core/call.ts";
import { ErrorCode } from "../protocol/codes.ts";
import { GatewayError } from "../protocol/error.ts";

/** The reply of a call with an Idempotency-Key is kept, readable, for those who repeat it. @throws GatewayError BAD_REQUEST. */
export function refuseKept({ idempotencyKey }: Call): void {
	if (idempotencyKey === "") return;
	const reason = "this takes no Idempotency-Key: a reply that holds a secret is not kept";
	throw new GatewayError(ErrorCode.BAD_REQUEST, reason);
}
