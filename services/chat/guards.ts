// Who may follow the channels of chat.
import type { ChatBlockStore } from "../../ports/chat-block-store.ts";
import type { ChatRoomStore } from "../../ports/chat-room-store.ts";
import type { ChannelGuard } from "../../ports/publisher.ts";
import { CHAT_PREFIX, PRESENCE_PREFIX } from "./wire.ts";

/** A room's channel is for its members. */
export function chatGuard(rooms: ChatRoomStore): ChannelGuard {
	return {
		prefix: CHAT_PREFIX,
		async mayFollow({ userId }, channel) {
			const member = await rooms.member(channel.slice(CHAT_PREFIX.length), userId);
			return member?.state === "member";
		},
	};
}

/** Coming and going is for everybody whom the user has not blocked. */
export function presenceGuard(blocks: ChatBlockStore): ChannelGuard {
	return {
		prefix: PRESENCE_PREFIX,
		async mayFollow({ userId }, channel) {
			const blockers = await blocks.blockersAmong([channel.slice(PRESENCE_PREFIX.length)], userId);
			return blockers.size === 0;
		},
	};
}
