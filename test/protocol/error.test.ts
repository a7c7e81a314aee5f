// What the error class and its short forms carry.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ErrorCode } from "../../protocol/codes.ts";
import { fieldError, GatewayError, unavailable } from "../../protocol/error.ts";

describe("errors", () => {
	it("names the field in the message and in the one violation", () => {
		const error = fieldError("target.point_id", "must be a finite number");
		assert.ok(error instanceof GatewayError);
		const { code, message, retryAfterMs, violations } = error;
		assert.deepEqual(
			{ code, message, retryAfterMs, violations },
			{
				code: ErrorCode.VALIDATION_FAILED,
				message: "target.point_id must be a finite number",
				retryAfterMs: 0,
				violations: [{ field: "target.point_id", description: "must be a finite number" }],
			},
		);
	});

	it("takes another code, another message and a time to wait for a field", () => {
		const options = { code: ErrorCode.CONFLICT, message: "the point is busy", retryAfterMs: 20 };
		const { code, message, retryAfterMs, violations } = fieldError("target", "is taken", options);
		assert.deepEqual({ code, message, retryAfterMs }, options);
		assert.deepEqual(violations, [{ field: "target", description: "is taken" }]);
	});

	it("keeps the cause of what is unavailable, and names no field", () => {
		const cause = new Error("connection reset");
		const error = unavailable("the box", 500, cause);
		assert.equal(error.cause, cause);
		assert.deepEqual([error.message, error.retryAfterMs, error.violations], ["the box is unavailable", 500, []]);
		assert.ok(error.retryable);
	});

	it("turns what is no such error into INTERNAL, without showing it", () => {
		const fault = new Error("secret");
		const error = GatewayError.from(fault);
		assert.deepEqual([error.code, error.message, error.cause], [ErrorCode.INTERNAL, "internal error", fault]);
		assert.equal(GatewayError.from(error), error);
	});
});
