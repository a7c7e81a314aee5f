// Heads of HTTP requests that a proxy in front may read differently, and what comes behind a request on its connection.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, before, describe, it } from "node:test";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";

const KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";

describe("an HTTP connection", { timeout: 60_000 }, () => {
	let gateway: GatewayProcess;
	before(async () => {
		// What is closed here is closed for what it sends or does not read, not for how often.
		gateway = await startGateway({ env: { FRAMEGATE_RATES_IP_PER_SECOND: "0" } });
	});
	after(() => gateway.kill9());

	/** All that comes back until the connection is closed. */
	async function exchange(...parts: readonly string[]): Promise<string> {
		const socket = connect(gateway.port, "127.0.0.1").on("error", () => {});
		let answer = "";
		socket.on("data", (chunk) => {
			answer += chunk;
		});
		for (const part of parts) socket.write(part);
		await once(socket, "close");
		return answer;
	}
	const statuses = (answer: string): string[] =>
		[...answer.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, code = ""]) => code);
	const head = (...lines: readonly string[]): string => `${lines.join("\r\n")}\r\n\r\n`;

	it("is closed after the reply to a request that asks for it, and nothing behind that request is answered", async () => {
		for (const connection of ["close", "Close, TE", "keep-alive, close"]) {
			const first = head("GET /health HTTP/1.1", "Host: x", `Connection: ${connection}`);
			const answer = await exchange(first);
			assert.deepEqual(statuses(answer), ["200"], connection);
			assert.match(answer, /^connection: close\r$/im);
			// In one piece with the first, which may be all that the client gets to see of it.
			const both = await exchange(first + head("GET /status HTTP/1.1", "Host: x"));
			assert.ok(statuses(both).length <= 1, connection);
			assert.doesNotMatch(both, /uptime_seconds/);
		}
	});

	it("is kept for the next request otherwise, after an error as well", async () => {
		const socket = connect(gateway.port, "127.0.0.1").on("error", () => {});
		const replies = socket[Symbol.asyncIterator]() as AsyncIterableIterator<Buffer>;
		for (const [target, status] of [
			["/health", "200"],
			["/nothing", "404"],
			["/status", "200"],
			["/health", "200"],
		]) {
			socket.write(head(`GET ${target} HTTP/1.1`, "Host: x"));
			const { value } = await replies.next();
			assert.deepEqual(statuses(String(value)), [status], target);
			assert.doesNotMatch(String(value), /^connection: close/im);
		}
		socket.destroy();
	});

	it("is closed behind what is unsound, or has a body that is not read", async () => {
		const next = head("GET /status HTTP/1.1", "Host: x");
		for (const first of [
			head("GET /health HTTP/1.1", "Host: x", "Host: x"),
			head("GET /health HTTP/1.1", "Host: x", `Content-Length: ${next.length}`),
			head("GET /ws HTTP/1.1", "Host: x", "Upgrade: websocket", "Connection: x", KEY.trimEnd()),
		]) {
			const answer = await exchange(first + next);
			assert.ok(statuses(answer).length <= 1, first);
			assert.doesNotMatch(answer, /uptime_seconds/, first);
		}
	});

	it("names one host, as a host", async () => {
		for (const lines of [
			["Host: x", "Host: y"],
			["Host: x", "Host: x"],
			["host: x", "HOST: y"],
			["Host: user@x"],
			["Host: user:password@x"],
			["Host: x/path"],
			["Host: x y"],
			["Host: http://x"],
			["Host: [::1"],
		]) {
			const answer = await exchange(head("GET /health HTTP/1.1", ...lines));
			assert.deepEqual(statuses(answer), ["400"], lines.join());
		}
		for (const host of ["x", "x:8080", "127.0.0.1:1", "[::1]:8080", "a.b-c_d.example"]) {
			assert.deepEqual(
				statuses(await exchange(head("GET /health HTTP/1.1", `Host: ${host}`, "Connection: close"))),
				["200"],
				host,
			);
		}
	});

	it("has one host in a handshake, too", async () => {
		const upgrade = ["Upgrade: websocket", "Connection: Upgrade", KEY.trimEnd()];
		const answer = await exchange(head("GET /ws HTTP/1.1", "Host: x", "Host: y", ...upgrade));
		assert.deepEqual(statuses(answer), ["400"]);
	});

	it("has at most one length, and no encoding but chunked", async () => {
		for (const lines of [
			["Content-Length: 0", "Content-Length: 0"],
			["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
			["Transfer-Encoding: gzip, chunked"],
			["Transfer-Encoding: identity"],
		]) {
			const answer = await exchange(head("POST /health HTTP/1.1", "Host: x", ...lines), "0\r\n\r\n");
			assert.deepEqual(statuses(answer), ["400"], lines.join());
		}
		assert.deepEqual(statuses(await exchange(head("GET /health#a HTTP/1.1", "Host: x"))), ["400"]);
	});

	it("that pipelines requests and reads no reply is closed, and costs one reply", async () => {
		const socket = connect(gateway.port, "127.0.0.1").on("error", () => {});
		socket.pause();
		const request = head("GET /status HTTP/1.1", "Host: x");
		const closed = once(socket, "close");
		// More replies than the kernel keeps for a client that does not read.
		for (let sent = 0; sent < 200 && !socket.destroyed; sent++) {
			if (!socket.write(request.repeat(200))) await Promise.race([once(socket, "drain"), closed]);
		}
		assert.equal((await fetch(`${gateway.httpUrl}/health`)).status, 200);
		socket.resume();
		await closed;
	});
});

describe("HTTP requests of one address", { timeout: 60_000 }, () => {
	it("cost its tokens: beyond them they are refused with the time to wait, and the connection is closed", async () => {
		const env = { FRAMEGATE_RATES_IP_PER_SECOND: "0.01", FRAMEGATE_RATES_IP_BURST: "200" };
		const gateway = await startGateway({ env });
		try {
			const statuses: number[] = [];
			let last: Response | undefined;
			while (statuses.length < 300 && last?.status !== 429) {
				last = await fetch(`${gateway.httpUrl}/health`);
				await last.text();
				statuses.push(last.status);
			}
			assert.equal(last?.status, 429);
			assert.ok(Number(last?.headers.get("retry-after")) > 0);
			assert.equal(last?.headers.get("connection"), "close");
			// Ten tokens each of 200; the address' first are taken before the test begins, when the gateway is waited for.
			assert.ok(statuses.length > 5 && statuses.length <= 21, `${statuses.length}`);
		} finally {
			await gateway.kill9();
		}
	});
});
