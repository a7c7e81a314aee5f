// Who may subscribe to the channels of chat.

import type { ChannelAuthorizer, SubscribeQuery } from "../../messaging/publisher.ts";
import { PRESENCE_PREFIX } from "../presence/presence-channel.ts";
import type { ChatBlockStore } from "./chat-block-store.ts";
import type { ChatRoomStore } from "./chat-room-store.ts";
import { CHAT_PREFIX, isPrivateConversation } from "./wire.ts";

/** A room's channel is for its members. */
export function chatAuthorizer(rooms: ChatRoomStore): ChannelAuthorizer {
	return authorizerOf(CHAT_PREFIX, async (queries) => {
		const asked = queries.map(({ identity, channel }) => {
			return { conversationId: channel.slice(CHAT_PREFIX.length), userId: identity.userId };
		});
		const answers = await rooms.areMembers(asked);
		return asked.map(({ conversationId }, index) => !isPrivateConversation(conversationId) && answers[index] === true);
	});
}

/** Presence is for every client whom the user has not blocked; users who do not exist have none. */
export function presenceAuthorizer(
	blocks: ChatBlockStore,
	rooms: Pick<ChatRoomStore, "existingUsers">,
): ChannelAuthorizer {
	return authorizerOf(PRESENCE_PREFIX, async (queries) => {
		const asked = queries.map(({ identity, channel }) => {
			return { userId: channel.slice(PRESENCE_PREFIX.length), blockedId: identity.userId };
		});
		const userIds = [...new Set(asked.map(({ userId }) => userId).filter(isUserId))];
		const known = await rooms.existingUsers(userIds);
		const blocked = await blocks.areBlocked(asked);
		return asked.map(({ userId }, index) => known.has(userId) && blocked[index] === false);
	});
}

function authorizerOf(
	prefix: string,
	canSubscribeEach: (queries: readonly SubscribeQuery[]) => Promise<readonly boolean[]>,
): ChannelAuthorizer {
	return {
		prefix,
		canSubscribeEach,
		canSubscribe: async (identity, channel) => (await canSubscribeEach([{ identity, channel }]))[0] ?? false,
	};
}

/** Any other text is no user id, and needs no database query. */
function isUserId(text: string): boolean {
	return /^[0-9a-f-]{36}$/i.test(text);
}
