// How frames are handled: replies, errors, order, deadlines.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CloseCode, ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import { authRoutes, HeartbeatResponse } from "../../protocol/gen/schema.ts";
import { deferred } from "../support/deferred.ts";
import { GatewayFixture, identityOf } from "./gateway-fixture.ts";

const { heartbeat, login, register, getUserInfo, logout } = authRoutes;
const anyLogin = { username: "ann", password: "secret-1" };

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe("requests", () => {
	it("answers a synchronous route within the same call", () => {
		const fixture = new GatewayFixture({ handlers: { "auth.heartbeat": () => ({ serverTimeMs: 5 }) } });
		const reply = fixture.member("ann").ask(heartbeat, { clientTimeMs: 1 });
		assert.equal(reply.code ?? 0, ErrorCode.OK);
		assert.equal(reply.protocol, heartbeat.number);
		assert.equal(HeartbeatResponse.decode(reply.body ?? new Uint8Array()).serverTimeMs, 5);
	});

	it("sends no reply when seq is 0, not even an error", () => {
		const fixture = new GatewayFixture();
		const client = fixture.member("ann");
		client.send(heartbeat, {}, 0);
		client.sendRaw({ protocol: 999, seq: 0 });
		assert.deepEqual(client.take(), []);
		assert.equal(fixture.stats.refusedByCode[ErrorCode.UNKNOWN_PROTOCOL], 1);
	});

	it("answers unknown numbers, at either end of the table too, with UNKNOWN_PROTOCOL and stays open", () => {
		const client = new GatewayFixture().member("ann");
		for (const protocol of [0, 999, 1999, 9999, 10_000, 0xffffffff]) client.sendRaw({ protocol, seq: 7 });
		const codes = client.take().map(({ code, seq }) => ({ code, seq }));
		assert.deepEqual(codes, Array(6).fill({ code: ErrorCode.UNKNOWN_PROTOCOL, seq: 7 }));
		assert.equal(client.closeCode, undefined);
	});

	it("answers an undecodable body with BAD_REQUEST that names the message", () => {
		const client = new GatewayFixture().member("ann");
		client.sendRaw({ protocol: login.number, seq: 1, body: new Uint8Array([0x0a, 0x7f]) });
		const [reply] = client.take();
		assert.equal(reply?.code, ErrorCode.BAD_REQUEST);
		assert.match(reply?.error?.message ?? "", /framegate\.v1\.LoginRequest/);
	});

	it("names every field that breaks a rule", () => {
		const reply = new GatewayFixture().client().ask(register, { username: "x", password: "short" });
		assert.equal(reply.code, ErrorCode.VALIDATION_FAILED);
		assert.deepEqual(
			reply.error?.violations?.map((violation) => violation.field),
			["username", "password"],
		);
	});

	it("refuses what needs a session before login, and serves it afterwards", () => {
		const fixture = new GatewayFixture();
		const client = fixture.client();
		assert.equal(client.ask(heartbeat).code, ErrorCode.UNAUTHENTICATED);
		client.connection.authenticate(identityOf("ann"));
		assert.equal(client.ask(heartbeat).code ?? 0, ErrorCode.OK);
		client.connection.signOut();
		assert.equal(client.ask(heartbeat).code, ErrorCode.UNAUTHENTICATED);
	});

	it("turns a handler's fault into INTERNAL, logs it, and sends the client no detail", () => {
		const fixture = new GatewayFixture({
			handlers: {
				"auth.heartbeat": () => {
					throw new Error("database password is hunter2");
				},
			},
		});
		const reply = fixture.member("ann").ask(heartbeat);
		assert.equal(reply.code, ErrorCode.INTERNAL);
		assert.equal(reply.error?.message, "internal error");
		assert.equal(reply.error?.retryable, true);
		assert.equal(fixture.log.filter((line) => line.level === "error").length, 1);
	});

	it("turns a reply that cannot be encoded into INTERNAL and goes on working", () => {
		const replies: object[] = [{ user: 5 }, {}];
		const fixture = new GatewayFixture({ handlers: { "auth.getUserInfo": () => replies.shift() as object } });
		const client = fixture.member("ann");
		const first = client.ask(getUserInfo);
		assert.ok(first.code === ErrorCode.INTERNAL || (first.code ?? 0) === ErrorCode.OK);
		assert.equal(client.ask(getUserInfo).code ?? 0, ErrorCode.OK);
	});

	it("echoes a W3C trace id and ignores an invalid one", () => {
		const client = new GatewayFixture().member("ann");
		const traceId = "0af7651916cd43dd8448eb211c80319c";
		client.sendRaw({ protocol: heartbeat.number, seq: 1, traceId });
		client.sendRaw({ protocol: heartbeat.number, seq: 2, traceId: "0AF7651916CD43DD8448EB211C80319C" });
		client.sendRaw({ protocol: heartbeat.number, seq: 3, traceId: "0".repeat(32) });
		assert.deepEqual(
			client.take().map((reply) => reply.traceId ?? ""),
			[traceId, "", ""],
		);
	});
});

describe("frames that are no envelope", () => {
	const cases: Record<string, Uint8Array | string> = {
		"truncated varint": new Uint8Array([0x08, 0xff]),
		"length beyond the end": new Uint8Array([0x22, 0x05, 0x01]),
		"JSON in a binary frame": new TextEncoder().encode('{"protocol":1005}'),
		"text that is not JSON": "hello",
		"JSON that is no object": "[1,2,3]",
		"protocol that is no uint32": '{"protocol":"10x5","seq":1}',
		"negative seq": '{"protocol":1005,"seq":-1}',
	};
	for (const [name, frame] of Object.entries(cases)) {
		it(`close the connection with a terminal code: ${name}`, () => {
			const client = new GatewayFixture().member("ann");
			client.socket.sendToServer(frame);
			assert.equal(client.closeCode, CloseCode.BAD_FRAME);
		});
	}

	it("an empty frame is an envelope without protocol number", () => {
		const client = new GatewayFixture().member("ann");
		client.socket.sendToServer(new Uint8Array(0));
		assert.equal(client.closeCode, undefined);
	});

	it("an oversized frame closes the connection with the maximum size as the reason", () => {
		const client = new GatewayFixture({ limits: { maxMessageBytes: 1024 } }).member("ann");
		client.socket.sendToServer(new Uint8Array(1025));
		assert.equal(client.closeCode, CloseCode.BAD_FRAME);
		assert.match(client.socket.closed?.reason ?? "", /1024 bytes/);
	});

	it("more errors per minute than allowed close with LIMIT; older ones do not count", () => {
		const fixture = new GatewayFixture({ limits: { maxErrorsPerMinute: 3 } });
		const client = fixture.member("ann");
		for (let i = 0; i < 3; i++) client.sendRaw({ protocol: 999, seq: 1 });
		fixture.nowMs += 61_000;
		client.sendRaw({ protocol: 999, seq: 1 });
		assert.equal(client.closeCode, undefined);
		for (let i = 0; i < 3; i++) client.sendRaw({ protocol: 999, seq: 1 });
		assert.equal(client.closeCode, CloseCode.LIMIT);
	});
});

describe("asynchronous calls", () => {
	it("are answered when they complete, in any order", async () => {
		const first = deferred<object>();
		const second = deferred<object>();
		const pending = [first, second];
		const fixture = new GatewayFixture({
			handlers: { "auth.getUserInfo": () => (pending.shift() as typeof first).promise },
		});
		const client = fixture.member("ann");
		client.send(getUserInfo, {}, 1);
		client.send(getUserInfo, {}, 2);
		assert.equal(fixture.dispatcher.inFlight, 2);
		second.resolve({});
		await settle();
		first.resolve({});
		await settle();
		assert.deepEqual(
			client.take().map((reply) => reply.seq),
			[2, 1],
		);
	});

	it("hold back requests behind a barrier, in order, and copy their bytes", async () => {
		const gate = deferred<object>();
		const seen: unknown[] = [];
		const fixture = new GatewayFixture({
			handlers: {
				"auth.login": (request) => {
					seen.push(request);
					return gate.promise;
				},
				"auth.getUserInfo": (request: { userId: string }) => {
					seen.push(request.userId);
					return {};
				},
			},
		});
		const client = fixture.member("ann");
		client.send(login, anyLogin, 1);
		client.send(getUserInfo, { userId: "first" }, 2);
		client.send(getUserInfo, { userId: "second" }, 3);
		assert.equal(seen.length, 1);
		gate.resolve({});
		await settle();
		assert.deepEqual(seen.slice(1), ["first", "second"]);
		assert.deepEqual(
			client.take().map((reply) => reply.seq),
			[1, 2, 3],
		);
	});

	it("serve requests that were sent right behind a login with its session", async () => {
		const fixture = new GatewayFixture({
			handlers: {
				"auth.login": async (_request, call) => {
					await settle();
					call.authenticate(identityOf("ann"));
					return {};
				},
			},
		});
		const client = fixture.client();
		client.send(login, anyLogin, 1);
		client.send(heartbeat, {}, 2);
		await settle();
		await settle();
		assert.deepEqual(
			client.take().map(({ seq, code }) => [seq, code ?? 0]),
			[
				[1, ErrorCode.OK],
				[2, ErrorCode.OK],
			],
		);
	});

	it("are rejected early with retryAfterMs when too many are in flight on one connection", () => {
		const never = new Promise<object>(() => {});
		const fixture = new GatewayFixture({ limits: { maxInFlight: 2 }, handlers: { "auth.login": () => never } });
		const client = fixture.client();
		client.send(login, anyLogin, 1);
		client.send(login, anyLogin, 2);
		const reply = client.ask(login, anyLogin);
		assert.equal(reply.code, ErrorCode.RATE_LIMITED);
		assert.ok((reply.error?.retryAfterMs ?? 0) > 0);
		assert.equal(fixture.dispatcher.inFlight, 1);
	});

	it("get TIMEOUT after the deadline; the late result is dropped and waiting requests continue", async () => {
		const late = deferred<object>();
		const fixture = new GatewayFixture({
			limits: { requestTimeoutMs: 1_000 },
			handlers: { "auth.login": () => late.promise },
		});
		const client = fixture.member("ann");
		client.send(login, anyLogin, 1);
		fixture.nowMs += 700;
		client.send(heartbeat, {}, 2);
		fixture.advance(800);
		late.resolve({});
		await settle();
		assert.deepEqual(
			client.take().map(({ seq, code }) => [seq, code ?? 0]),
			[
				[1, ErrorCode.TIMEOUT],
				[2, ErrorCode.OK],
			],
		);
		assert.equal(fixture.dispatcher.inFlight, 0);
	});

	it("that reject are answered with the error's code", async () => {
		const failing = deferred<object>();
		const fixture = new GatewayFixture({ handlers: { "auth.logout": () => failing.promise } });
		const client = fixture.member("ann");
		client.send(logout, {}, 1);
		failing.reject(new GatewayError(ErrorCode.UNAVAILABLE, "Redis is unavailable", { retryAfterMs: 250 }));
		await settle();
		const [reply] = client.take();
		assert.equal(reply?.code, ErrorCode.UNAVAILABLE);
		assert.equal(reply?.error?.retryAfterMs, 250);
	});

	it("that were answered TIMEOUT can no longer change the connection's identity", async () => {
		const logins = [deferred<void>(), deferred<void>()];
		const fixture = new GatewayFixture({
			limits: { requestTimeoutMs: 1_000 },
			handlers: {
				"auth.login": async (request: { username: string }, call) => {
					await logins[request.username === "first" ? 0 : 1]?.promise;
					call.authenticate(identityOf(request.username));
					return {};
				},
				"auth.logout": async (_request, call) => {
					await logins[0]?.promise;
					call.signOut();
					return {};
				},
			},
		});
		const client = fixture.client();
		client.send(login, { username: "first", password: "secret-1" }, 1);
		fixture.advance(1_500);
		client.send(login, { username: "second", password: "secret-2" }, 2);
		logins[1]?.resolve();
		await settle();
		client.send(logout, {}, 3);
		fixture.advance(1_500);
		logins[0]?.resolve();
		await settle();
		assert.equal(client.connection.identity?.username, "second");
	});

	it("that have waited beyond their deadline get TIMEOUT and are not started", async () => {
		const first = deferred<object>();
		let started = 0;
		const fixture = new GatewayFixture({
			limits: { requestTimeoutMs: 10_000, authTimeoutMs: 600_000 },
			handlers: {
				"auth.login": () => (started++ === 0 ? first.promise : new Promise(() => {})),
				"auth.register": () => new Promise(() => {}),
			},
		});
		const [client, other] = [fixture.client(), fixture.client()];
		client.send(login, anyLogin, 1);
		client.send(login, anyLogin, 2);
		client.send(login, anyLogin, 3);
		fixture.advance(8_000);
		other.send(register, { username: "ann", password: "long enough" }, 9);
		first.resolve({});
		await settle();
		assert.equal(started, 2);
		// The second began late, behind the other client's call; its time is counted from its arrival all the same.
		fixture.advance(2_000);
		assert.deepEqual(
			client.take().map(({ seq, code }) => [seq, code ?? 0]),
			[
				[1, ErrorCode.OK],
				[2, ErrorCode.TIMEOUT],
				[3, ErrorCode.TIMEOUT],
			],
		);
		assert.equal(started, 2);
		assert.deepEqual(other.take(), []);
	});

	it("of a closed connection end without a reply", async () => {
		const slow = deferred<object>();
		const fixture = new GatewayFixture({ handlers: { "auth.login": () => slow.promise } });
		const client = fixture.client();
		client.send(login, anyLogin, 1);
		client.send(login, anyLogin, 2);
		client.socket.disconnect();
		slow.resolve({});
		await settle();
		assert.equal(fixture.dispatcher.inFlight, 0);
		assert.equal(fixture.hub.size, 0);
		assert.deepEqual(client.take(), []);
	});
});

describe("text frames", () => {
	it("reach the same handlers, and get text replies", () => {
		const fixture = new GatewayFixture({ handlers: { "auth.heartbeat": (request: object) => request } });
		const client = fixture.member("ann");
		client.socket.sendToServer('{"protocol":1005,"seq":3,"body":{"client_time_ms":"17"}}');
		assert.deepEqual(client.texts(), [{ protocol: 1005, seq: 3, body: { clientTimeMs: "17" } }]);
	});

	it("with a body of the wrong type get an error with the field's name", () => {
		const client = new GatewayFixture().client();
		client.socket.sendToServer('{"protocol":1001,"seq":3,"body":{"username":5}}');
		const [reply] = client.texts();
		assert.equal(reply?.["code"], "ERROR_CODE_BAD_REQUEST");
		assert.match(JSON.stringify(reply?.["error"]), /username/);
	});

	it("carry protocol and seq as numbers or as decimal strings", () => {
		const client = new GatewayFixture().member("ann");
		client.socket.sendToServer('{"protocol":"1005","seq":"12"}');
		assert.deepEqual(client.texts(), [{ protocol: 1005, seq: 12, body: {} }]);
	});

	it("are charged for their body before it is decoded, like binary frames", () => {
		const fixture = new GatewayFixture({ rates: { connection: { perSecond: 1, burst: 10 } } });
		const client = fixture.client();
		for (let seq = 1; seq <= 4; seq++)
			client.socket.sendToServer(`{"protocol":1001,"seq":${seq},"body":{"username":5}}`);
		assert.deepEqual(
			client.texts().map((reply) => reply["code"]),
			["BAD_REQUEST", "BAD_REQUEST", "RATE_LIMITED", "RATE_LIMITED"].map((name) => `ERROR_CODE_${name}`),
		);
	});

	it("switch the connection's encoding until the next protobuf frame", () => {
		const client = new GatewayFixture().member("ann");
		client.socket.sendToServer('{"protocol":1005,"seq":1}');
		client.send(heartbeat, {}, 2);
		client.socket.sendToServer('{"protocol":1005,"seq":3}');
		const kinds = client.socket.received.map((frame) => typeof frame === "string");
		assert.deepEqual(kinds, [true, false, true]);
	});
});
