// The load generator's hand-written frames, held against the `ws` package.
import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { WebSocketServer } from "ws";
import { clientFrame, FrameParser, OPCODE_PING, pipelines } from "../../bench/load/frames.ts";
import { Group } from "../../bench/load/group.ts";

/** A frame as servers send it: not masked. */
function serverFrame(payload: Buffer, opcode = 2): Buffer {
	const { length } = payload;
	if (length < 126) return Buffer.concat([Buffer.from([0x80 | opcode, length]), payload]);
	const header = Buffer.from([0x80 | opcode, 126, length >> 8, length & 0xff]);
	return Buffer.concat([header, payload]);
}

test("frames are found however the bytes are cut", () => {
	const payloads = [
		Buffer.alloc(0),
		Buffer.from("a"),
		Buffer.alloc(125, 1),
		Buffer.alloc(126, 2),
		Buffer.alloc(1000, 3),
	];
	const stream = Buffer.concat([
		...payloads.map((payload) => serverFrame(payload)),
		serverFrame(Buffer.from("p"), OPCODE_PING),
	]);
	for (const step of [1, 2, 3, 7, 130, stream.length]) {
		const parser = new FrameParser();
		const found: Buffer[] = [];
		let pings = 0;
		for (let at = 0; at < stream.length; at += step) {
			parser.feed(stream, at, Math.min(at + step, stream.length), {
				onMessage: (bytes, start, end) => found.push(Buffer.from(bytes.subarray(start, end))),
				onPing: () => pings++,
				onClose: () => assert.fail("no close was sent"),
			});
		}
		assert.deepEqual(found, payloads);
		assert.equal(pings, 1);
	}
});

test("pipelines hold a frame so many times over", () => {
	const frame = clientFrame(Buffer.from("x"));
	assert.deepEqual(
		pipelines(frame, 3).map((batch) => batch.length),
		[0, 1, 2, 3].map((count) => count * frame.length),
	);
});

async function echoServer(
	reply: (data: Buffer) => Buffer,
	context: { after(task: () => void): void },
): Promise<number> {
	const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
	server.on("connection", (socket) => socket.on("message", (data: Buffer) => socket.send(reply(data))));
	context.after(() => {
		for (const socket of server.clients) socket.terminate();
		server.close();
	});
	await once(server, "listening");
	return (server.address() as AddressInfo).port;
}

const group = (port: number, connections: number): Group =>
	new Group({ kind: "open", group: "g", port, connections, check: "echo", first: [Buffer.alloc(300, 7)], window: 4 });

test("a group of connections opens, keeps a load going and measures latency, against a foreign server", async (context) => {
	const load = group(await echoServer((data) => data, context), 10);
	context.after(() => load.close());
	const opened = await load.open();
	assert.deepEqual([opened.errors, opened.firstError], [0, ""]);
	load.start(Buffer.alloc(24, 9), 8);
	while (load.count().messages < 500) await new Promise((resolve) => setImmediate(resolve));
	assert.equal((await load.stop()).errors, 0);
	const looped = await load.openLoop(Buffer.alloc(24, 9), 2000, 0.1);
	assert.deepEqual([looped.errors, looped.missing], [0, 0]);
});

test("wrong replies, short replies and lost connections are errors", async (context) => {
	const wrong = group(await echoServer((data) => Buffer.alloc(data.length, 1), context), 1);
	context.after(() => wrong.close());
	assert.match((await wrong.open()).firstError, /not what was sent/);

	let replies = 0;
	const short = group(await echoServer((data) => (++replies > 4 ? data.subarray(1) : data), context), 1);
	context.after(() => short.close());
	await short.open();
	short.start(Buffer.alloc(24, 9), 1);
	while (short.count().errors === 0) await new Promise((resolve) => setImmediate(resolve));
	assert.match(short.count().firstError, /23 bytes, not 24/);

	const nobody = group(1, 1);
	context.after(() => nobody.close());
	assert.match((await nobody.open()).firstError, /ECONNREFUSED/);
});
