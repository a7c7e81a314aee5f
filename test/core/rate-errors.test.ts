// RATE_LIMITED errors among the errors that close a connection.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CloseCode, ErrorCode } from "../../protocol/codes.ts";
import { authRoutes } from "../../protocol/gen/schema.ts";
import { GatewayFixture } from "./gateway-fixture.ts";

const { heartbeat } = authRoutes;

test("counts RATE_LIMITED errors only for a client that did not wait for retryAfterMs", () => {
	const rates = { connection: { perSecond: 1, burst: 1 } };
	const fixture = new GatewayFixture({ limits: { maxErrorsPerMinute: 3 }, rates });
	const patient = fixture.member("ann");
	for (let i = 0; i < 20; i++) {
		const reply = patient.ask(heartbeat, {});
		if (i % 2 === 1) assert.equal(reply.code, ErrorCode.RATE_LIMITED);
		fixture.nowMs += reply.error?.retryAfterMs ?? 0;
	}
	assert.equal(patient.closeCode, undefined);
	const hasty = fixture.member("bob");
	for (let i = 0; i < 5; i++) assert.ok(hasty.ask(heartbeat, {}));
	assert.equal(hasty.closeCode, undefined, "served, refused, and three that did not wait");
	hasty.send(heartbeat, {}, 6);
	assert.equal(hasty.closeCode, CloseCode.LIMIT);
});
