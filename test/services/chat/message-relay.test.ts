// Who publishes what, when answers of the database come late: the process that lets go of a conversation and commits to
// it at the same time neither says anything twice nor keeps a claim that it has forgotten.
import assert from "node:assert/strict";
import { test } from "node:test";
import type {
	AppendedBatch,
	ChatMessageStore,
	MessageRecord,
	NewMessage,
} from "../../../services/chat/chat-message-store.ts";
import { MessageRelay } from "../../../services/chat/message-relay.ts";
import { handClock } from "../../support/hand-clock.ts";
import { quietLogger } from "../../support/quiet-logger.ts";
import { until } from "../../support/until.ts";

function message(sequence: number, conversationId = "c"): MessageRecord {
	return {
		...{
			id: `${conversationId}${sequence}`,
			conversationId,
			sequence,
			senderId: "s",
			senderName: "s",
			clientMsgId: `m${sequence}`,
		},
		...{ content: new Uint8Array(), replyToId: "", sentAtMs: 0, recalledAtMs: 0 },
	};
}

/** What a commit of these messages answers, with the claim, having read that `publishedSequence` is published. */
function appended(publishedSequence: number, sequence: number, conversationId = "c"): AppendedBatch {
	return {
		results: [{ kind: "appended", message: message(sequence, conversationId) }],
		claimed: [{ conversationId, publishedSequence }],
	};
}

function draftsOf(conversationId: string): NewMessage[] {
	return [{ ...message(0, conversationId), contentHash: "", peerId: undefined }];
}

const drafts = draftsOf("c");

/** A feed on a store whose releases are answered by the test. */
function scriptedFeed(releaseWindowMs = 1, keepEvent?: (message: MessageRecord) => Promise<void>) {
	const published: string[] = [];
	const releases: { readonly sequences: object; answer(kept: readonly string[]): void }[] = [];
	const stored: MessageRecord[] = [];
	/** Nothing is published while it is shut. */
	const gate = { isShut: false, readFrom: [] as number[] };
	const renewals: unknown[] = [];
	const messages = {
		release: (sequences: ReadonlyMap<string, number>) =>
			new Promise<readonly string[]>((answer) => {
				releases.push({ sequences: Object.fromEntries(sequences), answer });
			}),
		range: async ({ from }: { from: number }) => {
			gate.readFrom.push(from);
			return stored.filter(({ sequence }) => sequence >= from);
		},
		renew: async (...renewal: unknown[]) => {
			renewals.push(renewal);
			return true;
		},
	} as unknown as ChatMessageStore;
	const services = { messages, clock: handClock(), logger: quietLogger(), keepEvent };
	const publish = async ({ id }: MessageRecord) => {
		await until(() => !gate.isShut);
		published.push(id);
	};
	const feed = new MessageRelay(services, publish, { releaseWindowMs });
	return { gate, feed, published, releases, stored, renewals };
}

test("a commit that overtakes the reply to a release is released later", async () => {
	const { feed, published, releases } = scriptedFeed();
	await feed.commit(drafts, async () => appended(0, 1));
	await until(() => releases.length === 1);
	assert.deepEqual(releases[0]?.sequences, { c: 1 });
	// The database has released the conversation, and this process has claimed it again, before the first reply.
	await feed.commit(drafts, async () => appended(1, 2));
	await until(() => published.length === 2);
	releases[0]?.answer([]);
	await until(() => releases.length === 2);
	assert.deepEqual(releases[1]?.sequences, { c: 2 });
	releases[1]?.answer([]);
	assert.deepEqual(published, ["c1", "c2"]);
});

test("a commit releases what was published before, and does not wait for the window", async () => {
	const { feed, published, releases } = scriptedFeed(10_000);
	await feed.commit(drafts, async () => appended(0, 1));
	await until(() => published.length === 1);
	assert.equal(releases.length, 0);
	// In the same turn as the transaction, but not what this one is about.
	const second = feed.commit([...drafts, ...draftsOf("d")], async () => ({ results: [], claimed: [] }));
	assert.equal(releases.length, 0);
	await second;
	const third = feed.commit(draftsOf("d"), async () => appended(0, 1, "d"));
	assert.deepEqual(
		releases.map(({ sequences }) => sequences),
		[{ c: 1 }],
	);
	releases[0]?.answer([]);
	await third;
});

test("messages beyond the byte limit of the queue are read from the database, in order", async () => {
	const { feed, published, stored, gate } = scriptedFeed();
	gate.isShut = true;
	const content = new Uint8Array(4 * 1024 * 1024);
	for (let sequence = 1; sequence <= 8; sequence++) {
		stored.push(message(sequence));
		const results = [{ kind: "appended", message: { ...message(sequence), content } }] as const;
		await feed.commit(drafts, async () => ({ results, claimed: [{ conversationId: "c", publishedSequence: 0 }] }));
	}
	gate.isShut = false;
	await until(() => published.length === 8);
	assert.deepEqual(published, ["c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8"]);
	// The first is published while the others come, and four of these are as much as may wait.
	assert.deepEqual(gate.readFrom, [6]);
});

test("a commit that returns after its message was published keeps the position of the feed", async () => {
	const { feed, published, releases, stored } = scriptedFeed();
	await feed.commit(drafts, async () => appended(0, 1));
	await until(() => releases.length === 1);
	// The second message is in the database, which the release finds out before the commit is answered.
	let answer: (batch: AppendedBatch) => void = () => {};
	const committed = feed.commit(
		drafts,
		() =>
			new Promise((resolve) => {
				answer = resolve;
			}),
	);
	stored.push(message(2));
	releases[0]?.answer(["c"]);
	await until(() => published.length === 2);
	// Others are released meanwhile.
	await feed.commit(draftsOf("d"), async () => appended(0, 1, "d"));
	await until(() => releases.length === 2);
	assert.deepEqual(releases[1]?.sequences, { d: 1 });
	// What it read before the first message was published.
	answer(appended(0, 2));
	await committed;
	await until(() => releases.length === 3);
	assert.deepEqual(releases[2]?.sequences, { c: 2 });
	for (const release of releases) release.answer([]);
	assert.deepEqual(published, ["c1", "c2", "d1"]);
});

for (const when of ["by closing", "a moment before"]) {
	test(`a process that closes hands over what others have committed to, when its release began ${when}`, async () => {
		const { feed, published, releases, renewals } = scriptedFeed();
		await feed.commit(drafts, async () => appended(0, 1));
		await until(() => published.length === 1);
		if (when !== "by closing") await until(() => releases.length === 1);
		const closed = feed.close();
		await until(() => releases.length === 1);
		releases[0]?.answer(["c"]);
		await closed;
		assert.equal(renewals.length, 1);
		const [conversationId, sequence, claim] = renewals[0] as [string, number, { ttlMs: number }];
		// How far it came, under a claim that is over.
		assert.deepEqual([conversationId, sequence, claim.ttlMs], ["c", 1, 0]);
		assert.deepEqual(published, ["c1"]);
	});
}

test("a conversation is released when the outputs have its messages, and clients do not wait for that", async () => {
	const kept: string[] = [];
	let mayKeep: (() => void) | undefined;
	const { feed, published, releases } = scriptedFeed(1, async ({ id }) => {
		await new Promise<void>((resolve) => {
			mayKeep = resolve;
		});
		kept.push(id);
	});
	await feed.commit(drafts, async () => appended(0, 1));
	assert.equal(await feed.delivered(message(1)), true);
	assert.deepEqual([published, kept, releases.length], [["c1"], [], 0]);
	mayKeep?.();
	await until(() => releases.length === 1);
	assert.deepEqual([kept, releases[0]?.sequences], [["c1"], { c: 1 }]);
	releases[0]?.answer([]);
	await feed.close();
});

test("messages that no output has are published again, and the claim says no more than that", async () => {
	let fails = true;
	const kept: string[] = [];
	const { feed, published, renewals, releases } = scriptedFeed(1, async ({ id, sequence }) => {
		if (fails && sequence >= 2) throw new Error("the store is unreachable");
		kept.push(id);
	});
	await feed.commit(drafts, async () => ({
		results: [1, 2, 3].map((sequence) => ({ kind: "appended", message: message(sequence) })),
		claimed: [{ conversationId: "c", publishedSequence: 0 }],
	}));
	await until(() => renewals.length === 1);
	assert.deepEqual(published, ["c1", "c2", "c3"]);
	assert.equal((renewals[0] as unknown[])[1], 1, "2 and 3 count as unpublished");
	fails = false;
	await feed.commit(drafts, async () => ({
		results: [2, 3, 4].map((sequence) => ({ kind: "appended", message: message(sequence) })),
		claimed: [{ conversationId: "c", publishedSequence: 1 }],
	}));
	await until(() => releases.length === 1);
	assert.deepEqual(kept, ["c1", "c2", "c3", "c4"]);
	assert.deepEqual(releases[0]?.sequences, { c: 4 });
	releases[0]?.answer([]);
	await feed.close();
});
