// Conversations, protocol block 3xxx: the routes' own methods under short names, sends that may be repeated safely,
// lists as sequences, and events by conversation.
import type { WirePush } from "../../protocol/codec/wire.ts";
import {
	type ChatMember,
	type ChatMessage,
	type ChatRoom,
	type ChatRoomEvent,
	type Conversation,
	chatPushes,
	chatRoutes,
	type ListChatMembersRequestProperties,
	type ListChatRoomsRequestProperties,
	type MessageContentProperties,
	type MessagePosted,
	type PresenceChanged,
	type ReadReceipt,
	type SendMessageResponse,
	type SendPrivateMessageResponse,
} from "../../protocol/gen/codec/chat.ts";
import { HistoryDirection, MessageKind } from "../../protocol/gen/enums.ts";
import type { Recovery } from "../channels/channels.ts";
import type { PushInfo } from "../channels/subscriptions.ts";
import type { Unsubscribe } from "../listeners.ts";
import { ChannelNames, type ClientContext, KeyedEmitter } from "../requests/client-context.ts";
import { paged } from "../requests/pages.ts";
import { type RequestOptions, type RouteMethods, routeMethods } from "../requests/routes.ts";
import { uniqueId } from "../unique-id.ts";

const methodRoutes = {
	createRoom: chatRoutes.createChatRoom,
	joinRoom: chatRoutes.joinChatRoom,
	/** Leaves, or acts on another member: kick, ban, mute, invite, … */
	leaveRoom: chatRoutes.leaveChatRoom,
	markRead: chatRoutes.markRead,
	recall: chatRoutes.recallMessage,
	presence: chatRoutes.presence,
} as const;

export interface SendOptions extends RequestOptions {
	/** The message that this one answers. */
	readonly replyToId?: string;
	/** Makes a repeat harmless; made up unless given. Give it to send again what failed, or what an earlier run sent. */
	readonly clientMsgId?: string;
}

export interface HistoryOptions extends RequestOptions {
	/** `backward`: newest first (default). `forward`: oldest first. */
	readonly direction?: "backward" | "forward";
	/** Begin behind the message with this number (forward), or before it (backward). */
	readonly fromSequence?: number;
	/** Messages fetched at a time, at most 200. Default: what the gateway thinks fit. */
	readonly pageSize?: number;
}

type ConversationPush = MessagePosted | ChatRoomEvent | ReadReceipt;
type Sequence<Item> = AsyncGenerator<Item, void, undefined>;

export interface Chat extends RouteMethods<typeof methodRoutes> {
	/**
	 * Sends a text, or any content, to a room. Goes out again, under the same `clientMsgId`, after a lost connection and
	 * after retryable errors, within the deadline; the message is posted once.
	 */
	send(roomId: string, content: string | MessageContentProperties, options?: SendOptions): Promise<SendMessageResponse>;
	/** The same to one user. */
	sendPrivate(
		userId: string,
		content: string | MessageContentProperties,
		options?: SendOptions,
	): Promise<SendPrivateMessageResponse>;
	/** Messages of a room, fetched as they are asked for. */
	history(roomId: string, options?: HistoryOptions): Sequence<ChatMessage>;
	/** Messages exchanged with one user. */
	privateHistory(userId: string, options?: HistoryOptions): Sequence<ChatMessage>;
	/** One's conversations, latest first. */
	conversations(options?: RequestOptions): Sequence<Conversation>;
	/** Public rooms, or one's own. */
	rooms(filter?: ListChatRoomsRequestProperties, options?: RequestOptions): Sequence<ChatRoom>;
	members(filter: ListChatMembersRequestProperties, options?: RequestOptions): Sequence<ChatMember>;
	/** Listens to `chatPushes.messagePosted`, `chatRoomEvent` or `readReceipt` of one conversation. */
	on<Message extends ConversationPush, Properties>(
		conversationId: string,
		push: WirePush<Message, Properties>,
		listener: (message: Message, info: PushInfo) => void,
	): Unsubscribe;
	/** Listens to a user coming online and going offline; `presence` subscribes to that. */
	onPresence(userId: string, listener: (changed: PresenceChanged, info: PushInfo) => void): Unsubscribe;
	/** Listens to the recovery of a joined room's messages after a reconnect; see `Client.onRecovery`. */
	onRecovery(roomId: string, listener: (recovery: Recovery) => void): Unsubscribe;
}

/** Conversations: `client.use(chatPart).send(roomId, "hello")`. */
export function chatPart(context: ClientContext): Chat {
	const names = new ChannelNames();
	return Object.freeze({
		...memberships(context, names),
		...sending(context),
		...lists(context),
		...events(context, names),
	});
}

function memberships(context: ClientContext, names: ChannelNames): RouteMethods<typeof methodRoutes> {
	const methods = routeMethods(methodRoutes, context.request);
	const entered = <Reply extends { room?: { id?: string } | null; channel?: string }>(reply: Reply): Reply => {
		names.record(reply.room?.id, reply.channel);
		return reply;
	};
	return {
		...methods,
		createRoom: async (properties, options) => entered(await methods.createRoom(properties, options)),
		joinRoom: async (properties, options) => entered(await methods.joinRoom(properties, options)),
		leaveRoom: async (properties, options) => {
			const reply = await methods.leaveRoom(properties, options);
			const channel = names.channelOf(properties?.roomId ?? "");
			if (!properties?.action && channel !== undefined) {
				context.unsubscribe(channel);
				names.forget(properties?.roomId ?? "");
			}
			return reply;
		},
	};
}

function sending({ request }: ClientContext): Pick<Chat, "send" | "sendPrivate"> {
	const message = (content: string | MessageContentProperties, options: SendOptions) => ({
		content: typeof content === "string" ? { kind: MessageKind.TEXT, text: content } : content,
		clientMsgId: options.clientMsgId ?? uniqueId(),
		...(options.replyToId === undefined ? {} : { replyToId: options.replyToId }),
	});
	return {
		send: (roomId, content, options = {}) =>
			request(chatRoutes.sendMessage, { roomId, ...message(content, options) }, { retry: true, ...options }),
		sendPrivate: (userId, content, options = {}) =>
			request(chatRoutes.sendPrivateMessage, { userId, ...message(content, options) }, { retry: true, ...options }),
	};
}

function lists({
	request,
}: ClientContext): Pick<Chat, "history" | "privateHistory" | "conversations" | "rooms" | "members"> {
	const page = ({ direction, fromSequence = 0, pageSize = 0 }: HistoryOptions, cursor: string) => ({
		direction: direction === "forward" ? HistoryDirection.FORWARD : HistoryDirection.UNSPECIFIED,
		limit: pageSize,
		cursor,
		fromSequence: cursor === "" ? fromSequence : 0,
	});
	return {
		history: (roomId, options = {}) =>
			paged(
				(cursor) => request(chatRoutes.getHistory, { roomId, ...page(options, cursor) }, options),
				(reply) => reply.messages as ChatMessage[],
			),
		privateHistory: (userId, options = {}) =>
			paged(
				(cursor) => request(chatRoutes.getPrivateHistory, { userId, ...page(options, cursor) }, options),
				(reply) => reply.messages as ChatMessage[],
			),
		conversations: (options) =>
			paged(
				(cursor) => request(chatRoutes.listConversations, { cursor }, options),
				(reply) => reply.conversations as Conversation[],
			),
		rooms: (filter, options) =>
			paged(
				(cursor) => request(chatRoutes.listChatRooms, { ...filter, cursor }, options),
				(reply) => reply.rooms as ChatRoom[],
			),
		members: (filter, options) =>
			paged(
				(cursor) => request(chatRoutes.listChatMembers, { ...filter, cursor }, options),
				(reply) => reply.members as ChatMember[],
			),
	};
}

function events(context: ClientContext, names: ChannelNames): Pick<Chat, "on" | "onPresence" | "onRecovery"> {
	const { messagePosted, chatRoomEvent, presenceChanged, readReceipt } = chatPushes;
	const byConversation = <Message extends ConversationPush, Properties>(
		push: WirePush<Message, Properties>,
		conversationOf: (message: Message) => string | undefined,
	) => {
		const emitter = new KeyedEmitter<[ConversationPush, PushInfo]>(context.onError, (emit) =>
			context.on(push, (message, info) => emit(conversationOf(message) ?? "", message, info)),
		);
		return [push.number, emitter] as const;
	};
	const emitters = new Map([
		byConversation(messagePosted, (posted) => posted.message?.conversationId),
		byConversation(chatRoomEvent, (event) => event.roomId),
		byConversation(readReceipt, (receipt) => receipt.conversationId),
	]);
	const presence = new KeyedEmitter<[PresenceChanged, PushInfo]>(context.onError, (emit) =>
		context.on(presenceChanged, (changed, info) => emit(changed.user?.userId ?? "", changed, info)),
	);
	const recoveries = new KeyedEmitter<[Recovery]>(context.onError, (emit) =>
		context.onRecovery((recovery) => emit(names.idOf(recovery.channel) ?? "", recovery)),
	);
	return {
		on: (conversationId, push, listener) => {
			const emitter = emitters.get(push.number);
			if (emitter === undefined) throw new TypeError(`${push.name} is not an event of conversations`);
			return emitter.add(conversationId, listener as (message: ConversationPush, info: PushInfo) => void);
		},
		onPresence: (userId, listener) => presence.add(userId, listener),
		onRecovery: (roomId, listener) => recoveries.add(roomId, listener),
	};
}
