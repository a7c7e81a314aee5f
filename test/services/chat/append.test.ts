// Sequences without a gap and channels in their order, with many senders, on every database and from several
// processes' worth of services.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { v7 as uuidv7 } from "uuid";
import type { Identity } from "../../../common/identity.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import { DeliveryStage } from "../../../protocol/gen/schema.ts";
import { passDatabaseTime } from "../../support/database-time.ts";
import { startMariadb } from "../../support/mariadb-server.ts";
import { startPooledPostgres } from "../../support/pgbouncer.ts";
import { startPostgres } from "../../support/postgres-server.ts";
import { until } from "../../support/until.ts";
import { type ChatFixture, chatFixture, draft, RecordingPublisher, range, wholeHistory } from "./fixture.ts";

interface Backend {
	readonly url: string;
	stop(): Promise<void>;
}

const backends: Record<string, () => Promise<Backend>> = {
	SQLite: async () => ({ url: "sqlite::memory:", stop: async () => {} }),
	PostgreSQL: startPostgres,
	PgBouncer: startPooledPostgres,
	MariaDB: startMariadb,
};

const messagesOf = async (fixture: ChatFixture, reader: Identity, roomId: string) =>
	(await fixture.services.history.ofRoom(reader, roomId, wholeHistory)).messages;

for (const [name, start] of Object.entries(backends)) {
	describe(`chat on ${name}`, () => {
		let backend: Backend;
		let fixture: ChatFixture;
		let senders: Identity[];

		before(async () => {
			backend = await start();
			fixture = await chatFixture({ url: backend.url });
			senders = await Promise.all(range(1, 50).map((n) => fixture.user(`sender${n}`)));
		});
		after(async () => {
			await fixture?.close();
			await backend?.stop();
		});

		test("fifty concurrent senders leave no gap, and the channel has their order", async () => {
			const { services, publisher } = fixture;
			const [owner, ...others] = senders as [Identity, ...Identity[]];
			const roomId = await fixture.room(owner, ...others);
			const sends = senders.flatMap((sender) =>
				[1, 2, 3].map(() => services.messages.sendToRoom(sender, roomId, draft("x"))),
			);
			const receipts = await Promise.all(sends);
			const sequences = receipts.map((receipt) => receipt.message.sequence).sort((a, b) => a - b);
			assert.deepEqual(sequences, range(1, 150));
			assert.ok(receipts.every((receipt) => receipt.stage === DeliveryStage.DELIVERED));
			assert.deepEqual(publisher.sequences(`chat:${roomId}`), range(1, 150));
			const stored = await messagesOf(fixture, owner, roomId);
			assert.deepEqual(
				stored.map((message) => message.sequence),
				range(1, 150),
			);
		});

		test("concurrent retries create one message, and each retry gets the same receipt", async () => {
			const [owner] = senders as [Identity];
			const roomId = await fixture.room(owner);
			const once = draft("once", "same");
			const receipts = await Promise.all(
				range(1, 40).map(() => fixture.services.messages.sendToRoom(owner, roomId, once)),
			);
			const later = await fixture.services.messages.sendToRoom(owner, roomId, once);
			const ids = new Set(
				[...receipts, later].map(({ message }) => `${message.id} ${message.sequence} ${message.sentAtMs}`),
			);
			assert.equal(ids.size, 1);
			await assert.rejects(fixture.services.messages.sendToRoom(owner, roomId, draft("other", "same")), {
				code: ErrorCode.CONFLICT,
			});
			await assert.rejects(fixture.services.messages.sendToRoom(owner, roomId, { ...once, replyToId: "x" }), {
				code: ErrorCode.CONFLICT,
			});
			assert.equal((await messagesOf(fixture, owner, roomId)).length, 1);
			assert.deepEqual(fixture.publisher.sequences(`chat:${roomId}`), [1]);
		});

		test("the client id of a message is unique per sender and conversation", async () => {
			const [one, other] = senders as [Identity, Identity];
			const roomId = await fixture.room(one, other);
			const second = await fixture.room(one);
			const { messages } = fixture.services;
			await messages.sendToRoom(one, roomId, draft("a", "id"));
			assert.equal((await messages.sendToRoom(other, roomId, draft("b", "id"))).message.sequence, 2);
			assert.equal((await messages.sendToRoom(one, second, draft("c", "id"))).message.sequence, 1);
		});

		test("both users may write first; there is one conversation, in both inboxes", async () => {
			const [one, other] = [await fixture.user("first"), await fixture.user("second")];
			const { messages, history } = fixture.services;
			const receipts = await Promise.all([
				...range(1, 5).map((n) => messages.sendToUser(one, other.userId, draft(`a${n}`))),
				...range(1, 5).map((n) => messages.sendToUser(other, one.userId, draft(`b${n}`))),
			]);
			assert.equal(new Set(receipts.map((receipt) => receipt.message.conversationId)).size, 1);
			for (const identity of [one, other]) {
				assert.deepEqual(fixture.publisher.sequences(`user:${identity.userId}`), range(1, 10));
			}
			const seen = await history.ofUser(other, one.userId, wholeHistory);
			assert.deepEqual(
				seen.messages.map((message) => message.sequence),
				range(1, 10),
			);
		});

		test("content that no database accepts is rejected before it fails a shared batch", async () => {
			const [owner] = senders as [Identity];
			const roomId = await fixture.room(owner);
			const { messages } = fixture.services;
			const bad = ["\0", "a\0b", "\ud800", "é", "x".repeat(65), ""];
			const results = await Promise.allSettled([
				messages.sendToRoom(owner, roomId, draft("good \0 \ud800 in the text is bytes")),
				...bad.map((id) => messages.sendToRoom(owner, roomId, draft("x", id))),
				...bad.map((id) => messages.sendToRoom(owner, id, draft("x"))),
				...bad.slice(0, 5).map((replyToId) => messages.sendToRoom(owner, roomId, { ...draft("x"), replyToId })),
			]);
			assert.equal(results[0]?.status, "fulfilled");
			const codes = results.slice(1).map((result) => (result.status === "rejected" ? result.reason.code : 0));
			const { VALIDATION_FAILED, PERMISSION_DENIED } = ErrorCode;
			assert.deepEqual(new Set(codes), new Set([VALIDATION_FAILED, PERMISSION_DENIED]));
		});

		test("messages to many conversations at once are each in their own order", async () => {
			const members = senders.slice(0, 5);
			const rooms = await Promise.all(members.map((owner) => fixture.room(owner)));
			await Promise.all(
				range(1, 20).flatMap(() =>
					rooms.map((roomId, n) => fixture.services.messages.sendToRoom(members[n] as Identity, roomId, draft("x"))),
				),
			);
			for (const roomId of rooms) assert.deepEqual(fixture.publisher.sequences(`chat:${roomId}`), range(1, 20));
		});

		test("one batch of more messages and conversations than a statement is about", async () => {
			const [sender] = senders as [Identity];
			const { stores, user, clock } = fixture;
			const peers = await Promise.all(range(1, 130).map((n) => user(`peer${n}`)));
			const places = await Promise.all(
				peers.map(({ userId }) => fixture.services.messages.sendToUser(sender, userId, draft("first"))),
			);
			const ids = places.map(({ message }) => message.conversationId);
			// Others' claims are over.
			await passDatabaseTime(fixture.database, 600_000);
			const claim = { publisher: "other", ttlMs: 60_000 };
			const next = (conversationId: string, n: number) => ({
				...{ id: uuidv7(), conversationId, senderId: sender.userId, senderName: "", clientMsgId: `next ${n}` },
				...{
					replyToId: "",
					content: new Uint8Array([n]),
					contentHash: `hash ${n}`,
					sentAtMs: clock.now(),
					peerId: undefined,
				},
			});
			const messages = ids.flatMap((id) => [next(id, 1), next(id, 2), next(id, 1)]);
			const { results, claimed } = await stores.messages.append(messages, claim);
			assert.deepEqual(
				results.map((result) => [result.kind, "message" in result ? result.message.sequence : undefined]),
				ids.flatMap(() => [
					["appended", 2],
					["appended", 3],
					["repeated", 2],
				]),
			);
			assert.deepEqual(claimed.map(({ conversationId }) => conversationId).sort(), [...ids].sort());
			const stored = await stores.messages.at(ids.map((id) => ({ id, sequence: 3 })));
			assert.ok(stored.messages.every(({ content }) => content.length === 1 && content[0] === 2));
			assert.equal(stored.messages.length, ids.length);
			const left = new Map(ids.map((id, n) => [id, n === 7 ? 2 : 3]));
			assert.deepEqual(await stores.messages.release(left, claim), [ids[7]]);
			assert.deepEqual(await stores.messages.release(new Map(ids.map((id) => [id, 3])), claim), []);
		});

		// Another one has another database in memory.
		if (name === "SQLite") return;

		test("two processes' services write one sequence, and the channel has its order", async () => {
			const other = await chatFixture({ url: backend.url, publisher: fixture.publisher });
			const [owner, ...others] = senders.slice(0, 10) as [Identity, ...Identity[]];
			const roomId = await fixture.room(owner, ...others);
			const channel = `chat:${roomId}`;
			const nodes = [fixture, other];
			const receipts = await Promise.all(
				range(1, 20).flatMap((round) =>
					[owner, ...others].map(async (sender, n) => {
						const node = nodes[(n + round) % 2] as ChatFixture;
						return await node.services.messages.sendToRoom(sender, roomId, draft("x"));
					}),
				),
			);
			assert.deepEqual(
				receipts.map((receipt) => receipt.message.sequence).sort((a, b) => a - b),
				range(1, 200),
			);
			// What the other process commits while one publishes is left to the publisher, so this may be a little later.
			await until(() => fixture.publisher.sequences(channel).length >= 200);
			assert.deepEqual(fixture.publisher.sequences(channel), range(1, 200));
			await other.close();
		});

		test("messages that a dead process committed without publishing come first, from the next commit or the sweep", async () => {
			const [owner, member] = senders as [Identity, Identity];
			const roomId = await fixture.room(owner, member);
			const channel = `chat:${roomId}`;
			const dead = await chatFixture({ url: backend.url });
			// It dies between commit and publish: the broker never answers it.
			let begun = 0;
			dead.publisher.pause = () => {
				begun++;
				return new Promise(() => {});
			};
			void dead.services.messages.sendToRoom(owner, roomId, draft("lost?"));
			await until(() => begun === 1);

			// While its claim stands nobody else publishes, and the ack says so.
			const held = await fixture.services.messages.sendToRoom(member, roomId, draft("second"));
			assert.equal(held.stage, DeliveryStage.PERSISTED);
			await fixture.services.messages.sweep();
			assert.deepEqual(fixture.publisher.sequences(channel), []);

			await fixture.pass(11_000);
			const next = await fixture.services.messages.sendToRoom(member, roomId, draft("third"));
			assert.equal(next.stage, DeliveryStage.DELIVERED);
			assert.deepEqual(fixture.publisher.sequences(channel), [1, 2, 3]);

			const second = await fixture.room(owner);
			void dead.services.messages.sendToRoom(owner, second, draft("lost again?"));
			await until(() => begun === 2);
			await fixture.pass(11_000);
			await fixture.services.messages.sweep();
			await until(() => fixture.publisher.sequences(`chat:${second}`).length === 1);
			await dead.database.close();
		});
	});
}

describe("a broker that is down", () => {
	test("sends are persisted, and published in order when it is back", async () => {
		const publisher = new RecordingPublisher();
		const fixture = await chatFixture({ publisher });
		const owner = await fixture.user("owner");
		const roomId = await fixture.room(owner);
		const { messages } = fixture.services;
		assert.equal((await messages.sendToRoom(owner, roomId, draft("1"))).stage, DeliveryStage.DELIVERED);
		publisher.isDown = true;
		assert.equal((await messages.sendToRoom(owner, roomId, draft("2"))).stage, DeliveryStage.PERSISTED);
		assert.equal((await messages.sendToRoom(owner, roomId, draft("3", "c3"))).stage, DeliveryStage.PERSISTED);
		assert.equal(
			(await messages.sendToRoom(owner, roomId, draft("3", "c3"))).stage,
			DeliveryStage.PERSISTED,
			"repeated",
		);
		publisher.isDown = false;
		await until(async () => {
			await fixture.pass(3000);
			await messages.sweep();
			return publisher.sequences(`chat:${roomId}`).length === 3;
		});
		assert.deepEqual(publisher.sequences(`chat:${roomId}`), [1, 2, 3]);
		assert.equal((await messages.sendToRoom(owner, roomId, draft("4"))).stage, DeliveryStage.DELIVERED);
		assert.deepEqual(publisher.sequences(`chat:${roomId}`), [1, 2, 3, 4]);
		await fixture.close();
	});

	test("messages beyond the queue limit are rejected at once", async () => {
		const fixture = await chatFixture({
			options: { append: { windowMs: 1, maxBatch: 2, maxBatchBytes: 65_536, maxWaiting: 3 } },
		});
		const owner = await fixture.user("owner");
		const roomId = await fixture.room(owner);
		const sends = range(1, 10).map(() => fixture.services.messages.sendToRoom(owner, roomId, draft("x")));
		const results = await Promise.allSettled(sends);
		const refused = results.filter((result) => result.status === "rejected");
		assert.ok(refused.length > 0 && refused.length < 10);
		assert.ok(refused.every((result) => result.reason.code === ErrorCode.UNAVAILABLE));
		const kept = 10 - refused.length;
		assert.deepEqual(fixture.publisher.sequences(`chat:${roomId}`), range(1, kept));
		const { waiting, committed, failed, batches, messages, buckets } = fixture.services.messages.counters;
		assert.deepEqual(
			{ waiting, committed, failed, messages },
			{ waiting: 0, committed: kept, failed: refused.length, messages: kept },
		);
		const [ones = 0, twos = 0, ...larger] = buckets;
		assert.deepEqual([ones + twos, ones + 2 * twos], [batches, kept]);
		assert.deepEqual(new Set(larger), new Set([0]), "no batch is larger than it may be");
		await fixture.close();
	});
});
