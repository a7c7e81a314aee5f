// Many questions, few reads, everybody's turn.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ChannelAccess, type ChannelAccessOptions } from "../../messaging/channel-access.ts";
import type { ChannelAuthorizer, SubscribeQuery } from "../../messaging/publisher.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { unavailable } from "../../protocol/error.ts";
import { identityOf } from "../core/gateway-fixture.ts";

/** Lets even channels be followed; answers when told to. */
class SlowGuard implements ChannelAuthorizer {
	readonly prefix = "room:";
	readonly batches: (readonly SubscribeQuery[])[] = [];
	private waiting: ((error?: Error) => void)[] = [];

	async canSubscribe(): Promise<boolean> {
		throw new Error("one by one");
	}

	async canSubscribeEach(questions: readonly SubscribeQuery[]): Promise<boolean[]> {
		this.batches.push(questions);
		await new Promise<void>((resolve, reject) => {
			this.waiting.push((error) => (error ? reject(error) : resolve()));
		});
		return questions.map(({ channel }) => Number(channel.slice(5)) % 2 === 0);
	}

	answer(error?: Error): void {
		for (const answer of this.waiting.splice(0)) answer(error);
	}

	/** Answers until there is nothing more to answer. */
	async drain(): Promise<void> {
		await turn();
		while (this.waiting.length > 0) {
			this.answer();
			await turn();
		}
	}
}

async function turn(): Promise<void> {
	for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
}

function setUp(options: Partial<ChannelAccessOptions> = {}) {
	const guard = new SlowGuard();
	const access = new ChannelAccess([guard], options);
	const ask = (name: string, count: number) =>
		Array.from({ length: count }, (_, index) => access.canSubscribe(identityOf(name), `room:${index}`));
	return { guard, access, ask };
}

test("a reconnect storm is a few reads, and nobody is refused", async () => {
	const { guard, ask } = setUp();
	const asked = Array.from({ length: 80 }, (_, index) => ask(`user${index}`, 28));
	await turn();
	assert.equal(guard.batches.length, 2, "not more at once");
	await guard.drain();
	for (const answers of asked) {
		assert.deepEqual(
			await Promise.all(answers),
			Array.from({ length: 28 }, (_, index) => index % 2 === 0),
		);
	}
	assert.equal(guard.batches.length, Math.ceil((80 * 28) / 250));
});

test("one who asks for very much does not hold up others", async () => {
	const { guard, ask } = setUp();
	const flood = ask("mallory", 4000);
	await turn();
	const [own] = ask("ann", 1);
	await turn();
	guard.answer();
	await turn();
	// In the batch that was begun next, after those that were under way.
	guard.answer();
	assert.equal(await own, true);
	await guard.drain();
	await Promise.all(flood);
});

test("too many questions of one user, and of all, are refused", async () => {
	const { guard, ask } = setUp({ maxWaitingPerUser: 10, maxWaiting: 15 });
	const results = Promise.allSettled([...ask("mallory", 12), ...ask("ann", 7)]);
	await turn();
	await guard.drain();
	const codes = (await results).map((result) => (result.status === "fulfilled" ? 0 : result.reason.code));
	assert.deepEqual(codes, [
		...Array(10).fill(0),
		...Array(2).fill(ErrorCode.RATE_LIMITED),
		...Array(5).fill(0),
		...Array(2).fill(ErrorCode.UNAVAILABLE),
	]);
});

test("a guard that cannot tell says so to those who asked, and is asked again by the next", async () => {
	const { guard, ask } = setUp();
	const first = Promise.allSettled(ask("ann", 2));
	await turn();
	guard.answer(unavailable("the database", 1));
	assert.deepEqual(
		(await first).map(({ status }) => status),
		["rejected", "rejected"],
	);
	const [second] = ask("ann", 1);
	await turn();
	guard.answer();
	assert.equal(await second, true);
});

test("an inbox is its user's alone, and of what nobody owns nobody may follow anything", async () => {
	const { access } = setUp();
	const ann = identityOf("ann");
	const may = (channel: string) => access.canSubscribe(ann, channel);
	assert.deepEqual(await Promise.all(["user:user-ann", "user:user-bob", "x:1", "x", ""].map(may)), [
		true,
		...Array(4).fill(false),
	]);
	assert.throws(() => new ChannelAccess([new SlowGuard(), new SlowGuard()]), /twice/);
	assert.throws(() => new ChannelAccess([{ prefix: "user:", canSubscribe: may as never }]), /twice/);
});
