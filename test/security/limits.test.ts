// What one peer can take of a gateway before it is authenticated: sockets that say nothing or never finish, headers and
// frames without end, small frames that would unfold into much. A neighbour is served all the while.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { after, before, describe, it, test } from "node:test";
import { configReference } from "../../server/config/reference.ts";
import { page } from "../docs/markdown.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import { RawPeer } from "./raw-peer.ts";

const KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";
const UPGRADE = `GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${KEY}`;

describe("before anybody is known", () => {
	let gateway: GatewayProcess;
	before(async () => {
		gateway = await startGateway({
			env: { FRAMEGATE_LIMITS_AUTH_TIMEOUT_MS: "1000", FRAMEGATE_LIMITS_MAX_MESSAGE_BYTES: "1024" },
		});
	});
	after(() => gateway.kill9());

	const dial = (): Socket => connect(gateway.port, "127.0.0.1").on("error", () => {});
	const ended = (socket: Socket): Promise<unknown> => new Promise((resolve) => socket.resume().once("close", resolve));
	const memory = (): number => {
		const status = readFileSync(`/proc/${gateway.pid}/status`, "utf8");
		return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024;
	};

	it("sockets that send nothing, half a request, or a byte now and then are closed", { timeout: 60_000 }, async () => {
		const silent = dial();
		const half = dial();
		half.write(`${UPGRADE.slice(0, 60)}`);
		const upgraded = dial();
		upgraded.write(`${UPGRADE}\r\n`);
		await Promise.all([ended(silent), ended(half), ended(upgraded)]);
		(await RawPeer.open(gateway.url)).close();
	});

	it("a header without end is cut off, and not kept", async () => {
		const before = memory();
		const sockets = Array.from({ length: 20 }, dial);
		const closed = sockets.map(ended);
		const filler = Buffer.alloc(65_536, "a");
		for (const socket of sockets) {
			socket.write(`${UPGRADE}X-Filler: `);
			// As much as 64 MB, were it kept.
			for (let i = 0; i < 50; i++) socket.write(filler);
		}
		await Promise.all(closed);
		assert.ok(memory() - before < 32 * 1024 * 1024, `${(memory() - before) / 1024} KiB more`);
	});

	it("a frame that announces more than is taken is refused by its header", async () => {
		const socket = dial();
		socket.write(`${UPGRADE}\r\n`);
		await once(socket, "data");
		// Final, binary, masked, 2^40 bytes: none of them are sent.
		socket.write(Buffer.from("82ff0000010000000000deadbeef", "hex"));
		await ended(socket);
	});

	it("compression is not offered, so that a small frame stays small", async () => {
		const socket = dial();
		socket.write(`${UPGRADE}Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n`);
		const [answer] = await once(socket, "data");
		assert.match(String(answer), /^HTTP\/1\.1 101/);
		assert.doesNotMatch(String(answer), /permessage-deflate/i);
		// A compressed frame, reserved bit 1: a violation then (RFC 6455 section 5.2).
		socket.write(Buffer.from("c28100000000aa", "hex"));
		await ended(socket);
	});

	it("requests smuggled behind a length or a chunk are refused, never answered", async () => {
		for (const framing of [
			"Content-Length: 5\r\nContent-Length: 6\r\n",
			"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
			"Content-Length: -1\r\n",
			"Transfer-Encoding: xchunked\r\n",
		]) {
			const socket = dial();
			let answer = "";
			socket.on("data", (chunk) => {
				answer += chunk;
			});
			socket.write(
				`POST /health HTTP/1.1\r\nHost: x\r\n${framing}\r\n0\r\n\r\nGET /status HTTP/1.1\r\nHost: x\r\n\r\n`,
			);
			await ended(socket);
			assert.doesNotMatch(answer, /"memory"/, framing);
		}
	});
});

test("the threat model says what happens at every limit and rate of the configuration", () => {
	const text = page("docs/operations/threat-model.md");
	const bounded = configReference()
		.map(({ key }) => key)
		.filter(
			(key) =>
				/^(limits|rates)\./.test(key) ||
				/\.(max[A-Z]\w*|attempts\.\w+\.points|poolSize|concurrency|batch|burst)$/.test(key),
		);
	assert.ok(bounded.length > 50, String(bounded.length));
	for (const key of bounded) {
		// Two keys of one bucket, or of one limit of attempts, are one bound.
		const name = key.replace(/\.(perSecond|burst|points|windowMs)$/, "");
		assert.ok(text.includes(`\`${name}\``), `${name} is not in docs/operations/threat-model.md`);
	}
});
