// What calls that run or wait may hold: by connection, before the login and after it, by address, for all who have not logged
// in, and for the process; in every dialect. The worst of it in earnest is in test/security/admission.test.ts.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CALL_BYTES } from "../../core/call-budget.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import {
	authRoutes,
	chatRoutes,
	edgeTelemetryRoutes,
	MessageKind,
	messageTypes,
	routeContracts,
} from "../../protocol/gen/schema.ts";
import { type FixtureClient, GatewayFixture, type GatewayFixtureOptions, identityOf } from "../core/gateway-fixture.ts";

const { login, connect, getUserInfo, heartbeat, register } = authRoutes;
const { sendMessage } = chatRoutes;
const KIB = 1024;
const anyLogin = { username: "ann", password: "secret-1" };
const contracts = [
	login,
	connect,
	getUserInfo,
	heartbeat,
	register,
	sendMessage,
	...Object.values(edgeTelemetryRoutes),
];

/** Lets everything that is already resolved run. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** A fixture whose slow routes go on until they are ended. */
function slowWorld(options: GatewayFixtureOptions = {}, slow: readonly string[] = ["auth.login"]) {
	const ends: (() => void)[] = [];
	const started: object[] = [];
	const hang = (request: object) => {
		started.push(request);
		return new Promise<object>((resolve) => ends.push(() => resolve({})));
	};
	const handlers = { ...Object.fromEntries(slow.map((name) => [name, hang])), ...options.handlers };
	const fixture = new GatewayFixture({ contracts, olderDialect: true, ...options, handlers });
	const endAll = async (): Promise<void> => {
		while (ends.length > 0) {
			for (const end of ends.splice(0)) end();
			await settle();
		}
	};
	return { fixture, started, endAll };
}

function codesOf(client: FixtureClient): number[] {
	return client.take().map(({ code }) => code ?? 0);
}

/** A text request that is much larger parsed than as a text. */
function jsonBomb(seq: number, bytes: number): string {
	return `{"protocol":${getUserInfo.number},"seq":${seq},"body":{"z":[${"{},".repeat((bytes - 60) / 3)}{}]}}`;
}

function refusedFor(fixture: GatewayFixture): Record<string, number> {
	return Object.fromEntries([...fixture.dispatcher.budget.refused].filter(([, count]) => count > 0));
}

describe("the tokens of a call", () => {
	it("are taken when it arrives, also if it has to wait, and once", async () => {
		const rates = { connection: { perSecond: 1, burst: 8 } };
		const { fixture, endAll } = slowWorld({ rates });
		const client = fixture.member("ann");
		client.send(login, anyLogin);
		// The login cost 5 of 8: three wait, the fourth is refused at once.
		for (let i = 0; i < 4; i++) client.send(getUserInfo);
		assert.deepEqual(codesOf(client), [ErrorCode.RATE_LIMITED]);
		await endAll();
		assert.deepEqual(codesOf(client), [0, 0, 0, 0]);
		fixture.nowMs += 1_000;
		client.send(getUserInfo);
		client.send(getUserInfo);
		assert.deepEqual(codesOf(client), [0, ErrorCode.RATE_LIMITED]);
	});

	it("are those of each request that a message of the older dialect becomes", () => {
		const { fixture } = slowWorld({ rates: { connection: { perSecond: 1, burst: 20 } } });
		const client = fixture.client();
		client.send(login, anyLogin);
		const channels = [1, 2, 3, 4, 5].map((channel) => ({ channel_id: channel, interval: 1000 + channel }));
		client.socket.sendToServer(JSON.stringify({ type: "subscribe", id: "s", data: { channels } }));
		// Five subscriptions cost 25, of which there are 15.
		assert.equal(client.connection.calls?.length, 1 + 3);
	});
});

describe("before the login is answered", () => {
	it("few requests wait; the others are refused, may come again and do not end the connection", async () => {
		const { fixture, endAll } = slowWorld();
		const client = fixture.client();
		client.send(login, anyLogin);
		for (let i = 0; i < 150; i++) client.send(getUserInfo);
		const refused = client.take();
		assert.equal(refused.length, 150 - 31);
		for (const { code, error } of refused) {
			assert.equal(code, ErrorCode.RATE_LIMITED);
			assert.ok((error?.retryAfterMs ?? 0) > 0);
		}
		assert.equal(client.closeCode, undefined);
		assert.deepEqual(refusedFor(fixture), { before_login: 119 });
		client.connection.authenticate(identityOf("ann"));
		await endAll();
		assert.deepEqual(codesOf(client), Array(32).fill(0));
	});

	for (const [name, frameOf] of Object.entries({
		protobuf: (client: FixtureClient) => client.send(getUserInfo, { userId: "x".repeat(10 * KIB) }),
		JSON: (client: FixtureClient) => client.socket.sendToServer(jsonBomb(7, 10 * KIB)),
		"the older JSON dialect": (client: FixtureClient) => {
			const channels = Array.from({ length: 900 }, (_, index) => 10 + index);
			client.socket.sendToServer(JSON.stringify({ type: "unsubscribe", id: "u", data: { channels } }));
		},
	})) {
		it(`few bytes wait, and they are counted: ${name}`, async () => {
			const { fixture, endAll } = slowWorld();
			const client = fixture.client();
			client.send(login, anyLogin);
			const running = fixture.dispatcher.budget.bytes;
			for (let i = 0; i < 20; i++) frameOf(client);
			const waiting = fixture.dispatcher.budget.bytes - running;
			assert.ok(waiting > 10 * KIB && waiting <= 32 * KIB, String(waiting));
			assert.deepEqual(Object.keys(refusedFor(fixture)), ["before_login"]);
			await endAll();
			assert.equal(fixture.dispatcher.budget.bytes, 0);
		});
	}

	it("a text that waits is kept as bytes, and understood when it is started", async () => {
		const seen: string[] = [];
		const { fixture, endAll } = slowWorld({
			handlers: {
				"auth.getUserInfo": (request: { userId: string }) => {
					seen.push(request.userId);
					return {};
				},
			},
		});
		const client = fixture.client();
		client.send(login, anyLogin);
		client.socket.sendToServer('{"protocol":1007,"seq":2,"body":{"user_id":"\\u0061nn"}}');
		client.socket.sendToServer(
			`{"protocol":1007,"seq":3,"body":"${Buffer.from("0a03626f62", "hex").toString("base64")}"}`,
		);
		client.socket.sendToServer('{"protocol":1007,"seq":4}');
		client.socket.sendToServer('{"protocol":1007,"seq":5,"body":{"userId":5}}');
		const budget = fixture.dispatcher.budget.bytes;
		assert.ok(budget < 4 * (CALL_BYTES + 100) + 2 * KIB, String(budget));
		client.connection.authenticate(identityOf("ann"));
		await endAll();
		const replies = client.texts().map(({ seq, code }) => [seq, code ?? ""]);
		assert.deepEqual(replies.slice(1), [
			[2, ""],
			[3, ""],
			[4, ""],
			[5, "ERROR_CODE_BAD_REQUEST"],
		]);
		assert.deepEqual(seen, ["ann", "bob", ""]);
	});

	it("what one message of the older dialect subscribes to is kept as bytes, and understood when it is started", async () => {
		const seen: number[][] = [];
		const { fixture, endAll } = slowWorld({
			handlers: {
				"edgeTelemetry.subscribe": (request: { channels: number[] }) => {
					seen.push([...request.channels]);
					return { subscribed: request.channels };
				},
			},
		});
		const client = fixture.client();
		client.send(login, anyLogin);
		const channels = [1, 2, { channel_id: 3, interval: 500 }];
		client.socket.sendToServer(JSON.stringify({ type: "subscribe", id: "s", data: { channels } }));
		const permissions = new Set(["edge.read"]);
		client.connection.authenticate(identityOf("ann", { permissions }));
		await endAll();
		assert.deepEqual(seen, [[1, 2], [3]]);
		const answer = client.texts().find(({ type }) => type === "subscribe_ack");
		assert.ok(answer);
		assert.deepEqual((answer["data"] as { subscribed: number[] }).subscribed, [1, 2, 3]);
	});
});

describe("bytes in flight", () => {
	const message = (bytes: number) => {
		return { roomId: "room-1", clientMsgId: "m", content: { kind: MessageKind.TEXT, text: "x".repeat(bytes) } };
	};

	it("of one member are bounded while a store is slow, and given back when it answers", async () => {
		const { fixture, endAll } = slowWorld({ limits: { maxPendingBytesPerConnection: 64 * KIB } }, ["chat.sendMessage"]);
		const client = fixture.member("ann");
		for (let i = 0; i < 60; i++) client.send(sendMessage, message(4 * KIB));
		assert.ok(fixture.dispatcher.budget.bytes <= 64 * KIB, String(fixture.dispatcher.budget.bytes));
		const codes = codesOf(client);
		assert.ok(codes.length > 40 && codes.every((code) => code === ErrorCode.RATE_LIMITED));
		assert.equal(client.closeCode, undefined);
		await endAll();
		assert.equal(fixture.dispatcher.budget.bytes, 0);
		assert.equal(client.connection.calls?.heldBytes, 0);
		assert.equal(client.connection.calls?.waitingBytes, 0);
		assert.equal(client.ask(heartbeat).code ?? 0, 0);
	});

	it("of calls that run side by side count as well", async () => {
		const { fixture, started } = slowWorld({ limits: { maxPendingBytesPerConnection: 16 * KIB } }, [
			"auth.getUserInfo",
		]);
		const client = fixture.member("ann");
		for (let i = 0; i < 60; i++) client.send(getUserInfo);
		assert.ok(started.length > 1 && started.length * CALL_BYTES <= 16 * KIB, String(started.length));
		assert.equal(client.ask(heartbeat).code ?? 0, 0, "what is answered at once holds nothing");
	});

	it("are held until the handler has ended, however long ago the call was answered TIMEOUT", async () => {
		const { fixture, endAll } = slowWorld({ limits: { requestTimeoutMs: 1_000 } }, ["chat.sendMessage"]);
		const client = fixture.member("ann");
		client.send(sendMessage, message(KIB));
		fixture.advance(2_000);
		assert.deepEqual(codesOf(client), [ErrorCode.TIMEOUT]);
		assert.ok(fixture.dispatcher.budget.bytes > KIB);
		await endAll();
		assert.equal(fixture.dispatcher.budget.bytes, 0);
	});

	it("of a connection that is gone are given back: what waits at once, what runs when it ends", async () => {
		const { fixture, endAll } = slowWorld();
		const client = fixture.client();
		client.send(login, anyLogin);
		const running = fixture.dispatcher.budget.bytes;
		for (let i = 0; i < 5; i++) client.send(getUserInfo, { userId: "x".repeat(KIB) });
		client.socket.disconnect();
		assert.equal(fixture.dispatcher.budget.bytes, running);
		await endAll();
		assert.equal(fixture.dispatcher.budget.bytes, 0);
		assert.equal(fixture.dispatcher.budget.unauthenticatedBytes, 0);
		assert.equal(fixture.dispatcher.budget.addresses, 0);
	});

	it("of one address, and of all who have not logged in, are a share: others go on", async () => {
		const maxPendingBytes = 1024 * KIB;
		const { fixture, endAll } = slowWorld({ limits: { maxPendingBytes, maxConnections: 1_000 } });
		const flood = (ip: string) => {
			const client = fixture.client({ ip });
			client.send(login, anyLogin);
			for (let i = 0; i < 31; i++) client.send(getUserInfo, { userId: "x".repeat(200) });
			return client;
		};
		for (let i = 0; i < 60; i++) flood("192.0.2.1");
		assert.ok(fixture.dispatcher.budget.unauthenticatedBytes <= maxPendingBytes / 4);
		assert.ok((refusedFor(fixture)["unauthenticated"] ?? 0) > 100);
		const before = fixture.dispatcher.budget.bytes;
		for (let i = 0; i < 60; i++) flood(`192.0.2.${2 + (i % 12)}`);
		assert.ok(fixture.dispatcher.budget.unauthenticatedBytes <= maxPendingBytes / 4);
		assert.ok(fixture.dispatcher.budget.bytes - before < 60 * 2 * KIB, "logins, and nothing behind them");

		// A client that is logged in still has calls that wait, and a new client still logs in.
		const member = fixture.member("bob");
		member.send(login, anyLogin);
		member.send(getUserInfo);
		const newcomer = fixture.client({ ip: "198.51.100.7" });
		newcomer.send(login, anyLogin);
		assert.deepEqual([codesOf(member), codesOf(newcomer)], [[], []]);
		assert.equal(member.connection.calls?.length, 2);
		const late = flood("198.51.100.8");
		const rejections = late.take();
		assert.ok(rejections.length > 0);
		for (const { code, error } of rejections) {
			assert.equal(code, ErrorCode.UNAVAILABLE);
			assert.ok((error?.retryAfterMs ?? 0) > 0);
		}
		await endAll();
		assert.equal(fixture.dispatcher.budget.bytes, 0);
		assert.equal(fixture.dispatcher.budget.addresses, 0);
	});

	it("of one address are a share, for any users logged in there", () => {
		const limits = { maxPendingBytes: 1024 * KIB, maxPendingBytesPerConnection: 256 * KIB };
		const { fixture } = slowWorld({ limits }, ["chat.sendMessage"]);
		const members = Array.from({ length: 6 }, (_, index) => fixture.member(`m${index}`));
		for (const member of members) for (let i = 0; i < 40; i++) member.send(sendMessage, message(2 * KIB));
		assert.ok(fixture.dispatcher.budget.bytes <= 300 * KIB, String(fixture.dispatcher.budget.bytes));
		assert.ok((refusedFor(fixture)["address"] ?? 0) > 0);
		const other = fixture.client({ ip: "198.51.100.7" });
		other.connection.authenticate(identityOf("other"));
		other.send(sendMessage, message(2 * KIB));
		other.send(sendMessage, message(2 * KIB));
		assert.deepEqual(codesOf(other), []);
	});

	it("of the process end in UNAVAILABLE for what would take time; what is answered at once is answered", async () => {
		const { fixture, started, endAll } = slowWorld({ limits: { maxPendingBytes: 16 * KIB, maxConnections: 1_000 } }, [
			"auth.getUserInfo",
		]);
		const clients = Array.from({ length: 40 }, (_, index) => fixture.member(`m${index}`));
		for (const client of clients) client.send(getUserInfo);
		const refused = clients.flatMap((client) => client.take());
		assert.equal(started.length + refused.length, 40);
		assert.ok(refused.length > 0 && started.length > 0);
		for (const { code, error } of refused) {
			assert.equal(code, ErrorCode.UNAVAILABLE);
			assert.ok((error?.retryAfterMs ?? 0) > 0);
		}
		assert.equal(clients[39]?.ask(heartbeat).code ?? 0, 0);
		assert.equal(fixture.log.filter(({ message }) => message.startsWith("too many bytes")).length, 1);
		await endAll();
		clients[39]?.send(getUserInfo);
		assert.equal(started.length, 40 - refused.length + 1);
	});

	it("count what lists become when they are decoded", () => {
		const { fixture } = slowWorld({}, ["auth.connect"]);
		const positions = Array.from({ length: 1000 }, () => ({ channel: "a" }));
		fixture.client().send(connect, { accessToken: "t", positions });
		assert.ok(fixture.dispatcher.budget.bytes > 190_000, String(fixture.dispatcher.budget.bytes));
	});

	it("would not count lists within the elements of a list, of which there are none", () => {
		for (const { name, request } of routeContracts.values()) {
			for (const { property, cardinality, shape, typeName, maxItems } of request.rules) {
				if (cardinality === "one") continue;
				assert.ok(maxItems, `${name}: ${property} has no limit`);
				const inner = shape === "message" ? (messageTypes.get(typeName ?? "")?.rules ?? []) : [];
				assert.deepEqual(
					inner.filter((rule) => rule.cardinality !== "one"),
					[],
					`${name}: ${property}`,
				);
			}
		}
	});

	it("use the limits of a reload", () => {
		const { fixture } = slowWorld();
		fixture.dispatcher.messageLimits = { ...fixture.dispatcher.messageLimits, maxInFlightBeforeLogin: 2 };
		const client = fixture.client();
		client.send(login, anyLogin);
		client.send(getUserInfo);
		client.send(getUserInfo);
		assert.deepEqual(codesOf(client), [ErrorCode.RATE_LIMITED]);
	});
});
