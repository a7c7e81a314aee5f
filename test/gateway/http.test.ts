// The HTTP surface of a real gateway, its TLS, its metrics port, and browsers' rules.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { get } from "node:https";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { ErrorCode } from "../../protocol/codes.ts";
import { authRoutes } from "../../protocol/gen/schema.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { head, RawHttp } from "../support/raw-http.ts";
import { freePort } from "../support/real-server.ts";
import { WireClient } from "../support/wire-client.ts";

interface Status {
	readonly memory: { readonly rss_bytes: number };
	readonly connections: { readonly open: number; readonly sessions: number };
	readonly routes: readonly { readonly name: string; readonly requests: number; readonly codes: object }[];
}

describe("HTTP", () => {
	let gateway: GatewayProcess;
	let metricsPort: number;
	before(async () => {
		metricsPort = await freePort();
		gateway = await startGateway({
			env: {
				FRAMEGATE_SERVER_METRICS_PORT: String(metricsPort),
				FRAMEGATE_SERVER_ALLOWED_ORIGINS: "https://app.example.com",
				FRAMEGATE_LIMITS_MAX_HTTP_BODY_BYTES: "2048",
			},
		});
	});
	after(() => gateway.kill9());

	const fetchPath = (path: string, init?: RequestInit) => fetch(`${gateway.httpUrl}${path}`, init);

	it("counts what happened", async () => {
		const { client } = await WireClient.member(gateway.url, "ann");
		for (let i = 0; i < 3; i++) await client.ask(authRoutes.heartbeat, {});
		const status = (await (await fetchPath("/status")).json()) as Status;
		assert.equal(status.connections.open, 1);
		assert.equal(status.connections.sessions, 1);
		const heartbeat = status.routes.find((route) => route.name === "auth.heartbeat");
		assert.deepEqual([heartbeat?.requests, heartbeat?.codes], [3, { OK: 3 }]);
		await client.close();
	});

	it("serves metrics on their own port, and only there", async () => {
		assert.equal((await fetchPath("/metrics")).status, 404);
		const response = await fetch(`http://127.0.0.1:${metricsPort}/metrics`);
		assert.match(response.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
		assert.match(await response.text(), /^framegate_requests_total\{route="auth\.login",code="OK"\} 1$/m);
	});

	it("answers in one shape what it cannot do", async () => {
		const missing = await fetchPath("/nothing/here");
		assert.equal(missing.status, 404);
		assert.deepEqual(await missing.json(), {
			success: false,
			code: "NOT_FOUND",
			error: "nothing at /nothing/here",
			endpoint: "/nothing/here",
		});
		const wrongMethod = await fetchPath("/health", { method: "POST", body: "x" });
		assert.equal(wrongMethod.status, 405);
		assert.equal(wrongMethod.headers.get("allow"), "GET, HEAD, OPTIONS");
		assert.equal(((await wrongMethod.json()) as { code: string }).code, "METHOD_NOT_ALLOWED");
		const head = await fetchPath("/health", { method: "HEAD" });
		assert.deepEqual([head.status, await head.text()], [200, ""]);
	});

	it("does not pile up replies for a client that never reads them, nor bodies that nobody wants", async () => {
		const rss = async () => ((await (await fetchPath("/status")).json()) as Status).memory.rss_bytes;
		const before = await rss();
		// Other addresses: requests of one beyond `rates.ip` are refused.
		const deaf = connect({ port: gateway.port, host: "127.0.0.1", localAddress: "127.0.0.2" });
		deaf.pause();
		deaf.on("error", () => {});
		deaf.write("GET /status HTTP/1.1\r\nHost: x\r\n\r\n".repeat(20_000));
		const pushy = connect({ port: gateway.port, host: "127.0.0.1", localAddress: "127.0.0.3" });
		pushy.on("error", () => {});
		pushy.write("POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
		const [reply] = await once(pushy, "data");
		assert.match(String(reply), /^HTTP\/1\.1 404 /);
		for (let i = 0; i < 20; i++) assert.equal((await fetchPath("/health")).status, 200);
		const grown = (await rss()) - before;
		assert.ok(grown < 60 * 1024 * 1024, `${grown} bytes more`);
		deaf.destroy();
		pushy.destroy();
	});

	it("answers plain HTTP requests to the WebSocket path, and handshakes that are none, with what it expects", async () => {
		const response = await fetchPath("/ws");
		assert.deepEqual([response.status, response.headers.get("upgrade")], [426, "websocket"]);
		for (const [line, status, code] of [
			["Sec-WebSocket-Version: 8", 426, "UPGRADE_REQUIRED"],
			["Sec-WebSocket-Version: 13", 400, "BAD_REQUEST"],
		] as const) {
			const key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
			const reply = await RawHttp.ask(
				gateway.port,
				head("GET /ws HTTP/1.1", "Host: x", "Upgrade: websocket", key, line),
			);
			assert.deepEqual([reply.status, JSON.parse(String(reply.content)).code], [status, code]);
			// RFC 6455 section 4.4, RFC 9110 section 15.5.22.
			const names = ["upgrade", "sec-websocket-version"].map((name) => reply.headers.get(name));
			assert.deepEqual(names, status === 426 ? ["websocket", "13"] : [undefined, undefined]);
		}
	});

	it("takes heads of 16 KiB, in requests and handshakes, and says of larger ones how large they may be", async () => {
		const upgrade = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="];
		for (const [path, lines, expected] of [
			["/health", [], 200],
			["/ws", [...upgrade, "Sec-WebSocket-Version: 13"], 101],
		] as const) {
			const send = (bytes: number) => {
				const rest = head(`GET ${path} HTTP/1.1`, "Host: x", ...lines, "X-Long: ").length - 2;
				const start = head(`GET ${path} HTTP/1.1`, "Host: x", ...lines, `X-Long: ${"y".repeat(bytes - rest)}`);
				return RawHttp.ask(gateway.port, start);
			};
			assert.equal((await send(16_384)).status, expected);
			const { status, content, headers } = await send(16_385);
			// RFC 6585 section 5.
			assert.equal(status, 431);
			const { code, error } = JSON.parse(String(content)) as { code: string; error: string };
			assert.equal(code, "HEADERS_TOO_LARGE");
			assert.match(error, /16385 bytes, at most 16384 /);
			assert.equal(headers.get("connection"), "close");
		}
	});

	it("takes the longest token that Connect takes in a header and in the query of a handshake", async () => {
		const token = "t".repeat(8192);
		for (const [path, headers] of [
			["", { authorization: `Bearer ${token}` }],
			[`?token=${token}`, {}],
		] as const) {
			const client = await WireClient.open(`${gateway.url}${path}`, { headers });
			assert.equal((await client.push()).code, ErrorCode.UNAUTHENTICATED);
			await client.close();
		}
	});

	it("closes a browser that offers a foreign sub-protocol only with a reason that it can read", async () => {
		// Node's own WebSocket is a browser's: without a confirmed sub-protocol, it sees 1006 and no reason.
		const browser = new WebSocket(gateway.url, ["graphql-transport-ws"]);
		const [{ code, reason }] = (await once(browser, "close")) as [CloseEvent];
		assert.deepEqual([code, reason], [4505, "sub protocol: expected framegate.v1 or framegate.v1.json"]);
	});

	it("sends metrics compressed to those who take that", async () => {
		const url = `http://127.0.0.1:${metricsPort}/metrics`;
		const plain = await fetch(url, { headers: { "accept-encoding": "identity" } });
		const small = await fetch(url, { headers: { "accept-encoding": "gzip" } });
		assert.deepEqual(
			[plain, small].map(({ headers }) => headers.get("content-encoding")),
			[null, "gzip"],
		);
		assert.match(await small.text(), /^# HELP framegate_requests_total/m);
		assert.ok(Number(small.headers.get("content-length")) < Number(plain.headers.get("content-length")) / 4);
	});

	it("lets pages of allowed origins read, and no others", async () => {
		const as = async (origin: string, method = "GET") => {
			const response = await fetchPath("/health", { method, headers: { origin } });
			return response.headers.get("access-control-allow-origin");
		};
		assert.equal(await as("https://app.example.com"), "https://app.example.com");
		assert.equal(await as("https://app.example.com", "OPTIONS"), "https://app.example.com");
		assert.equal(await as("https://evil.example"), null);
		for (const path of ["/ready", "/status"]) {
			const { headers } = await fetchPath(path, { headers: { origin: "https://app.example.com" } });
			assert.equal(headers.get("access-control-allow-origin"), null, `${path} is for operators`);
		}
	});
});

describe("TLS", () => {
	it("serves HTTPS and WSS on the one port", async () => {
		const directory = mkdtempSync(join(tmpdir(), "framegate-tls-"));
		after(() => rmSync(directory, { recursive: true }));
		const keyFile = join(directory, "key.pem");
		const certFile = join(directory, "cert.pem");
		const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
		const name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
		const files = ["-keyout", keyFile, "-out", certFile];
		execFileSync("openssl", ["req", "-x509", "-nodes", "-days", "2", ...curve, ...name, ...files], { stdio: "ignore" });
		const ca = readFileSync(certFile);
		const gateway = await startGateway({
			env: { FRAMEGATE_SERVER_TLS_CERT_FILE: certFile, FRAMEGATE_SERVER_TLS_KEY_FILE: keyFile },
			answers: (port) =>
				new Promise((resolve, reject) => {
					get({ host: "127.0.0.1", port, path: "/ready", ca }, (response) => resolve(response.statusCode === 200)).once(
						"error",
						reject,
					);
				}),
		});
		after(() => gateway.kill9());
		const client = await WireClient.open(gateway.url.replace("ws:", "wss:"), { ca });
		await client.ask(authRoutes.register, { username: "ann", password: "a long password" });
		await client.login("ann");
		assert.equal((await client.ask(authRoutes.heartbeat, {})).code ?? 0, 0);
		await client.close();
	});
});
