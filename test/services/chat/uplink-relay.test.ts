// Committed messages are written to another system's log in the order of their conversation, whatever fails in between, and chat
// does not wait for it; on each database.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { unavailable } from "../../../protocol/error.ts";
import { DeliveryStage } from "../../../protocol/gen/schema.ts";
import type { MessageRecord } from "../../../services/chat/chat-message-store.ts";
import type { MessageUplink } from "../../../services/chat/message-uplink.ts";
import { deferred } from "../../support/deferred.ts";
import { startMariadb } from "../../support/mariadb-server.ts";
import { startPostgres } from "../../support/postgres-server.ts";
import { until } from "../../support/until.ts";
import { type ChatFixture, chatFixture, draft, range } from "./fixture.ts";

/** A log as Kafka's: what was appended to it, and failures that a test makes. */
class RecordingUplink implements MessageUplink {
	readonly log: MessageRecord[] = [];
	isDown = false;
	/** Awaited before each append. */
	pause: () => Promise<void> = () => new Promise((resolve) => setImmediate(resolve));
	/** Appends, and yet fails: the reply was lost. */
	losesReplies = false;

	async send(messages: readonly MessageRecord[]): Promise<void> {
		await this.pause();
		if (this.isDown) throw unavailable("Kafka", 1);
		this.log.push(...messages);
		if (this.losesReplies) throw unavailable("Kafka", 1);
	}

	sequences(conversationId: string): number[] {
		return this.log.filter((message) => message.conversationId === conversationId).map(({ sequence }) => sequence);
	}
}

const backends = {
	SQLite: async () => ({ url: "sqlite::memory:", stop: async () => {} }),
	PostgreSQL: startPostgres,
	MariaDB: startMariadb,
};

for (const [name, start] of Object.entries(backends)) {
	describe(`on ${name}`, () => {
		let backend: { readonly url: string; stop(): Promise<void> };
		let fixture: ChatFixture;
		const uplink = new RecordingUplink();
		before(async () => {
			backend = await start();
			fixture = await chatFixture({ url: backend.url, uplink, uplinkOptions: { claimMs: 2500 } });
		});
		after(async () => {
			await fixture?.close();
			await backend?.stop();
		});

		async function roomOf(names: readonly string[]) {
			const [owner, ...members] = await Promise.all(names.map((user) => fixture.user(user)));
			assert.ok(owner);
			return { owner, roomId: await fixture.room(owner, ...members) };
		}

		/** Time enough for what has failed to be due again. */
		async function nextSweep(): Promise<void> {
			await fixture.pass(1100);
			await fixture.uplink?.sweep();
		}

		test("messages of a conversation are written in order, each once, while more are sent", async () => {
			const { owner, roomId } = await roomOf(["a1"]);
			const sends = range(1, 300).map((n) => fixture.services.messages.sendToRoom(owner, roomId, draft(`m${n}`)));
			await Promise.all(sends);
			await until(() => uplink.sequences(roomId).length >= 300);
			assert.deepEqual(uplink.sequences(roomId), range(1, 300));
		});

		test("an outage does not hold up chat; afterwards all of it is written in order", async () => {
			const { owner, roomId } = await roomOf(["b1"]);
			uplink.isDown = true;
			for (const n of range(1, 20)) {
				const { stage } = await fixture.services.messages.sendToRoom(owner, roomId, draft(`m${n}`));
				assert.equal(stage, DeliveryStage.DELIVERED);
			}
			assert.deepEqual(fixture.publisher.sequences(`chat:${roomId}`), range(1, 20));
			assert.deepEqual(uplink.sequences(roomId), []);
			uplink.isDown = false;
			await nextSweep();
			await until(() => uplink.sequences(roomId).length >= 20);
			assert.deepEqual(uplink.sequences(roomId), range(1, 20));
			// And nothing is left to be looked for.
			await until(async () => (await pending()).length === 0);
		});

		test("a lost reply writes a message again, and none is left out", async () => {
			const { owner, roomId } = await roomOf(["c1"]);
			uplink.losesReplies = true;
			await fixture.services.messages.sendToRoom(owner, roomId, draft("1"));
			await until(() => uplink.sequences(roomId).length === 1);
			uplink.losesReplies = false;
			await fixture.services.messages.sendToRoom(owner, roomId, draft("2"));
			await nextSweep();
			await until(() => uplink.sequences(roomId).includes(2));
			const first = uplink.sequences(roomId);
			assert.deepEqual([...new Set(first)], [1, 2]);
		});

		test("what a process left when it died is written by another one, from where it had come", async () => {
			const { owner, roomId } = await roomOf(["d1"]);
			await fixture.services.messages.sendToRoom(owner, roomId, draft("1"));
			await until(() => uplink.sequences(roomId).length === 1);
			await until(async () => (await pending()).length === 0);
			const gate = deferred<void>();
			uplink.pause = () => gate.promise;
			await fixture.services.messages.sendToRoom(owner, roomId, draft("2"));
			const other = new RecordingUplink();
			const successor = await chatFixture(
				name === "SQLite" ? { uplink: other } : { url: backend.url, uplink: other, clock: fixture.clock },
			);
			if (name !== "SQLite") {
				// The claim of the one that is stuck runs out.
				await fixture.pass(3000);
				await until(async () => {
					await successor.uplink?.sweep();
					return other.sequences(roomId).length > 0;
				});
				assert.deepEqual(other.sequences(roomId), [2]);
			}
			uplink.pause = () => Promise.resolve();
			gate.resolve();
			await until(() => uplink.sequences(roomId).includes(2));
			await successor.close();
		});

		test("private conversations are written as rooms are", async () => {
			const [one, two] = [await fixture.user("e1"), await fixture.user("e2")];
			const { message } = await fixture.services.messages.sendToUser(one, two.userId, draft("hi"));
			await fixture.services.messages.sendToUser(two, one.userId, draft("ho"));
			await until(() => uplink.sequences(message.conversationId).length === 2);
			assert.deepEqual(uplink.sequences(message.conversationId), [1, 2]);
		});

		const pending = () => fixture.uplinkStore.pendingConversations(10);
	});
}

describe("a reply that waits for the log", () => {
	test("says DELIVERED when the message is there, PERSISTED when it is not there in time", async () => {
		const uplink = new RecordingUplink();
		const uplinkOptions = { ackTimeoutMs: 200 };
		const fixture = await chatFixture({ uplink, awaitsUplink: true, uplinkOptions });
		const owner = await fixture.user("owner");
		const roomId = await fixture.room(owner);
		const send = (id: string) => fixture.services.messages.sendToRoom(owner, roomId, draft("x", id));
		assert.equal((await send("1")).stage, DeliveryStage.DELIVERED);
		assert.deepEqual(uplink.sequences(roomId), [1]);
		uplink.isDown = true;
		assert.equal((await send("2")).stage, DeliveryStage.PERSISTED);
		const gate = deferred<void>();
		uplink.isDown = false;
		uplink.pause = () => gate.promise;
		await fixture.pass(1100);
		assert.equal((await send("3")).stage, DeliveryStage.PERSISTED);
		gate.resolve();
		await fixture.pass(1100);
		await fixture.uplink?.sweep();
		await until(() => uplink.sequences(roomId).length === 3);
		// The repeat of a message that was late finds it.
		assert.equal((await send("2")).stage, DeliveryStage.DELIVERED);
		await fixture.close();
	});
});
