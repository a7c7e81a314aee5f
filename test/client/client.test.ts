// The client against a scripted gateway: requests, sessions, reconnecting.
import assert from "node:assert/strict";
import { once } from "node:events";
import { afterEach, beforeEach, test } from "node:test";
import { WebSocket as WsWebSocket } from "ws";
import { type Client, type ClientOptions, createClient, ErrorCode, GatewayError } from "../../client/index.ts";
import { CloseCode, closeReason } from "../../protocol/codes.ts";
import { authRoutes, pushes } from "../../protocol/gen/schema.ts";
import { until } from "../support/until.ts";
import { expired, FakeGateway, tokenPair } from "./fake-gateway.ts";

let gateway: FakeGateway;
let clients: Client[] = [];
const faults: unknown[] = [];

beforeEach(async () => {
	gateway = await FakeGateway.start();
	faults.length = 0;
});

afterEach(async () => {
	for (const client of clients) client.close();
	clients = [];
	await gateway.stop();
	assert.deepEqual(faults, []);
});

function connectable(options: Partial<ClientOptions> = {}): Client {
	const client = createClient({
		url: gateway.url,
		backoff: { minMs: 5, maxMs: 20 },
		onError: (error) => faults.push(error),
		...options,
	});
	clients.push(client);
	return client;
}

function stateReached(client: Client, wanted: string): Promise<void> {
	if (client.state === wanted) return Promise.resolve();
	return new Promise((resolve) => {
		const off = client.onState((state) => {
			if (state !== wanted) return;
			off();
			resolve();
		});
	});
}

const errorWithCode = (code: ErrorCode) => (error: unknown) => error instanceof GatewayError && error.code === code;

test("a request gets its typed reply, over either WebSocket implementation", async () => {
	gateway.on(authRoutes.register, (request) => ({ user: { id: "u1", username: request.username } }));
	for (const options of [{}, { WebSocket: WsWebSocket }]) {
		const client = connectable(options);
		await client.connect();
		const reply = await client.request(authRoutes.register, { username: "ann", password: "correct horse" });
		assert.equal(reply.user?.username, "ann");
		assert.equal((await client.auth.register({ username: "bob", password: "x" })).user?.username, "bob");
		assert.equal(client.state, "open");
	}
});

test("an error reply becomes a GatewayError with everything it carries", async () => {
	const violations = [{ field: "username", description: "is required" }];
	gateway.on(authRoutes.register, () => {
		throw new GatewayError(ErrorCode.VALIDATION_FAILED, "no", { violations, retryAfterMs: 70 });
	});
	const client = connectable();
	await client.connect();
	await assert.rejects(client.auth.register(), { code: ErrorCode.VALIDATION_FAILED, violations, retryAfterMs: 70 });
});

test("deadline and abort signal end a request, and its late reply is ignored", async () => {
	gateway.on(authRoutes.getUserInfo, () => undefined);
	gateway.on(authRoutes.heartbeat, () => ({ serverTimeMs: 1 }));
	const client = connectable();
	await client.connect();
	await assert.rejects(client.auth.getUserInfo({}, { timeoutMs: 5 }), errorWithCode(ErrorCode.TIMEOUT));
	const aborter = new AbortController();
	const aborted = client.auth.getUserInfo({}, { signal: aborter.signal });
	aborter.abort(new Error("changed my mind"));
	await assert.rejects(aborted, /changed my mind/);
	assert.equal((await client.auth.heartbeat()).serverTimeMs, 1);
});

test("a repeated request names its whole deadline, and one beyond what a timer takes is a long one", async () => {
	const unavailable = new GatewayError(ErrorCode.UNAVAILABLE, "later", { retryAfterMs: 1 });
	let asked = 0;
	gateway.on(authRoutes.getUserInfo, () => {
		if (++asked % 2 === 1) throw unavailable;
		return undefined;
	});
	gateway.on(authRoutes.heartbeat, () => ({ serverTimeMs: 1 }));
	const client = connectable();
	await client.connect();
	await assert.rejects(client.auth.getUserInfo({}, { timeoutMs: 60, retry: true }), {
		code: ErrorCode.TIMEOUT,
		message: "auth.getUserInfo: no reply within 60 ms",
	});
	for (const timeoutMs of [2 ** 31, Number.POSITIVE_INFINITY]) {
		assert.equal((await client.auth.heartbeat({}, { timeoutMs })).serverTimeMs, 1);
	}
});

test("login signs in, saves the tokens and carries pushes to typed listeners", async () => {
	gateway.servesSessions();
	const saved: (string | undefined)[] = [];
	const client = connectable({ tokens: { save: (tokens) => void saved.push(tokens?.accessToken) } });
	await client.login({ username: "ann", password: "correct horse" });
	assert.equal(client.state, "ready");
	assert.equal(client.user?.id, "u1");
	assert.deepEqual(saved, ["a1"]);
	const received = new Promise<string>((resolve) => {
		client.on(pushes.notification, (message, info) => resolve(`${message.title} ${info.channel} ${info.offset}`));
	});
	gateway.push(pushes.notification, { title: "hello" }, { channel: "inbox:u1", offset: 7, epoch: "e" });
	assert.equal(await received, "hello inbox:u1 7");
});

test("logout forgets the tokens", async () => {
	gateway.servesSessions().on(authRoutes.logout, () => ({ sessionsEnded: 1 }));
	const client = connectable();
	await client.login({ username: "ann", password: "x" });
	assert.equal((await client.logout()).sessionsEnded, 1);
	assert.equal(client.tokens, undefined);
	assert.equal(client.state, "open");
});

test("after a lost connection sends Connect first, then the queue, and repeats only idempotent requests", async () => {
	gateway.servesSessions();
	gateway.on(authRoutes.getUserInfo, (request, _socket, connection) =>
		connection === 1 ? undefined : { user: { id: request.userId } },
	);
	gateway.on(authRoutes.register, () => undefined);
	const client = connectable();
	await client.login({ username: "ann", password: "x" });
	const repeated = client.auth.getUserInfo({ userId: "u2" });
	const lost = assert.rejects(client.auth.register({ username: "bob" }), errorWithCode(ErrorCode.UNAVAILABLE));
	await gateway.until(() => gateway.named("auth.register").length === 1);
	gateway.socket.close(CloseCode.DRAIN, closeReason(CloseCode.DRAIN, { retryAfterMs: 3 }));
	await stateReached(client, "backoff");
	const queued = client.auth.getUserInfo({ userId: "u3" });
	await lost;
	assert.equal((await repeated).user?.id, "u2");
	assert.equal((await queued).user?.id, "u3");
	const second = gateway.arrivals.filter((arrival) => arrival.connection === 2);
	assert.deepEqual(
		second.map((arrival) => arrival.body["accessToken"] ?? arrival.body["userId"]),
		["a1", "u2", "u3"],
	);
});

test("presents the positions of recoverable channels on reconnect, and reports gaps", async () => {
	gateway.servesSessions();
	const client = connectable();
	await client.login({ username: "ann", password: "x" });
	const pushed = new Promise((resolve) => client.on(pushes.notification, resolve));
	gateway.push(pushes.notification, { title: "x" }, { channel: "inbox", offset: 41, epoch: "e1" });
	await pushed;
	gateway.on(authRoutes.connect, () => ({
		session: {},
		recoveries: [{ channel: "inbox", recovered: false, offset: 50, epoch: "e2" }],
	}));
	const gaps = new Promise<string | undefined>((resolve) => client.onRecovery((gap) => resolve(gap.channel)));
	gateway.socket.terminate();
	assert.equal(await gaps, "inbox");
	const presented = gateway.named("auth.connect")[0]?.body["positions"] as { channel: string; offset: number }[];
	assert.deepEqual({ ...presented[0] }, { channel: "inbox", offset: 41, epoch: "e1" });
});

test("a terminal close code stops the client and fails pending requests; REVOKED also forgets the tokens", async () => {
	gateway.servesSessions().on(authRoutes.getUserInfo, () => undefined);
	const client = connectable();
	await client.login({ username: "ann", password: "x" });
	const waiting = assert.rejects(client.auth.getUserInfo(), errorWithCode(ErrorCode.UNAUTHENTICATED));
	await gateway.until(() => gateway.named("auth.getUserInfo").length === 1);
	const closed = new Promise<number | undefined>((resolve) => {
		client.onState((state, detail) => state === "closed" && resolve(detail.close?.code));
	});
	gateway.socket.close(CloseCode.REVOKED, closeReason(CloseCode.REVOKED));
	assert.equal(await closed, CloseCode.REVOKED);
	await waiting;
	assert.equal(client.tokens, undefined);
	await assert.rejects(client.auth.heartbeat(), errorWithCode(ErrorCode.UNAVAILABLE));
});

test("TOKEN_EXPIRED leads to one refresh for all requests, which are then repeated", async () => {
	gateway.servesSessions();
	let current = "a1";
	gateway.on(authRoutes.refreshToken, (request) => {
		assert.equal(request.refreshToken, "r1");
		current = "a2";
		return { tokens: tokenPair("a2", "r2") };
	});
	gateway.on(authRoutes.getUserInfo, () => {
		if (current === "a1") throw expired();
		return { user: { id: "u1" } };
	});
	const client = connectable();
	await client.login({ username: "ann", password: "x" });
	const replies = await Promise.all([1, 2, 3].map(() => client.auth.getUserInfo()));
	assert.equal(replies.length, 3);
	assert.equal(gateway.named("auth.refreshToken").length, 1);
	assert.equal(client.tokens?.accessToken, "a2");
});

test("a request that waits for fresh tokens fails at once when the client is closed", async () => {
	gateway.servesSessions().on(authRoutes.refreshToken, () => undefined);
	gateway.on(authRoutes.getUserInfo, () => {
		throw expired();
	});
	const client = connectable();
	await client.login({ username: "ann", password: "x" });
	const waiting = assert.rejects(client.auth.getUserInfo(), errorWithCode(ErrorCode.UNAVAILABLE));
	await gateway.until(() => gateway.named("auth.refreshToken").length === 1);
	client.close();
	await waiting;
});

test("tries a renewal again soon when its reply was lost; an error then ends the session", async () => {
	gateway.servesSessions().on(authRoutes.refreshToken, (_request, socket, connection) => {
		if (connection > 1) throw new GatewayError(ErrorCode.UNAUTHENTICATED, "the session has ended");
		socket.terminate();
		return undefined;
	});
	const saved: (string | undefined)[] = [];
	const client = connectable({ tokens: { save: (tokens) => void saved.push(tokens?.refreshToken) } });
	await client.login({ username: "ann", password: "x" });
	await assert.rejects(client.refresh(), errorWithCode(ErrorCode.UNAVAILABLE));
	await stateReached(client, "ready");
	await stateReached(client, "open");
	assert.deepEqual(
		gateway.named("auth.refreshToken").map(({ connection, body }) => [connection, body["refreshToken"]]),
		[
			[1, "r1"],
			[2, "r1"],
		],
	);
	await until(() => saved.length === 2);
	assert.deepEqual(saved, ["r1", undefined]);
});

test("tokens are renewed before they expire", async () => {
	gateway.servesSessions();
	gateway.on(authRoutes.login, () => ({
		tokens: tokenPair("a1", "r1", 1200),
		session: { serverTimeMs: Date.now() },
	}));
	gateway.on(authRoutes.refreshToken, () => ({ tokens: tokenPair("a2", "r2") }));
	const client = connectable();
	await client.login({ username: "ann", password: "x" });
	await gateway.until(() => gateway.named("auth.refreshToken").length === 1);
	await assert.doesNotReject(client.refresh());
	assert.equal(client.tokens?.accessToken, "a2");
});

test("stored tokens sign in; expired ones are refreshed first; refused ones leave the client open", async () => {
	gateway.servesSessions().on(authRoutes.refreshToken, () => ({ tokens: tokenPair("a2", "r2") }));
	const fresh = connectable({ tokens: { load: async () => tokenPair("a1", "r1") } });
	await fresh.connect();
	assert.equal(fresh.state, "ready");

	const stale = connectable({ tokens: { load: () => tokenPair("a1", "r1", -1) } });
	await stale.connect();
	assert.deepEqual(
		gateway.arrivals.map((arrival) => [arrival.name, arrival.body["accessToken"]]),
		[
			["auth.connect", "a1"],
			["auth.refreshToken", undefined],
			["auth.connect", "a2"],
		],
	);

	gateway.on(authRoutes.connect, () => {
		throw new GatewayError(ErrorCode.UNAUTHENTICATED, "revoked");
	});
	const refused = connectable({ tokens: { load: () => tokenPair("a1", "r1") } });
	await assert.rejects(refused.connect(), errorWithCode(ErrorCode.UNAUTHENTICATED));
	assert.equal(refused.state, "open");
	assert.equal(refused.tokens, undefined);
	gateway.servesSessions();
	await refused.connectWithToken("a9");
	assert.equal(refused.state, "ready");
});

test("tries again when the gateway cannot sign clients in yet", async () => {
	gateway.servesSessions();
	const served = gateway.named.bind(gateway);
	gateway.on(authRoutes.connect, (_request, _socket, connection) => {
		if (connection < 3) throw new GatewayError(ErrorCode.UNAVAILABLE, "sessions are down", { retryAfterMs: 2 });
		return { session: {} };
	});
	const client = connectable({ tokens: { load: () => tokenPair("a1", "r1") } });
	await client.connect();
	assert.equal(served("auth.connect").length, 3);
});

test("sends heartbeats, and reconnects when the gateway does not answer", async () => {
	gateway.servesSessions({ heartbeatIntervalMs: 20 });
	gateway.on(authRoutes.heartbeat, (_request, _socket, connection) =>
		connection === 1 && gateway.named("auth.heartbeat").length > 2 ? undefined : { serverTimeMs: Date.now() },
	);
	const client = connectable();
	await client.login({ username: "ann", password: "x" });
	await gateway.until(() => gateway.arrivals.some((a) => a.connection > 1 && a.name === "auth.heartbeat"));
});

test("the Reconnect push moves the client after the delay, once requests in flight have ended", async () => {
	gateway.servesSessions();
	gateway.on(authRoutes.getUserInfo, () => undefined);
	const client = connectable();
	await client.login({ username: "ann", password: "x" });
	const slow = assert.rejects(
		client.auth.getUserInfo({ userId: "u2" }, { timeoutMs: 50 }),
		errorWithCode(ErrorCode.TIMEOUT),
	);
	await gateway.until(() => gateway.named("auth.getUserInfo").length === 1);
	gateway.push(pushes.reconnect, { delayMs: 1, reason: "drain" });
	await slow;
	await gateway.until(() => gateway.named("auth.connect").length === 1);
	await stateReached(client, "ready");
	assert.equal(gateway.named("auth.connect")[0]?.connection, 2);
});

test("enforces the limits of the queue, the message size and requests in flight", async () => {
	gateway.servesSessions({ maxMessageBytes: 100 }).on(authRoutes.getUserInfo, () => undefined);
	const client = connectable({ maxQueuedRequests: 2, maxInFlightRequests: 1 });
	await client.login({ username: "ann", password: "x" });
	await assert.rejects(client.auth.register({ email: "x".repeat(200) }), errorWithCode(ErrorCode.PAYLOAD_TOO_LARGE));
	const held = [1, 2, 3].map(() => assert.rejects(client.auth.getUserInfo(), errorWithCode(ErrorCode.UNAVAILABLE)));
	await assert.rejects(client.auth.getUserInfo(), /too many requests/);
	await gateway.until(() => gateway.named("auth.getUserInfo").length === 1);
	client.close();
	await Promise.all(held);
	assert.equal(gateway.named("auth.getUserInfo").length, 1);
});

test("send uses seq 0 and returns false when it could not send", async () => {
	gateway.servesSessions();
	const client = connectable();
	assert.equal(client.send(authRoutes.heartbeat, {}), false);
	await client.login({ username: "ann", password: "x" });
	assert.equal(client.send(authRoutes.heartbeat, { clientTimeMs: 5 }), true);
	await gateway.until(() => gateway.named("auth.heartbeat").length === 1);
	assert.equal(gateway.named("auth.heartbeat")[0]?.seq, 0);
});

test("tries an unreachable server until close", async () => {
	const client = connectable();
	await gateway.stop();
	const connecting = assert.rejects(client.connect(), errorWithCode(ErrorCode.UNAVAILABLE));
	await stateReached(client, "backoff");
	await stateReached(client, "connecting");
	client.close();
	await connecting;
	gateway = await FakeGateway.start();
});

test("every attempt takes the next of several addresses", async () => {
	const other = await FakeGateway.start();
	try {
		for (const each of [gateway, other]) each.servesSessions();
		const client = connectable({ url: ["ws://127.0.0.1:1/ws", gateway.url, other.url] });
		await client.login({ username: "ann", password: "x" });
		assert.deepEqual([gateway.sockets.length, other.sockets.length], [1, 0]);
		gateway.socket.terminate();
		await stateReached(client, "backoff");
		await stateReached(client, "ready");
		assert.equal(other.named("auth.connect").length, 1);
		client.close();
	} finally {
		await other.stop();
	}
});

test("undecodable frames end the connection, not the client", async () => {
	gateway.servesSessions();
	const client = connectable();
	await client.login({ username: "ann", password: "x" });
	const gone = once(gateway.socket, "close");
	gateway.socket.send(Buffer.from([0xff, 0xff, 0xff]));
	await gone;
	await stateReached(client, "ready");
});

test("rejects invalid options", () => {
	assert.throws(() => createClient({ url: "http://localhost/ws" }), /ws: or wss:/);
	assert.throws(() => createClient({ url: ["ws://localhost/ws", "http://localhost/ws"] }), /ws: or wss:/);
	assert.throws(() => createClient({ url: [] }), /at least one gateway/);
	assert.throws(() => createClient({ url: "ws://localhost/ws", requestTimeoutMs: 0 }), /requestTimeoutMs/);
});
