// A gateway that was paused: timeouts of its connections are extended by that time, and what clients sent meanwhile is read
// before anybody is judged.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CloseCode } from "../../protocol/codes.ts";
import { authRoutes } from "../../protocol/gen/schema.ts";
import { GatewayFixture } from "./gateway-fixture.ts";

const { heartbeat } = authRoutes;
const HOUR_MS = 3_600_000;

/** The process stands still, and its first timer notices that. */
function pause(fixture: GatewayFixture, ms: number): void {
	fixture.nowMs += ms;
	fixture.wallMs += ms;
	fixture.connections.sweep.resume(ms);
}

describe("after a pause", () => {
	it("the idle time goes on where it was", () => {
		const fixture = new GatewayFixture({ limits: { idleTimeoutMs: 60_000, heartbeatIntervalMs: 30_000 } });
		const client = fixture.member("ann");
		client.socket.answersPings = false;
		fixture.advance(40_000);
		pause(fixture, HOUR_MS);
		fixture.advance(19_000);
		assert.equal(client.closeCode, undefined);
		fixture.advance(1000);
		assert.equal(client.closeCode, CloseCode.NO_PONG);
	});

	it("who spoke during it is not idle", () => {
		const fixture = new GatewayFixture({ limits: { idleTimeoutMs: 60_000 } });
		const client = fixture.member("ann");
		fixture.advance(59_000);
		pause(fixture, HOUR_MS);
		client.send(heartbeat);
		fixture.advance(59_000);
		assert.equal(client.closeCode, undefined);
	});

	it("what was read before it was noticed counts as of then", () => {
		const fixture = new GatewayFixture({ limits: { idleTimeoutMs: 60_000 } });
		const client = fixture.member("ann");
		client.socket.answersPings = false;
		fixture.nowMs += HOUR_MS;
		fixture.wallMs += HOUR_MS;
		client.send(heartbeat);
		fixture.connections.sweep.resume(HOUR_MS);
		assert.ok(client.connection.lastReceivedMs <= fixture.nowMs);
		fixture.advance(60_000);
		assert.equal(client.closeCode, CloseCode.NO_PONG, "not an hour later");
	});

	it("the time to log in goes on where it was", () => {
		const fixture = new GatewayFixture({ limits: { authTimeoutMs: 8000 } });
		const client = fixture.client();
		fixture.advance(3000);
		pause(fixture, HOUR_MS);
		fixture.advance(4000);
		assert.equal(client.closeCode, undefined);
		fixture.advance(1000);
		assert.equal(client.closeCode, CloseCode.AUTH_TIMEOUT);
	});

	it("a token that ran out meanwhile can be refreshed for as long as another one", () => {
		const fixture = new GatewayFixture({ limits: { tokenGraceMs: 60_000, idleTimeoutMs: 24 * HOUR_MS } });
		const client = fixture.member("ann", { expiresAtMs: fixture.wallMs + 10_000 });
		pause(fixture, HOUR_MS);
		fixture.advance(1000);
		assert.equal(client.closeCode, undefined);
		assert.equal(client.connection.tokenExpired, true, "and is refused in band until then");
		fixture.advance(58_000);
		assert.equal(client.closeCode, undefined);
		fixture.advance(1000);
		assert.equal(client.closeCode, CloseCode.SESSION_EXPIRED);
	});

	it("a client that is being closed has its time for that", () => {
		const fixture = new GatewayFixture();
		const client = fixture.member("ann");
		client.socket.reading = false;
		client.connection.send(new Uint8Array(16), undefined);
		client.connection.close(CloseCode.TRY_LATER, fixture.nowMs);
		pause(fixture, HOUR_MS);
		fixture.advance(1000);
		assert.equal(client.socket.closed, undefined);
		fixture.advance(5000);
		assert.ok(client.socket.closed !== undefined);
	});
});
