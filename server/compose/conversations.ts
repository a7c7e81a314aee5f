// Chat, presence and notifications on their stores.

import type { Clock } from "../../common/clock.ts";
import type { Logger } from "../../common/logger.ts";
import { PeriodicTask, type PeriodicTaskOptions } from "../../common/periodic-task.ts";
import type { ChannelAuthorizer, Publisher } from "../../messaging/publisher.ts";
import type { Sessions } from "../../services/accounts/sessions.ts";
import { ConversationAudience } from "../../services/chat/audience.ts";
import { ChatBlocks } from "../../services/chat/blocks.ts";
import { chatAuthorizer, presenceAuthorizer } from "../../services/chat/channel-authorizers.ts";
import { ChatHistory } from "../../services/chat/history.ts";
import { ChatMessages } from "../../services/chat/messages.ts";
import { noticePublisher } from "../../services/chat/notice-publisher.ts";
import { NoticeRelay } from "../../services/chat/notice-relay.ts";
import type { ChatOptions } from "../../services/chat/options.ts";
import { ChatRooms } from "../../services/chat/rooms.ts";
import { SqlChatBlockStore } from "../../services/chat/store/chat-block-store-sql.ts";
import { SqlChatMessageStore } from "../../services/chat/store/chat-message-store-sql.ts";
import { SqlChatOutboxStore } from "../../services/chat/store/chat-outbox-store-sql.ts";
import { SqlChatRoomStore } from "../../services/chat/store/chat-room-store-sql.ts";
import { Notifications } from "../../services/notifications/notifications.ts";
import type { NotificationsOptions } from "../../services/notifications/options.ts";
import { SqlNotificationStore } from "../../services/notifications/store/notification-store-sql.ts";
import type { PresenceOptions } from "../../services/presence/options.ts";
import { Presence } from "../../services/presence/presence.ts";
import { ServerApi } from "../../services/server/server-api.ts";
import type { Stores } from "./stores.ts";

export interface Conversations {
	readonly messages: ChatMessages;
	readonly history: ChatHistory;
	readonly rooms: ChatRooms;
	readonly blocks: ChatBlocks;
	readonly presence: Presence;
	readonly notifications: Notifications;
	readonly api: ServerApi;
	readonly authorizers: readonly ChannelAuthorizer[];
	/** Begins what runs in the background. Resolves when the other processes can see this one's users. */
	start(): Promise<void>;
	/** Finishes the work in flight; before the stores close. */
	close(): Promise<void>;
}

export interface ConversationParts {
	readonly stores: Stores;
	readonly publisher: Publisher;
	readonly sessions: Sessions;
	readonly nodeId: string;
	readonly options: {
		readonly chat: ChatOptions;
		readonly presence: PresenceOptions;
		readonly notifications: NotificationsOptions;
	};
	readonly clock: Clock;
	readonly logger: Logger;
}

const CLOSED_ROOM_SWEEP_MS = 60_000;
const RETENTION_SWEEP_MS = 600_000;

export function openConversations({
	stores,
	publisher,
	sessions,
	nodeId,
	options,
	clock,
	logger,
}: ConversationParts): Conversations {
	const { database, users } = stores;
	const messageStore = new SqlChatMessageStore(database);
	const roomStore = new SqlChatRoomStore(database);
	const blockStore = new SqlChatBlockStore(database);
	const notificationStore = new SqlNotificationStore(database);
	const presence = new Presence({ store: stores.presence, publisher, clock, logger }, nodeId, options.presence);
	const notifications = new Notifications(
		{ store: notificationStore, presence: stores.presence, publisher, clock, logger },
		options.notifications,
	);
	const { quota } = stores;
	const chatStores = { messages: messageStore, rooms: roomStore, blocks: blockStore, users };
	const chat = { ...chatStores, audience: new ConversationAudience(chatStores), publisher, quota, clock, logger };
	const outbox = new SqlChatOutboxStore(database);
	const relay = new NoticeRelay(
		{ outbox, clock, logger },
		noticePublisher({ ...chat, notifications }),
		options.chat.outbox,
	);
	const messages = new ChatMessages({ ...chat, relay: relay }, options.chat);
	const history = new ChatHistory(chat, options.chat);
	const rooms = new ChatRooms({ ...chat, relay: relay }, options.chat);
	const sweep = (what: string, intervalMs: number, run: PeriodicTaskOptions["run"]): PeriodicTask => {
		const text = `${what} were not removed; the next round tries again`;
		return new PeriodicTask({ intervalMs, run, onError: (error) => logger.warn({ err: error }, text) });
	};
	const sweeps = [
		sweep("rooms that have ended", CLOSED_ROOM_SWEEP_MS, () => rooms.sweep()),
		sweep("outdated notifications", RETENTION_SWEEP_MS, (signal) => notifications.sweep(signal)),
		sweep("old messages", RETENTION_SWEEP_MS, (signal) => messages.deleteOld(signal)),
	];
	return {
		messages,
		history,
		rooms,
		blocks: new ChatBlocks({ blocks: blockStore, publisher, quota, clock }, options.chat),
		presence,
		notifications,
		api: new ServerApi({ publisher, presence, history, sessions }),
		authorizers: [chatAuthorizer(roomStore), presenceAuthorizer(blockStore, roomStore)],
		start: async () => {
			messages.start();
			quota.start();
			relay.start();
			await presence.start();
			for (const each of sweeps) each.start();
		},
		close: async () => {
			await Promise.all(sweeps.map((each) => each.close()));
			await presence.close();
			await history.close();
			await relay.close();
			await messages.close();
			await quota.close();
		},
	};
}
