// Authorization queries: many queries in few reads, in fair order among users.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Identity } from "../../common/identity.ts";
import { ChannelAccess, type ChannelAccessOptions } from "../../messaging/channel-access.ts";
import type { ChannelAuthorizer, SubscribeQuery } from "../../messaging/publisher.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { unavailable } from "../../protocol/error.ts";
import { identityOf } from "../core/gateway-fixture.ts";

/** Allows even channel numbers; replies when the test says so. */
class SlowAuthorizer implements ChannelAuthorizer {
	readonly prefix = "room:";
	readonly batches: (readonly SubscribeQuery[])[] = [];
	private waiting: ((error?: Error) => void)[] = [];

	async canSubscribe(): Promise<boolean> {
		throw new Error("one by one");
	}

	async canSubscribeEach(queries: readonly SubscribeQuery[]): Promise<boolean[]> {
		this.batches.push(queries);
		await new Promise<void>((resolve, reject) => {
			this.waiting.push((error) => (error ? reject(error) : resolve()));
		});
		return queries.map(({ channel }) => Number(channel.slice(5)) % 2 === 0);
	}

	answer(error?: Error): void {
		for (const answer of this.waiting.splice(0)) answer(error);
	}

	/** Answers until no query waits. */
	async drain(): Promise<void> {
		await loopTurns();
		while (this.waiting.length > 0) {
			this.answer();
			await loopTurns();
		}
	}
}

async function loopTurns(): Promise<void> {
	for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
}

function setUp(options: Partial<ChannelAccessOptions> = {}) {
	const authorizer = new SlowAuthorizer();
	const access = new ChannelAccess([authorizer], options);
	const ask = (name: string, count: number) =>
		Array.from({ length: count }, (_, index) => access.canSubscribe(identityOf(name), `room:${index}`));
	return { authorizer, access, ask };
}

test("a reconnect storm costs a few reads, and no query is refused", async () => {
	const { authorizer, ask } = setUp();
	const asked = Array.from({ length: 80 }, (_, index) => ask(`user${index}`, 28));
	await loopTurns();
	assert.equal(authorizer.batches.length, 2, "not more at once");
	await authorizer.drain();
	for (const answers of asked) {
		assert.deepEqual(
			await Promise.all(answers),
			Array.from({ length: 28 }, (_, index) => index % 2 === 0),
		);
	}
	assert.equal(authorizer.batches.length, Math.ceil((80 * 28) / 250));
});

test("a user with very many queries does not delay others", async () => {
	const { authorizer, ask } = setUp();
	const flood = ask("mallory", 4000);
	await loopTurns();
	const [own] = ask("ann", 1);
	await loopTurns();
	authorizer.answer();
	await loopTurns();
	// In the batch that was begun next, after those in flight.
	authorizer.answer();
	assert.equal(await own, true);
	await authorizer.drain();
	await Promise.all(flood);
});

test("refuses too many queries of one user, and of all users", async () => {
	const { authorizer, ask } = setUp({ maxWaitingPerUser: 10, maxWaiting: 15 });
	const results = Promise.allSettled([...ask("mallory", 12), ...ask("ann", 7)]);
	await loopTurns();
	await authorizer.drain();
	const codes = (await results).map((result) => (result.status === "fulfilled" ? 0 : result.reason.code));
	assert.deepEqual(codes, [
		...Array(10).fill(0),
		...Array(2).fill(ErrorCode.RATE_LIMITED),
		...Array(5).fill(0),
		...Array(2).fill(ErrorCode.UNAVAILABLE),
	]);
});

test("a failed batch rejects its queries, and the next query is sent to the authorizer again", async () => {
	const { authorizer, ask } = setUp();
	const first = Promise.allSettled(ask("ann", 2));
	await loopTurns();
	authorizer.answer(unavailable("the database", 1));
	assert.deepEqual(
		(await first).map(({ status }) => status),
		["rejected", "rejected"],
	);
	const [second] = ask("ann", 1);
	await loopTurns();
	authorizer.answer();
	assert.equal(await second, true);
});

test("only its user may subscribe to an inbox, and no one to a channel without an authorizer", async () => {
	const { access } = setUp();
	const ann = identityOf("ann");
	const may = (channel: string) => access.canSubscribe(ann, channel);
	assert.deepEqual(await Promise.all(["user:user-ann", "user:user-bob", "x:1", "x", ""].map(may)), [
		true,
		...Array(4).fill(false),
	]);
	assert.throws(() => new ChannelAccess([new SlowAuthorizer(), new SlowAuthorizer()]), /twice/);
	assert.throws(() => new ChannelAccess([{ prefix: "user:", canSubscribe: may as never }]), /twice/);
});

test("an API key may subscribe within its channels only, whatever else permits it", async () => {
	const authorizer: ChannelAuthorizer = { prefix: "alarms:", canSubscribe: async () => true };
	const access = new ChannelAccess([authorizer]);
	const rate = { perSecond: 1, burst: 1 };
	const key = { id: "k", channels: ["alarms:box-1", "scores:"], rate };
	const may = (channel: string) => access.canSubscribe(identityOf("key", { key }), channel);
	assert.deepEqual(await Promise.all(["alarms:box-1", "alarms:box-2", "user:user-key"].map(may)), [true, false, false]);
	assert.equal(await access.canSubscribe(identityOf("ann"), "alarms:box-2"), true);
});

test("hooks of modules are asked about users, and not about API keys, of whom they know nothing", async () => {
	const asked: string[] = [];
	const authorizer = { prefix: "alarms:", canSubscribe: async () => true };
	const hooks = {
		subscribe: async ({ identity }: { readonly identity: { readonly userId: string } }) =>
			void asked.push(identity.userId),
	};
	const access = new ChannelAccess([authorizer], {}, hooks);
	const key = { ...identityOf("key"), key: { channels: ["alarms:"] } } as unknown as Identity;
	assert.deepEqual(
		[await access.canSubscribe(identityOf("ann"), "alarms:1"), await access.canSubscribe(key, "alarms:1")],
		[true, true],
	);
	assert.deepEqual(asked, [identityOf("ann").userId]);
});
