// Moderation reaches the inboxes of those it concerns, members and invited users, and of nobody else: an owner of a room
// could otherwise write into any inbox, and push out of it what its user has not read yet.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import type { Identity } from "../../common/identity.ts";
import { ChatRoomEvent_Kind as Kind, MemberAction } from "../../protocol/gen/schema.ts";
import { type ChatFixture, chatFixture } from "../services/chat/fixture.ts";

let world: ChatFixture;
let owner: Identity;
let victim: Identity;
let roomId: string;

beforeEach(async () => {
	world = await chatFixture();
	[owner, victim] = [await world.user("owner"), await world.user("victim")];
	roomId = await world.room(owner);
});
afterEach(() => world.close());

const act = (action: MemberAction, muteMs = 0) =>
	world.services.rooms.act(owner, { roomId, action, userId: victim.userId, muteMs });
const inbox = () => world.publisher.on(`events:${victim.userId}`).map(({ push, message }) => [push, message.kind]);
const event = (kind: Kind) => ["ChatRoomEvent", kind];

describe("somebody who never was in the room", () => {
	test("is not notified of being banned and unbanned, however often", async () => {
		for (let round = 0; round < 3; round++) {
			await act(MemberAction.BAN);
			await act(MemberAction.UNBAN);
		}
		assert.deepEqual(inbox(), []);
		assert.equal((await world.services.notifications.list(victim.userId, false, "", 0)).notifications.length, 0);
	});

	test("is not notified by any action, whether it succeeds or not", async () => {
		const { UNSPECIFIED, INVITE, ...others } = MemberAction;
		for (const action of Object.values(others)) await act(action, 1000).catch(() => {});
		assert.deepEqual(inbox(), []);
	});

	test("is not notified once they have left, not even of a ban that outlasts a mute", async () => {
		await world.services.rooms.join(victim, roomId);
		await act(MemberAction.MUTE, 60_000);
		await world.services.rooms.leave(victim, roomId);
		await act(MemberAction.BAN);
		assert.deepEqual(inbox(), []);
	});
});

describe("a member", () => {
	test("is notified of being removed", async () => {
		await world.services.rooms.join(victim, roomId);
		await act(MemberAction.KICK);
		await world.services.rooms.join(victim, roomId);
		await act(MemberAction.BAN);
		assert.deepEqual(inbox(), [event(Kind.KICKED), event(Kind.BANNED)]);
	});
});

describe("an invited user", () => {
	const invited = async () => {
		await act(MemberAction.INVITE);
		return inbox().length;
	};

	test("is notified of the invitation, and when it is taken back", async () => {
		const before = await invited();
		await act(MemberAction.KICK);
		assert.deepEqual(inbox().slice(before), [event(Kind.KICKED)]);
	});

	for (const action of [MemberAction.KICK, MemberAction.BAN]) {
		test(`who has blocked the other is not notified of action ${action}`, async () => {
			const before = await invited();
			await world.services.blocks.change(victim.userId, [owner.userId], []);
			await act(action);
			assert.equal(inbox().length, before);
		});
	}

	test("who blocks while the invitation waits for the broker gets nothing of it", async () => {
		world.publisher.isDown = true;
		await act(MemberAction.INVITE);
		await world.services.blocks.change(victim.userId, [owner.userId], []).catch(() => {});
		world.publisher.isDown = false;
		world.clock.advance(60_000);
		await world.services.relay.sweep();
		assert.ok(
			world.publisher.on(`chat:${roomId}`, "ChatRoomEvent").some(({ message }) => message.kind === Kind.INVITED),
		);
		assert.deepEqual(inbox(), []);
		assert.equal((await world.services.notifications.list(victim.userId, false, "", 0)).notifications.length, 0);
	});

	test("is not notified of invitations that come and go faster than `chat.invitedRate`", async () => {
		await world.close();
		world = await chatFixture({ options: { invitedRate: { perSecond: 0.001, burst: 3 } } });
		[owner, victim] = [await world.user("owner"), await world.user("victim")];
		roomId = await world.room(owner);
		for (let round = 0; round < 10; round++) {
			await act(MemberAction.INVITE);
			await act(MemberAction.KICK);
		}
		// An invitation is an event and a notification; taking it back is an event.
		assert.ok(inbox().length <= 3 * 2, `${inbox().length} pushes`);
	});
});
