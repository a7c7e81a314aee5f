// What a client sees of a refused call.
import assert from "node:assert/strict";
import { GatewayError } from "../../protocol/error.ts";

/** Everything that a client sees of a rejection. */
export async function rejectionOf(call: Promise<unknown>): Promise<object> {
	const error = await call.then(
		() => assert.fail("was not refused"),
		(thrown: unknown) => thrown,
	);
	assert.ok(error instanceof GatewayError, String(error));
	const { code, message, retryable, retryAfterMs, violations } = error;
	return { code, message, retryable, retryAfterMs, violations };
}
