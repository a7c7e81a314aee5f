// Connections that have not logged in, control frames and bytes of messages: what one client may take, and who gives way.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CloseCode, ErrorCode, retryAfterOfReason } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import { authRoutes } from "../../protocol/gen/schema.ts";
import { type FixtureClient, GatewayFixture, identityOf } from "../core/gateway-fixture.ts";

const open = (clients: readonly FixtureClient[]): number =>
	clients.filter(({ closeCode }) => closeCode === undefined).length;

describe("connections that have not logged in", () => {
	it("have a share, and the oldest of the address with the most gives way to a new one", () => {
		const fixture = new GatewayFixture({ limits: { maxUnauthenticated: 10, maxUnauthenticatedPerIp: 8 } });
		const honest = fixture.client({ ip: "192.0.2.9" });
		const flood = Array.from({ length: 30 }, () => fixture.client({ ip: "192.0.2.1" }));
		assert.equal(open(flood), 8);
		assert.equal(open(flood.slice(-8)), 8);
		const others = [2, 3, 4].map((last) => fixture.client({ ip: `192.0.2.${last}` }));
		assert.deepEqual([open(flood), open(others), honest.closeCode], [6, 3, undefined]);
		const evicted = flood[0]?.socket.closed;
		assert.equal(evicted?.code, CloseCode.TOO_MANY_CONNECTIONS);
		assert.ok((retryAfterOfReason(evicted?.reason ?? "") ?? 0) > 0);
		assert.equal(flood[0]?.take()[0]?.code, ErrorCode.TOO_MANY_CONNECTIONS);
		assert.equal(fixture.counters.evicted, 24);
		assert.equal(fixture.connections.admission.unauthenticated.size, 10);
	});

	it("are a quarter of all by default, half of that from one address, which in IPv6 is a network", () => {
		const fixture = new GatewayFixture({
			limits: { maxUnauthenticated: 0, maxUnauthenticatedPerIp: 0, maxConnections: 40 },
		});
		const flood = Array.from({ length: 30 }, (_, i) => fixture.client({ ip: `2001:db8::${i}` }));
		assert.equal(open(flood), 5);
	});

	it("leave a full node to those who come, and never take the place of one that has logged in", () => {
		const fixture = new GatewayFixture({ limits: { maxConnections: 4 } });
		const members = ["ann", "bob"].map((name) => fixture.member(name));
		const strangers = [1, 2].map(() => fixture.client({ ip: "192.0.2.1" }));
		const next = fixture.client({ ip: "192.0.2.2" });
		assert.deepEqual([open(strangers), next.closeCode], [1, undefined]);
		next.connection.authenticate(identityOf("cid"));
		fixture.client({ ip: "192.0.2.3" }).connection.authenticate(identityOf("dan"));
		assert.equal(open(strangers), 0);
		assert.equal(open(members), 2);
		const late = fixture.client({ ip: "192.0.2.4" });
		assert.equal(late.closeCode, CloseCode.TOO_MANY_CONNECTIONS);
		assert.equal(fixture.hub.size, 4);
	});

	it("are not sent away while they log in, as long as others do not", () => {
		const fixture = new GatewayFixture({
			limits: { maxUnauthenticated: 3 },
			handlers: { "auth.login": () => new Promise(() => {}) },
		});
		const [busy, idle] = [fixture.client(), fixture.client()];
		busy.send(authRoutes.login, { username: "ann", password: "long enough" });
		const later = [fixture.client(), fixture.client()];
		assert.deepEqual([busy.closeCode, idle.closeCode, open(later)], [undefined, CloseCode.TOO_MANY_CONNECTIONS, 2]);
	});

	it("count again from a logout, and not once they are gone", () => {
		const fixture = new GatewayFixture();
		const client = fixture.member("ann");
		assert.equal(fixture.connections.admission.unauthenticated.size, 0);
		client.connection.signOut();
		assert.equal(fixture.connections.admission.unauthenticated.size, 1);
		client.socket.disconnect();
		assert.equal(fixture.connections.admission.unauthenticated.size, 0);
	});

	it("that are refused take nobody's place", () => {
		const fixture = new GatewayFixture({
			limits: { maxUnauthenticated: 2, maxUnauthenticatedPerIp: 2 },
			rates: { connectsPerIp: { perSecond: 1, burst: 2 } },
			allowedOrigins: ["https://app.example.com"],
		});
		const waiting = [1, 2].map((last) => fixture.client({ ip: `192.0.2.${last}` }));
		for (let i = 0; i < 5; i++) fixture.client({ ip: "192.0.2.3", origin: "https://evil.example" });
		assert.equal(open(waiting), 2);
		for (let i = 0; i < 9; i++) fixture.client({ ip: "192.0.2.4" });
		// The first took a place, and its address has been refused since the third.
		assert.ok(open(waiting) >= 1);
		assert.equal(fixture.connections.admission.unauthenticated.size, 2);
	});
});

describe("control frames", () => {
	const rates = { control: { perSecond: 10, burst: 20 } };

	it("have tokens, come back in time, and close a client that does not stop", () => {
		const fixture = new GatewayFixture({ rates });
		const client = fixture.member("ann");
		for (let second = 0; second < 5; second++) {
			for (let i = 0; i < 10; i++) client.socket.pingServer();
			fixture.nowMs += 1000;
		}
		assert.equal(client.closeCode, undefined);
		for (let i = 0; i < 30; i++) client.socket.pongServer();
		assert.equal(client.closeCode, CloseCode.TRY_LATER);
		assert.equal(fixture.counters.controlFloods, 1);
	});

	it("with large payloads count by their bytes, too: each is reflected", () => {
		const fixture = new GatewayFixture({ rates: { receivedBytes: { perSecond: 100, burst: 1000 } } });
		const client = fixture.member("ann");
		for (let i = 0; i < 8; i++) client.socket.pingServer(125);
		assert.equal(client.closeCode, undefined);
		client.socket.pingServer(125);
		assert.equal(client.closeCode, CloseCode.TRY_LATER);
	});

	it("and messages behind a close that waits for the reader end the socket", () => {
		const fixture = new GatewayFixture({ rates, maxBackpressureBytes: 100 });
		const client = fixture.member("ann");
		client.socket.reading = false;
		client.connection.push(new Uint8Array(90));
		client.connection.push(new Uint8Array(90));
		assert.equal(client.closeCode, undefined, "the close waits behind what is buffered");
		for (let i = 0; i < 21; i++) client.send(authRoutes.heartbeat);
		assert.equal(client.closeCode, 1006);
	});
});

describe("an address whose connections are closed for what the client sent", () => {
	const rates = { faultsPerIp: { perSecond: 2, burst: 3 } };
	const garbage = new Uint8Array([0xff, 0xff]);
	const upgraded = (fixture: GatewayFixture, ip: string) => {
		const request = { ip, userAgent: "", origin: "", protocols: [], token: "", isTokenInQuery: false };
		const decision = fixture.connections.events.upgrade(request);
		return decision instanceof GatewayError ? [decision.code, decision.retryAfterMs] : "accepted";
	};

	it("is refused before the next upgrade, with the time to wait; other addresses are not", () => {
		const fixture = new GatewayFixture({ rates });
		for (let i = 0; i < 3; i++) {
			const client = fixture.client({ ip: "192.0.2.1" });
			client.socket.sendToServer(garbage);
			assert.equal(client.closeCode, CloseCode.BAD_FRAME);
		}
		const upgrade = (ip: string) => upgraded(fixture, ip);
		assert.deepEqual(upgrade("192.0.2.1"), [ErrorCode.RATE_LIMITED, 500]);
		assert.deepEqual(upgrade("192.0.2.2"), "accepted");
		fixture.nowMs += 500;
		assert.deepEqual(upgrade("192.0.2.1"), "accepted");
	});

	it("waits for those that were open already as well, up to as many as may come at once", () => {
		const fixture = new GatewayFixture({ rates });
		const clients = Array.from({ length: 9 }, () => fixture.client({ ip: "192.0.2.1" }));
		for (const client of clients) client.socket.sendToServer(garbage);
		// Three of burst, three of debt, and the one that is asked for.
		assert.deepEqual(upgraded(fixture, "192.0.2.1"), [ErrorCode.RATE_LIMITED, 2000]);
	});

	it("counts those that were closed for too many control frames, and not those that left", () => {
		const fixture = new GatewayFixture({ rates: { ...rates, control: { perSecond: 1, burst: 1 } } });
		const upgrade = () => upgraded(fixture, "192.0.2.1");
		for (let i = 0; i < 9; i++) fixture.client({ ip: "192.0.2.1" }).socket.disconnect();
		assert.deepEqual(upgrade(), "accepted");
		for (let i = 0; i < 3; i++) {
			const client = fixture.client({ ip: "192.0.2.1" });
			for (let ping = 0; ping < 2; ping++) client.socket.pingServer();
			assert.equal(client.closeCode, CloseCode.TRY_LATER);
		}
		assert.deepEqual(upgrade(), [ErrorCode.RATE_LIMITED, 500]);
	});
});

describe("bytes received", () => {
	const body = { accessToken: "x".repeat(900) };

	it("of one connection beyond its budget are refused with a time to wait, by request number", () => {
		const fixture = new GatewayFixture({ rates: { receivedBytes: { perSecond: 1000, burst: 2000 } } });
		const client = fixture.member("ann");
		const codes = [1, 2, 3].map(() => client.ask(authRoutes.connect, body));
		assert.deepEqual(
			codes.map(({ code }) => code ?? 0),
			[ErrorCode.OK, ErrorCode.OK, ErrorCode.RATE_LIMITED],
		);
		const { retryAfterMs = 0 } = codes[2]?.error ?? {};
		assert.ok(retryAfterMs > 500 && retryAfterMs < 1000, String(retryAfterMs));
		fixture.nowMs += retryAfterMs;
		assert.equal(client.ask(authRoutes.connect, body).code ?? 0, ErrorCode.OK);
		assert.equal(fixture.counters.overByteBudget, 1);
	});

	it("are not answered for ever: who goes on without waiting is cut off", () => {
		for (const waitsMs of [0, 1000]) {
			const fixture = new GatewayFixture({ rates: { receivedBytes: { perSecond: 1000, burst: 1000 } } });
			const client = fixture.member("ann");
			for (let i = 0; i < 7; i++) {
				client.send(authRoutes.connect, { accessToken: "x".repeat(50_000) });
				assert.equal(client.closeCode, waitsMs === 0 && i === 6 ? 1006 : undefined, `frame ${i}`);
				fixture.nowMs += waitsMs;
			}
		}
	});

	it("as text are refused unread", () => {
		const fixture = new GatewayFixture({ rates: { receivedBytes: { perSecond: 1000, burst: 2000 } } });
		const client = fixture.client({ protocols: ["framegate.v1.json"] });
		const text = JSON.stringify({ protocol: 1000, seq: 7, body });
		for (let i = 0; i < 3; i++) client.socket.sendToServer(text);
		assert.deepEqual(
			client.texts().map(({ seq = 0, code }) => [seq, code ?? "OK"]),
			[
				[7, "OK"],
				[7, "OK"],
				[0, "ERROR_CODE_RATE_LIMITED"],
			],
		);
	});

	it("of one address are counted together, also over reconnects", () => {
		const fixture = new GatewayFixture({ rates: { receivedBytesPerIp: { perSecond: 1000, burst: 2000 } } });
		for (const expected of [ErrorCode.OK, ErrorCode.OK, ErrorCode.RATE_LIMITED]) {
			const client = fixture.client();
			assert.equal(client.ask(authRoutes.connect, body).code ?? 0, expected);
			client.socket.disconnect();
			fixture.connections.sweep.run();
		}
		assert.equal(fixture.client({ ip: "192.0.2.2" }).ask(authRoutes.connect, body).code ?? 0, ErrorCode.OK);
	});

	it("end a client that goes on without waiting", () => {
		const fixture = new GatewayFixture({
			rates: { receivedBytes: { perSecond: 1, burst: 10 } },
			limits: { maxErrorsPerMinute: 5 },
		});
		const client = fixture.member("ann");
		for (let i = 0; i < 10; i++) client.send(authRoutes.connect, body);
		assert.equal(client.closeCode, CloseCode.LIMIT);
	});
});
