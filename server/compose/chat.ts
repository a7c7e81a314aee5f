// Chat on its stores.
import type { Clock } from "../../common/clock.ts";
import type { Hooks } from "../../common/hooks.ts";
import type { Logger } from "../../common/logger.ts";
import type { Tracer } from "../../common/tracing.ts";
import type { EventSink } from "../../messaging/event-sink.ts";
import type { ChannelAuthorizer, Publisher } from "../../messaging/publisher.ts";
import { ConversationAudience } from "../../services/chat/audience.ts";
import { ChatBlocks } from "../../services/chat/blocks.ts";
import { chatAuthorizer, presenceAuthorizer } from "../../services/chat/channel-authorizers.ts";
import type { NumberedNotice } from "../../services/chat/chat-outbox-store.ts";
import { ChatHistory } from "../../services/chat/history.ts";
import type { MessageUplink } from "../../services/chat/message-uplink.ts";
import { ChatMessages } from "../../services/chat/messages.ts";
import { noticePublisher } from "../../services/chat/notice-publisher.ts";
import { NoticeRelay, type PublishNotice } from "../../services/chat/notice-relay.ts";
import type { ChatOptions } from "../../services/chat/options.ts";
import { ChatRooms } from "../../services/chat/rooms.ts";
import { SqlChatBlockStore } from "../../services/chat/store/chat-block-store-sql.ts";
import { SqlChatMessageStore } from "../../services/chat/store/chat-message-store-sql.ts";
import { SqlChatOutboxStore } from "../../services/chat/store/chat-outbox-store-sql.ts";
import { SqlChatRoomStore } from "../../services/chat/store/chat-room-store-sql.ts";
import { SqlChatUplinkStore } from "../../services/chat/store/chat-uplink-store-sql.ts";
import { UplinkRelay } from "../../services/chat/uplink-relay.ts";
import type { Notifications } from "../../services/notifications/notifications.ts";
import { removalTask } from "./removal-task.ts";
import { withRoomHook } from "./room-hook.ts";
import type { Stores } from "./stores.ts";

export { openChatBackend } from "./chat-backend.ts";

/** Where messages are written beside the database. */
export interface ChatUplinkParts {
	readonly sink: MessageUplink;
	/** Replies to senders wait for it. */
	readonly isAwaited: boolean;
	readonly ackTimeoutMs: number;
}

export interface ChatParts {
	readonly stores: Stores;
	readonly publisher: Publisher;
	readonly hooks: Hooks;
	readonly notifications: Notifications;
	readonly events: EventSink | undefined;
	readonly uplink?: ChatUplinkParts | undefined;
	/** Called with each notice that was published. */
	readonly onNotice?: ((conversationId: string, notice: NumberedNotice) => void) | undefined;
	readonly tracer: Tracer | undefined;
	readonly clock: Clock;
	readonly logger: Logger;
}

export interface Chat {
	readonly messages: ChatMessages;
	readonly history: ChatHistory;
	readonly rooms: ChatRooms;
	readonly blocks: ChatBlocks;
	/** Of conversations, and of the presence of those with whom one has any. */
	readonly authorizers: readonly ChannelAuthorizer[];
	/** An account was deleted: this process forgets with whom the user has conversations. */
	forgetUser(userId: string): void;
	/** Begins what runs in the background. */
	start(): void;
	/** Finishes the work in flight; before the stores close. */
	close(): Promise<void>;
}

const CLOSED_ROOM_INTERVAL_MS = 60_000;
const OLD_MESSAGE_INTERVAL_MS = 600_000;
const UPLINK_SPARE_MS = 5000;

export function openChat(parts: ChatParts, options: ChatOptions): Chat {
	const { stores, publisher, hooks, notifications, events, tracer, clock, logger } = parts;
	const { database, users, quota } = stores;
	const roomStore = new SqlChatRoomStore(database);
	const blockStore = new SqlChatBlockStore(database);
	const chatStores = { messages: new SqlChatMessageStore(database), rooms: roomStore, blocks: blockStore, users };
	const audience = new ConversationAudience(chatStores);
	const chat = { ...chatStores, audience, publisher, quota, hooks, events, tracer, clock, logger };
	const outbox = new SqlChatOutboxStore(database);
	const notices = noticePublisher({ ...chat, publisher: withRoomHook(publisher, hooks), notifications });
	const relay = new NoticeRelay({ outbox, clock, logger }, observed(notices, parts.onNotice), options.outbox);
	const uplink = parts.uplink && uplinkRelay(parts.uplink, { ...parts, messages: chatStores.messages });
	const awaitsUplink = parts.uplink?.isAwaited === true;
	const messages = new ChatMessages({ ...chat, relay, uplink, awaitsUplink }, options);
	const history = new ChatHistory(chat, options);
	const rooms = new ChatRooms({ ...chat, relay }, options);
	const removals = [
		removalTask("rooms that have ended", CLOSED_ROOM_INTERVAL_MS, () => rooms.sweep(), logger),
		removalTask("old messages", OLD_MESSAGE_INTERVAL_MS, (signal) => messages.deleteOld(signal), logger),
	];
	return {
		messages,
		history,
		rooms,
		blocks: new ChatBlocks({ blocks: blockStore, publisher, quota, clock }, options),
		authorizers: [chatAuthorizer(roomStore), presenceAuthorizer(blockStore, roomStore)],
		forgetUser: (userId) => audience.forgetUser(userId),
		start: () => {
			messages.start();
			relay.start();
			uplink?.start();
			for (const removal of removals) removal.start();
		},
		close: async () => {
			await Promise.all(removals.map((removal) => removal.close()));
			await history.close();
			await relay.close();
			await messages.close();
			await uplink?.close();
		},
	};
}

function uplinkRelay(
	{ sink, ackTimeoutMs }: ChatUplinkParts,
	{ stores, clock, logger, messages }: ChatParts & { readonly messages: SqlChatMessageStore },
): UplinkRelay {
	const store = new SqlChatUplinkStore(stores.database);
	// Longer than what waits for the uplink.
	const claimMs = 2 * ackTimeoutMs + UPLINK_SPARE_MS;
	return new UplinkRelay({ messages, store, uplink: sink, clock, logger }, { ackTimeoutMs, claimMs });
}

function observed(publish: PublishNotice, onNotice: ChatParts["onNotice"]): PublishNotice {
	if (onNotice === undefined) return publish;
	return async (conversationId, notice) => {
		await publish(conversationId, notice);
		onNotice(conversationId, notice);
	};
}
