// The real transport against a foreign WebSocket client and a raw socket: what uWebSockets.js reports, and when.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, describe, it } from "node:test";
import WebSocket from "ws";
import { TrustedHops } from "../../core/client-address.ts";
import {
	type HttpHandler,
	SendResult,
	type Socket,
	type SocketEvents,
	type UpgradeRequest,
} from "../../core/transport.ts";
import { UwsTransport, type UwsTransportOptions } from "../../core/transport-uws.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import { clientFrame } from "../support/client-frame.ts";
import { httpService, unlimitedHttp } from "../support/http-options.ts";
import { until } from "../support/until.ts";

const UPGRADE =
	"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

interface Session {
	readonly socket: Socket;
	readonly request: UpgradeRequest;
}

/** A server that echoes, and records its events. */
async function echoServer(overrides: Partial<UwsTransportOptions> = {}, http: HttpHandler = () => ({ status: 404 })) {
	const sessions: Session[] = [];
	const seen = { dropped: 0, drained: 0, closed: [] as number[] };
	const events: SocketEvents<Session> = {
		upgrade: ({ ip, protocols }) =>
			ip === "198.51.100.9"
				? new GatewayError(ErrorCode.TOO_MANY_CONNECTIONS, "a probe")
				: { protocol: protocols[0] ?? "" },
		open: (socket, request) => {
			const session = { socket, request };
			sessions.push(session);
			return session;
		},
		opened: ({ socket }, request) => {
			if (request.token === "leave") socket.end(4500, "no");
			else socket.subscribe("all");
		},
		message: ({ socket }, message, isBinary) => {
			socket.send(isBinary ? message : Buffer.from(message).toString());
		},
		drain: () => {
			seen.drained++;
		},
		dropped: ({ socket, request }) => {
			seen.dropped++;
			if (request.token === "mute") socket.unsubscribeDeferred(["all"]);
		},
		ping: () => {},
		pong: () => {},
		close: (_session, code) => {
			seen.closed.push(code);
		},
	};
	const transport = new UwsTransport<Session>({
		path: "/ws",
		maxPayloadBytes: 65_536,
		maxBackpressureBytes: 1_048_576,
		http: unlimitedHttp,
		address: { trusted: new TrustedHops([]), proxyProtocol: false },
		admission: { maxHttpSockets: 1000, ceiling: undefined, reserved: 0 },
		...overrides,
	});
	const port = await transport.listen(
		{ host: "127.0.0.1", port: 0, shared: false },
		{ events, http: httpService(http, 1_000) },
	);
	after(() => transport.close());
	const client = async (path = "/ws", options: WebSocket.ClientOptions = {}, protocols: string[] = []) => {
		const ws = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols, options);
		await once(ws, "open");
		return ws;
	};
	return { transport, port, sessions, seen, client, url: `http://127.0.0.1:${port}` };
}

describe("WebSockets", () => {
	it("carry binary and text messages, empty, fragmented and large", async () => {
		const { client } = await echoServer();
		const ws = await client();
		const ask = async (send: () => void) => {
			send();
			const [data, isBinary] = await once(ws, "message");
			return { data: data as Buffer, isBinary: isBinary as boolean };
		};
		assert.deepEqual(await ask(() => ws.send(Buffer.alloc(0))), { data: Buffer.alloc(0), isBinary: true });
		assert.deepEqual(await ask(() => ws.send("héllo")), { data: Buffer.from("héllo"), isBinary: false });
		const large = Buffer.alloc(60_000, 7);
		assert.deepEqual((await ask(() => ws.send(large))).data, large);
		const fragmented = await ask(() => {
			ws.send(Buffer.from("one "), { fin: false, binary: true });
			ws.send(Buffer.from("two"), { fin: true, binary: true });
		});
		assert.equal(fragmented.data.toString(), "one two");
		ws.close();
	});

	it("report address, agent, origin, sub-protocols and token of the upgrade", async () => {
		const { client, sessions } = await echoServer();
		const options = { headers: { "user-agent": "probe", origin: "https://a.example" } };
		const ws = await client("/ws?token=abc", options, ["framegate.v1"]);
		const proxied = await client("/ws?token=mine", { headers: { authorization: "Basic cHJveHk6cHJveHk=" } });
		const other = await client("/ws?token=ignored", { headers: { authorization: "Bearer xyz" } });
		assert.equal(ws.protocol, "framegate.v1");
		const [first, basic, second] = sessions.map((session) => session.request);
		assert.equal(basic?.token, "mine");
		proxied.close();
		assert.deepEqual(first, {
			ip: "127.0.0.1",
			userAgent: "probe",
			origin: "https://a.example",
			protocols: ["framegate.v1"],
			token: "abc",
			isTokenInQuery: true,
		});
		assert.deepEqual([basic?.isTokenInQuery, second?.isTokenInQuery], [true, false]);
		assert.equal(second?.token, "xyz");
		ws.close();
		other.close();
	});

	it("use X-Forwarded-For from trusted hops only", async () => {
		const trusting = await echoServer({
			address: { trusted: new TrustedHops(["127.0.0.0/8"]), proxyProtocol: false },
		});
		const wary = await echoServer();
		const headers = { "x-forwarded-for": "203.0.113.5, 198.51.100.7, 127.0.0.2" };
		const clients = [await trusting.client("/ws", { headers }), await wary.client("/ws", { headers })];
		assert.equal(trusting.sessions[0]?.request.ip, "198.51.100.7");
		assert.equal(wary.sessions[0]?.request.ip, "127.0.0.1");
		for (const ws of clients) ws.close();
	});

	it("use the PROXY protocol, version 2, from trusted hops where it is on", async () => {
		// Signature, version 2 command PROXY, TCP over IPv4, 12 bytes of addresses: 203.0.113.77:4242 to 127.0.0.1:80.
		const header = Buffer.from("0d0a0d0a000d0a515549540a2111000ccb00714d7f00000110920050", "hex");
		const address = { trusted: new TrustedHops(["127.0.0.1"]), proxyProtocol: true };
		for (const [options, expected] of [
			[{ address }, "203.0.113.77"],
			[{}, "127.0.0.1"],
		] as const) {
			const { port, sessions } = await echoServer(options);
			const raw = connect(port, "127.0.0.1");
			raw.write(Buffer.concat([header, Buffer.from(UPGRADE)]));
			await once(raw, "data");
			assert.equal(sessions[0]?.request.ip, expected);
			raw.destroy();
		}
	});

	it("can be closed while opening, with code and reason", async () => {
		const { port, seen } = await echoServer();
		const ws = new WebSocket(`ws://127.0.0.1:${port}/ws?token=leave`);
		const [code, reason] = await once(ws, "close");
		assert.deepEqual([code, String(reason)], [4500, "no"]);
		assert.deepEqual(seen.closed, [4500]);
	});

	it("get HTTP 503 when the gateway rejects the upgrade", async () => {
		const { port } = await echoServer({
			address: { trusted: new TrustedHops(["127.0.0.1"]), proxyProtocol: false },
		});
		const ws = new WebSocket(`ws://127.0.0.1:${port}/ws`, { headers: { "x-forwarded-for": "198.51.100.9" } });
		const [error] = await once(ws, "error");
		assert.match(String(error), /503/);
	});

	it("report sends and publishes that exceed the byte budget, and when a client has caught up", async () => {
		const { port, sessions, seen, transport } = await echoServer({ maxBackpressureBytes: 100_000 });
		const raw = connect(port, "127.0.0.1");
		raw.write(UPGRADE);
		await once(raw, "data");
		raw.pause();
		const socket = (sessions[0] as Session).socket;
		const chunk = new Uint8Array(50_000);
		const results = new Set<SendResult>();
		// Bounded: the kernel's buffers on loopback hold a few megabytes.
		for (let i = 0; i < 1000 && !results.has(SendResult.DROPPED); i++) results.add(socket.send(chunk));
		assert.deepEqual([...results].sort(), [SendResult.BUFFERED, SendResult.DROPPED, SendResult.SENT].sort());
		assert.ok(socket.bufferedBytes() <= 150_000, `${socket.bufferedBytes()} bytes buffered`);
		assert.equal(seen.dropped, 1, "a send over the budget is reported once");
		seen.dropped = 0;
		for (let i = 0; i < 10 && seen.dropped === 0; i++) {
			transport.publish("all", chunk);
			await new Promise((resolve) => setImmediate(resolve));
		}
		assert.ok(seen.dropped > 0, "a publish over the budget is reported");
		raw.resume();
		while (seen.drained === 0) await new Promise((resolve) => setImmediate(resolve));
		assert.equal(socket.bufferedBytes(), 0);
		raw.destroy();
	});

	for (const [size, perTurn] of [
		[1000, 20],
		[20_000, 1],
	] as const) {
		it(`with deferred unsubscribe get nothing behind a dropped message, of ${size} bytes`, {
			timeout: 20_000,
		}, async () => {
			const { port, transport, sessions, seen } = await echoServer({ maxBackpressureBytes: 100_000 });
			const readers = Array.from({ length: 10 }, () => connect(port, "127.0.0.1"));
			for (const reader of readers) {
				reader.write(UPGRADE.replace("GET /ws ", "GET /ws?token=mute "));
				await once(reader, "data");
				reader.pause();
			}
			let published = 0;
			const message = Buffer.alloc(size);
			const turn = async () => {
				for (let i = 0; i < perTurn; i++) {
					message.writeUInt32BE(++published);
					transport.publish("all", message);
				}
				await new Promise((resolve) => setImmediate(resolve));
			};
			while (seen.dropped < readers.length) await turn();
			const streams = readers.map((reader) => {
				const chunks: Buffer[] = [];
				reader.on("data", (chunk) => chunks.push(chunk));
				reader.resume();
				return chunks;
			});
			// A frame from a client drains its buffer as well, without an event.
			for (let i = 0; i < 500; i++) {
				for (const reader of readers) reader.write(clientFrame(new Uint8Array(1)));
				await turn();
			}
			while (sessions.some(({ socket }) => socket.bufferedBytes() > 0)) await turn();
			for (const { socket } of sessions) socket.end(4002, "");
			const close = Buffer.from([0x88, 2, 4002 >> 8, 4002 & 0xff]);
			await until(() => streams.every((chunks) => chunks.at(-1)?.subarray(-close.length).equals(close)));
			for (const reader of readers) reader.destroy();
			for (const chunks of streams) {
				const numbers = numbersIn(Buffer.concat(chunks), size);
				assert.ok(numbers.length > 0);
				assert.deepEqual(
					numbers,
					numbers.map((_, index) => index + 1),
				);
			}
		});
	}

	it("may be used after they are closed, without effect", async () => {
		const { client, sessions } = await echoServer();
		const ws = await client();
		ws.terminate();
		const socket = (sessions[0] as Session).socket;
		while (socket.send("x") !== SendResult.DROPPED) await new Promise((resolve) => setImmediate(resolve));
		socket.ping();
		socket.end(4000, "late");
		socket.subscribe("x");
		assert.equal(socket.bufferedBytes(), 0);
	});
});

const small: UwsTransportOptions = {
	path: "/ws",
	maxPayloadBytes: 1,
	maxBackpressureBytes: 1,
	http: unlimitedHttp,
	address: { trusted: new TrustedHops([]), proxyProtocol: false },
	admission: { maxHttpSockets: 1000, ceiling: undefined, reserved: 0 },
};

describe("listening", () => {
	it("has not begun: topics have no subscribers", () => {
		const transport = new UwsTransport<Session>(small);
		assert.equal(transport.subscriberCount("topic"), 0);
		transport.publish("topic", "nobody is there");
		transport.close();
	});

	it("fails with the port's number when the port is taken", async () => {
		const { port } = await echoServer();
		const second = new UwsTransport<Session>(small);
		const http = httpService(() => ({ status: 404 }), 1);
		await assert.rejects(
			second.listen({ host: "127.0.0.1", port, shared: false }, { events: undefined, http }),
			new RegExp(`cannot listen on 127\\.0\\.0\\.1:${port}`),
		);
	});

	it("stops accepting connections while the open ones stay open", async () => {
		const { client, transport, port } = await echoServer();
		const ws = await client();
		transport.stopListening();
		const late = connect(port, "127.0.0.1");
		await once(late, "error");
		ws.send("still here");
		const [data] = await once(ws, "message");
		assert.equal(String(data), "still here");
		ws.close();
	});
});

describe("HTTP", () => {
	it("reports method, path, query, headers and body, and sends the reply", async () => {
		const { url } = await echoServer({}, async (request) => ({
			status: 200,
			headers: { "content-type": "application/json" },
			body: JSON.stringify({
				...request,
				headers: request.headers.get("x-test"),
				body: String(Buffer.from(request.body)),
			}),
		}));
		const response = await fetch(`${url}/a/b?c=d`, { method: "PUT", body: "hello", headers: { "X-Test": "yes" } });
		assert.deepEqual(await response.json(), {
			method: "PUT",
			path: "/a/b",
			query: "c=d",
			headers: "yes",
			ip: "127.0.0.1",
			body: "hello",
		});
	});

	it("rejects a body over the limit with 413, with or without Content-Length", async () => {
		const { url } = await echoServer({}, () => ({ status: 200 }));
		const announced = await fetch(url, { method: "POST", body: "x".repeat(1_001) });
		assert.equal(announced.status, 413);
		assert.equal(((await announced.json()) as { code: string }).code, "PAYLOAD_TOO_LARGE");
	});
});

/** What the messages of a size begin with, among frames of a server that sends others as well (RFC 6455 section 5.2). */
function numbersIn(stream: Buffer, size: number): number[] {
	const numbers: number[] = [];
	for (let at = 0; at < stream.length; ) {
		const short = (stream[at + 1] as number) & 0x7f;
		const [header, length] = short === 126 ? [4, stream.readUInt16BE(at + 2)] : [2, short];
		if (length === size) numbers.push(stream.readUInt32BE(at + header));
		at += header + length;
	}
	return numbers;
}
