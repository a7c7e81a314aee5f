// Which reply a request gets by its path, method and origin.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { HttpRequest } from "../../../core/transport.ts";
import { ErrorCode, replyCodes } from "../../../protocol/codes.ts";
import { GatewayError } from "../../../protocol/error.ts";
import { type HttpRoute, httpRouter } from "../../../server/http/http-router.ts";
import { json } from "../../../server/http/replies.ts";
import { quietLogger } from "../../support/quiet-logger.ts";

const ORIGIN = "https://app.example.com";
let status = 200;
let changes = 0;
const routes: HttpRoute[] = [
	{ method: "GET", path: "/open", summary: "", handle: () => json(200, {}) },
	{ method: "GET", path: "/varied", summary: "", handle: () => json(200, {}, { vary: "accept-encoding" }) },
	{ method: "GET", path: "/inside", summary: "", isForOperators: true, handle: () => json(200, {}) },
	{ method: "GET", path: "/check", summary: "", isHealthCheck: true, handle: () => json(status, {}) },
	{
		method: "GET",
		path: "/changes",
		summary: "",
		hasEffect: true,
		handle: () => json(200, { changes: ++changes }),
	},
	{
		method: "GET",
		path: "/fails",
		summary: "",
		handle: () => {
			throw new Error("no reply");
		},
	},
];
const router = httpRouter({
	routes,
	webSocketPath: "/ws",
	isOriginAllowed: (origin) => origin === ORIGIN,
	logger: quietLogger(),
});

function request(method: string, path: string, headers: Readonly<Record<string, string>> = {}): HttpRequest {
	return { method, path, query: "", headers: new Map(Object.entries(headers)), ip: "", body: new Uint8Array(0) };
}
const ask = async (...args: Parameters<typeof request>) => router.handle(request(...args));

describe("the HTTP router", () => {
	it("answers OPTIONS of a health check with the status that GET has, and a browser's preflight in any case", async () => {
		for (const [now, expected] of [
			[200, 204],
			[503, 503],
		] as const) {
			status = now;
			const { status: options, headers } = await ask("OPTIONS", "/check");
			assert.equal(options, expected);
			if (expected === 204) assert.equal(headers?.["allow"], "GET, HEAD, OPTIONS");
			const preflight = { origin: ORIGIN, "access-control-request-method": "GET" };
			assert.equal((await ask("OPTIONS", "/check", preflight)).status, 204);
		}
		assert.equal((await ask("OPTIONS", "/fails")).status, 204, "others are not run");
	});

	it("gives errors the code that the one table has for their status", async () => {
		const status = (name: string) => replyCodes.find((row) => row.name === name)?.httpStatus;
		for (const [method, path, code] of [
			["GET", "/nothing", "NOT_FOUND"],
			["POST", "/open", "METHOD_NOT_ALLOWED"],
			["get", "/open", "METHOD_NOT_ALLOWED"],
			["GET", "/ws", "UPGRADE_REQUIRED"],
			["GET", "/fails", "INTERNAL"],
		] as const) {
			const reply = await ask(method, path);
			assert.equal(JSON.parse(String(reply.body)).code, code);
			assert.equal(reply.status, status(code), code);
		}
		assert.deepEqual(
			[status("METHOD_NOT_ALLOWED"), status("UPGRADE_REQUIRED"), status("HEADERS_TOO_LARGE")],
			[405, 426, 431],
		);
	});

	it("takes no HEAD where GET changes something, and names it nowhere", async () => {
		const head = await ask("HEAD", "/changes");
		assert.deepEqual([head.status, head.headers?.["allow"], changes], [405, "GET, OPTIONS", 0]);
		assert.equal((await ask("OPTIONS", "/changes")).headers?.["allow"], "GET, OPTIONS");
		assert.equal((await ask("GET", "/changes")).status, 200);
		assert.equal(changes, 1);
	});

	it("names with 426 what to upgrade to, and with 405 what the path takes", async () => {
		// RFC 9110 sections 15.5.22 and 7.8, RFC 6455 section 4.4.
		const upgrade = (await ask("GET", "/ws")).headers ?? {};
		const { upgrade: to, connection, "sec-websocket-version": version } = upgrade;
		assert.deepEqual({ to, connection, version }, { to: "websocket", connection: "upgrade", version: "13" });
		// RFC 9110 section 15.5.6.
		assert.equal((await ask("PUT", "/open")).headers?.["allow"], "GET, HEAD, OPTIONS");
	});

	it("lets pages of allowed origins read, and Retry-After too, but no page for operators", async () => {
		const readable = (await ask("GET", "/open", { origin: ORIGIN })).headers ?? {};
		assert.equal(readable["access-control-allow-origin"], ORIGIN);
		assert.match(readable["access-control-expose-headers"] ?? "", /\bretry-after\b/);
		for (const [path, origin] of [
			["/inside", ORIGIN],
			["/open", "https://evil.example"],
		] as const) {
			for (const method of ["GET", "OPTIONS"]) {
				const headers = { origin, "access-control-request-method": "GET" };
				assert.equal((await ask(method, path, headers)).headers?.["access-control-allow-origin"], undefined, path);
			}
		}
		const refused = router.reject(
			request("GET", "/open", { origin: ORIGIN }),
			new GatewayError(ErrorCode.BAD_REQUEST, ""),
		);
		assert.equal(
			refused.headers?.["access-control-allow-origin"],
			ORIGIN,
			"what is refused before may be read as well",
		);
	});

	it("says that a reply depends on the origin, whatever the origin: a cache gives it to others", async () => {
		// Fetch standard, section 3.3.5.
		for (const headers of [{}, { origin: ORIGIN }, { origin: "https://evil.example" }]) {
			assert.equal((await ask("GET", "/open", headers)).headers?.["vary"], "origin");
		}
		assert.equal((await ask("GET", "/varied")).headers?.["vary"], "accept-encoding, origin");
	});

	it("forbids to guess the type of any content", async () => {
		for (const path of ["/open", "/nothing", "/inside", "/ws"]) {
			assert.equal((await ask("GET", path)).headers?.["x-content-type-options"], "nosniff", path);
		}
	});
});
