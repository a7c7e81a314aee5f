// The life cycle of connections: admission, identity, revocation, slow readers and timeouts.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CloseCode, ErrorCode, retryAfterOfReason } from "../../protocol/codes.ts";
import { EnvelopeWriter } from "../../protocol/envelope.ts";
import { GatewayError } from "../../protocol/error.ts";
import {
	authRoutes,
	pushes,
	Reconnect,
	type ReconnectProperties,
	SessionRevoked,
	SessionRevoked_Reason,
} from "../../protocol/gen/schema.ts";
import { GatewayFixture, identityOf } from "./gateway-fixture.ts";

const { heartbeat } = authRoutes;
const writer = new EnvelopeWriter();
const reconnectFrame = (message: ReconnectProperties) =>
	writer.push(pushes.reconnect.number, pushes.reconnect.message, message);

describe("admission", () => {
	it("closes a connection above the limit with an in-band reason and a retry delay", () => {
		const fixture = new GatewayFixture({ limits: { maxConnections: 2 } });
		fixture.member("ann");
		fixture.member("bob");
		const third = fixture.client();
		const [notice] = third.take();
		assert.equal(notice?.code, ErrorCode.TOO_MANY_CONNECTIONS);
		assert.equal(third.closeCode, CloseCode.TOO_MANY_CONNECTIONS);
		assert.ok((retryAfterOfReason(third.socket.closed?.reason ?? "") ?? 0) > 0);
		assert.equal(fixture.hub.size, 2);
	});

	it("rejects connections far above the limit at the HTTP level", () => {
		const fixture = new GatewayFixture({ limits: { maxConnections: 1 } });
		const { admission, events } = fixture.connections;
		admission.limits = { ...admission.limits, maxConnections: -1000 };
		const request = { ip: "", userAgent: "", origin: "", protocols: [], token: "", isTokenInQuery: false };
		const rejection = events.upgrade(request);
		assert.ok(rejection instanceof GatewayError);
		assert.deepEqual([rejection.code, rejection.retryAfterMs], [ErrorCode.TOO_MANY_CONNECTIONS, 5000]);
	});

	it("accepts only allowed origins, and clients that send no origin", () => {
		const fixture = new GatewayFixture({ allowedOrigins: ["https://app.example.com", "https://*.example.org"] });
		const closed = (origin: string) => fixture.client({ origin }).closeCode;
		assert.equal(closed("https://app.example.com"), undefined);
		assert.equal(closed("https://a.b.example.org"), undefined);
		assert.equal(closed(""), undefined);
		for (const origin of [
			"https://evil.example",
			"http://app.example.com",
			"https://app.example.com.evil.example",
			"https://evil.example/.example.org",
			"https://example.org",
			"null",
		]) {
			assert.equal(closed(origin), CloseCode.FORBIDDEN, origin);
		}
	});

	it("limits connections and their rate per address", () => {
		const fixture = new GatewayFixture({
			limits: { maxConnectionsPerIp: 2 },
			rates: { connectsPerIp: { perSecond: 1, burst: 3 } },
		});
		const from = (ip: string) => fixture.client({ ip }).closeCode;
		assert.deepEqual([from("10.0.0.1"), from("10.0.0.1"), from("10.0.0.1")], [undefined, undefined, 4006]);
		assert.equal(from("10.0.0.2"), undefined);
		const quick = new GatewayFixture({ rates: { connectsPerIp: { perSecond: 1, burst: 2 } } });
		const codes = [1, 2, 3].map(() => quick.client().closeCode);
		assert.deepEqual(codes, [undefined, undefined, CloseCode.TOO_MANY_CONNECTIONS]);
		quick.nowMs += 1_000;
		assert.equal(quick.client().closeCode, undefined);
	});

	it("closes new connections while draining", () => {
		const fixture = new GatewayFixture();
		fixture.connections.admission.isDraining = true;
		assert.equal(fixture.client().closeCode, CloseCode.TOO_MANY_CONNECTIONS);
	});
});

describe("sessions on connections", () => {
	it("a newer connection of a session replaces the older one", () => {
		const fixture = new GatewayFixture();
		const first = fixture.member("ann");
		const second = fixture.member("ann");
		assert.equal(first.closeCode, CloseCode.TAKEN_OVER);
		assert.equal(second.closeCode, undefined);
		assert.deepEqual(fixture.hub.ofSession("session-ann"), [second.connection]);
	});

	it("the oldest is the one that was opened first: a late login on it closes no newer one", () => {
		const fixture = new GatewayFixture();
		const given = fixture.client();
		const next = fixture.member("ann");
		given.connection.authenticate(identityOf("ann"));
		assert.deepEqual([given.closeCode, next.closeCode], [CloseCode.TAKEN_OVER, undefined]);
	});

	it("closes a user's oldest connections above the limit", () => {
		const fixture = new GatewayFixture({ limits: { maxConnectionsPerUser: 2 } });
		const clients = [1, 2, 3].map((n) => fixture.member("ann", { sessionId: `s${n}` }));
		assert.deepEqual(
			clients.map((client) => client.closeCode),
			[CloseCode.TAKEN_OVER, undefined, undefined],
		);
	});

	it("a revoked session gets the reason and its connection is closed; others stay open", () => {
		const fixture = new GatewayFixture();
		const ann = fixture.member("ann");
		const bob = fixture.member("bob");
		const reason = "password-changed";
		fixture.connections.onNodeEvent({ type: "sessions-revoked", sessionIds: ["session-ann"], reason });
		const [push] = ann.take();
		assert.equal(push?.protocol, pushes.sessionRevoked.number);
		assert.equal(push?.seq ?? 0, 0);
		const message = SessionRevoked.decode(push?.body ?? new Uint8Array());
		assert.equal(message.reason, SessionRevoked_Reason.PASSWORD_CHANGED);
		assert.equal(ann.closeCode, CloseCode.REVOKED);
		assert.equal(bob.closeCode, undefined);
	});

	it("does not authenticate a client that has disconnected", () => {
		const fixture = new GatewayFixture();
		const client = fixture.client();
		client.socket.disconnect();
		client.connection.authenticate(identityOf("ann"));
		assert.deepEqual([client.connection.identity, fixture.hub.sessionCount], [undefined, 0]);
	});

	it("a logout that completes after its connection closed leaves no state", () => {
		const fixture = new GatewayFixture();
		const client = fixture.member("ann");
		client.socket.disconnect();
		client.connection.signOut();
		fixture.advance(60_000);
		assert.deepEqual([fixture.rates.users.size, fixture.rates.users.holders("user-ann")], [0, 0]);
	});

	it("a draining connection takes no new requests, and is drained once its calls have completed", async () => {
		let answer: (reply: object) => void = () => {};
		const fixture = new GatewayFixture({
			handlers: {
				"auth.getUserInfo": () =>
					new Promise<object>((resolve) => {
						answer = resolve;
					}),
			},
		});
		const client = fixture.member("ann");
		client.send(authRoutes.getUserInfo, {}, 1);
		assert.equal(client.connection.beginDrain(), true);
		client.send(heartbeat, {}, 2);
		answer({});
		await new Promise((resolve) => setImmediate(resolve));
		assert.equal(client.connection.beginDrain(), false);
		assert.deepEqual(
			client.take().map(({ seq }) => seq),
			[1],
		);
	});

	it("a connection that begins to drain during its token check is authenticated", () => {
		const fixture = new GatewayFixture();
		const { connection } = fixture.member("ann");
		const identity = connection.identity;
		assert.ok(identity);
		connection.signOut();
		connection.beginDrain();
		connection.authenticate(identity);
		assert.equal(connection.identity, identity);
	});

	it("the hub keeps no state of a closed connection", () => {
		const fixture = new GatewayFixture();
		const client = fixture.member("ann");
		client.connection.subscribe("room:1");
		client.socket.disconnect();
		assert.equal(fixture.hub.size, 0);
		assert.equal(fixture.hub.sessionCount, 0);
		assert.equal(fixture.hub.userCount, 0);
	});
});

describe("presence", () => {
	it("reports the first connection of a user and the end of the last, and none between", () => {
		const seen: string[] = [];
		const fixture = new GatewayFixture({
			presence: [{ onOnline: (userId) => seen.push(`+${userId}`), onOffline: (userId) => seen.push(`-${userId}`) }],
		});
		const [first, second] = ["s1", "s2"].map((sessionId) => fixture.member("ann", { sessionId }));
		assert.deepEqual(seen, ["+user-ann"]);
		first?.socket.disconnect();
		assert.deepEqual(seen, ["+user-ann"]);
		second?.connection.authenticate(identityOf("bob"));
		assert.deepEqual(seen, ["+user-ann", "-user-ann", "+user-bob"]);
		second?.connection.signOut();
		second?.socket.disconnect();
		assert.deepEqual(seen, ["+user-ann", "-user-ann", "+user-bob", "-user-bob"]);
	});
});

describe("publishing", () => {
	it("reaches each subscriber in its encoding, also after a switch", () => {
		const fixture = new GatewayFixture();
		const binary = fixture.member("ann");
		const text = fixture.member("bob");
		const other = fixture.member("eve");
		text.connection.setEncoding("json");
		for (const { connection } of [binary, text]) connection.subscribe("room:1");
		fixture.pushes.publish("room:1", reconnectFrame({ delayMs: 5 }));
		binary.connection.setEncoding("json");
		fixture.pushes.publish("room:1", reconnectFrame({ delayMs: 6 }));
		assert.deepEqual(
			binary.take().map((push) => Reconnect.decode(push.body ?? new Uint8Array()).delayMs),
			[5],
		);
		assert.deepEqual(binary.texts(), [{ protocol: 1503, body: { delayMs: 6 } }]);
		assert.equal(text.texts().length, 2);
		assert.equal(other.socket.received.length, 0);
	});

	it("closes a reader that exceeds its byte budget, and no other client", () => {
		const fixture = new GatewayFixture({ maxBackpressureBytes: 200 });
		const slow = fixture.member("ann");
		const quick = fixture.member("bob");
		for (const { connection } of [slow, quick]) connection.subscribe("room:1");
		slow.socket.reading = false;
		for (let i = 0; i < 20; i++) fixture.pushes.publish("room:1", reconnectFrame({ reason: "x".repeat(20) }));
		assert.equal(slow.closeCode, undefined, "no room for a close frame either");
		assert.deepEqual([...slow.socket.topics], [], "nothing comes behind the gap");
		slow.connection.subscribe("room:2");
		assert.deepEqual([...slow.socket.topics], [], "from no other topic either");
		slow.socket.resume();
		assert.equal(slow.closeCode, CloseCode.SLOW_CONSUMER);
		assert.equal(quick.take().length, 20);
		assert.equal(fixture.counters.dropped, 1);
		assert.equal(fixture.counters.closed.get(CloseCode.SLOW_CONSUMER), 1);
	});

	it("closes a client that sends requests without reading the replies", () => {
		const fixture = new GatewayFixture({ maxBackpressureBytes: 200 });
		const client = fixture.member("ann");
		client.socket.reading = false;
		for (let i = 0; i < 100; i++) client.send(heartbeat);
		assert.equal(fixture.counters.dropped, 1);
		assert.equal(client.connection.isOpen, false);
		fixture.advance(6_000);
		assert.equal(client.closeCode, 1006, "terminated, as it never read anything");
	});
});

describe("timeouts", () => {
	it("close a client that does not log in in time; a logout starts the time again", () => {
		const fixture = new GatewayFixture({ limits: { authTimeoutMs: 8_000 } });
		const client = fixture.client();
		const member = fixture.member("ann");
		fixture.advance(7_000);
		assert.equal(client.closeCode, undefined);
		fixture.advance(1_000);
		assert.equal(client.closeCode, CloseCode.AUTH_TIMEOUT);
		assert.equal(member.ask(heartbeat).code ?? 0, ErrorCode.OK);
		member.connection.signOut();
		fixture.advance(7_000);
		assert.equal(member.closeCode, undefined);
		fixture.advance(1_000);
		assert.equal(member.closeCode, CloseCode.AUTH_TIMEOUT);
	});

	it("ping silent clients, and close clients that send no pong", () => {
		const fixture = new GatewayFixture({ limits: { heartbeatIntervalMs: 30_000, idleTimeoutMs: 90_000 } });
		const alive = fixture.member("ann");
		const dead = fixture.member("bob");
		dead.socket.answersPings = false;
		for (let i = 0; i < 200; i++) fixture.advance(1_000);
		assert.equal(alive.closeCode, undefined);
		assert.equal(dead.closeCode, CloseCode.NO_PONG);
	});

	it("reject requests on an expired token, and close after the grace time unless it is refreshed", () => {
		const fixture = new GatewayFixture({ limits: { tokenGraceMs: 60_000, idleTimeoutMs: 900_000 } });
		const expiresAtMs = fixture.wallMs + 5_000;
		const lazy = fixture.member("ann", { expiresAtMs });
		const diligent = fixture.member("bob", { expiresAtMs });
		fixture.advance(9_000);
		assert.equal(lazy.ask(heartbeat).code ?? 0, ErrorCode.OK, "within the leeway that Connect allows, too");
		fixture.advance(2_000);
		assert.equal(lazy.ask(heartbeat).code, ErrorCode.TOKEN_EXPIRED);
		diligent.connection.authenticate(identityOf("bob"));
		assert.equal(diligent.ask(heartbeat).code ?? 0, ErrorCode.OK);
		fixture.advance(60_000);
		assert.equal(lazy.closeCode, CloseCode.SESSION_EXPIRED);
		assert.equal(diligent.closeCode, undefined);
	});
});

describe("rate limits", () => {
	const only = (rates: object) => new GatewayFixture({ rates });
	const flood = (fixture: GatewayFixture, client = fixture.member("ann"), count = 5) =>
		Array.from({ length: count }, () => client.ask(heartbeat)).map((reply) => reply.code ?? 0);
	const { OK, RATE_LIMITED } = ErrorCode;
	const slow = { perSecond: 1, burst: 3 };

	it("reject requests above a connection's burst, and accept them again as tokens come in", () => {
		const fixture = only({ connection: slow });
		const client = fixture.member("ann");
		assert.deepEqual(flood(fixture, client), [OK, OK, OK, RATE_LIMITED, RATE_LIMITED]);
		const refused = client.ask(heartbeat);
		assert.equal(refused.error?.retryAfterMs, 1_000);
		assert.equal(refused.error?.retryable, true);
		fixture.nowMs += 1_000;
		assert.deepEqual(flood(fixture, client, 2), [OK, RATE_LIMITED]);
	});

	it("count a user's connections together, and survive reconnecting", () => {
		const fixture = only({ user: slow });
		const first = fixture.member("ann", { sessionId: "s1" });
		assert.deepEqual(flood(fixture, first, 2), [OK, OK]);
		first.socket.disconnect();
		fixture.advance(1);
		const second = fixture.member("ann", { sessionId: "s2" });
		assert.deepEqual(flood(fixture, second, 2), [OK, RATE_LIMITED]);
		assert.deepEqual(flood(fixture, fixture.member("bob"), 2), [OK, OK]);
	});

	it("count all addresses of an IPv6 site as one", () => {
		const fixture = new GatewayFixture({ limits: { maxConnectionsPerIp: 2 } });
		const codes = [1, 2, 3].map((host) => fixture.client({ ip: `2001:db8:1:2::${host}` }).closeCode);
		assert.deepEqual(codes, [undefined, undefined, CloseCode.TOO_MANY_CONNECTIONS]);
		assert.equal(fixture.client({ ip: "2001:db8:1:3::1" }).closeCode, undefined);
	});

	it("count frames that name no route", () => {
		const fixture = only({ connection: { perSecond: 1, burst: 2 } });
		const client = fixture.member("ann");
		for (let seq = 1; seq <= 3; seq++) client.sendRaw({ protocol: 999, seq });
		const codes = client.take().map((reply) => reply.code);
		assert.deepEqual(codes, [ErrorCode.UNKNOWN_PROTOCOL, ErrorCode.UNKNOWN_PROTOCOL, RATE_LIMITED]);
	});

	it("count an address, a route and the process", () => {
		for (const dimension of ["ip", "global"]) {
			assert.deepEqual(flood(only({ [dimension]: slow }), undefined, 4), [OK, OK, OK, RATE_LIMITED], dimension);
		}
		const perRoute = only({ protocols: { 1005: slow } });
		const client = perRoute.member("ann");
		assert.deepEqual(flood(perRoute, client, 4), [OK, OK, OK, RATE_LIMITED]);
		assert.equal(client.ask(authRoutes.getUserInfo).code ?? 0, OK);
	});

	it("close a flooding connection, and no other", () => {
		const fixture = new GatewayFixture({ rates: { connection: slow }, limits: { maxErrorsPerMinute: 10 } });
		const flooder = fixture.member("ann");
		const other = fixture.member("bob");
		for (let i = 0; i < 100 && !flooder.socket.closed; i++) flooder.send(heartbeat);
		assert.equal(flooder.closeCode, CloseCode.LIMIT);
		assert.equal(other.ask(heartbeat).code ?? 0, OK);
	});

	it("apply new settings at once and drop full buckets without a holder", () => {
		const fixture = only({ user: slow });
		const client = fixture.member("ann");
		flood(fixture, client);
		fixture.rates.apply({ ...OFF_RATES, user: { perSecond: 1000, burst: 1000 } });
		assert.deepEqual(flood(fixture, client, 1), [RATE_LIMITED]);
		fixture.nowMs += 3;
		assert.deepEqual(flood(fixture, client, 4), [OK, OK, OK, RATE_LIMITED]);
		client.socket.disconnect();
		fixture.advance(60_000);
		assert.equal(fixture.rates.users.size, 0);
		assert.equal(fixture.rates.addresses.size, 0);
	});
});

const off = { perSecond: 0, burst: 1 };
const OFF_RATES = {
	connection: off,
	user: off,
	ip: off,
	global: off,
	userBytes: off,
	userReplyBytes: off,
	connectsPerIp: off,
	faultsPerIp: off,
	control: off,
	receivedBytes: off,
	receivedBytesPerIp: off,
	protocols: {},
};
