// Following, recovering and healing, with every race played out by hand.
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

/** Lets everything run that nothing holds back. */
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

describe("following", () => {
	it("begins where the channel stands and brings what comes, the same bytes to all", async () => {
		const { fixture, broker } = setUp();
		broker.post(ROOM);
		const [ann, bob] = [fixture.member("ann"), fixture.member("bob")];
		assert.deepEqual(
			await ann.connection.follow(ROOM),
			{ offset: 1, epoch: "e1", isRecovered: false },
			"not asked for",
		);
		await bob.connection.follow(ROOM);
		const { frame } = broker.post(ROOM);
		for (const { socket } of [ann, bob]) assert.deepEqual(socket.received, [new Uint8Array(frame)]);
	});

	it("ends with unfollow, with the connection, and with the user's removal", async () => {
		const { fixture, broker, channels, strangers } = setUp();
		const clients = ["ann", "bob", "eve", "tom"].map((name) => fixture.member(name));
		await Promise.all(clients.map((client) => client.connection.follow(ROOM)));
		const [ann, bob, eve, tom] = clients as [FixtureClient, FixtureClient, FixtureClient, FixtureClient];
		ann.connection.unfollow(ROOM);
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
		await client.connection.follow(ROOM);
		client.connection.signOut();
		broker.post(ROOM);
		assert.deepEqual(arrived(client), []);
	});

	it("leaves the broker's channel some time after the last follower, not at once", async () => {
		const { fixture, broker, channels } = setUp();
		const client = fixture.member("ann");
		await client.connection.follow(ROOM);
		client.connection.unfollow(ROOM);
		fixture.nowMs += 5_000;
		channels.sweep();
		assert.ok(broker.subscribed.has(ROOM));
		fixture.nowMs += 6_000;
		channels.sweep();
		await settle();
		assert.deepEqual([broker.subscribed.has(ROOM), channels.size], [false, 0]);
	});

	it("is refused beyond the limit of a connection, and while the broker is down, and works afterwards", async () => {
		const { fixture, broker, channels } = setUp(1);
		const client = fixture.member("ann");
		broker.isDown = true;
		await assert.rejects(client.connection.follow(ROOM), /down/);
		await settle();
		assert.equal(channels.size, 0);
		broker.isDown = false;
		await client.connection.follow(ROOM);
		const refused = (error: unknown) => error instanceof GatewayError && error.code === ErrorCode.RATE_LIMITED;
		await assert.rejects(client.connection.follow("room:2"), refused);
		assert.equal((await client.connection.follow(ROOM)).epoch, "e1");
	});

	it("keeps the limit when many come at once", async () => {
		const { fixture } = setUp(2);
		const client = fixture.member("ann");
		const channels = ["room:1", "room:2", "room:3", "room:4"];
		const results = await Promise.allSettled(channels.map((channel) => client.connection.follow(channel)));
		assert.equal(results.filter(({ status }) => status === "fulfilled").length, 2);
		assert.equal(client.connection.subscriptions.size, 2);
	});

	it("misses nothing of what is published while the first follower comes in", async () => {
		const { fixture, broker } = setUp();
		const client = fixture.member("ann");
		broker.holdsReads = true;
		const following = client.connection.follow(ROOM);
		await settle();
		broker.post(ROOM);
		broker.release();
		// The publication came after the position was read and before the follower was in: it is behind them, and known.
		assert.deepEqual(await following, { offset: 1, epoch: "e1", isRecovered: false });
		broker.post(ROOM);
		assert.deepEqual(arrived(client), [2]);
	});
});

describe("recovering", () => {
	it("sends what was missed, in order, before what is live", async () => {
		const { fixture, broker } = setUp();
		for (let i = 0; i < 5; i++) broker.post(ROOM);
		const client = fixture.member("ann");
		const followed = await client.connection.follow(ROOM, { offset: 2, epoch: "e1" });
		broker.post(ROOM);
		assert.deepEqual(arrived(client), [3, 4, 5, 6]);
		assert.deepEqual(followed, { offset: 5, epoch: "e1", isRecovered: true });
	});

	it("brings what was missed to a connection that begins to leave meanwhile, before the reply says so", async () => {
		const { fixture, broker } = setUp();
		for (let i = 0; i < 5; i++) broker.post(ROOM);
		const client = fixture.member("ann");
		broker.holdsReads = true;
		const following = client.connection.follow(ROOM, { offset: 2, epoch: "e1" });
		await settle();
		broker.release();
		await settle();
		client.connection.beginDrain();
		broker.release();
		assert.deepEqual(await following, { offset: 5, epoch: "e1", isRecovered: true });
		assert.deepEqual(arrived(client), [3, 4, 5]);
	});

	it("merges what is published during the read without hole or duplicate", async () => {
		const { fixture, broker } = setUp();
		const other = fixture.member("bob");
		await other.connection.follow(ROOM);
		for (let i = 0; i < 3; i++) broker.post(ROOM);
		const client = fixture.member("ann");
		broker.holdsReads = true;
		const following = client.connection.follow(ROOM, { offset: 1, epoch: "e1" });
		await settle();
		broker.post(ROOM);
		broker.post(ROOM);
		broker.release();
		await following;
		broker.post(ROOM);
		assert.deepEqual(arrived(client), [2, 3, 4, 5, 6]);
		assert.deepEqual(arrived(other), [1, 2, 3, 4, 5, 6]);
	});

	it("does not send twice what the read already holds and the live path brings later", async () => {
		const { fixture, broker } = setUp();
		const other = fixture.member("bob");
		await other.connection.follow(ROOM);
		broker.post(ROOM);
		broker.isDeaf = true;
		const late = [broker.post(ROOM), broker.post(ROOM)];
		broker.isDeaf = false;
		const client = fixture.member("ann");
		await client.connection.follow(ROOM, { offset: 0, epoch: "e1" });
		for (const publication of late) broker.deliver(ROOM, publication);
		assert.deepEqual(arrived(client), [1, 2, 3]);
		assert.deepEqual(arrived(other), [1, 2, 3]);
	});

	it("shares one read among all who come at once, whatever each has missed", async () => {
		const { fixture, broker } = setUp();
		for (let i = 0; i < 20; i++) broker.post(ROOM);
		const clients = Array.from({ length: 20 }, (_, index) => fixture.member(`user${index}`));
		await (clients[0] as FixtureClient).connection.follow("room:other");
		broker.reads = [];
		await Promise.all(clients.map(({ connection }, index) => connection.follow(ROOM, { offset: index, epoch: "e1" })));
		// One for the position when the first came in, one for what all had missed.
		assert.deepEqual(broker.reads, [ROOM, ROOM]);
		for (const [index, client] of clients.entries()) {
			assert.deepEqual(
				arrived(client),
				Array.from({ length: 20 - index }, (_, i) => index + 1 + i),
			);
		}
	});

	it("says so when something is no longer held, or the position is of another life, or from the future", async () => {
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
			const followed = await client.connection.follow(ROOM, since);
			assert.deepEqual(followed, { offset: 5, epoch: "e1", isRecovered: false }, JSON.stringify(since));
			assert.deepEqual(arrived(client), []);
		}
		const lucky = fixture.member("lucky");
		assert.ok((await lucky.connection.follow(ROOM, { offset: 3, epoch: "e1" })).isRecovered);
		assert.deepEqual(arrived(lucky), [4, 5]);
		await lucky.connection.follow("room:other");
		assert.deepEqual([channels.recovered, channels.unrecovered], [1, 3], "whoever presents none is not counted");
	});

	it("of a laggard does not spoil the recovery of others", async () => {
		const { fixture, broker } = setUp();
		for (let i = 0; i < 1_500; i++) broker.post(ROOM);
		const [laggard, quick] = [fixture.member("ann"), fixture.member("bob")];
		const [slow, fast] = await Promise.all([
			laggard.connection.follow(ROOM, { offset: 0, epoch: "e1" }),
			quick.connection.follow(ROOM, { offset: 1_490, epoch: "e1" }),
		]);
		assert.deepEqual([slow.isRecovered, fast.isRecovered], [false, true]);
		assert.equal(arrived(quick).length, 10);
	});

	it("of somebody who has left meanwhile sends nothing and leaves nothing behind", async () => {
		const { fixture, broker, channels } = setUp();
		broker.post(ROOM);
		const client = fixture.member("ann");
		broker.holdsReads = true;
		const following = client.connection.follow(ROOM, { offset: 0, epoch: "e1" });
		await settle();
		client.socket.disconnect();
		broker.release();
		await settle();
		broker.release();
		await following;
		fixture.nowMs += 11_000;
		channels.sweep();
		assert.equal(channels.size, 0);
	});
});

describe("the live path", () => {
	async function following(count = 1) {
		const all = setUp();
		const clients = Array.from({ length: count }, (_, index) => all.fixture.member(`user${index}`));
		await Promise.all(clients.map((client) => client.connection.follow(ROOM)));
		return { ...all, client: clients[0] as FixtureClient };
	}

	it("drops duplicates", async () => {
		const { broker, client } = await following();
		const first = broker.post(ROOM);
		broker.deliver(ROOM, first);
		broker.post(ROOM);
		assert.deepEqual(arrived(client), [1, 2]);
	});

	it("fills a hole before it goes on, in order", async () => {
		const { broker, client, channels } = await following();
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

	it("tells of a hole that cannot be filled, and of a new life", async () => {
		const { broker, client, channels } = await following();
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

	it("finds out by itself that a subscription died, or after the link broke", async () => {
		const { broker, client, channels } = await following();
		broker.isDeaf = true;
		broker.post(ROOM);
		for (let i = 0; i < 5; i++) channels.sweep();
		await settle();
		broker.post(ROOM);
		broker.interrupt();
		await settle();
		assert.deepEqual(arrived(client), [1, 2]);
	});

	it("notices that the broker lost what it had", async () => {
		const { broker, client, channels } = await following();
		broker.post(ROOM);
		broker.post(ROOM);
		broker.renew(ROOM, "e1");
		broker.post(ROOM);
		broker.interrupt();
		await settle();
		assert.deepEqual(arrived(client), [1, 2, "reset to e1:1"]);
		assert.equal(channels.resets, 1);
	});

	it("waits out a broker that is down, and then catches up", async () => {
		const { broker, client, channels } = await following();
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
