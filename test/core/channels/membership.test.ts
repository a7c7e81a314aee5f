// A removed user gets nothing more, whatever is in flight: every order of query, removal and reply, forced by the test.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Identity } from "../../../common/identity.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import { GatewayError, unavailable } from "../../../protocol/error.ts";
import { ChannelReset, pushes } from "../../../protocol/gen/schema.ts";
import { type FixtureClient, identityOf } from "../gateway-fixture.ts";
import { hubFixture } from "./hub-fixture.ts";

const ROOM = "room:1";

/** An authorizer whose replies the test releases; a reply holds for the time of its query. */
class ScriptedAccess {
	readonly members = new Set<string>();
	holds = false;
	failure: Error | undefined;
	asked = 0;
	private waiting: (() => void)[] = [];

	async canSubscribe({ username }: Identity, _channel: string): Promise<boolean> {
		this.asked++;
		const answer = this.members.has(username);
		if (this.failure !== undefined) throw this.failure;
		if (this.holds) await new Promise<void>((resolve) => this.waiting.push(resolve));
		return answer;
	}

	release(): void {
		for (const answer of this.waiting.splice(0)) answer();
	}
}

function setUp(maxPerConnection = 100) {
	const access = new ScriptedAccess();
	const { fixture, broker, channels } = hubFixture({ access, maxPerConnection });
	const join = (name: string): FixtureClient => {
		access.members.add(name);
		return fixture.member(name);
	};
	/** Commits the removal, and publishes it. */
	const remove = (name: string, after?: { offset: number; epoch: string }) => {
		access.members.delete(name);
		channels.membershipChanged(`user-${name}`, ROOM, false, after);
	};
	return { fixture, broker, access, channels, join, remove };
}

async function settle(): Promise<void> {
	for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}

function arrived(client: FixtureClient): (number | string)[] {
	return client.take().map((push) => {
		if (push.protocol !== pushes.channelReset.number) return push.offset ?? 0;
		const { offset, epoch } = ChannelReset.decode(push.body ?? new Uint8Array());
		return `reset to ${epoch}:${offset}`;
	});
}

const denied = (error: unknown) => error instanceof GatewayError && error.code === ErrorCode.PERMISSION_DENIED;

describe("a removal", () => {
	it("during the authorization query rejects the subscription", async () => {
		const { broker, access, join, remove } = setUp();
		const ann = join("ann");
		access.holds = true;
		const subscribing = ann.connection.subscribeChannel(ROOM);
		await settle();
		access.holds = false;
		remove("ann");
		access.release();
		await assert.rejects(subscribing, denied);
		broker.post(ROOM);
		assert.deepEqual(arrived(ann), []);
		assert.equal(broker.subscribed.size, 0, "no subscription reached the broker");
	});

	for (const since of [undefined, { offset: 1, epoch: "e1" }]) {
		it(`during the read of the channel rejects the subscription, ${since ? "with" : "without"} a position`, async () => {
			const { broker, join, remove } = setUp();
			for (let i = 0; i < 3; i++) broker.post(ROOM);
			const [ann, bob] = [join("ann"), join("bob")];
			if (since !== undefined) await bob.connection.subscribeChannel(ROOM);
			broker.holdsReads = true;
			const subscribing = ann.connection.subscribeChannel(ROOM, since);
			await settle();
			remove("ann");
			broker.holdsReads = false;
			broker.release();
			await assert.rejects(subscribing, denied);
			broker.post(ROOM);
			assert.deepEqual(arrived(ann), []);
		});
	}

	it("that was undone meanwhile does not reject the subscription", async () => {
		const { broker, access, join, remove } = setUp();
		const ann = join("ann");
		broker.holdsReads = true;
		const subscribing = ann.connection.subscribeChannel(ROOM);
		await settle();
		remove("ann");
		access.members.add("ann");
		broker.holdsReads = false;
		broker.release();
		await subscribing;
		broker.post(ROOM);
		assert.deepEqual(arrived(ann), [1]);
	});

	it("that arrives late does not unsubscribe a user who is a member again", async () => {
		const { broker, access, channels, join, remove } = setUp();
		const ann = join("ann");
		await ann.connection.subscribeChannel(ROOM);
		access.members.add("ann");
		channels.membershipChanged("user-ann", ROOM, false);
		await settle();
		broker.post(ROOM);
		assert.deepEqual(arrived(ann), ["reset to e1:0", 1]);
		remove("ann");
		await settle();
		broker.post(ROOM);
		assert.deepEqual(arrived(ann), []);
	});

	it("and a pending subscription of the former user have no effect on a connection of another user", async () => {
		const { broker, access, join } = setUp();
		const ann = join("ann");
		access.members.add("bob");
		broker.holdsReads = true;
		const subscribing = ann.connection.subscribeChannel(ROOM);
		await settle();
		ann.connection.authenticate(identityOf("bob"));
		broker.holdsReads = false;
		broker.release();
		await assert.rejects(subscribing, denied);
		broker.post(ROOM);
		assert.deepEqual(arrived(ann), []);
	});

	it("takes effect after the publications before it", async () => {
		const { fixture, broker, channels, join, remove } = setUp();
		const [ann, bob, eve] = [join("ann"), join("bob"), join("eve")];
		for (const { connection } of [ann, bob, eve]) await connection.subscribeChannel(ROOM);
		broker.isDeaf = true;
		const late = [broker.post(ROOM), broker.post(ROOM), broker.post(ROOM)];
		broker.isDeaf = false;
		remove("ann", { offset: 2, epoch: "e1" });
		remove("bob", { offset: 3, epoch: "another epoch" });
		for (const publication of late) broker.deliver(ROOM, publication);
		assert.deepEqual([arrived(ann), arrived(bob), arrived(eve)], [[1, 2], [], [1, 2, 3]]);
		// A publication that never comes is waited for only until a deadline.
		remove("eve", { offset: 99, epoch: "e1" });
		assert.ok(eve.connection.subscriptions.has(ROOM));
		fixture.nowMs += 3_000;
		channels.sweep();
		assert.ok(!eve.connection.subscriptions.has(ROOM));
	});

	it("that is pending is cancelled when the user returns", async () => {
		const { broker, access, channels, join, remove } = setUp();
		const ann = join("ann");
		await ann.connection.subscribeChannel(ROOM);
		broker.isDeaf = true;
		const late = broker.post(ROOM);
		broker.isDeaf = false;
		remove("ann", late);
		access.members.add("ann");
		channels.membershipChanged("user-ann", ROOM, true);
		broker.deliver(ROOM, late);
		broker.post(ROOM);
		assert.deepEqual(arrived(ann), [1, 2], "without a gap, and so without a reset");
	});
});

describe("a removal whose event this process did not receive", () => {
	it("is detected when the bus is back", async () => {
		const { broker, access, channels, join } = setUp();
		const [ann, bob] = [join("ann"), join("bob")];
		for (const { connection } of [ann, bob]) await connection.subscribeChannel(ROOM);
		access.members.delete("ann");
		channels.revalidateMemberships();
		await settle();
		broker.post(ROOM);
		assert.deepEqual([arrived(ann), arrived(bob)], [[], [1]]);
	});

	it("is detected within about a minute, even if the authorizer fails at first", async () => {
		const { fixture, broker, access, channels, join } = setUp();
		const ann = join("ann");
		await ann.connection.subscribeChannel(ROOM);
		access.members.delete("ann");
		const pass = async (ms: number) => {
			fixture.nowMs += ms;
			channels.sweep();
			await settle();
		};
		await pass(30_000);
		assert.equal(access.asked, 1, "not at every sweep");
		access.failure = unavailable("the database", 1);
		await pass(31_000);
		assert.ok(ann.connection.subscriptions.has(ROOM));
		access.failure = undefined;
		await pass(1_000);
		assert.equal(access.asked, 2);
		await pass(5_000);
		broker.post(ROOM);
		assert.deepEqual(arrived(ann), []);
	});

	it("is checked again when the bus breaks during the check", async () => {
		const { fixture, access, channels, join } = setUp();
		const ann = join("ann");
		await ann.connection.subscribeChannel(ROOM);
		access.holds = true;
		channels.revalidateMemberships();
		await settle();
		access.holds = false;
		access.members.delete("ann");
		channels.revalidateMemberships();
		access.release();
		await settle();
		fixture.nowMs += 1_000;
		channels.sweep();
		await settle();
		assert.ok(!ann.connection.subscriptions.has(ROOM));
	});
});

describe("the limit of a connection", () => {
	it("counts pending subscriptions", async () => {
		const { broker, join } = setUp(3);
		const ann = join("ann");
		broker.holdsReads = true;
		const names = ["room:1", "room:2", "room:2", "room:3", "room:4", "room:5"];
		const results = Promise.allSettled(names.map((name) => ann.connection.subscribeChannel(name)));
		await settle();
		assert.deepEqual([...broker.subscribed].sort(), ["room:1", "room:2", "room:3"], "no more reach the broker");
		broker.holdsReads = false;
		broker.release();
		const refused = (await results).map(({ status }) => status === "rejected");
		assert.deepEqual(refused, [false, false, false, false, true, true]);
		ann.connection.unsubscribeChannel("room:3");
		await ann.connection.subscribeChannel("room:4");
		await assert.rejects(ann.connection.subscribeChannel("room:5"), { code: ErrorCode.RATE_LIMITED });
	});

	it("is reported to a client that the server cannot subscribe", async () => {
		const { access, channels, join } = setUp(1);
		const ann = join("ann");
		await ann.connection.subscribeChannel("room:2");
		channels.membershipChanged("user-ann", ROOM, true);
		await settle();
		assert.deepEqual(arrived(ann), ["reset to :0"]);
		ann.connection.unsubscribeChannel("room:2");
		access.members.delete("ann");
		channels.membershipChanged("user-ann", ROOM, true);
		await settle();
		assert.deepEqual(arrived(ann), [], "a user who is no member gets nothing");
	});
});

it("a connection without a user cannot subscribe", async () => {
	const { fixture } = setUp();
	await assert.rejects(fixture.client().connection.subscribeChannel(ROOM), { code: ErrorCode.UNAUTHENTICATED });
});
