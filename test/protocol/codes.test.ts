// The tables of reply codes and close codes, and the reasons that travel with a close.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { CloseCode, closeReason, ErrorCode, replyCode, replyCodes, retryAfterOfReason } from "../../protocol/codes.ts";
import { GatewayError, unavailable } from "../../protocol/error.ts";

suite("reply codes", () => {
	test("are indexed by their number, without gaps", () => {
		for (const [index, entry] of replyCodes.entries()) assert.equal(entry.code, index, entry.name);
		assert.equal(replyCodes.length, Object.keys(ErrorCode).length);
	});

	test("that a newer peer sent count as INTERNAL", () => {
		for (const unknown of [-1, 1.5, 9999, Number.NaN]) assert.equal(replyCode(unknown).name, "INTERNAL");
	});

	test("are retryable only where a repeat can help", () => {
		const names = replyCodes.filter((entry) => entry.retryable).map((entry) => entry.name);
		assert.deepEqual(names, ["INTERNAL", "RATE_LIMITED", "TOO_MANY_CONNECTIONS", "UNAVAILABLE", "TIMEOUT"]);
	});
});

suite("close codes", () => {
	test("are unique and in the block that says whether clients reconnect", () => {
		const codes = Object.values(CloseCode);
		assert.equal(new Set(codes).size, codes.length);
		for (const code of codes) assert.ok(code >= 4000 && code <= 4999);
		for (const terminal of ["BAD_FRAME", "AUTH_TIMEOUT", "REVOKED", "LIMIT", "FORBIDDEN", "TAKEN_OVER"] as const) {
			assert.ok(CloseCode[terminal] >= 4500, terminal);
		}
		for (const again of ["DRAIN", "SLOW_CONSUMER", "NO_PONG", "REPLACED", "SESSION_EXPIRED", "TRY_LATER"] as const) {
			assert.ok(CloseCode[again] < 4500, again);
		}
	});

	test("carry a reason whose back-off can be read again", () => {
		assert.equal(closeReason(CloseCode.DRAIN, { retryAfterMs: 1500.2 }), "drain; retry_after_ms=1501");
		assert.equal(retryAfterOfReason("drain; retry_after_ms=1501"), 1501);
		assert.equal(closeReason(CloseCode.NO_PONG), "no pong");
		assert.equal(closeReason(CloseCode.BAD_FRAME, { text: "no envelope" }), "bad frame: no envelope");
		for (const none of [
			"no pong",
			"",
			"drain; retry_after_ms=",
			"drain; retry_after_ms=9999999999",
			"retry_after_ms=1 x",
		]) {
			assert.equal(retryAfterOfReason(none), undefined, none);
		}
	});

	test("keep a reason within 123 bytes, the back-off included", () => {
		for (const code of Object.values(CloseCode)) {
			const reason = closeReason(code, { text: "x".repeat(500), retryAfterMs: 999_999_999 });
			assert.ok(Buffer.byteLength(reason) <= 123, reason);
			assert.equal(retryAfterOfReason(reason), 999_999_999);
		}
	});
});

suite("GatewayError", () => {
	test("makes INTERNAL of anything foreign and keeps it as the cause, out of the message", () => {
		const cause = new Error("password=hunter2");
		const error = GatewayError.from(cause);
		assert.deepEqual([error.code, error.message, error.cause], [ErrorCode.INTERNAL, "internal error", cause]);
		assert.equal(GatewayError.from(error), error);
		for (const thrown of [undefined, null, "text"]) assert.equal(GatewayError.from(thrown).code, ErrorCode.INTERNAL);
	});

	test("leaves the stack trace limit as it was", () => {
		const before = Error.stackTraceLimit;
		unavailable("Redis", 250);
		assert.equal(Error.stackTraceLimit, before);
	});

	test("knows whether a repeat can help", () => {
		const error = unavailable("Redis", 250);
		assert.deepEqual([error.message, error.retryable, error.retryAfterMs], ["Redis is unavailable", true, 250]);
		assert.equal(new GatewayError(ErrorCode.CONFLICT, "no").retryable, false);
	});
});
