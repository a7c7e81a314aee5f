// HTTP/1.1 on one connection (RFC 9110, RFC 9112): what a reply without content looks like, and what comes behind it. On each
// listener: plain, with TLS, and that of metrics.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Certificate, makeCertificate } from "../support/certificate.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { head, RawHttp } from "../support/raw-http.ts";
import { freePort } from "../support/real-server.ts";

describe("replies on one HTTP connection", { timeout: 120_000 }, () => {
	let certificate: Certificate;
	let plain: GatewayProcess;
	let secure: GatewayProcess;
	let metricsPort = 0;
	before(async () => {
		certificate = makeCertificate();
		metricsPort = await freePort();
		plain = await startGateway({ env: { FRAMEGATE_SERVER_METRICS_PORT: `${metricsPort}` } });
		secure = await startGateway({ env: certificate.env, answers: certificate.isReady });
	});
	after(async () => {
		await Promise.all([plain?.kill9(), secure?.kill9()]);
		certificate.remove();
	});

	it("close their connection each time where server.httpKeepAlive is off", async () => {
		const gateway = await startGateway({ env: { FRAMEGATE_SERVER_HTTP_KEEP_ALIVE: "false" } });
		try {
			for (const method of ["GET", "HEAD", "OPTIONS"]) {
				const raw = await RawHttp.connect(gateway.port);
				const { headers } = await raw.ask(head(`${method} /health HTTP/1.1`, "Host: x"));
				assert.deepEqual([headers.get("connection"), headers.get("keep-alive")], ["close", undefined], method);
				await raw.closed;
			}
		} finally {
			await gateway.kill9();
		}
	});

	it("to content in chunks close their connection, so that trailers behind it are never a request with a reply", async () => {
		const fields = ["Host: x", "Content-Type: application/json", "Transfer-Encoding: chunked"];
		const login = head("POST /auth/login HTTP/1.1", ...fields);
		const chunks = "2\r\n{}\r\n0\r\n";
		const raw = await RawHttp.connect(plain.port);
		const { status, headers } = await raw.ask(`${login}${chunks}\r\n`);
		assert.deepEqual([status, headers.get("connection")], [422, "close"]);
		await raw.closed;
		// A field of the trailer section (RFC 9112 section 7.1.2), which looks like a request line.
		for (const trailer of ["GET: /health HTTP/1.1", "XXGET: /health HTTP/1.1", "X: y"]) {
			const sent = await RawHttp.connect(plain.port);
			sent.write(`${login}${chunks}${head(trailer, "Host: x")}`);
			await sent.closed;
			assert.ok(sent.rest.split("HTTP/1.1 ").length <= 2, `${trailer}: ${sent.rest}`);
			assert.doesNotMatch(sent.rest, /^HTTP\/1\.1 (?:200|405)/m, trailer);
		}
	});

	for (const [name, path, connect] of [
		["plain", "/health", () => RawHttp.connect(plain.port)],
		["TLS", "/health", () => RawHttp.connect(secure.port, certificate.ca)],
		["metrics", "/metrics", () => RawHttp.connect(metricsPort)],
	] as const) {
		const get = head(`GET ${path} HTTP/1.1`, "Host: x");

		it(`HEAD has the header section of GET and no content, and the next reply comes behind it: ${name}`, async () => {
			const raw = await connect();
			const ofGet = await raw.ask(get);
			// RFC 9110 section 9.3.2.
			const ofHead = await raw.ask(head(`HEAD ${path} HTTP/1.1`, "Host: x"));
			assert.equal(ofHead.status, ofGet.status);
			const names = [...ofGet.headers.keys()].sort();
			assert.deepEqual([...ofHead.headers.keys()].sort(), names);
			for (const name of names.filter((name) => name !== "date")) {
				assert.equal(ofHead.headers.get(name), ofGet.headers.get(name), name);
			}
			assert.deepEqual((await raw.ask(get)).content.length, ofGet.content.length);
			raw.destroy();
		});

		it(`OPTIONS has no Content-Length, and the next reply comes behind it: ${name}`, async () => {
			const raw = await connect();
			const options = await raw.ask(head(`OPTIONS ${path} HTTP/1.1`, "Host: x"));
			assert.equal(options.status, 204);
			// RFC 9110 section 8.6.
			assert.equal(options.headers.get("content-length"), undefined);
			assert.equal((await raw.ask(get)).status, 200);
			raw.destroy();
		});

		it(`without content close their connection where the client asks for it, or a body is not read: ${name}`, async () => {
			for (const method of ["HEAD", "OPTIONS"]) {
				for (const line of ["Connection: close", "Connection: TE, close", "Content-Length: 1"]) {
					const raw = await connect();
					const { status, headers } = await raw.ask(head(`${method} ${path} HTTP/1.1`, "Host: x", line));
					assert.ok(status === 200 || status === 204);
					// RFC 9112 section 9.6.
					assert.equal(headers.get("connection"), "close", `${method}, ${line}`);
					assert.ok(headers.has("date"), "RFC 9110 section 6.6.1");
					if (method === "HEAD") assert.ok(Number(headers.get("content-length")) > 0);
					await raw.closed;
					assert.equal(raw.rest, "", `${method}, ${line}`);
				}
			}
		});

		it(`close their connection when one of several Connection lines asks for it: ${name}`, async () => {
			const raw = await connect();
			// RFC 9110 section 5.3.
			const lines = ["Host: x", "Connection: TE", "Connection: close"];
			const { headers } = await raw.ask(head(`GET ${path} HTTP/1.1`, ...lines));
			assert.equal(headers.get("connection"), "close");
			await raw.closed;
		});

		it(`say that the connection is closed where the library closes it, and how long it is kept otherwise: ${name}`, async () => {
			const closing = await connect();
			// uWebSockets.js closes behind any Connection of five characters.
			const { headers } = await closing.ask(head(`GET ${path} HTTP/1.1`, "Host: x", "Connection: TE, x"));
			assert.equal(headers.get("connection"), "close");
			await closing.closed;
			const kept = await connect();
			const first = await kept.ask(get);
			assert.deepEqual([first.headers.get("connection"), first.headers.get("keep-alive")], ["keep-alive", "timeout=7"]);
			kept.destroy();
		});
	}
});
