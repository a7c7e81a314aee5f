// Subscribing, recovering and filling gaps, with every race forced by the test.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Identity } from "../../../common/identity.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import { GatewayError } from "../../../protocol/error.ts";
import { ChannelReset, pushes } from "../../../protocol/gen/schema.ts";
import type { FixtureClient } from "../gateway-fixture.ts";
import { hubFixture } from "./hub-fixture.ts";

const ROOM = "room:1";

function setUp(maxPerConnection = 100) {
	const strangers = new Set<string>();
	const access = { canSubscribe: async ({ userId }: Identity) => !strangers.has(userId) };
	return { ...hubFixture({ access, maxPerConnection }), strangers };
}

/** Lets everything run that is not held back. */
async function settle(): Promise<void> {
	for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** Offsets of the pushes that arrived, and resets as "reset". */
function arrived(client: FixtureClient): (number | string)[] {
	return client.take().map((push) => {
		if (push.protocol !== pushes.channelReset.number) return push.offset ?? 0;
		const { offset, epoch } = ChannelReset.decode(push.body ?? new Uint8Array());
		return `reset to ${epoch}:${offset}`;
	});
}

describe("subscribing", () => {
	it("begins at the channel's position and delivers live publications, the same bytes to all", async () => {
		const { fixture, broker } = setUp();
		broker.post(ROOM);
		const [ann, bob] = [fixture.member("ann"), fixture.member("bob")];
		assert.deepEqual(
			await ann.connection.subscribeChannel(ROOM),
			{ offset: 1, epoch: "e1", isRecovered: false },
			"not asked for",
		);
		await bob.connection.subscribeChannel(ROOM);
		const { frame } = broker.post(ROOM);
		for (const { socket } of [ann, bob]) assert.deepEqual(socket.received, [new Uint8Array(frame)]);
	});

	it("ends on unsubscribe, on disconnect, and on the user's removal", async () => {
		const { fixture, broker, channels, strangers } = setUp();
		const clients = ["ann", "bob", "eve", "tom"].map((name) => fixture.member(name));
		await Promise.all(clients.map((client) => client.connection.subscribeChannel(ROOM)));
		const [ann, bob, eve, tom] = clients as [FixtureClient, FixtureClient, FixtureClient, FixtureClient];
		ann.connection.unsubscribeChannel(ROOM);
		bob.socket.disconnect();
		strangers.add("user-eve");
		channels.membershipChanged("user-eve", ROOM, false);
		await settle();
		broker.post(ROOM);
		assert.deepEqual([arrived(ann), arrived(bob), arrived(eve), arrived(tom)], [[], [], [], [1]]);
		strangers.clear();
		channels.membershipChanged("user-eve", ROOM, true);
		await settle();
		broker.post(ROOM);
		assert.deepEqual(arrived(eve), ["reset to e1:1", 2]);
	});

	it("ends when the connection becomes another user's", async () => {
		const { fixture, broker } = setUp();
		const client = fixture.member("ann");
		await client.connection.subscribeChannel(ROOM);
		client.connection.signOut();
		broker.post(ROOM);
		assert.deepEqual(arrived(client), []);
	});

	it("unsubscribes from the broker some time after the last subscriber left, not at once", async () => {
		const { fixture, broker, channels } = setUp();
		const client = fixture.member("ann");
		await client.connection.subscribeChannel(ROOM);
		client.connection.unsubscribeChannel(ROOM);
		fixture.nowMs += 5_000;
		channels.sweep();
		assert.ok(broker.subscribed.has(ROOM));
		fixture.nowMs += 6_000;
		channels.sweep();
		await settle();
		assert.deepEqual([broker.subscribed.has(ROOM), channels.size], [false, 0]);
	});

	it("is refused beyond the limit of a connection and while the broker is down, and succeeds afterwards", async () => {
		const { fixture, broker, channels } = setUp(1);
		const client = fixture.member("ann");
		broker.isDown = true;
		await assert.rejects(client.connection.subscribeChannel(ROOM), /down/);
		await settle();
		assert.equal(channels.size, 0);
		broker.isDown = false;
		await client.connection.subscribeChannel(ROOM);
		const refused = (error: unknown) => error instanceof GatewayError && error.code === ErrorCode.RATE_LIMITED;
		await assert.rejects(client.connection.subscribeChannel("room:2"), refused);
		assert.equal((await client.connection.subscribeChannel(ROOM)).epoch, "e1");
	});

	it("enforces the limit on concurrent requests", async () => {
		const { fixture } = setUp(2);
		const client = fixture.member("ann");
		const channels = ["room:1", "room:2", "room:3", "room:4"];
		const results = await Promise.allSettled(channels.map((channel) => client.connection.subscribeChannel(channel)));
		assert.equal(results.filter(({ status }) => status === "fulfilled").length, 2);
		assert.equal(client.connection.subscriptions.size, 2);
	});

	it("misses nothing that is published while the first subscriber subscribes", async () => {
		const { fixture, broker } = setUp();
		const client = fixture.member("ann");
		broker.holdsReads = true;
		const subscribing = client.connection.subscribeChannel(ROOM);
		await settle();
		broker.post(ROOM);
		broker.release();
		// The publication came after the position was read and before the subscription began: the reply's position covers it.
		assert.deepEqual(await subscribing, { offset: 1, epoch: "e1", isRecovered: false });
		broker.post(ROOM);
		assert.deepEqual(arrived(client), [2]);
	});
});

describe("recovering", () => {
	it("sends missed publications, in order, before live ones", async () => {
		const { fixture, broker } = setUp();
		for (let i = 0; i < 5; i++) broker.post(ROOM);
		const client = fixture.member("ann");
		const result = await client.connection.subscribeChannel(ROOM, { offset: 2, epoch: "e1" });
		broker.post(ROOM);
		assert.deepEqual(arrived(client), [3, 4, 5, 6]);
		assert.deepEqual(result, { offset: 5, epoch: "e1", isRecovered: true });
	});

	it("sends missed publications before the reply to a connection that begins to drain meanwhile", async () => {
		const { fixture, broker } = setUp();
		for (let i = 0; i < 5; i++) broker.post(ROOM);
		const client = fixture.member("ann");
		broker.holdsReads = true;
		const subscribing = client.connection.subscribeChannel(ROOM, { offset: 2, epoch: "e1" });
		await settle();
		broker.release();
		await settle();
		client.connection.beginDrain();
		broker.release();
		assert.deepEqual(await subscribing, { offset: 5, epoch: "e1", isRecovered: true });
		assert.deepEqual(arrived(client), [3, 4, 5]);
	});

	it("merges publications during the read without gap or duplicate", async () => {
		const { fixture, broker } = setUp();
		const other = fixture.member("bob");
		await other.connection.subscribeChannel(ROOM);
		for (let i = 0; i < 3; i++) broker.post(ROOM);
		const client = fixture.member("ann");
		broker.holdsReads = true;
		const subscribing = client.connection.subscribeChannel(ROOM, { offset: 1, epoch: "e1" });
		await settle();
		broker.post(ROOM);
		broker.post(ROOM);
		broker.release();
		await subscribing;
		broker.post(ROOM);
		assert.deepEqual(arrived(client), [2, 3, 4, 5, 6]);
		assert.deepEqual(arrived(other), [1, 2, 3, 4, 5, 6]);
	});

	it("does not send again a late live publication that the read contained", async () => {
		const { fixture, broker } = setUp();
		const other = fixture.member("bob");
		await other.connection.subscribeChannel(ROOM);
		broker.post(ROOM);
		broker.isDeaf = true;
		const late = [broker.post(ROOM), broker.post(ROOM)];
		broker.isDeaf = false;
		const client = fixture.member("ann");
		await client.connection.subscribeChannel(ROOM, { offset: 0, epoch: "e1" });
		for (const publication of late) broker.deliver(ROOM, publication);
		assert.deepEqual(arrived(client), [1, 2, 3]);
		assert.deepEqual(arrived(other), [1, 2, 3]);
	});

	it("shares one read among concurrent subscribers, whatever each has missed", async () => {
		const { fixture, broker } = setUp();
		for (let i = 0; i < 20; i++) broker.post(ROOM);
		const clients = Array.from({ length: 20 }, (_, index) => fixture.member(`user${index}`));
		await (clients[0] as FixtureClient).connection.subscribeChannel("room:other");
		broker.reads = [];
		await Promise.all(
			clients.map(({ connection }, index) => connection.subscribeChannel(ROOM, { offset: index, epoch: "e1" })),
		);
		// One for the position when the first subscribed, one for the publications that all had missed.
		assert.deepEqual(broker.reads, [ROOM, ROOM]);
		for (const [index, client] of clients.entries()) {
			assert.deepEqual(
				arrived(client),
				Array.from({ length: 20 - index }, (_, i) => index + 1 + i),
			);
		}
	});

	it("reports isRecovered false for a trimmed log, another epoch, and a position ahead of the log", async () => {
		const { fixture, broker, channels } = setUp();
		for (let i = 0; i < 5; i++) broker.post(ROOM);
		broker.trim(ROOM, 4);
		const cases = [
			{ offset: 2, epoch: "e1" },
			{ offset: 2, epoch: "e0" },
			{ offset: 99, epoch: "e1" },
		];
		for (const [index, since] of cases.entries()) {
			const client = fixture.member(`user${index}`);
			const result = await client.connection.subscribeChannel(ROOM, since);
			assert.deepEqual(result, { offset: 5, epoch: "e1", isRecovered: false }, JSON.stringify(since));
			assert.deepEqual(arrived(client), []);
		}
		const lucky = fixture.member("lucky");
		assert.ok((await lucky.connection.subscribeChannel(ROOM, { offset: 3, epoch: "e1" })).isRecovered);
		assert.deepEqual(arrived(lucky), [4, 5]);
		await lucky.connection.subscribeChannel("room:other");
		assert.deepEqual(
			[channels.recovered, channels.unrecovered],
			[1, 3],
			"a subscriber without a position is not counted",
		);
	});

	it("of a subscriber that is far behind does not fail the recovery of others", async () => {
		const { fixture, broker } = setUp();
		for (let i = 0; i < 1_500; i++) broker.post(ROOM);
		const [laggard, quick] = [fixture.member("ann"), fixture.member("bob")];
		const [slow, fast] = await Promise.all([
			laggard.connection.subscribeChannel(ROOM, { offset: 0, epoch: "e1" }),
			quick.connection.subscribeChannel(ROOM, { offset: 1_490, epoch: "e1" }),
		]);
		assert.deepEqual([slow.isRecovered, fast.isRecovered], [false, true]);
		assert.equal(arrived(quick).length, 10);
	});

	it("of a client that has disconnected meanwhile sends nothing and frees its channel", async () => {
		const { fixture, broker, channels } = setUp();
		broker.post(ROOM);
		const client = fixture.member("ann");
		broker.holdsReads = true;
		const subscribing = client.connection.subscribeChannel(ROOM, { offset: 0, epoch: "e1" });
		await settle();
		client.socket.disconnect();
		broker.release();
		await settle();
		broker.release();
		await subscribing;
		fixture.nowMs += 11_000;
		channels.sweep();
		assert.equal(channels.size, 0);
	});
});

describe("the live path", () => {
	async function withSubscribers(count = 1) {
		const all = setUp();
		const clients = Array.from({ length: count }, (_, index) => all.fixture.member(`user${index}`));
		await Promise.all(clients.map((client) => client.connection.subscribeChannel(ROOM)));
		return { ...all, client: clients[0] as FixtureClient };
	}

	it("drops duplicates", async () => {
		const { broker, client } = await withSubscribers();
		const first = broker.post(ROOM);
		broker.deliver(ROOM, first);
		broker.post(ROOM);
		assert.deepEqual(arrived(client), [1, 2]);
	});

	it("fills a gap before it continues, in order", async () => {
		const { broker, client, channels } = await withSubscribers();
		broker.post(ROOM);
		broker.isDeaf = true;
		broker.post(ROOM);
		broker.post(ROOM);
		broker.isDeaf = false;
		broker.post(ROOM);
		broker.post(ROOM);
		await settle();
		broker.post(ROOM);
		assert.deepEqual(arrived(client), [1, 2, 3, 4, 5, 6]);
		assert.equal(channels.gaps, 1);
	});

	it("reports a gap that cannot be filled, and a new epoch", async () => {
		const { broker, client, channels } = await withSubscribers();
		broker.post(ROOM);
		broker.isDeaf = true;
		broker.post(ROOM);
		broker.post(ROOM);
		broker.isDeaf = false;
		broker.trim(ROOM, 3);
		broker.post(ROOM);
		await settle();
		broker.renew(ROOM, "e2");
		broker.post(ROOM);
		await settle();
		broker.post(ROOM);
		assert.deepEqual(arrived(client), [1, "reset to e1:4", "reset to e2:1", 2]);
		assert.equal(channels.resets, 2);
	});

	it("reads once for what is published under an epoch that is not the channel's, and drops it", async () => {
		const { broker, client, channels } = await withSubscribers();
		const first = broker.post(ROOM);
		broker.reads = [];
		const stranger = { ...first, epoch: "other", offset: 7 };
		for (let i = 0; i < 3; i++) broker.deliver(ROOM, stranger);
		await settle();
		broker.deliver(ROOM, stranger);
		await settle();
		assert.deepEqual(broker.reads, [ROOM]);
		broker.post(ROOM);
		assert.deepEqual([arrived(client), channels.resets], [[1, 2], 0]);
	});

	it("reads once more for what was published before the store lost the channel and arrived after that", async () => {
		const { broker, client, channels } = await withSubscribers();
		const [first, late] = [broker.post(ROOM), broker.post(ROOM)];
		broker.renew(ROOM, "e2");
		broker.reads = [];
		broker.interrupt();
		await settle();
		broker.deliver(ROOM, { ...late, offset: 3 });
		broker.deliver(ROOM, first);
		await settle();
		assert.deepEqual(broker.reads, [ROOM, ROOM]);
		// A further epoch counts as soon as it is the store's.
		broker.renew(ROOM, "e3");
		broker.post(ROOM);
		await settle();
		assert.deepEqual(arrived(client), [1, 2, "reset to e2:0", "reset to e3:1"]);
		assert.equal(channels.resets, 2);
	});

	it("detects a dead subscription, by its own check and after the link broke", async () => {
		const { broker, client, channels } = await withSubscribers();
		broker.isDeaf = true;
		broker.post(ROOM);
		for (let i = 0; i < 5; i++) channels.sweep();
		await settle();
		broker.post(ROOM);
		broker.interrupt();
		await settle();
		assert.deepEqual(arrived(client), [1, 2]);
	});

	it("detects that the broker lost its data", async () => {
		const { broker, client, channels } = await withSubscribers();
		broker.post(ROOM);
		broker.post(ROOM);
		broker.renew(ROOM, "e1");
		broker.post(ROOM);
		broker.interrupt();
		await settle();
		assert.deepEqual(arrived(client), [1, 2, "reset to e1:1"]);
		assert.equal(channels.resets, 1);
	});

	it("catches up after the broker was down", async () => {
		const { broker, client, channels } = await withSubscribers();
		broker.isDeaf = true;
		broker.post(ROOM);
		broker.isDeaf = false;
		broker.isDown = true;
		broker.post(ROOM);
		await settle();
		broker.isDown = false;
		for (let i = 0; i < 5; i++) channels.sweep();
		await settle();
		assert.deepEqual(arrived(client), [1, 2]);
	});
});
