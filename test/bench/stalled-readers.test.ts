// Readers that stall: against a server that sends them more than it holds, and one that refuses them.

import * as uWS from "uWebSockets.js";
import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { WebSocketServer } from "ws";
import { StalledReaders } from "../../bench/load/stalled-readers.ts";

const HELD_BYTES = 65_536;
const ANSWER = new Uint8Array(16_384);
const member = { first: Buffer.from("hello"), ask: Buffer.from("more") };

interface Scope {
	after(task: () => unknown): void;
}

/** Answers "hello" shortly and "more" at length, and closes a client with 4002 when it has more to read than is held. */
function server(context: Scope): {
	readonly port: number;
	readonly answers: () => number;
	readonly dropped: () => number;
} {
	let answers = 0;
	let dropped = 0;
	const app = uWS.App().ws<{ isSlow: boolean }>("/ws", {
		maxBackpressure: HELD_BYTES,
		upgrade: (response, request, upgradeContext) => {
			const [key, protocol] = [request.getHeader("sec-websocket-key"), request.getHeader("sec-websocket-protocol")];
			response.upgrade({ isSlow: false }, key, protocol, "", upgradeContext);
		},
		message: (socket, message) => {
			if (Buffer.from(message).toString() === "hello") {
				socket.send("welcome");
				return;
			}
			answers++;
			if (socket.send(ANSWER, true) !== 2 || socket.getUserData().isSlow) return;
			socket.getUserData().isSlow = true;
			dropped++;
		},
		drain: (socket) => {
			if (socket.getUserData().isSlow) socket.end(4002, "slow");
		},
	});
	let port = 0;
	app.listen("127.0.0.1", 0, (listening) => {
		if (listening !== false) port = uWS.us_socket_local_port(listening);
	});
	context.after(() => app.close());
	return { port, answers: () => answers, dropped: () => dropped };
}

test("take little into the kernel, do not read while stalled, and report how they ended", async (context) => {
	const { port, answers, dropped } = server(context);
	const readers = new StalledReaders();
	context.after(() => readers.end());
	await readers.open(port, [member, member, member], true);
	await readers.ask(3);
	// 48 KiB each fit into what is held.
	while (answers() < 9) await new Promise((resolve) => setImmediate(resolve));
	assert.equal(dropped(), 0);
	await readers.ask(12);
	while (answers() < 45) await new Promise((resolve) => setImmediate(resolve));
	assert.equal(dropped(), 3);
	const fates = await readers.finish(15, ANSWER.length, 10);
	assert.deepEqual(fates, { codes: { "4002": 3 }, cutOff: 0, complete: 0, open: 0 });
});

test("have every reply when they read again, if the server keeps them", async (context) => {
	const { port, answers } = server(context);
	const readers = new StalledReaders();
	context.after(() => readers.end());
	await readers.open(port, [member, member], true);
	await readers.ask(3);
	while (answers() < 6) await new Promise((resolve) => setImmediate(resolve));
	assert.deepEqual(await readers.finish(3, ANSWER.length, 10), { codes: {}, cutOff: 0, complete: 2, open: 0 });
});

test("those of the control take what comes", async (context) => {
	const { port, answers, dropped } = server(context);
	const readers = new StalledReaders();
	context.after(() => readers.end());
	await readers.open(port, [member, member], false);
	for (let asked = 12; asked <= 60; asked += 12) {
		await readers.ask(12);
		while (answers() < 2 * asked) await new Promise((resolve) => setImmediate(resolve));
		await readers.read();
	}
	assert.equal(dropped(), 0);
	assert.deepEqual(await readers.finish(61, ANSWER.length, 0.5), { codes: {}, cutOff: 0, complete: 0, open: 2 });
});

test("readers that stay open are distinguished, and so are those that are cut off", async (context) => {
	const sockets = new WebSocketServer({ port: 0, host: "127.0.0.1" });
	await once(sockets, "listening");
	context.after(() => sockets.close());
	context.after(() => {
		for (const socket of sockets.clients) socket.terminate();
	});
	let greeted = 0;
	sockets.on("connection", (socket) => {
		// The first that came, which the server forgets when it is cut off.
		const isFirst = sockets.clients.size === 1;
		socket.once("message", () => socket.send(`welcome ${greeted++}`));
		socket.on("message", (text: Buffer) => {
			if (text.toString() === "more" && isFirst) socket.terminate();
		});
	});
	const readers = new StalledReaders();
	context.after(() => readers.end());
	await readers.open((sockets.address() as AddressInfo).port, [member, member], true);
	await readers.ask(1);
	assert.deepEqual(await readers.finish(1, 1000, 0.5), { codes: {}, cutOff: 1, complete: 0, open: 1 });
});

test("a server that rejects them is reported", async (context) => {
	const sockets = new WebSocketServer({ port: 0, host: "127.0.0.1", verifyClient: () => false });
	await once(sockets, "listening");
	context.after(() => sockets.close());
	const readers = new StalledReaders();
	context.after(() => readers.end());
	const opening = readers.open((sockets.address() as AddressInfo).port, [member], true);
	await assert.rejects(opening, /not upgraded: .*401/);
});
