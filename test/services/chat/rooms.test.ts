// Rooms: who may join, who may do what to whom, and who is notified.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import type { Identity } from "../../../common/identity.ts";
import { ErrorCode } from "../../../protocol/codes.ts";
import { ChatRole, MemberAction, MessageKind } from "../../../protocol/gen/schema.ts";
import { chatAuthorizer, presenceAuthorizer } from "../../../services/chat/channel-authorizers.ts";
import { type ChatFixture, chatFixture, range } from "./fixture.ts";

let fixture: ChatFixture;
let owner: Identity;
let admin: Identity;
let member: Identity;
let stranger: Identity;
let roomId: string;

const denied = { code: ErrorCode.PERMISSION_DENIED };
const failed = { code: ErrorCode.PRECONDITION_FAILED };
const invalid = { code: ErrorCode.VALIDATION_FAILED };

const create = (who: Identity, fields = {}) =>
	fixture.services.rooms.create(who, {
		...{ name: "r", topic: "", isPublic: false, maxMembers: 0, memberIds: [], clientRoomId: "" },
		...fields,
	});
const act = (actor: Identity, action: MemberAction, target: Identity, muteMs = 0) =>
	fixture.services.rooms.act(actor, { roomId, action, userId: target.userId, muteMs });
const standing = async (who: Identity) => {
	const found = await fixture.stores.rooms.member(roomId, who.userId);
	return found && [found.state, found.role];
};
const memberCount = async () => (await fixture.stores.rooms.byId(roomId))?.memberCount;

before(async () => {
	fixture = await chatFixture();
	owner = await fixture.user("owner");
	admin = await fixture.user("admin");
	member = await fixture.user("member");
	stranger = await fixture.user("stranger");
});
beforeEach(async () => {
	roomId = await fixture.room(owner, admin, member);
	await act(owner, MemberAction.MAKE_ADMIN, admin);
});
after(() => fixture.close());

describe("joining", () => {
	test("a closed room takes the invited only, and looks absent to others", async () => {
		const { id } = await create(owner, { memberIds: [member.userId] });
		const { rooms } = fixture.services;
		const rejection = await rooms.join(stranger, id).catch((error: Error) => error.message);
		assert.equal(rejection, await rooms.join(stranger, "nowhere").catch((error: Error) => error.message));
		const joined = await rooms.join(member, id);
		assert.equal(joined.room.memberCount, 2);
		assert.equal(joined.member.role, ChatRole.MEMBER);
		assert.ok(fixture.publisher.membership.includes(`${member.userId} chat:${id}`));
		const notified = fixture.publisher.on(`events:${member.userId}`, "Notification").at(-1)?.message;
		assert.deepEqual([notified.type, notified.text], ["chat.invited", "owner invites you to r."]);
	});

	test("joining twice has the effect of joining once", async () => {
		await fixture.services.rooms.join(member, roomId);
		assert.equal(await memberCount(), 3);
		const events = fixture.publisher.on(`chat:${roomId}`, "ChatRoomEvent");
		assert.equal(
			events.filter(({ message }) => message.member.userId === member.userId && message.kind === 1).length,
			1,
		);
	});

	test("a full room is full, however many come at once", async () => {
		const { id } = await create(owner, { isPublic: true, maxMembers: 3 });
		const users = await Promise.all(range(1, 8).map((n) => fixture.user(`joiner${n}`)));
		const results = await Promise.allSettled(users.map((who) => fixture.services.rooms.join(who, id)));
		const refused = results.filter((result) => result.status === "rejected");
		assert.equal(refused.length, 6);
		assert.ok(refused.every((result) => result.reason.code === ErrorCode.PRECONDITION_FAILED));
		assert.equal((await fixture.stores.rooms.byId(id))?.memberCount, 3);
	});

	test("banned users cannot join, also when the room is public, until unbanned", async () => {
		await act(admin, MemberAction.BAN, member);
		assert.equal(await memberCount(), 2);
		assert.ok(fixture.publisher.membership.includes(`-${member.userId} chat:${roomId}`));
		await assert.rejects(fixture.services.rooms.join(member, roomId), { ...denied, message: "banned from this room" });
		await fixture.services.rooms.leave(member, roomId);
		await assert.rejects(fixture.services.rooms.join(member, roomId), denied);
		await assert.rejects(act(owner, MemberAction.INVITE, member), failed);
		await act(admin, MemberAction.UNBAN, member);
		await fixture.services.rooms.join(member, roomId);
		assert.equal(await memberCount(), 3);
	});

	test("a user may be banned before joining", async () => {
		await act(admin, MemberAction.BAN, stranger);
		await assert.rejects(fixture.services.rooms.join(stranger, roomId), denied);
		assert.equal(await memberCount(), 3);
	});

	test("who has blocked the inviter is not invited, and unknown users are named", async () => {
		await fixture.services.blocks.change(stranger.userId, [owner.userId], []);
		await assert.rejects(act(owner, MemberAction.INVITE, stranger), denied);
		await assert.rejects(create(owner, { memberIds: [stranger.userId] }), denied);
		await fixture.services.blocks.change(stranger.userId, [], [owner.userId]);
		await assert.rejects(create(owner, { memberIds: ["nobody"] }), invalid);
	});
});

describe("ranks", () => {
	test("members do nothing to others, admins not to their like, and nobody to the owner", async () => {
		const { KICK, BAN, MUTE, MAKE_ADMIN, MAKE_OWNER } = MemberAction;
		for (const action of [KICK, BAN, MUTE]) await assert.rejects(act(member, action, admin, 1000), denied);
		for (const action of [KICK, BAN, MUTE]) await assert.rejects(act(admin, action, owner, 1000), denied);
		await act(owner, MAKE_ADMIN, member);
		for (const action of [KICK, BAN, MUTE]) await assert.rejects(act(admin, action, member, 1000), denied);
		for (const action of [MAKE_ADMIN, MAKE_OWNER]) await assert.rejects(act(admin, action, member), denied);
		assert.deepEqual(await standing(member), ["member", ChatRole.ADMIN]);
		await act(owner, MemberAction.MAKE_MEMBER, member);
		await act(admin, KICK, member);
		assert.equal(await standing(member), undefined);
	});

	test("strangers, oneself and nothing are refused", async () => {
		await assert.rejects(act(stranger, MemberAction.KICK, member), denied);
		await assert.rejects(act(owner, MemberAction.KICK, owner), invalid);
		await assert.rejects(act(owner, MemberAction.UNSPECIFIED, member), { code: ErrorCode.VALIDATION_FAILED });
		await assert.rejects(act(owner, MemberAction.MUTE, member), invalid);
		await assert.rejects(act(owner, MemberAction.MAKE_ADMIN, stranger), failed);
	});

	test("members invite into public rooms only", async () => {
		await act(member, MemberAction.INVITE, stranger);
		assert.deepEqual(await standing(stranger), ["invited", ChatRole.MEMBER]);
		roomId = (await create(owner, { memberIds: [member.userId] })).id;
		await fixture.services.rooms.join(member, roomId);
		await assert.rejects(act(member, MemberAction.INVITE, stranger), denied);
		await act(owner, MemberAction.INVITE, stranger);
	});

	test("a kick takes the member's subscriptions, again when repeated", async () => {
		const before = fixture.publisher.membership.length;
		await act(admin, MemberAction.KICK, member);
		await act(admin, MemberAction.KICK, member);
		const line = `-${member.userId} chat:${roomId}`;
		assert.deepEqual(fixture.publisher.membership.slice(before), [line, line]);
		assert.equal(await memberCount(), 2);
		assert.equal(fixture.publisher.on(`events:${member.userId}`, "ChatRoomEvent").length > 0, true);
	});
});

describe("owners", () => {
	test("hand over and stay as admins", async () => {
		await act(owner, MemberAction.MAKE_OWNER, member);
		assert.deepEqual(await standing(member), ["member", ChatRole.OWNER]);
		assert.deepEqual(await standing(owner), ["member", ChatRole.ADMIN]);
		assert.equal((await fixture.stores.rooms.byId(roomId))?.ownerId, member.userId);
		assert.equal(await memberCount(), 3);
	});

	test("an owner that leaves is replaced by the member with the highest role, then the longest membership", async () => {
		const { rooms } = fixture.services;
		await rooms.leave(owner, roomId);
		assert.deepEqual(await standing(admin), ["member", ChatRole.OWNER]);
		await rooms.leave(admin, roomId);
		assert.deepEqual(await standing(member), ["member", ChatRole.OWNER]);
		await rooms.leave(member, roomId);
		const room = await fixture.stores.rooms.byId(roomId);
		assert.deepEqual([room?.closedAtMs, room?.isPublic, room?.memberCount], [fixture.clock.now(), false, 0]);
		await assert.rejects(rooms.join(stranger, roomId), denied);
	});

	test("own only so many rooms, also when they ask for all at once", async () => {
		const limited = await chatFixture({ options: { maxOwnedRooms: 3, maxJoinedRooms: 3 } });
		const greedy = await limited.user("greedy");
		const wanted = { name: "r", topic: "", isPublic: true, maxMembers: 0, memberIds: [], clientRoomId: "" };
		const results = await Promise.allSettled(range(1, 20).map(() => limited.services.rooms.create(greedy, wanted)));
		assert.equal(results.filter((result) => result.status === "fulfilled").length, 3);
		await limited.room(await limited.user("other"));
		const guest = await limited.user("guest");
		const { rooms } = await limited.services.rooms.list(guest, false, "", 10);
		const joins: unknown[] = [];
		for (const room of rooms)
			joins.push(await limited.services.rooms.join(guest, room.id).catch((error) => error.code));
		assert.equal(joins.filter((code) => code === ErrorCode.PRECONDITION_FAILED).length, 1);
		await assert.rejects(limited.services.rooms.create(guest, wanted), failed);
		await limited.close();
	});
});

test("names are text", async () => {
	for (const name of ["", "  ", "a\0", "\ud800", "bell\x07"]) await assert.rejects(create(owner, { name }), invalid);
	await assert.rejects(create(owner, { topic: "\0" }), invalid);
	assert.equal((await create(owner, { name: "茶室 🍵" })).name, "茶室 🍵");
});

test("repeated joining and leaving is rate limited, and the count stays right", async () => {
	const limited = await chatFixture({ options: { membershipRate: { perSecond: 1, burst: 6 } } });
	const host = await limited.user("host");
	const flapper = await limited.user("flapper");
	const room = await limited.room(host);
	const { rooms } = limited.services;
	const codes: unknown[] = [];
	for (const n of range(1, 10)) {
		const change = n % 2 === 1 ? rooms.join(flapper, room) : rooms.leave(flapper, room);
		await change.catch((error) => codes.push(error.code));
	}
	assert.deepEqual(
		codes,
		[1, 2, 3, 4].map(() => ErrorCode.RATE_LIMITED),
	);
	assert.equal((await limited.stores.rooms.byId(room))?.memberCount, 1);
	await limited.close();
});

test("lists come in pages: public rooms, one's own, members", async () => {
	const { rooms } = fixture.services;
	const lister = await fixture.user("lister");
	const made = new Set<string>();
	for (const n of range(1, 5)) made.add((await create(lister, { isPublic: n % 2 === 0 })).id);
	const seen: string[] = [];
	let cursor = "";
	do {
		const page = await rooms.list(lister, true, cursor, 2);
		seen.push(...page.rooms.map((room) => room.id));
		cursor = page.nextCursor;
	} while (cursor !== "");
	assert.deepEqual(new Set(seen), made);
	assert.equal(seen.length, 5);
	const open = (await rooms.list(stranger, false, "", 200)).rooms;
	assert.equal(open.filter((room) => made.has(room.id)).length, 2);
	assert.ok(open.every((room) => room.isPublic));

	const first = await rooms.members(member, roomId, "member", "", 2);
	const second = await rooms.members(member, roomId, "member", first.nextCursor, 2);
	const names = [...first.members, ...second.members].map((entry) => entry.username).sort();
	assert.deepEqual(names, ["admin", "member", "owner"]);
	await assert.rejects(rooms.members(member, roomId, "banned", "", 2), denied);
	assert.deepEqual((await rooms.members(admin, roomId, "banned", "", 2)).members, []);
	await assert.rejects(rooms.members(stranger, roomId, "member", "", 2), denied);
});

test("channels accept subscriptions of the users whom they concern", async () => {
	const chat = chatAuthorizer(fixture.stores.rooms);
	assert.equal(await chat.canSubscribe(member, `chat:${roomId}`), true);
	assert.equal(await chat.canSubscribe(stranger, `chat:${roomId}`), false);
	await act(owner, MemberAction.INVITE, stranger);
	assert.equal(await chat.canSubscribe(stranger, `chat:${roomId}`), false);
	await act(owner, MemberAction.BAN, member);
	assert.equal(await chat.canSubscribe(member, `chat:${roomId}`), false);
	const presence = presenceAuthorizer(fixture.stores.blocks, fixture.stores.rooms);
	assert.equal(await presence.canSubscribe(stranger, `presence:${owner.userId}`), true);
	await fixture.services.blocks.change(owner.userId, [stranger.userId], []);
	assert.equal(await presence.canSubscribe(stranger, `presence:${owner.userId}`), false);
	for (const nobody of ["", "a b", "0198f0a2-0000-7000-8000-000000000000"]) {
		assert.equal(await presence.canSubscribe(stranger, `presence:${nobody}`), false, "there is no such user");
	}
});

test("a query about many users keeps their order", async () => {
	const { rooms, blocks } = fixture.stores;
	const other = await fixture.room(stranger);
	const chat = chatAuthorizer(rooms);
	const queries = [
		[owner, roomId],
		[owner, other],
		[stranger, roomId],
		[stranger, other],
		[member, roomId],
		[member, "nowhere"],
	] as const;
	const asked = queries.map(([identity, id]) => ({ identity, channel: `chat:${id}` }));
	assert.deepEqual(await chat.canSubscribeEach?.(asked), [true, false, false, true, true, false]);
	assert.deepEqual(await chat.canSubscribeEach?.([]), []);
	const many = Array.from({ length: 300 }, (_, index) => ({ identity: owner, channel: `chat:${index}` }));
	assert.deepEqual(await chat.canSubscribeEach?.(many), Array(300).fill(false));
	await fixture.services.blocks.change(owner.userId, [stranger.userId], []);
	const presence = presenceAuthorizer(blocks, rooms);
	const watched = [
		{ identity: stranger, channel: `presence:${owner.userId}` },
		{ identity: member, channel: `presence:${owner.userId}` },
		{ identity: stranger, channel: `presence:${member.userId}` },
		{ identity: owner, channel: `presence:${stranger.userId}` },
	];
	assert.deepEqual(await presence.canSubscribeEach?.(watched), [false, true, true, true]);
});

test("a process whose clock is years ahead deletes no room before its time", async () => {
	const content = { kind: MessageKind.TEXT, text: "kept" };
	await fixture.services.messages.sendToRoom(owner, roomId, { clientMsgId: "c", content, replyToId: "" });
	for (const left of [member, admin, owner]) await fixture.services.rooms.leave(left, roomId);
	const yearMs = 366 * 86_400_000;
	const keptMs = Date.now() - fixture.clock.now() + yearMs;
	await fixture.stores.rooms.deleteClosed({ keptMs, nowMs: Date.now() + 3 * yearMs }, 100);
	assert.notEqual(await fixture.stores.rooms.byId(roomId), undefined);
	await fixture.stores.rooms.deleteClosed({ keptMs: 0, nowMs: Date.now() }, 100);
	assert.equal(await fixture.stores.rooms.byId(roomId), undefined);
});
