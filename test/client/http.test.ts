// The typed routes over HTTP: against a gateway, with a network that loses replies, and against scripted replies.
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import {
	authRoutes,
	chatRoutes,
	createClient,
	createHttpClient,
	ErrorCode,
	type Fetch,
	type FetchInit,
	type HttpClientOptions,
	type TokenPairProperties,
} from "../../client/index.ts";
import type { AnyWireMessage } from "../../protocol/codec/wire.ts";
import { GatewayError } from "../../protocol/error.ts";
import { ErrorDetail } from "../../protocol/gen/codec/envelope.ts";
import { gameRoutes } from "../../protocol/gen/codec/game.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";

const PASSWORD = "correct horse battery";
/** Waits between attempts that take no time. */
const quick = { backoff: { minMs: 1, maxMs: 1 }, random: () => 0 };

suite("HTTP client and a gateway", () => {
	let gateway: GatewayProcess;

	before(async () => {
		gateway = await startGateway();
		const http = createHttpClient({ url: gateway.httpUrl });
		await http.auth.register({ username: "ann", password: PASSWORD, email: "ann@example.com" });
	});

	after(() => gateway.stop());

	async function signedIn(options: Partial<HttpClientOptions> = {}) {
		const http = createHttpClient({ url: gateway.httpUrl, ...quick, ...options });
		await http.login({ username: "ann", password: PASSWORD });
		return http;
	}

	test("logs in, calls with the session's token, and logs out", async () => {
		const http = await signedIn();
		const { user } = await http.auth.getUserInfo();
		assert.equal(user?.email, "ann@example.com");
		const { rooms } = await http.routes(chatRoutes).listChatRooms({});
		assert.deepEqual(rooms, []);
		assert.equal((await http.logout()).sessionsEnded, 1);
		assert.equal(http.tokens, undefined);
		await assert.rejects(http.auth.getUserInfo(), { code: ErrorCode.UNAUTHENTICATED });
	});

	test("errors have code, message and violations of the gateway", async () => {
		const http = createHttpClient({ url: `${gateway.httpUrl}/` });
		await assert.rejects(http.auth.register({ username: "x", password: "short" }), (error) => {
			assert.ok(error instanceof GatewayError);
			assert.equal(error.code, ErrorCode.VALIDATION_FAILED);
			assert.deepEqual(error.violations.map(({ field }) => field).sort(), ["password", "username"]);
			return true;
		});
		await assert.rejects(http.auth.register({ username: 1 as never }), {
			code: ErrorCode.BAD_REQUEST,
			message: "auth.register: not a framegate.v1.RegisterRequest: username: expected a string, found 1",
		});
	});

	test("a route that needs a connection is refused without a request", async () => {
		const fetch: Fetch = () => assert.fail("a request was made");
		const http = createHttpClient({ url: gateway.httpUrl, fetch });
		await assert.rejects(http.routes(gameRoutes).joinRoom({ roomId: "1" }), { code: ErrorCode.PRECONDITION_FAILED });
	});

	test("a call whose reply is lost happens once with a key, and fails without one", async () => {
		const { fetch, made } = losing((path) => path.endsWith("/CreateChatRoom"), 2);
		const http = await signedIn({ fetch });
		const rooms = http.routes(chatRoutes);
		const { room } = await rooms.createChatRoom({ name: "once" }, { retry: true });
		const keys = made("/CreateChatRoom").map(({ headers }) => headers["idempotency-key"]);
		assert.equal(keys.length, 3);
		assert.equal(new Set(keys).size, 1);
		const listed = await rooms.listChatRooms({ onlyMine: true });
		assert.deepEqual(
			listed.rooms.map(({ id, name }) => ({ id, name })),
			[{ id: room?.id, name: "once" }],
		);

		const { fetch: lossy } = losing((path) => path.endsWith("/CreateChatRoom"), 1);
		const other = await signedIn({ fetch: lossy });
		await assert.rejects(other.routes(chatRoutes).createChatRoom({ name: "lost" }), { code: ErrorCode.UNAVAILABLE });
	});

	test("an idempotent call whose reply is lost is made again, at the next address", async () => {
		const urls: string[] = [];
		const fetch: Fetch = (url, init) => {
			urls.push(new URL(url).hostname);
			return url.startsWith("http://gone.example/")
				? Promise.reject(new TypeError("fetch failed"))
				: (globalThis.fetch as Fetch)(url, init);
		};
		const { tokens } = await signedIn();
		const http = createHttpClient({
			url: ["http://gone.example", gateway.httpUrl],
			fetch,
			token: tokens?.accessToken ?? "",
			...quick,
		});
		assert.equal((await http.auth.getUserInfo()).user?.username, "ann");
		await http.auth.getUserInfo();
		assert.deepEqual(urls, ["gone.example", "127.0.0.1", "127.0.0.1"]);
	});

	test("client.http calls in the session of the client, connected or not", async () => {
		const client = createClient({ url: gateway.url });
		await client.login({ username: "ann", password: PASSWORD });
		assert.equal((await client.http.auth.getUserInfo()).user?.username, "ann");
		const { tokens } = client;
		client.close();
		assert.equal((await client.http.auth.getUserInfo()).user?.username, "ann");
		// Without a connection the tokens are renewed over HTTP.
		await client.refresh();
		assert.notEqual(client.tokens?.accessToken, tokens?.accessToken);
		assert.equal((await client.http.auth.getUserInfo()).user?.username, "ann");
	});

	test("a session that client.http begins or ends is that of the connection, too", async () => {
		const http = createHttpClient({ url: gateway.httpUrl });
		await http.auth.register({ username: "bob", password: PASSWORD });
		const client = createClient({ url: gateway.url });
		try {
			await client.connect();
			assert.equal(client.state, "open");
			for (const username of ["ann", "bob"]) {
				await client.http.login({ username, password: PASSWORD });
				assert.equal((await client.auth.getUserInfo()).user?.username, username);
				assert.deepEqual([client.state, client.user?.username], ["ready", username]);
			}
			await client.http.logout();
			assert.equal(client.tokens, undefined);
			assert.notEqual(client.state, "ready");
		} finally {
			client.close();
		}
	});

	/** Calls arrive, and the first replies to those that are chosen do not. */
	function losing(chosen: (path: string) => boolean, count: number) {
		const inits: { path: string; headers: Record<string, string> }[] = [];
		let left = count;
		const fetch: Fetch = async (url, init) => {
			const path = new URL(url).pathname;
			inits.push({ path, headers: init.headers });
			const response = await (globalThis.fetch as Fetch)(url, init);
			if (!chosen(path) || left-- <= 0) return response;
			await response.arrayBuffer();
			throw new TypeError("fetch failed");
		};
		return { fetch, made: (end: string) => inits.filter(({ path }) => path.endsWith(end)) };
	}
});

suite("HTTP client and scripted replies", () => {
	const pair = (accessToken: string, livesMs = 60_000): TokenPairProperties => ({
		accessToken,
		accessExpiresAtMs: Date.now() + livesMs,
		refreshToken: `r-${accessToken}`,
	});

	const ok = (message: AnyWireMessage, properties: unknown) =>
		new Response(message.encode(properties).finish() as Uint8Array<ArrayBuffer>, {
			headers: { "content-type": "application/proto" },
		});

	function refused(code: ErrorCode, retryAfterMs = 0) {
		const value = Buffer.from(ErrorDetail.encode({ code, message: "refused", retryAfterMs }).finish());
		const details = [{ type: ErrorDetail.typeName, value: value.toString("base64").replace(/=+$/, "") }];
		return Response.json({ code: "unknown", message: "refused", details }, { status: 400 });
	}

	/** A client whose calls get the script's replies. */
	function scripted(
		script: (method: string, init: FetchInit, index: number) => unknown,
		options: Partial<HttpClientOptions> = {},
	) {
		const made: { method: string; init: FetchInit }[] = [];
		const fetch: Fetch = async (url, init) => {
			const method = url.slice(url.lastIndexOf("/") + 1);
			return (await script(method, init, made.push({ method, init }) - 1)) as Response;
		};
		return { http: createHttpClient({ url: "https://gateway.example/api/", fetch, ...quick, ...options }), made };
	}

	const { refreshToken, getUserInfo } = authRoutes;
	const user = (id: string) => ok(getUserInfo.reply, { user: { id } });

	test("tokens that have run out are renewed first, by one call for all that wait", async () => {
		let saved: TokenPairProperties | undefined = pair("old", -1);
		const tokens = {
			load: () => saved,
			save: (newer: TokenPairProperties | undefined) => {
				saved = newer;
			},
		};
		const { http, made } = scripted(
			(method, { headers }) =>
				method === "RefreshToken"
					? ok(refreshToken.reply, { tokens: pair("new") })
					: user(headers["authorization"] ?? ""),
			{ tokens },
		);
		const replies = await Promise.all([http.auth.getUserInfo(), http.auth.getUserInfo()]);
		assert.deepEqual(
			replies.map((reply) => reply.user?.id),
			["Bearer new", "Bearer new"],
		);
		assert.deepEqual(
			made.map(({ method }) => method),
			["RefreshToken", "GetUserInfo", "GetUserInfo"],
		);
		assert.equal(saved?.accessToken, "new");
	});

	test("a call that meets an expired token is made again with a new one, once", async () => {
		const { http, made } = scripted(
			(method) =>
				method === "RefreshToken" ? ok(refreshToken.reply, { tokens: pair("b") }) : refused(ErrorCode.TOKEN_EXPIRED),
			{ tokens: { load: () => pair("a") } },
		);
		await assert.rejects(http.auth.getUserInfo(), { code: ErrorCode.TOKEN_EXPIRED });
		assert.deepEqual(
			made.map(({ method, init }) => `${method} ${init.headers["authorization"] ?? ""}`),
			["GetUserInfo Bearer a", "RefreshToken ", "GetUserInfo Bearer b"],
		);
	});

	test("retryable errors are repeated when that is wanted, after their time and within the deadline", async () => {
		const { http, made } = scripted((_method, _init, index) =>
			index < 2 ? refused(ErrorCode.RATE_LIMITED, 5) : user("u1"),
		);
		assert.equal((await http.auth.getUserInfo({}, { retry: true })).user?.id, "u1");
		assert.equal(made.length, 3);
		const times = made.map(({ init }) => Number(init.headers["connect-timeout-ms"]));
		assert.ok(times[0]! <= 10_000 && times[2]! <= times[0]! - 10, times.join(" "));

		const impatient = scripted(() => refused(ErrorCode.RATE_LIMITED, 5000));
		await assert.rejects(impatient.http.auth.getUserInfo({}, { retry: true, timeoutMs: 4000 }), {
			code: ErrorCode.RATE_LIMITED,
			retryAfterMs: 5000,
		});
		assert.equal(impatient.made.length, 1);
		const once = scripted(() => refused(ErrorCode.UNAVAILABLE));
		await assert.rejects(once.http.auth.getUserInfo(), { code: ErrorCode.UNAVAILABLE });
		assert.equal(once.made.length, 1);
	});

	test("a repeat that comes while the first call runs waits for its result", async () => {
		const { http, made } = scripted((_method, _init, index) => {
			if (index === 0) throw new TypeError("fetch failed");
			return index === 1 ? refused(ErrorCode.CONFLICT, 1) : ok(chatRoutes.recallMessage.reply, {});
		});
		await http.routes(chatRoutes).recallMessage({ messageId: "m" }, { idempotencyKey: "k1" });
		assert.deepEqual(
			made.map(({ init }) => init.headers["idempotency-key"]),
			["k1", "k1", "k1"],
		);
	});

	test("a gateway that does not answer: TIMEOUT after the deadline, or the reason of the caller's signal", async () => {
		const silent = (options: Partial<HttpClientOptions> = {}) =>
			scripted(
				(_method, { signal }) =>
					new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error))),
				options,
			).http;
		await assert.rejects(silent().auth.getUserInfo({}, { timeoutMs: 20 }), {
			code: ErrorCode.TIMEOUT,
			message: "auth.getUserInfo: no reply within 20 ms",
		});
		// What came before the request counts, and is named as a part of the whole.
		const getToken = async (): Promise<string> => {
			await setTimeout(10);
			return "token";
		};
		await assert.rejects(silent({ getToken }).auth.getUserInfo({}, { timeoutMs: 60 }), {
			code: ErrorCode.TIMEOUT,
			message: "auth.getUserInfo: no reply within 60 ms",
		});
		const abortion = new AbortController();
		const call = silent().auth.getUserInfo({}, { signal: abortion.signal });
		abortion.abort(new Error("the page was left"));
		await assert.rejects(call, /the page was left/);
	});

	test("a proxy's page is an error by its status, and undecodable content is one of the gateway", async () => {
		const replies: [Response, { code: ErrorCode; message?: RegExp; retryAfterMs?: number }][] = [
			[new Response("<h1>Bad Gateway</h1>", { status: 502 }), { code: ErrorCode.UNAVAILABLE }],
			[
				new Response("", { status: 429, headers: { "retry-after": "3" } }),
				{ code: ErrorCode.RATE_LIMITED, retryAfterMs: 3000 },
			],
			[new Response("no", { status: 403 }), { code: ErrorCode.PERMISSION_DENIED }],
			[
				Response.json({ code: "internal", details: [{ type: ErrorDetail.typeName, value: "////" }] }, { status: 500 }),
				{ code: ErrorCode.INTERNAL },
			],
			[
				new Response("<h1>Welcome</h1>", { headers: { "content-type": "text/html" } }),
				{ code: ErrorCode.INTERNAL, message: /the reply is text\/html, not application\/proto$/ },
			],
			[new Response("\xff\xff", { headers: { "content-type": "application/proto" } }), { code: ErrorCode.INTERNAL }],
		];
		for (const [reply, expected] of replies) {
			const { http } = scripted(() => reply.clone(), { maxAttempts: 1 });
			await assert.rejects(http.auth.getUserInfo(), expected);
		}
	});

	test("a value that no header can have is BAD_REQUEST, without a request", async () => {
		const { http, made } = scripted(() => user("u1"));
		for (const options of [{ idempotencyKey: "ключ" }, { idempotencyKey: "a\nb" }, { traceId: "a\r\nb: c" }]) {
			await assert.rejects(http.auth.getUserInfo({}, options), {
				code: ErrorCode.BAD_REQUEST,
				message: /^auth\.getUserInfo: the header (?:idempotency-key|traceparent) has /,
			});
		}
		const keyed = scripted(() => user("u1"), { token: "a\u0000b" });
		await assert.rejects(keyed.http.auth.getUserInfo(), {
			code: ErrorCode.BAD_REQUEST,
			message: /header authorization/,
		});
		assert.equal(made.length + keyed.made.length, 0);
	});

	test("a deadline beyond what a timer takes is a long one", async () => {
		const { http, made } = scripted(async () => {
			await setTimeout(20);
			return user("u1");
		});
		for (const timeoutMs of [2 ** 31, Number.POSITIVE_INFINITY]) await http.auth.getUserInfo({}, { timeoutMs });
		assert.deepEqual(
			made.map(({ init }) => init.headers["connect-timeout-ms"]),
			["2147483647", "2147483647"],
		);
	});

	test("addresses and options that make no sense are refused when the client is made", () => {
		assert.throws(() => createHttpClient({ url: "ws://gateway.example" }), /url must be http: or https:, not ws:/);
		assert.throws(() => createHttpClient({ url: [] }), /at least one gateway/);
		for (const url of ["https://a.example/?key=1", "https://a.example/#top"]) {
			assert.throws(() => createHttpClient({ url }), /neither query nor fragment/);
			assert.throws(() => createClient({ url: "wss://a.example/ws", httpUrl: url }), /neither query nor fragment/);
		}
		assert.throws(() => createHttpClient({ url: "https://a.example", maxAttempts: 0 }), /maxAttempts/);
	});

	test("calls go below the path of the address, without cookies and past caches", async () => {
		const urls: string[] = [];
		const fetch: Fetch = async (url, init) => {
			urls.push(url);
			assert.deepEqual([init.credentials, init.cache], ["omit", "no-store"]);
			return user("u1") as Awaited<ReturnType<Fetch>>;
		};
		const http = createHttpClient({ url: "https://gateway.example/api/", fetch });
		await http.auth.getUserInfo({}, { traceId: "0af7651916cd43dd8448eb211c80319c" });
		assert.deepEqual(urls, ["https://gateway.example/api/framegate.v1.AuthService/GetUserInfo"]);
	});
});
