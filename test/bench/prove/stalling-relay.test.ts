// The relay of the proof passes everything on, and does not read what a node sends while it stalls.
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { StallingRelay } from "../../../bench/prove/stalling-relay.ts";

const SENT = Buffer.alloc(1_000_000, "x");

test("a connected client gets nothing while the relay stalls, and everything afterwards; others are not affected", async (context) => {
	const node = createServer();
	node.listen(0, "127.0.0.1");
	await once(node, "listening");
	context.after(() => node.close());
	const relay = new StallingRelay();
	context.after(() => relay.end());
	const [port = 0] = await relay.listen([(node.address() as AddressInfo).port]);
	const meet = async (): Promise<{ readonly client: Socket; readonly side: Socket; readonly got: () => number }> => {
		const arrival = once(node, "connection") as Promise<[Socket]>;
		const client = connect({ host: "127.0.0.1", port, localAddress: "127.1.2.3" });
		const [side] = await arrival;
		assert.equal(side.remoteAddress, "127.1.2.3", "nodes see where a client comes from");
		let length = 0;
		client.on("data", (chunk: Buffer) => {
			length += chunk.length;
		});
		context.after(() => client.destroy());
		return { client, side, got: () => length };
	};
	const first = await meet();
	first.client.write("hello");
	await once(first.side, "data");
	assert.equal(await relay.stall(), 1);
	first.side.write(SENT);
	const second = await meet();
	second.side.write(SENT);
	while (second.got() < SENT.length) await once(second.client, "data");
	assert.equal(first.got(), 0);
	assert.ok(first.side.writableLength > 0, "the kernel takes little of it");
	assert.equal(await relay.goOn(), 1);
	while (first.got() < SENT.length) await once(first.client, "data");
	const ended = once(first.client, "close");
	first.side.destroy();
	await ended;
});
