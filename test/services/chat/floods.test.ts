// What one user can do to others by doing much of it: mutes, recalls, receipts, invitations, rooms.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Identity } from "../../../common/identity.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import { MemberAction } from "../../../protocol/gen/schema.ts";
import type { ChatOptions } from "../../../services/chat/options.ts";
import { until } from "../../support/until.ts";
import { type ChatFixture, chatFixture, draft, range } from "./fixture.ts";

const limited = { code: ErrorCode.RATE_LIMITED };
const denied = { code: ErrorCode.PERMISSION_DENIED };
const failed = { code: ErrorCode.PRECONDITION_FAILED };

const wanted = { name: "r", topic: "", isPublic: false, maxMembers: 0, memberIds: [] as string[], clientRoomId: "" };

async function fixtureOf<Name extends string>(names: readonly Name[], options: Partial<ChatOptions> = {}) {
	const fixture = await chatFixture({ options });
	const users = await Promise.all(names.map(async (name) => [name, await fixture.user(name)] as const));
	return { fixture, ...(Object.fromEntries(users) as Record<Name, Identity>) };
}

const posted = (fixture: ChatFixture, channel: string) => fixture.publisher.on(channel, "MessagePosted").length;

describe("a mute", () => {
	test("outlasts leaving, being kicked, a ban and an invitation, and ends when it ends", async () => {
		const { fixture, host, guest } = await fixtureOf(["host", "guest"]);
		const { rooms, messages } = fixture.services;
		const roomId = await fixture.room(host, guest);
		const act = (action: MemberAction, muteMs = 0) => rooms.act(host, { roomId, action, userId: guest.userId, muteMs });
		const isMuted = async () => {
			await rooms.join(guest, roomId);
			await assert.rejects(messages.sendToRoom(guest, roomId, draft("x")), {
				...denied,
				message: "muted in this room",
			});
		};
		await act(MemberAction.MUTE, 60_000);
		await rooms.leave(guest, roomId);
		await assert.rejects(messages.sendToRoom(guest, roomId, draft("x")), {
			message: "not a member of this conversation",
		});
		assert.equal((await fixture.stores.rooms.byId(roomId))?.memberCount, 1);
		await isMuted();
		await act(MemberAction.KICK);
		await isMuted();
		await act(MemberAction.BAN);
		await act(MemberAction.UNBAN);
		await isMuted();
		await rooms.leave(guest, roomId);
		await act(MemberAction.INVITE);
		await rooms.leave(guest, roomId);
		await act(MemberAction.INVITE);
		await isMuted();
		assert.equal((await fixture.stores.rooms.byId(roomId))?.memberCount, 2);
		await fixture.pass(60_000);
		await messages.sendToRoom(guest, roomId, draft("x"));
		await fixture.close();
	});

	test("does not open a closed room to a member that left it", async () => {
		const { fixture, host, guest } = await fixtureOf(["host", "guest"]);
		const { rooms } = fixture.services;
		const { id: roomId } = await rooms.create(host, { ...wanted, memberIds: [guest.userId] });
		await rooms.join(guest, roomId);
		await rooms.act(host, { roomId, action: MemberAction.MUTE, userId: guest.userId, muteMs: 60_000 });
		await rooms.leave(guest, roomId);
		await assert.rejects(rooms.join(guest, roomId), denied);
		assert.deepEqual((await rooms.members(host, roomId, "banned", "", 0)).members, []);
		await fixture.close();
	});
});

describe("recalls", () => {
	test("are published once, and count against the sending rate", async () => {
		const { fixture, host, guest } = await fixtureOf(["host", "guest"], { userRate: { perSecond: 1, burst: 5 } });
		const roomId = await fixture.room(host, guest);
		const { messages } = fixture.services;
		const { message } = await messages.sendToRoom(guest, roomId, draft("x"));
		for (const _ of range(1, 4)) await messages.recall(guest, message.id);
		assert.equal(posted(fixture, `chat:${roomId}`), 2);
		await assert.rejects(messages.recall(guest, message.id), limited);
		await assert.rejects(messages.recall(guest, "no such message"), limited);
		await fixture.close();
	});

	test("are not delivered to a user that has blocked the sender", async () => {
		const { fixture, sender, blocker } = await fixtureOf(["sender", "blocker"]);
		const { messages, blocks } = fixture.services;
		const { message } = await messages.sendToUser(sender, blocker.userId, draft("x"));
		await blocks.change(blocker.userId, [sender.userId], []);
		await messages.recall(sender, message.id);
		assert.equal(posted(fixture, `user:${blocker.userId}`), 1);
		assert.equal(posted(fixture, `user:${sender.userId}`), 2);
		await fixture.close();
	});
});

describe("read marks", () => {
	const receipts = (fixture: ChatFixture, channel: string) =>
		fixture.publisher.on(channel, "ReadReceipt").map(({ message }) => message.sequence);

	test("moved one by one make two receipts: the first and the newest", async (context) => {
		const { fixture, host, guest } = await fixtureOf(["host", "guest"], { receiptIntervalMs: 1000 });
		const roomId = await fixture.room(host, guest);
		for (const n of range(1, 20)) await fixture.services.messages.sendToRoom(host, roomId, draft(`${n}`));
		context.mock.timers.enable({ apis: ["setTimeout"] });
		for (const n of range(1, 20)) await fixture.services.history.markRead(guest, roomId, n);
		assert.deepEqual(receipts(fixture, `chat:${roomId}`), [1]);
		context.mock.timers.tick(1000);
		context.mock.timers.reset();
		await until(() => receipts(fixture, `chat:${roomId}`).length > 1);
		assert.deepEqual(receipts(fixture, `chat:${roomId}`), [1, 20]);
		await fixture.close();
	});

	test("that are pending when the process stops are published first", async () => {
		const { fixture, host, guest } = await fixtureOf(["host", "guest"], { receiptIntervalMs: 60_000 });
		const roomId = await fixture.room(host, guest);
		for (const n of range(1, 3)) await fixture.services.messages.sendToRoom(host, roomId, draft(`${n}`));
		for (const n of range(1, 3)) await fixture.services.history.markRead(guest, roomId, n);
		await fixture.close();
		assert.deepEqual(receipts(fixture, `chat:${roomId}`), [1, 3]);
	});

	test("are limited per user, and not published to a user that has blocked the reader", async () => {
		const { fixture, reader, blocker } = await fixtureOf(["reader", "blocker"], {
			readRate: { perSecond: 1, burst: 2 },
		});
		const { messages, history, blocks } = fixture.services;
		await blocks.change(blocker.userId, [reader.userId], []);
		const { message } = await messages.sendToUser(blocker, reader.userId, draft("x"));
		await history.markRead(reader, message.conversationId, 1);
		assert.deepEqual(receipts(fixture, `events:${blocker.userId}`), []);
		assert.deepEqual(receipts(fixture, `events:${reader.userId}`), [1]);
		await history.markRead(reader, message.conversationId, 1);
		await assert.rejects(history.markRead(reader, message.conversationId, 1), limited);
		await fixture.close();
	});
});

describe("invitations", () => {
	test("cost their sender one token per invited user", async () => {
		const { fixture, host } = await fixtureOf(["host"], { invitationRate: { perSecond: 1, burst: 10 } });
		const { rooms } = fixture.services;
		const guests = await Promise.all(range(1, 10).map((n) => fixture.user(`guest${n}`)));
		const { id: roomId } = await rooms.create(host, {
			...wanted,
			memberIds: guests.slice(0, 8).map((guest) => guest.userId),
		});
		const two = guests.slice(8).map((guest) => guest.userId);
		await rooms.create(host, { ...wanted, memberIds: two });
		await assert.rejects(rooms.create(host, { ...wanted, memberIds: two }), { ...limited, retryAfterMs: 2000 });
		const userId = two[0] as string;
		await assert.rejects(rooms.act(host, { roomId, action: MemberAction.INVITE, userId, muteMs: 0 }), limited);
		fixture.clock.advance(1000);
		await rooms.act(host, { roomId, action: MemberAction.INVITE, userId, muteMs: 0 });
		await fixture.close();
	});

	test("of one user by many are notified only so often, and stand all the same", async () => {
		const { fixture, guest } = await fixtureOf(["guest"], { invitedRate: { perSecond: 0.01, burst: 3 } });
		const { rooms } = fixture.services;
		const hosts = await Promise.all(range(1, 6).map((n) => fixture.user(`host${n}`)));
		const made: string[] = [];
		for (const host of hosts) made.push((await rooms.create(host, { ...wanted, memberIds: [guest.userId] })).id);
		const inbox = `events:${guest.userId}`;
		assert.equal(fixture.publisher.on(inbox, "Notification").length, 3);
		assert.equal(fixture.publisher.on(inbox, "ChatRoomEvent").length, 3);
		for (const roomId of made) await rooms.join(guest, roomId);
		await fixture.close();
	});
});

describe("rooms", () => {
	test("that everybody left count against the last owner until they are deleted", async () => {
		const { fixture, host } = await fixtureOf(["host"], { maxOwnedRooms: 3 });
		const { rooms, messages } = fixture.services;
		const made: string[] = [];
		for (const _ of range(1, 3)) {
			const { id } = await rooms.create(host, wanted);
			if (made.length === 0) await messages.sendToRoom(host, id, draft("x"));
			await rooms.leave(host, id);
			made.push(id);
		}
		await assert.rejects(rooms.create(host, wanted), failed);
		assert.equal(await rooms.sweep(), 2);
		const left = await Promise.all(made.map((id) => fixture.stores.rooms.byId(id)));
		assert.deepEqual(
			left.map((room) => room?.closedAtMs),
			[fixture.clock.now(), undefined, undefined],
		);
		await rooms.create(host, wanted);
		await rooms.create(host, wanted);
		await assert.rejects(rooms.create(host, wanted), failed);
		fixture.clock.advance(86_400_001);
		assert.equal(await rooms.sweep(), 1);
		assert.equal(await fixture.stores.rooms.byId(made[0] as string), undefined);
		assert.equal(await rooms.sweep(), 0);
		await fixture.close();
	});

	test("with more messages than one deletion are deleted in parts", async () => {
		const { fixture, host } = await fixtureOf(["host"]);
		const { rooms, messages } = fixture.services;
		const { id } = await rooms.create(host, wanted);
		await Promise.all(range(1, 1500).map((n) => messages.sendToRoom(host, id, draft(`${n}`))));
		await rooms.leave(host, id);
		fixture.clock.advance(86_400_001);
		assert.equal(await rooms.sweep(), 1);
		assert.equal(
			(await fixture.services.history.read(id, { forward: true, cursor: "", fromSequence: 0, limit: 1 })).messages[0]
				?.sequence,
			1001,
		);
		assert.equal(await rooms.sweep(), 1);
		assert.equal(await rooms.sweep(), 0);
		assert.equal(await fixture.stores.rooms.byId(id), undefined);
		await fixture.close();
	});

	test("end with their last member: an invitation to one opens nothing", async () => {
		const { fixture, host, guest } = await fixtureOf(["host", "guest"]);
		const { rooms } = fixture.services;
		const { id } = await rooms.create(host, { ...wanted, memberIds: [guest.userId] });
		await rooms.leave(host, id);
		await assert.rejects(rooms.join(guest, id), denied);
		await assert.rejects(rooms.join(host, id), denied);
		await fixture.close();
	});

	test("are joined only so many, also at once, and handed over only to who may own another", async () => {
		const { fixture, host, guest } = await fixtureOf(["host", "guest"], { maxJoinedRooms: 4, maxOwnedRooms: 2 });
		const { rooms } = fixture.services;
		const hosts = await Promise.all(range(1, 6).map((n) => fixture.user(`host${n}`)));
		const open = await Promise.all(hosts.map((owner) => fixture.room(owner)));
		const joins = await Promise.allSettled(open.map((roomId) => rooms.join(guest, roomId)));
		assert.equal(joins.filter((join) => join.status === "fulfilled").length, 4);
		await assert.rejects(rooms.create(guest, wanted), failed);
		const roomId = await fixture.room(host, hosts[0] as Identity);
		const newOwner = hosts[0] as Identity;
		await rooms.create(newOwner, wanted);
		const handOver = { roomId, action: MemberAction.MAKE_OWNER, userId: newOwner.userId, muteMs: 0 };
		await assert.rejects(rooms.act(host, handOver), failed);
		await rooms.leave(newOwner, open[0] as string);
		await rooms.act(host, handOver);
		await fixture.close();
	});
});

describe("sending", () => {
	test("by non-members uses no tokens of the rate that members share", async () => {
		const { fixture, host, stranger } = await fixtureOf(["host", "stranger"], {
			conversationRate: { perSecond: 1, burst: 3 },
		});
		const roomId = await fixture.room(host);
		const { messages } = fixture.services;
		for (const n of range(1, 10)) await assert.rejects(messages.sendToRoom(stranger, roomId, draft(`${n}`)), denied);
		for (const n of range(1, 3)) await messages.sendToRoom(host, roomId, draft(`${n}`));
		await assert.rejects(messages.sendToRoom(host, roomId, draft("4")), limited);
		await fixture.close();
	});

	test("to a user writes nothing before it is authorized", async () => {
		const { fixture, sender, other, blocker } = await fixtureOf(["sender", "other", "blocker"], {
			userRate: { perSecond: 1, burst: 2 },
		});
		const { messages, blocks } = fixture.services;
		const count = async () => {
			const query = fixture.database.run((db) => db.selectFrom("chat_conversations").select("id").execute());
			return (await query).length;
		};
		await assert.rejects(messages.sendToUser(sender, other.userId, draft("  ")), {
			code: ErrorCode.VALIDATION_FAILED,
		});
		await blocks.change(blocker.userId, [sender.userId], []);
		await assert.rejects(messages.sendToUser(sender, blocker.userId, draft("x")), denied);
		await assert.rejects(messages.sendToUser(sender, "nobody", draft("x")), { code: ErrorCode.NOT_FOUND });
		await assert.rejects(messages.sendToUser(sender, other.userId, draft("x")), limited);
		assert.equal(await count(), 0);
		await fixture.close();
	});
});
