// Who receives what is said and done in a conversation.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { eventsChannel, userChannel } from "../../../common/user-channels.ts";
import { ConversationAudience } from "../../../services/chat/audience.ts";
import { privateConversationId } from "../../../services/chat/wire.ts";

const pair = privateConversationId("ada", "bob");

/** @param members - of every private conversation. @param blocked - pairs of who has blocked and who is blocked. */
function fixture(members: readonly string[], blocked: readonly (readonly [string, string])[] = []) {
	const asked: string[] = [];
	const audience = new ConversationAudience({
		rooms: {
			memberIds: async (conversationId) => {
				asked.push(conversationId);
				return members;
			},
		},
		blocks: {
			blockersAmong: async (userIds, blockedId) => {
				const blockers = blocked.filter(([, id]) => id === blockedId).map(([userId]) => userId);
				return new Set(userIds.filter((userId) => blockers.includes(userId)));
			},
		},
	});
	return { audience, asked };
}

describe("the audience of a conversation", () => {
	it("is the room's channel, which needs no question", async () => {
		const { audience, asked } = fixture(["ada", "bob"], [["bob", "ada"]]);
		assert.deepEqual(await audience.channelsFrom("ada", "room-1", userChannel), ["chat:room-1"]);
		assert.deepEqual(asked, []);
	});

	it("is a channel of each of two users, who are looked up once", async () => {
		const { audience, asked } = fixture(["ada", "bob"]);
		assert.deepEqual(await audience.channelsFrom("ada", pair, userChannel), ["user:ada", "user:bob"]);
		assert.deepEqual(await audience.channelsFrom("bob", pair, eventsChannel), ["events:ada", "events:bob"]);
		assert.deepEqual(await audience.usersOfPrivate(pair), ["ada", "bob"]);
		assert.deepEqual(asked, [pair]);
		assert.equal(audience.knowsPair(pair), true);
	});

	it("leaves out who has blocked the one who acts, and not the one who acts", async () => {
		const { audience } = fixture(["ada", "bob"], [["bob", "ada"]]);
		assert.deepEqual(await audience.channelsFrom("ada", pair, userChannel), ["user:ada"]);
		assert.deepEqual(await audience.channelsFrom("bob", pair, userChannel), ["user:ada", "user:bob"]);
	});

	it("is nobody's while the conversation does not exist, which is not remembered", async () => {
		const { audience, asked } = fixture([]);
		assert.deepEqual(await audience.channelsFrom("ada", pair, userChannel), []);
		assert.deepEqual(await audience.usersOfPrivate(pair), []);
		assert.equal(asked.length, 2);
		assert.equal(audience.knowsPair(pair), false);
	});

	it("knows a pair that was created here without looking", async () => {
		const { audience, asked } = fixture([]);
		audience.rememberPair(pair, ["ada", "bob"]);
		assert.deepEqual(await audience.usersOfPrivate(pair), ["ada", "bob"]);
		assert.deepEqual(asked, []);
	});
});
