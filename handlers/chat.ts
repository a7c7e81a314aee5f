// Block 3xxx: chat rooms, private conversations, presence.

import type { Call } from "../core/call.ts";
import { defineModule } from "../core/route.ts";
import { ErrorCode } from "../protocol/codes.ts";
import { GatewayError } from "../protocol/error.ts";
import {
	type ChannelPositionProperties,
	ChatMember,
	ChatMessage,
	ChatRoom,
	Conversation,
	type ConversationProperties,
	chatRoutes,
	HistoryDirection,
	MemberAction,
	MemberState,
	type MessageContentProperties,
} from "../protocol/gen/schema.ts";
import { PAGE_BYTES, PAGE_RESERVE_BYTES } from "../protocol/message-bounds.ts";
import { ReplyPage, ReplyRoom } from "../protocol/reply-page.ts";
import type { ChatBlocks } from "../services/chat/blocks.ts";
import type { ChatHistory, ConversationSummary, HistoryQuery } from "../services/chat/history.ts";
import type { Draft, MessageSender } from "../services/chat/messages.ts";
import type { ChatRooms } from "../services/chat/rooms.ts";
import { chatChannel, storedState, wireMember, wireMessage, wireRoom } from "../services/chat/wire.ts";
import type { Presence } from "../services/presence/presence.ts";
import { presenceChannel } from "../services/presence/presence-channel.ts";

/** Conversations of one reply, and what the position of the channel of one takes in either encoding. */
const MAX_CONVERSATIONS = 200;
const MAX_POSITION_BYTES = 200;

export interface ChatServices {
	readonly messages: MessageSender;
	readonly history: ChatHistory;
	readonly rooms: ChatRooms;
	readonly blocks: ChatBlocks;
	readonly presence: Presence;
}

export const chatModule = defineModule<ChatServices>("chat", (implement) => [
	implement(chatRoutes.sendMessage, async (request, call, { messages }) => {
		const { message, stage } = await messages.sendToRoom(call.identity(), request.roomId ?? "", draftOf(request, call));
		return { messageId: message.id, sequence: message.sequence, sentAtMs: message.sentAtMs, stage };
	}),

	implement(chatRoutes.getHistory, async (request, call, { history }) => {
		const page = new ReplyPage(call.peer.encoding, ChatMessage, wireMessage);
		const { nextCursor } = await history.ofRoom(call.identity(), request.roomId ?? "", queryOf(request), page);
		return { messages: page.items, nextCursor };
	}),

	implement(chatRoutes.createChatRoom, async (request, call, { rooms }) => {
		const { name = "", topic = "", isPublic = false, maxMembers = 0, memberIds = [], clientRoomId = "" } = request;
		const wanted = { name, topic, isPublic, maxMembers, memberIds, clientRoomId };
		const room = await rooms.create(call.identity(), wanted);
		// The room exists now: after an error the client would create another one.
		const { positions } = await subscriptionsOf(call, [chatChannel(room.id)]);
		return { room: wireRoom(room), ...positions[0] };
	}),

	implement(chatRoutes.joinChatRoom, async (request, call, { rooms }) => {
		const { room, member } = await rooms.join(call.identity(), request.roomId ?? "");
		return { room: wireRoom(room), member: wireMember(member), ...(await subscribed(call, chatChannel(room.id))) };
	}),

	implement(chatRoutes.leaveChatRoom, async (request, call, { rooms }) => {
		const { roomId = "", action = MemberAction.UNSPECIFIED, userId = "", muteMs = 0 } = request;
		if (action !== MemberAction.UNSPECIFIED) {
			await rooms.act(call.identity(), { roomId, action, userId, muteMs: Number(muteMs) });
			return {};
		}
		await rooms.leave(call.identity(), roomId);
		call.peer.unsubscribeChannel(chatChannel(roomId));
		return {};
	}),

	implement(chatRoutes.listChatRooms, async (request, call, { rooms }) => {
		const { onlyMine = false, cursor = "", limit = 0 } = request;
		const page = new ReplyPage(call.peer.encoding, ChatRoom, wireRoom);
		const { nextCursor } = await rooms.list(call.identity(), onlyMine, cursor, limit, page);
		return { rooms: page.items, nextCursor };
	}),

	implement(chatRoutes.sendPrivateMessage, async (request, call, { messages }) => {
		const { message, stage } = await messages.sendToUser(call.identity(), request.userId ?? "", draftOf(request, call));
		const { id, conversationId, sequence, sentAtMs } = message;
		return { messageId: id, conversationId, sequence, sentAtMs, stage };
	}),

	implement(chatRoutes.getPrivateHistory, async (request, call, { history }) => {
		const page = new ReplyPage(call.peer.encoding, ChatMessage, wireMessage);
		const { nextCursor } = await history.ofUser(call.identity(), request.userId ?? "", queryOf(request), page);
		return { messages: page.items, nextCursor };
	}),

	implement(chatRoutes.markRead, async (request, call, { history }) => {
		const { conversationId = "", sequence = 0 } = request;
		return { unread: await history.markRead(call.identity(), conversationId, Number(sequence)) };
	}),

	implement(chatRoutes.listConversations, async (request, call, { history }) => {
		// Each takes room for the position of its channel as well.
		const maxBytes = PAGE_BYTES - PAGE_RESERVE_BYTES - MAX_CONVERSATIONS * MAX_POSITION_BYTES;
		const page = new ReplyPage(new ReplyRoom(call.peer.encoding, maxBytes), Conversation, wireConversation);
		const { cursor = "", limit = 0 } = request;
		const { conversations, nextCursor } = await history.conversations(call.identity(), cursor, limit, page);
		const rooms = conversations.filter(({ conversation }) => conversation.kind === "room");
		const subscribedChannels = await subscriptionsOf(
			call,
			rooms.map(({ conversation }) => chatChannel(conversation.id)),
		);
		return { conversations: page.items, nextCursor, ...subscribedChannels };
	}),

	implement(chatRoutes.recallMessage, async (request, call, { messages }) => {
		await messages.recall(call.identity(), request.messageId ?? "");
		return {};
	}),

	implement(chatRoutes.presence, async (request, call, services) => {
		const { userId } = call.identity();
		const { userIds = [], blockUserIds = [], unblockUserIds = [] } = request;
		await services.blocks.change(userId, blockUserIds, unblockUserIds);
		return await presenceOf(call, [...new Set(userIds)], services);
	}),

	implement(chatRoutes.listChatMembers, async (request, call, { rooms }) => {
		const { roomId = "", state = MemberState.UNSPECIFIED, cursor = "", limit = 0 } = request;
		const page = new ReplyPage(call.peer.encoding, ChatMember, wireMember);
		const { nextCursor } = await rooms.members(call.identity(), roomId, storedState(state), cursor, limit, page);
		return { members: page.items, nextCursor };
	}),
]);

/** A user who has blocked the caller is reported as never seen. */
async function presenceOf(call: Call, userIds: readonly string[], { blocks, presence }: ChatServices) {
	if (userIds.length === 0) return { users: [] };
	const { userId } = call.identity();
	const blockers = await blocks.blockersAmong(userIds, userId);
	// Subscribed before the presence is read, so that a change in between is not missed.
	const open = userIds.filter((id) => !blockers.has(id));
	const subscribedChannels = await subscriptionsOf(call, open.map(presenceChannel));
	const records = new Map((await presence.get(open)).map((record) => [record.userId, record]));
	const users = userIds.map((id) => records.get(id) ?? { userId: id, isOnline: false, lastSeenMs: 0 });
	return { users, ...subscribedChannels };
}

/**
 * Subscribes to a channel. @returns its position, at which the client continues after a reconnect; none over HTTP, where there is
 * nothing to subscribe.
 */
async function subscribed(call: Call, channel: string): Promise<ChannelPositionProperties> {
	if (!call.peer.takesPushes) return {};
	const { offset, epoch } = await call.peer.subscribeChannel(channel);
	return { channel, offset, epoch };
}

interface SubscribedChannels {
	readonly positions: ChannelPositionProperties[];
	/** Channels that the connection could not be subscribed to; the rest of the reply is valid all the same. */
	readonly notFollowed: string[];
}

const tolerable: ReadonlySet<ErrorCode> = new Set([ErrorCode.RATE_LIMITED, ErrorCode.UNAVAILABLE]);
/** The caller was removed or blocked since the channel was looked up: it is not reported, as there is nothing to retry. */
const lost = ErrorCode.PERMISSION_DENIED;

/** Subscribes to as many channels as possible: too many channels, or an unavailable broker, do not fail the request. */
async function subscriptionsOf(call: Call, channels: readonly string[]): Promise<SubscribedChannels> {
	if (!call.peer.takesPushes) return { positions: [], notFollowed: [] };
	const results = await Promise.allSettled(channels.map((channel) => subscribed(call, channel)));
	const positions: ChannelPositionProperties[] = [];
	const notFollowed: string[] = [];
	for (const [index, result] of results.entries()) {
		if (result.status === "fulfilled") positions.push(result.value);
		else if (!(result.reason instanceof GatewayError)) throw result.reason;
		else if (result.reason.code === lost) continue;
		else if (!tolerable.has(result.reason.code)) throw result.reason;
		else notFollowed.push(channels[index] as string);
	}
	return { positions, notFollowed };
}

interface Sending {
	readonly clientMsgId?: string | null;
	readonly content?: MessageContentProperties | null;
	readonly replyToId?: string | null;
}

function draftOf({ clientMsgId, content, replyToId }: Sending, { traceId }: Call): Draft {
	return { clientMsgId: clientMsgId ?? "", content: content ?? {}, replyToId: replyToId ?? "", traceId };
}

interface Asking {
	readonly direction?: HistoryDirection | null;
	readonly cursor?: string | null;
	readonly limit?: number | null;
	readonly fromSequence?: number | null;
}

function queryOf(request: Asking): HistoryQuery {
	return {
		forward: request.direction === HistoryDirection.FORWARD,
		cursor: request.cursor ?? "",
		fromSequence: request.fromSequence ?? 0,
		limit: request.limit ?? 0,
	};
}

function wireConversation(summary: ConversationSummary): ConversationProperties {
	const { conversation, lastMessage, readSequence, unread, peerId, peerName } = summary;
	return {
		id: conversation.id,
		...(conversation.kind === "room" ? { room: wireRoom(conversation) } : { peerId, peerName }),
		...(lastMessage === undefined ? {} : { lastMessage: wireMessage(lastMessage) }),
		readSequence,
		unread,
	};
}
