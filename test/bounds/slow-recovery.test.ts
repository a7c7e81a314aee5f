// What a client that reads slowly has missed is read from the broker as it has room for it, and once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { hubFixture } from "../core/channels/hub-fixture.ts";

const ROOM = "room:1";
const START = { offset: 0, epoch: "e1" };
const MISSED = 200;

test("the recovery of a slow reader reads each publication once", async () => {
	const { fixture, broker } = hubFixture({
		access: { canSubscribe: async () => true },
		maxBufferedBytes: 16_000,
		gateway: { maxBackpressureBytes: 32_000 },
	});
	let needed = 0;
	for (let n = 0; n < MISSED; n++) needed += broker.post(ROOM, new Uint8Array(1000)).frame.length;
	const { connection, socket } = fixture.member("ann");
	socket.reading = false;
	const following = connection.subscribeChannel(ROOM, START);
	let isDone = false;
	void following.then(() => {
		isDone = true;
	});
	for (let steps = 0; !isDone; steps++) {
		assert.ok(steps < MISSED, "it goes on with every reading");
		for (let n = 0; n < 8; n++) await new Promise((resolve) => setImmediate(resolve));
		socket.resume();
		socket.reading = false;
	}
	assert.deepEqual(await following, { offset: MISSED, epoch: "e1", isRecovered: true });
	assert.ok(broker.bytesRead < 1.1 * needed, `${broker.bytesRead} bytes were read for ${needed}`);
	socket.resume();
});
