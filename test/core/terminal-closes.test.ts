// Close codes from 4500 on forbid to come back: they are only for what the client itself could have done otherwise, after it
// could know. What is down, late or full on this side, and what was sent before the first error could be read, is no such thing.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TOKEN_LEEWAY_MS } from "../../common/identity.ts";
import { CloseCode, ErrorCode, retryAfterOfReason } from "../../protocol/codes.ts";
import { GatewayError, unavailable } from "../../protocol/error.ts";
import { authRoutes } from "../../protocol/gen/schema.ts";
import { deferred } from "../support/deferred.ts";
import { type FixtureClient, GatewayFixture, identityOf } from "./gateway-fixture.ts";

const { login, heartbeat, register } = authRoutes;
const anyLogin = { username: "ann", password: "long enough" };
const settle = () => new Promise((resolve) => setImmediate(resolve));
const retryAfterMs = ({ socket }: FixtureClient) => retryAfterOfReason(socket.closed?.reason ?? "");

describe("the time to log in", () => {
	const limits = { authTimeoutMs: 8_000, requestTimeoutMs: 60_000 };

	it("does not run while a login is in flight, and begins again with its answer", async () => {
		const check = deferred<object>();
		const fixture = new GatewayFixture({ limits, handlers: { "auth.login": () => check.promise } });
		const client = fixture.client();
		client.send(login, anyLogin);
		for (let second = 0; second < 30; second++) fixture.advance(1_000);
		assert.equal(client.closeCode, undefined, "as behind a queue of password hashes");
		check.reject(unavailable("session store", 500));
		await settle();
		fixture.advance(7_000);
		assert.equal(client.closeCode, undefined, "may try again");
		fixture.advance(1_000);
		assert.equal(client.closeCode, CloseCode.AUTH_TIMEOUT, "did not try again");
	});

	it("begins again with each answer, whatever it is, and with each wait that is asked for", async () => {
		const answers = [unavailable("user store", 1_000), new GatewayError(ErrorCode.INTERNAL, "internal error")];
		const fixture = new GatewayFixture({
			limits,
			rates: { connection: { perSecond: 1, burst: 20 } },
			handlers: {
				"auth.login": async () =>
					Promise.reject(answers.shift() ?? new GatewayError(ErrorCode.UNAUTHENTICATED, "wrong")),
				"auth.register": async () => ({}),
			},
		});
		const client = fixture.client();
		for (let i = 0; i < 3; i++) {
			client.send(login, anyLogin);
			await settle();
			fixture.advance(7_000);
		}
		client.send(register, { username: "ann", password: "long enough" });
		await settle();
		fixture.advance(1_000);
		client.send(login, anyLogin);
		await settle();
		client.take();
		const refused = client.ask(register, { username: "ann", password: "long enough" });
		assert.equal(refused.code, ErrorCode.RATE_LIMITED);
		fixture.advance(7_999);
		assert.equal(client.closeCode, undefined);
	});

	it("ends with a code to come back when the client was asked to wait for longer", async () => {
		const shutOut = new GatewayError(ErrorCode.RATE_LIMITED, "too many attempts", { retryAfterMs: 600_000 });
		const fixture = new GatewayFixture({ limits, handlers: { "auth.login": () => Promise.reject(shutOut) } });
		const client = fixture.client();
		client.send(login, anyLogin);
		await settle();
		fixture.advance(8_000);
		assert.deepEqual([client.closeCode, retryAfterMs(client)], [CloseCode.TRY_LATER, 592_000]);
	});

	it("ends with a code to come back for a client that answers no ping: nothing shows that it could have", () => {
		const fixture = new GatewayFixture({ limits });
		const lost = fixture.client();
		const idle = fixture.client();
		lost.socket.answersPings = false;
		for (let second = 0; second < 8; second++) fixture.advance(1_000);
		assert.deepEqual([lost.closeCode, idle.closeCode], [CloseCode.NO_PONG, CloseCode.AUTH_TIMEOUT]);
	});
});

describe("errors", () => {
	/** A client far away: it answers pings when the test says so. */
	const distant = (fixture: GatewayFixture) => {
		const client = fixture.member("ann");
		client.socket.answersPings = false;
		return client;
	};
	const flood = (client: FixtureClient, frame: string | undefined, count: number) => {
		for (let seq = 1; seq <= count; seq++) {
			if (frame === undefined) client.sendRaw({ protocol: 999, seq });
			else client.socket.sendToServer(frame);
		}
	};
	const encodings = [
		["protobuf", undefined],
		["JSON", JSON.stringify({ protocol: 999, seq: 1 })],
		["the older JSON", JSON.stringify({ type: "no_such_type", id: "1", data: {} })],
	] as const;

	for (const [name, frame] of encodings) {
		it(`of requests sent before the first could be read are one, later ones count: ${name}`, () => {
			const fixture = new GatewayFixture({ olderDialect: true });
			const client = distant(fixture);
			flood(client, frame, 300);
			assert.equal(client.closeCode, undefined);
			for (let i = 0; i < 60; i++) {
				client.socket.pongServer();
				flood(client, frame, 2);
			}
			assert.equal(client.closeCode, CloseCode.LIMIT);
		});
	}

	it("of the rate are no others: what was sent at once is one", () => {
		const fixture = new GatewayFixture({ rates: { connection: { perSecond: 100, burst: 200 } } });
		const client = distant(fixture);
		for (let i = 0; i < 300; i++) client.send(heartbeat);
		const codes = client.take().map(({ code }) => code ?? 0);
		assert.equal(codes.filter((code) => code === ErrorCode.RATE_LIMITED).length, 100);
		assert.equal(client.closeCode, undefined);
	});

	it("on an expired token do not count: a refresh may be impossible for a while", () => {
		const fixture = new GatewayFixture();
		const client = fixture.member("ann", { expiresAtMs: fixture.wallMs + 1_000 });
		fixture.advance(1_000 + TOKEN_LEEWAY_MS + 1);
		for (let i = 0; i < 300; i++) assert.equal(client.ask(heartbeat).code, ErrorCode.TOKEN_EXPIRED);
		assert.equal(client.closeCode, undefined);
		client.connection.authenticate(identityOf("ann"));
		assert.equal(client.ask(heartbeat).code ?? 0, ErrorCode.OK);
	});

	it("that have no reply, as the requests had seq 0, close with a code to come back", () => {
		const fixture = new GatewayFixture();
		const client = fixture.member("ann");
		for (let i = 0; i < 1_000; i++) client.sendRaw({ protocol: 999, seq: 0 });
		assert.equal(client.closeCode, undefined);
		client.sendRaw({ protocol: 999, seq: 0 });
		assert.equal(client.closeCode, CloseCode.TRY_LATER);
		assert.ok((retryAfterMs(client) ?? 0) > 0);
	});

	it("in a flood close with a code to come back as long as none could be read", () => {
		const client = distant(new GatewayFixture());
		flood(client, undefined, 5_000);
		assert.equal(client.closeCode, CloseCode.TRY_LATER);
	});

	it("count for a client that answers no ping, after five seconds", () => {
		const fixture = new GatewayFixture();
		const client = distant(fixture);
		flood(client, undefined, 100);
		fixture.nowMs += 5_000;
		flood(client, undefined, 60);
		assert.equal(client.closeCode, CloseCode.LIMIT);
	});

	it("send no more than one ping each, whose pongs cost nothing", () => {
		const fixture = new GatewayFixture({ rates: { control: { perSecond: 1, burst: 1 } } });
		const client = fixture.member("ann");
		flood(client, undefined, 50);
		assert.deepEqual([client.closeCode, fixture.counters.controlFrames], [undefined, 0]);
	});
});

describe("requests in the order in which they were sent", () => {
	it("begin with a registration, or a new password: the login behind it waits for it", async () => {
		for (const [route, request] of [
			[register, anyLogin],
			[authRoutes.forgotPassword, { confirm: { account: "ann", code: "123456", newPassword: "long enough" } }],
		] as const) {
			const begun: string[] = [];
			const done = deferred<object>();
			const fixture = new GatewayFixture({
				handlers: {
					[route.name]: () => done.promise,
					"auth.login": (_request, call) => {
						begun.push("login");
						call.authenticate(identityOf("ann"));
						return {};
					},
				},
			});
			const client = fixture.client();
			client.send(route, request, 1);
			client.send(login, anyLogin, 2);
			client.send(heartbeat, {}, 3);
			assert.deepEqual(begun, [], route.name);
			done.resolve({});
			await settle();
			await settle();
			const replies = client.take().map(({ seq, code }) => [seq, code ?? 0]);
			assert.deepEqual(
				replies,
				[1, 2, 3].map((seq) => [seq, ErrorCode.OK]),
				route.name,
			);
		}
	});
});
