// Who may follow the channels of chat.

import type { ChannelAuthorizer, SubscribeQuery } from "../../messaging/publisher.ts";
import { PRESENCE_PREFIX } from "../presence/presence-channel.ts";
import type { ChatBlockStore } from "./chat-block-store.ts";
import type { ChatRoomStore } from "./chat-room-store.ts";
import { CHAT_PREFIX, isPrivateConversation } from "./wire.ts";

/** A room's channel is for its members. */
export function chatGuard(rooms: ChatRoomStore): ChannelAuthorizer {
	return guardOf(CHAT_PREFIX, async (questions) => {
		const asked = questions.map(({ identity, channel }) => {
			return { conversationId: channel.slice(CHAT_PREFIX.length), userId: identity.userId };
		});
		const answers = await rooms.areMembers(asked);
		return asked.map(({ conversationId }, index) => !isPrivateConversation(conversationId) && answers[index] === true);
	});
}

/** Coming and going is for everybody whom the user has not blocked; of users who do not exist there is none. */
export function presenceGuard(blocks: ChatBlockStore, rooms: Pick<ChatRoomStore, "existingUsers">): ChannelAuthorizer {
	return guardOf(PRESENCE_PREFIX, async (questions) => {
		const asked = questions.map(({ identity, channel }) => {
			return { userId: channel.slice(PRESENCE_PREFIX.length), blockedId: identity.userId };
		});
		const userIds = [...new Set(asked.map(({ userId }) => userId).filter(isUserId))];
		const known = await rooms.existingUsers(userIds);
		const blocked = await blocks.areBlocked(asked);
		return asked.map(({ userId }, index) => known.has(userId) && blocked[index] === false);
	});
}

function guardOf(
	prefix: string,
	canSubscribeEach: (questions: readonly SubscribeQuery[]) => Promise<readonly boolean[]>,
): ChannelAuthorizer {
	return {
		prefix,
		canSubscribeEach: canSubscribeEach,
		canSubscribe: async (identity, channel) => (await canSubscribeEach([{ identity, channel }]))[0] ?? false,
	};
}

/** Not worth a look into the database otherwise. */
function isUserId(text: string): boolean {
	return /^[0-9a-f-]{36}$/i.test(text);
}
