// Moderation reaches the inboxes of those it concerns, members and invited users, and of nobody else: an owner of a room
// could otherwise write into any inbox, and push out of it what its user has not read yet.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import type { Identity } from "../../common/identity.ts";
import { ChatRoomEvent_Kind as Kind, MemberAction } from "../../protocol/gen/schema.ts";
import { type ChatFixture, chatFixture } from "../services/chat/fixture.ts";

let fixture: ChatFixture;
let owner: Identity;
let victim: Identity;
let roomId: string;

beforeEach(async () => {
	fixture = await chatFixture();
	[owner, victim] = [await fixture.user("owner"), await fixture.user("victim")];
	roomId = await fixture.room(owner);
});
afterEach(() => fixture.close());

const act = (action: MemberAction, muteMs = 0) =>
	fixture.services.rooms.act(owner, { roomId, action, userId: victim.userId, muteMs });
const inbox = () => fixture.publisher.on(`events:${victim.userId}`).map(({ push, message }) => [push, message.kind]);
const event = (kind: Kind) => ["ChatRoomEvent", kind];

describe("somebody who never was in the room", () => {
	test("is not notified of being banned and unbanned, however often", async () => {
		for (let round = 0; round < 3; round++) {
			await act(MemberAction.BAN);
			await act(MemberAction.UNBAN);
		}
		assert.deepEqual(inbox(), []);
		assert.equal((await fixture.services.notifications.list(victim.userId, false, "", 0)).notifications.length, 0);
	});

	test("is not notified by any action, whether it succeeds or not", async () => {
		const { UNSPECIFIED, INVITE, ...others } = MemberAction;
		for (const action of Object.values(others)) await act(action, 1000).catch(() => {});
		assert.deepEqual(inbox(), []);
	});

	test("is not notified once they have left, not even of a ban that outlasts a mute", async () => {
		await fixture.services.rooms.join(victim, roomId);
		await act(MemberAction.MUTE, 60_000);
		await fixture.services.rooms.leave(victim, roomId);
		await act(MemberAction.BAN);
		assert.deepEqual(inbox(), []);
	});
});

describe("a member", () => {
	test("is notified of being removed", async () => {
		await fixture.services.rooms.join(victim, roomId);
		await act(MemberAction.KICK);
		await fixture.services.rooms.join(victim, roomId);
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
			await fixture.services.blocks.change(victim.userId, [owner.userId], []);
			await act(action);
			assert.equal(inbox().length, before);
		});
	}

	test("who blocks while the invitation waits for the broker gets nothing of it", async () => {
		fixture.publisher.isDown = true;
		await act(MemberAction.INVITE);
		await fixture.services.blocks.change(victim.userId, [owner.userId], []).catch(() => {});
		fixture.publisher.isDown = false;
		await fixture.pass(60_000);
		await fixture.services.relay.sweep();
		assert.ok(
			fixture.publisher.on(`chat:${roomId}`, "ChatRoomEvent").some(({ message }) => message.kind === Kind.INVITED),
		);
		assert.deepEqual(inbox(), []);
		assert.equal((await fixture.services.notifications.list(victim.userId, false, "", 0)).notifications.length, 0);
	});

	test("is not notified of invitations that come and go faster than `chat.invitedRate`", async () => {
		await fixture.close();
		fixture = await chatFixture({ options: { invitedRate: { perSecond: 0.001, burst: 3 } } });
		[owner, victim] = [await fixture.user("owner"), await fixture.user("victim")];
		roomId = await fixture.room(owner);
		for (let round = 0; round < 10; round++) {
			await act(MemberAction.INVITE);
			await act(MemberAction.KICK);
		}
		// An invitation is an event and a notification; taking it back is an event.
		assert.ok(inbox().length <= 3 * 2, `${inbox().length} pushes`);
	});
});
