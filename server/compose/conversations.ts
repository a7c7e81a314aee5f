// Chat, presence and notifications on their stores.
import type { Clock } from "../../ports/clock.ts";
import type { Logger } from "../../ports/logger.ts";
import type { ChannelGuard, Publisher } from "../../ports/publisher.ts";
import { ChatBlocks } from "../../services/chat/blocks.ts";
import { chatGuard, presenceGuard } from "../../services/chat/guards.ts";
import { ChatHistory } from "../../services/chat/history.ts";
import { ChatMessages } from "../../services/chat/messages.ts";
import type { ChatOptions } from "../../services/chat/options.ts";
import { Presence, type PresenceOptions } from "../../services/chat/presence.ts";
import { ChatRooms } from "../../services/chat/rooms.ts";
import { Notifications, type NotificationsOptions } from "../../services/notifications/notifications.ts";
import { ServerApi } from "../../services/server-api.ts";
import type { Sessions } from "../../services/sessions.ts";
import { SqlChatBlockStore } from "../../stores/sql/chat-block-store-sql.ts";
import { SqlChatMessageStore } from "../../stores/sql/chat-message-store-sql.ts";
import { SqlChatRoomStore } from "../../stores/sql/chat-room-store-sql.ts";
import { SqlNotificationStore } from "../../stores/sql/notification-store-sql.ts";
import type { Stores } from "./stores.ts";

export interface Conversations {
	readonly messages: ChatMessages;
	readonly history: ChatHistory;
	readonly rooms: ChatRooms;
	readonly blocks: ChatBlocks;
	readonly presence: Presence;
	readonly notifications: Notifications;
	readonly api: ServerApi;
	readonly guards: readonly ChannelGuard[];
	/** Begins what runs in the background. Resolves when the other processes can see this one's users. */
	start(): Promise<void>;
	/** Finishes what is under way; before the stores close. */
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

const NOTIFICATION_SWEEP_MS = 3_600_000;

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
	const messages = new ChatMessages(
		{ messages: messageStore, rooms: roomStore, users, publisher, clock, logger },
		options.chat,
	);
	const history = new ChatHistory({ messages: messageStore, rooms: roomStore, publisher }, options.chat);
	const presence = new Presence({ store: stores.presence, publisher, clock, logger }, nodeId, options.presence);
	const notifications = new Notifications(
		{ store: notificationStore, presence: stores.presence, publisher, clock, logger },
		options.notifications,
	);
	let sweep: NodeJS.Timeout | undefined;
	return {
		messages,
		history,
		rooms: new ChatRooms(
			{ rooms: roomStore, blocks: blockStore, users, publisher, notifications, clock },
			options.chat,
		),
		blocks: new ChatBlocks({ blocks: blockStore, publisher, clock }, options.chat),
		presence,
		notifications,
		api: new ServerApi({ publisher, presence, history, sessions }),
		guards: [chatGuard(roomStore), presenceGuard(blockStore)],
		start: async () => {
			messages.start();
			await presence.start();
			sweep = setInterval(() => {
				notifications.sweep().catch((error: unknown) => {
					logger.warn({ err: error }, "outdated notifications were not removed; the next round tries again");
				});
			}, NOTIFICATION_SWEEP_MS);
		},
		close: async () => {
			clearInterval(sweep);
			await presence.close();
			await messages.close();
		},
	};
}
