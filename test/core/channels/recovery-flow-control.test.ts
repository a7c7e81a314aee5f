// Flow control of the recovery for slow clients: at their rate, in bounded memory, and without a gap.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { FixtureClient } from "../gateway-fixture.ts";
import { hubFixture } from "./hub-fixture.ts";

const ROOM = "room:1";
const START = { offset: 0, epoch: "e1" };
const BODY = new Uint8Array(1000);

function setUp({ missed = 20 } = {}) {
	const strangers = new Set<string>();
	const { fixture, broker, channels } = hubFixture({
		access: { canSubscribe: async ({ userId }) => !strangers.has(userId) },
		maxBufferedBytes: 4_000,
		gateway: { maxBackpressureBytes: 8_000 },
	});
	for (let i = 0; i < missed; i++) broker.post(ROOM, BODY);
	const client = fixture.member("ann");
	client.socket.reading = false;
	return { fixture, broker, channels, client, strangers };
}

async function settle(): Promise<void> {
	for (let i = 0; i < 8; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** The client reads what waits for it, and then stops again. */
async function readOnce({ socket }: FixtureClient): Promise<void> {
	socket.resume();
	socket.reading = false;
	await settle();
}

const offsetsOf = (client: FixtureClient) => client.take().map(({ offset }) => offset);
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

describe("the recovery of a client that reads slowly", () => {
	it("sends everything, no more at a time than fits into the client's buffer", async () => {
		const { client, broker } = setUp();
		const subscribing = client.connection.subscribeChannel(ROOM, START);
		let mostBytes = 0;
		let isDone = false;
		void subscribing.then(() => {
			isDone = true;
		});
		for (let steps = 0; !isDone; steps++) {
			assert.ok(steps < 20, "it continues whenever the client reads");
			await readOnce(client);
			mostBytes = Math.max(mostBytes, client.socket.bufferedBytes());
		}
		assert.deepEqual(await subscribing, { offset: 20, epoch: "e1", isRecovered: true });
		broker.post(ROOM, BODY);
		client.socket.resume();
		assert.deepEqual(offsetsOf(client), upTo(21));
		assert.ok(mostBytes > 2_000 && mostBytes <= 4_000, `${mostBytes} bytes`);
		assert.equal(client.socket.closed, undefined);
	});

	it("sends publications that come meanwhile in order", async () => {
		const { client, broker } = setUp({ missed: 6 });
		const subscribing = client.connection.subscribeChannel(ROOM, START);
		await settle();
		for (let i = 0; i < 3; i++) broker.post(ROOM, BODY);
		for (let i = 0; i < 4; i++) await readOnce(client);
		assert.deepEqual(await subscribing, { offset: 9, epoch: "e1", isRecovered: true });
		client.socket.resume();
		assert.deepEqual(offsetsOf(client), upTo(9));
	});

	it("reports isRecovered false when the rest is no longer held", async () => {
		const { client, broker } = setUp();
		const subscribing = client.connection.subscribeChannel(ROOM, START);
		await settle();
		broker.trim(ROOM, 15);
		await readOnce(client);
		assert.deepEqual(await subscribing, { offset: 20, epoch: "e1", isRecovered: false });
		broker.post(ROOM, BODY);
		client.socket.resume();
		assert.deepEqual(offsetsOf(client), [1, 2, 3, 21]);
	});

	it("ends when the client disconnects, and when the user may not subscribe any more", async () => {
		const { client, fixture, channels, broker, strangers } = setUp();
		const gone = client.connection.subscribeChannel(ROOM, START);
		const other = fixture.member("bob");
		other.socket.reading = false;
		const removed = other.connection.subscribeChannel(ROOM, START);
		await settle();
		client.socket.disconnect();
		strangers.add("user-bob");
		channels.membershipChanged("user-bob", ROOM, false);
		broker.post(ROOM, BODY);
		await Promise.all([gone, assert.rejects(removed, /not allowed/), readOnce(other)]);
		other.socket.resume();
		assert.deepEqual(offsetsOf(other), [1, 2, 3], "no later publication");
		fixture.nowMs += 11_000;
		channels.sweep();
		assert.equal(channels.size, 0);
	});

	it("of many channels costs one history read whenever the client reads, not one per channel", async () => {
		const { client, broker } = setUp({ missed: 0 });
		const rooms = Array.from({ length: 6 }, (_, index) => `room:${index}`);
		for (const room of rooms) for (let i = 0; i < 4; i++) broker.post(room, BODY);
		const subscribing = Promise.all(rooms.map((room) => client.connection.subscribeChannel(room, START)));
		let isDone = false;
		void subscribing.then(() => {
			isDone = true;
		});
		await settle();
		for (let steps = 0; !isDone; steps++) {
			assert.ok(steps < 20, "it continues whenever the client reads");
			broker.reads = [];
			await readOnce(client);
			// One that ends, and one more that fills the buffer again.
			assert.ok(broker.reads.length <= 2, `${broker.reads.length} reads`);
		}
		assert.ok((await subscribing).every(({ isRecovered }) => isRecovered));
		client.socket.resume();
		const arrived = client.take();
		for (const room of rooms) {
			const offsets = arrived.filter(({ channel }) => channel === room).map(({ offset }) => offset);
			assert.deepEqual(offsets, upTo(4), room);
		}
	});

	it("is not blocked by a message larger than its share", async () => {
		const { client, broker } = setUp({ missed: 1 });
		broker.post(ROOM, new Uint8Array(6_000));
		const subscribing = client.connection.subscribeChannel(ROOM, START);
		await settle();
		await readOnce(client);
		assert.deepEqual(await subscribing, { offset: 2, epoch: "e1", isRecovered: true });
		client.socket.resume();
		assert.deepEqual(offsetsOf(client), [1, 2]);
	});
});
