// The control of the proof is evaluated correctly: reported gaps are distinguished, and connections are lost as requested.
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { Relay } from "../../../bench/prove/control/relay.ts";
import { unreportedGaps } from "../../../bench/prove/control/stream.ts";

const log = (...sequences: number[]) => sequences.map((sequence) => ({ id: `m${sequence}`, sequence }));

test("adjacent missing messages are one gap, and the end counts", () => {
	assert.equal(unreportedGaps(log(1, 2, 3), [], 3), 0);
	assert.equal(unreportedGaps(log(1, 4, 6), [], 7), 3, "2 and 3, 5, and 7");
	assert.equal(unreportedGaps(log(2, 1, 3), [], 3), 0, "out of order is none");
});

test("a gap that was reported to the client does not count, others beside it do", () => {
	assert.equal(unreportedGaps(log(1, 2, 5, 6), [2], 6), 0, "3 and 4, before the third place");
	assert.equal(unreportedGaps(log(1, 2, 5, 7), [2], 7), 1, "6");
	assert.equal(unreportedGaps(log(1, 2), [2], 9), 0, "reported, and nothing came afterwards");
	assert.equal(unreportedGaps(log(1, 3, 6), [1], 6), 1, "4 and 5");
});

interface Scope {
	after(task: () => unknown): void;
}

/** A node that keeps its connections for the test to look at. */
async function node(context: Scope): Promise<{ readonly port: number; readonly next: () => Promise<Socket> }> {
	const server = createServer();
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	context.after(() => server.close());
	const next = async (): Promise<Socket> => ((await once(server, "connection")) as [Socket])[0];
	return { port: (server.address() as AddressInfo).port, next };
}

test("connections go to the nodes in turn, and are lost as requested", async (context) => {
	const [one, two] = [await node(context), await node(context)];
	const relay = await Relay.open([one.port, two.port], 1);
	context.after(() => relay.end());
	for (const [loss, at] of [
		["reset", two],
		["closed", one],
		["silent", two],
	] as const) {
		const arrival = at.next();
		const client = connect(relay.port, "127.0.0.1");
		const socket = await arrival;
		const received = once(socket, "data");
		client.on("error", () => {});
		client.write("hello");
		assert.equal(String(((await received) as [Buffer])[0]), "hello");
		const ended: string[] = [];
		const nodeEnded = new Promise<void>((resolve) => {
			socket.on("error", (error: NodeJS.ErrnoException) => ended.push(String(error.code)));
			socket.on("close", () => resolve());
		});
		const clientEnded = new Promise<void>((resolve) => client.on("close", () => resolve()));
		let hasNodeEnded = false;
		void nodeEnded.then(() => {
			hasNodeEnded = true;
		});
		relay.cut(loss);
		await clientEnded;
		if (loss === "silent") assert.equal(hasNodeEnded, false, "the node detects it later");
		socket.resume();
		await nodeEnded;
		assert.deepEqual(ended, loss === "reset" ? ["ECONNRESET"] : []);
	}
});
