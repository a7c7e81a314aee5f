// Recovery of clients that read slowly: at their pace, in bounded memory, and without a hole.
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
	it("brings everything, no more at a time than the client can hold", async () => {
		const { client, broker } = setUp();
		const following = client.connection.follow(ROOM, START);
		let mostBytes = 0;
		let isDone = false;
		void following.then(() => {
			isDone = true;
		});
		for (let steps = 0; !isDone; steps++) {
			assert.ok(steps < 20, "it goes on with every reading");
			await readOnce(client);
			mostBytes = Math.max(mostBytes, client.socket.bufferedBytes());
		}
		assert.deepEqual(await following, { offset: 20, epoch: "e1", isRecovered: true });
		broker.post(ROOM, BODY);
		client.socket.resume();
		assert.deepEqual(offsetsOf(client), upTo(21));
		assert.ok(mostBytes > 2_000 && mostBytes <= 4_000, `${mostBytes} bytes`);
		assert.equal(client.socket.closed, undefined);
	});

	it("brings what is published meanwhile in its turn", async () => {
		const { client, broker } = setUp({ missed: 6 });
		const following = client.connection.follow(ROOM, START);
		await settle();
		for (let i = 0; i < 3; i++) broker.post(ROOM, BODY);
		for (let i = 0; i < 4; i++) await readOnce(client);
		assert.deepEqual(await following, { offset: 9, epoch: "e1", isRecovered: true });
		client.socket.resume();
		assert.deepEqual(offsetsOf(client), upTo(9));
	});

	it("says so when the rest is no longer held", async () => {
		const { client, broker } = setUp();
		const following = client.connection.follow(ROOM, START);
		await settle();
		broker.trim(ROOM, 15);
		await readOnce(client);
		assert.deepEqual(await following, { offset: 20, epoch: "e1", isRecovered: false });
		broker.post(ROOM, BODY);
		client.socket.resume();
		assert.deepEqual(offsetsOf(client), [1, 2, 3, 21]);
	});

	it("ends with the connection, and with the user's right to follow", async () => {
		const { client, fixture, channels, broker, strangers } = setUp();
		const gone = client.connection.follow(ROOM, START);
		const other = fixture.member("bob");
		other.socket.reading = false;
		const removed = other.connection.follow(ROOM, START);
		await settle();
		client.socket.disconnect();
		strangers.add("user-bob");
		channels.membershipChanged("user-bob", ROOM, false);
		broker.post(ROOM, BODY);
		await Promise.all([gone, assert.rejects(removed, /not allowed/), readOnce(other)]);
		other.socket.resume();
		assert.deepEqual(offsetsOf(other), [1, 2, 3], "nothing that is published later");
		fixture.nowMs += 11_000;
		channels.sweep();
		assert.equal(channels.size, 0);
	});

	it("of many channels costs one read of a history for each reading, not one of each channel", async () => {
		const { client, broker } = setUp({ missed: 0 });
		const rooms = Array.from({ length: 6 }, (_, index) => `room:${index}`);
		for (const room of rooms) for (let i = 0; i < 4; i++) broker.post(room, BODY);
		const following = Promise.all(rooms.map((room) => client.connection.follow(room, START)));
		let isDone = false;
		void following.then(() => {
			isDone = true;
		});
		await settle();
		for (let steps = 0; !isDone; steps++) {
			assert.ok(steps < 20, "it goes on with every reading");
			broker.reads = [];
			await readOnce(client);
			// One that ends, and one more that fills the buffer again.
			assert.ok(broker.reads.length <= 2, `${broker.reads.length} reads`);
		}
		assert.ok((await following).every(({ isRecovered }) => isRecovered));
		client.socket.resume();
		const arrived = client.take();
		for (const room of rooms) {
			const offsets = arrived.filter(({ channel }) => channel === room).map(({ offset }) => offset);
			assert.deepEqual(offsets, upTo(4), room);
		}
	});

	it("of a message larger than its share is not held up by it", async () => {
		const { client, broker } = setUp({ missed: 1 });
		broker.post(ROOM, new Uint8Array(6_000));
		const following = client.connection.follow(ROOM, START);
		await settle();
		await readOnce(client);
		assert.deepEqual(await following, { offset: 2, epoch: "e1", isRecovered: true });
		client.socket.resume();
		assert.deepEqual(offsetsOf(client), [1, 2]);
	});
});
