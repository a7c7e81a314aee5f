// Committed changes are published, whatever fails in between; and what could differ between databases, on each of them.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Identity } from "../../../common/identity.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import { ChatRoomEvent_Kind as Kind, MemberAction } from "../../../protocol/gen/schema.ts";
import type { MessageRecord } from "../../../services/chat/chat-message-store.ts";
import { NoticeRelay } from "../../../services/chat/notice-relay.ts";
import { SqlChatOutboxStore } from "../../../services/chat/store/chat-outbox-store-sql.ts";
import { startMariadb } from "../../support/mariadb-server.ts";
import { startPostgres } from "../../support/postgres-server.ts";
import { rejectionOf } from "../../support/rejection.ts";
import { type ChatFixture, chatFixture, draft, range, wholeHistory } from "./fixture.ts";

const backends = {
	SQLite: async () => ({ url: "sqlite::memory:", stop: async () => {} }),
	PostgreSQL: startPostgres,
	MariaDB: startMariadb,
};

const wanted = { name: "r", topic: "", isPublic: true, maxMembers: 0, memberIds: [] as string[], clientRoomId: "" };
const DAY_MS = 86_400_000;

for (const [name, start] of Object.entries(backends)) {
	describe(`on ${name}`, () => {
		let backend: { readonly url: string; stop(): Promise<void> };
		let fixture: ChatFixture;
		let [host, member, guest]: Identity[] = [];
		let roomId: string;

		before(async () => {
			backend = await start();
			fixture = await chatFixture({ url: backend.url });
			[host, member, guest] = [await fixture.user("host"), await fixture.user("member"), await fixture.user("guest")];
			roomId = await fixture.room(host, member);
		});
		after(async () => {
			await fixture?.close();
			await backend?.stop();
		});

		const events = (channel: string) =>
			fixture.publisher.on(channel, "ChatRoomEvent").map(({ message }) => [message.kind, message.member.userId]);
		const act = (action: MemberAction, target: Identity) =>
			fixture.services.rooms.act(host as Identity, { roomId, action, userId: target.userId, muteMs: 0 });

		test("changes during an outage of the broker are answered, and published afterwards, once and in order", async () => {
			assert.ok(host && member && guest);
			const { rooms, messages, relay } = fixture.services;
			const { publisher } = fixture;
			const { message } = await messages.sendToRoom(host, roomId, draft("x"));
			const from = publisher.log.length;
			const joins = publisher.membership.length;
			publisher.isDown = true;
			await act(MemberAction.KICK, member);
			await act(MemberAction.INVITE, guest);
			await rooms.join(guest, roomId);
			await messages.recall(host, message.id);
			const made = await rooms.create(host, { ...wanted, memberIds: [member.userId] });
			assert.equal(publisher.log.length, from);
			publisher.isDown = false;
			await fixture.pass(1000);
			await relay.sweep();
			await relay.sweep();
			const seen = publisher.log.slice(from);
			const publishedOn = (channel: string) => seen.filter((entry) => entry.channel === channel);
			const room = publishedOn(`chat:${roomId}`);
			assert.deepEqual(
				room.map(({ push, message: { kind, message: posted } }) =>
					push === "MessagePosted" ? posted.isRecalled : kind,
				),
				[Kind.KICKED, Kind.INVITED, Kind.JOINED, true],
			);
			const numbers = room.flatMap(({ push, message: event }) => (push === "ChatRoomEvent" ? event.eventNumber : []));
			assert.deepEqual(
				[...new Set(numbers)].sort((a, b) => a - b),
				numbers,
			);
			const inbox = publishedOn(`events:${member.userId}`).map(({ push, message: { kind, type } }) => [
				push,
				kind ?? type,
			]);
			assert.deepEqual(
				inbox.sort(),
				[
					["ChatRoomEvent", Kind.KICKED],
					["ChatRoomEvent", Kind.INVITED],
					["Notification", "chat.invited"],
				].sort(),
			);
			const { notifications } = fixture.services;
			assert.equal((await notifications.list(guest.userId, false, "", 0)).notifications.length, 1);
			assert.deepEqual(
				publishedOn(`chat:${made.id}`).map(({ message: { kind } }) => kind),
				[Kind.CREATED],
			);
			const moved = publisher.membership.slice(joins);
			assert.ok(moved.indexOf(`-${member.userId} chat:${roomId}`) >= 0);
			assert.ok(moved.includes(`${guest.userId} chat:${roomId}`));
			await fixture.pass(DAY_MS);
			assert.deepEqual(await fixture.stores.outbox.pendingConversations(10), []);
		});

		test("a repeat publishes what its first attempt could not", async () => {
			assert.ok(member && guest);
			const { publisher } = fixture;
			publisher.isDown = true;
			await act(MemberAction.KICK, guest);
			publisher.isDown = false;
			await act(MemberAction.KICK, guest);
			assert.deepEqual(events(`chat:${roomId}`).at(-1), [Kind.KICKED, guest.userId]);
		});

		test("notices that a dead process had acquired are published by another process when the claim ends", async () => {
			assert.ok(host && guest);
			const { clock, logger, database, stores } = fixture;
			let begun = () => {};
			const hasBegun = new Promise<void>((resolve) => {
				begun = resolve;
			});
			const neverDelivered = () => {
				begun();
				return new Promise<void>(() => {});
			};
			const dead = new NoticeRelay({ outbox: stores.outbox, clock, logger }, neverDelivered, { flushTimeoutMs: 1 });
			fixture.publisher.isDown = true;
			await act(MemberAction.INVITE, guest);
			await fixture.pass(1000);
			await dead.flush(roomId);
			// Its claim is written only then: the flush waits no longer than its timeout.
			await hasBegun;
			fixture.publisher.isDown = false;
			const delivered: number[] = [];
			const other = new NoticeRelay(
				{ outbox: new SqlChatOutboxStore(database), clock, logger },
				async (_id, { number }) => void delivered.push(number),
			);
			await other.sweep();
			assert.deepEqual(delivered, []);
			await fixture.pass(4000);
			await other.sweep();
			assert.equal(delivered.length, 1);
			await other.sweep();
			await other.close();
			assert.equal(delivered.length, 1);
		});

		test("two processes publish the events of one room in order, each event once", async () => {
			assert.ok(host);
			const { clock, logger, services } = fixture;
			const users = await Promise.all(range(1, 12).map((n) => fixture.user(`joiner${n}`)));
			const channel = `chat:${roomId}`;
			const earlier = events(channel).length;
			const delivered: number[] = [];
			const deliver = async (_id: string, { number }: { number: number }) => void delivered.push(number);
			const other = new NoticeRelay({ outbox: new SqlChatOutboxStore(fixture.database), clock, logger }, deliver);
			let isDone = false;
			const rival = (async () => {
				while (!isDone) await other.flush(roomId);
			})();
			await Promise.all(users.map((who) => services.rooms.join(who, roomId)));
			isDone = true;
			await rival;
			await services.relay.flush(roomId);
			const own = fixture.publisher.on(channel, "ChatRoomEvent").slice(earlier);
			const ownNumbers = own.map(({ message }) => message.eventNumber);
			const all = [...delivered, ...ownNumbers].sort((a, b) => a - b);
			assert.equal(all.length, 12);
			assert.deepEqual(all, range(all[0] as number, (all[0] as number) + 11));
			for (const numbers of [delivered, ownNumbers])
				assert.deepEqual(
					[...numbers].sort((a, b) => a - b),
					numbers,
				);
			await other.close();
		});

		test("a room that its client has named is opened once", async () => {
			assert.ok(host && member);
			const { rooms } = fixture.services;
			const mine = { ...wanted, clientRoomId: "mine" };
			const results = await Promise.all(range(1, 5).map(() => rooms.create(host as Identity, mine)));
			const [room] = results;
			assert.ok(room);
			assert.deepEqual(new Set(results.map(({ id }) => id)), new Set([room.id]));
			assert.notEqual((await rooms.create(member, mine)).id, room.id);
			const created = events(`chat:${room.id}`).filter(([kind]) => kind === Kind.CREATED);
			assert.equal(created.length, 1);
			const conflict = {
				code: ErrorCode.CONFLICT,
				violations: [{ field: "client_room_id", description: "belongs to another room" }],
			};
			await assert.rejects(rooms.create(host, { ...mine, name: "another" }), conflict);
			await rooms.leave(host, room.id);
			await assert.rejects(rooms.create(host, mine), { code: ErrorCode.CONFLICT });
		});

		test("recalled messages are not unread, and neither are those removed for their age", async () => {
			assert.ok(host && guest);
			const { messages, history, rooms } = fixture.services;
			const room = await fixture.room(host, guest);
			const sent: MessageRecord[] = [];
			for (const n of range(1, 5)) sent.push((await messages.sendToRoom(host, room, draft(`${n}`))).message);
			const unread = async () => {
				const page = await history.conversations(guest as Identity, "", 0);
				return page.conversations.find(({ conversation }) => conversation.id === room)?.unread;
			};
			assert.equal(await unread(), 5);
			for (const n of [1, 3]) await messages.recall(host, sent[n]?.id ?? "");
			assert.equal(await unread(), 3);
			assert.equal(await history.markRead(guest, room, 2), 2);
			fixture.clock.advance(10 * DAY_MS);
			await messages.sendToRoom(host, room, draft("new"));
			assert.equal(await unread(), 3);
			assert.ok((await fixture.stores.messages.deleteOld({ keptMs: DAY_MS, nowMs: fixture.clock.now() }, 3)) === 3);
			while ((await fixture.stores.messages.deleteOld({ keptMs: DAY_MS, nowMs: fixture.clock.now() }, 3)) > 0);
			assert.equal(await unread(), 1);
			const left = (await history.ofRoom(host, room, wholeHistory)).messages;
			assert.deepEqual(
				left.map(({ sequence }) => sequence),
				[6],
			);
			assert.equal((await messages.sendToRoom(host, room, draft("next"))).message.sequence, 7);
			await rooms.leave(guest, room);
		});

		test("a reply is to a message of the same conversation", async () => {
			assert.ok(host && member && guest);
			const { messages } = fixture.services;
			const [one, other] = [await fixture.room(host), await fixture.room(host)];
			const { message } = await messages.sendToRoom(host, one, draft("x"));
			const reply = { ...draft("reply"), replyToId: message.id };
			assert.equal((await messages.sendToRoom(host, one, reply)).message.replyToId, message.id);
			assert.equal((await messages.sendToRoom(host, one, reply)).message.sequence, 2, "a repeat is a repeat");
			for (const send of [messages.sendToRoom(host, other, reply), messages.sendToUser(host, member.userId, reply)]) {
				const { code, violations } = (await rejectionOf(send)) as { code: number; violations: { field: string }[] };
				assert.deepEqual([code, violations[0]?.field], [ErrorCode.VALIDATION_FAILED, "reply_to_id"]);
			}
		});
	});
}

test("old messages are deleted only if a retention time is set, in bounded steps", async () => {
	for (const [messageKeptMs, kept] of [
		[0, 3],
		[DAY_MS, 1],
	] as const) {
		const fixture = await chatFixture({ options: { messageKeptMs } });
		const host = await fixture.user("host");
		const roomId = await fixture.room(host);
		const { messages, history } = fixture.services;
		for (const _ of range(1, 2)) await messages.sendToRoom(host, roomId, draft("old"));
		fixture.clock.advance(2 * DAY_MS);
		await messages.sendToRoom(host, roomId, draft("new"));
		assert.equal(await messages.deleteOld(), 3 - kept);
		assert.equal((await history.ofRoom(host, roomId, wholeHistory)).messages.length, kept);
		await fixture.close();
	}
});

test("a change that cannot be published does not delay the others", async () => {
	const fixture = await chatFixture();
	const { clock, logger, stores } = fixture;
	const host = await fixture.user("host");
	fixture.publisher.isDown = true;
	const roomId = await fixture.room(host);
	const delivered: number[] = [];
	const other = new NoticeRelay({ outbox: stores.outbox, clock, logger }, async (_id, { number, notice }) => {
		if (notice.kind === "room") throw new TypeError("a defect");
		delivered.push(number);
	});
	const { message } = await fixture.services.messages.sendToRoom(host, roomId, draft("x"));
	await fixture.services.messages.recall(host, message.id);
	await fixture.pass(1000);
	await other.sweep();
	assert.equal(delivered.length, 1);
	await other.close();
	await fixture.close();
});
