// Chat as a small product, for tests: SQL, a broker that keeps what is published, clocks driven by hand.

import { v7 as uuidv7 } from "uuid";
import type { Identity } from "../../../common/identity.ts";
import type { Publisher } from "../../../messaging/publisher.ts";
import { unavailable } from "../../../protocol/error.ts";
import { MessageKind } from "../../../protocol/gen/schema.ts";
import { SqlUserStore } from "../../../services/accounts/store/user-store-sql.ts";
import type { UserRecord } from "../../../services/accounts/user-store.ts";
import { ConversationAudience } from "../../../services/chat/audience.ts";
import { ChatBlocks } from "../../../services/chat/blocks.ts";
import { ChatHistory } from "../../../services/chat/history.ts";
import type { MessageUplink } from "../../../services/chat/message-uplink.ts";
import { ChatMessages, type Draft } from "../../../services/chat/messages.ts";
import { noticePublisher } from "../../../services/chat/notice-publisher.ts";
import { NoticeRelay } from "../../../services/chat/notice-relay.ts";
import type { ChatOptions } from "../../../services/chat/options.ts";
import { ChatRooms } from "../../../services/chat/rooms.ts";
import { SqlChatBlockStore } from "../../../services/chat/store/chat-block-store-sql.ts";
import { SqlChatMessageStore } from "../../../services/chat/store/chat-message-store-sql.ts";
import { SqlChatOutboxStore } from "../../../services/chat/store/chat-outbox-store-sql.ts";
import { SqlChatRoomStore } from "../../../services/chat/store/chat-room-store-sql.ts";
import { SqlChatUplinkStore } from "../../../services/chat/store/chat-uplink-store-sql.ts";
import { UplinkRelay, type UplinkRelayOptions } from "../../../services/chat/uplink-relay.ts";
import { Notifications } from "../../../services/notifications/notifications.ts";
import { SqlNotificationStore } from "../../../services/notifications/store/notification-store-sql.ts";
import { Presence } from "../../../services/presence/presence.ts";
import { MemoryPresenceStore } from "../../../services/presence/presence-store-memory.ts";
import { openDatabase } from "../../../stores/sql/database.ts";
import { passDatabaseTime } from "../../support/database-time.ts";
import { type HandClock, handClock } from "../../support/hand-clock.ts";
import { quietLogger } from "../../support/quiet-logger.ts";

export interface Pushed {
	readonly channel: string;
	readonly push: string;
	// biome-ignore lint/suspicious/noExplicitAny: tests look into pushes of all kinds.
	readonly message: any;
}

/** One log for all channels; takes a turn of the loop per publish, as a real broker does. */
export class RecordingPublisher implements Publisher {
	readonly log: Pushed[] = [];
	/** `userId channel`, with `-` in front when removed. */
	readonly membership: string[] = [];
	/** Fails publishing while true. */
	isDown = false;
	/** Awaited before each publish. */
	pause: () => Promise<void> = () => new Promise((resolve) => setImmediate(resolve));

	async publish(channel: string, push: { readonly name: string }, message: unknown) {
		await this.pause();
		if (this.isDown) throw unavailable("broker", 1);
		this.log.push({ channel, push: push.name, message });
		return { offset: this.log.length, epoch: "e" };
	}

	async joinUser(userId: string, channel: string) {
		this.membership.push(`${userId} ${channel}`);
	}

	async removeUser(userId: string, channel: string) {
		this.membership.push(`-${userId} ${channel}`);
	}

	/** Sequences of the messages on a channel, in channel order, recalls left out. */
	sequences(channel: string): number[] {
		return this.on(channel, "MessagePosted")
			.filter((pushed) => !pushed.message.message.isRecalled)
			.map((pushed) => pushed.message.message.sequence);
	}

	on(channel: string, push?: string): Pushed[] {
		return this.log.filter((entry) => entry.channel === channel && (push === undefined || entry.push === push));
	}
}

export const noLimits: Partial<ChatOptions> = {
	userRate: { perSecond: 0, burst: 0 },
	conversationRate: { perSecond: 0, burst: 0 },
	membershipRate: { perSecond: 0, burst: 0 },
	invitationRate: { perSecond: 0, burst: 0 },
	invitedRate: { perSecond: 0, burst: 0 },
	readRate: { perSecond: 0, burst: 0 },
	receiptIntervalMs: 0,
};

export interface FixtureOptions {
	readonly url?: string;
	readonly publisher?: RecordingPublisher;
	readonly clock?: HandClock;
	readonly options?: Partial<ChatOptions>;
	/** Where messages are written beside. */
	readonly uplink?: MessageUplink;
	readonly awaitsUplink?: boolean;
	readonly uplinkOptions?: Partial<UplinkRelayOptions>;
}

export async function chatFixture({ url = "sqlite::memory:", ...given }: FixtureOptions = {}) {
	const clock = given.clock ?? handClock();
	const logger = quietLogger();
	const database = openDatabase({ url }, logger);
	await database.migrate();
	const publisher = given.publisher ?? new RecordingPublisher();
	const users = new SqlUserStore(database);
	const presenceStore = new MemoryPresenceStore();
	const stores = {
		messages: new SqlChatMessageStore(database),
		rooms: new SqlChatRoomStore(database),
		blocks: new SqlChatBlockStore(database),
		outbox: new SqlChatOutboxStore(database),
	};
	const shared = { ...stores, audience: new ConversationAudience(stores), users, publisher, clock, logger };
	const options = { ...noLimits, ...given.options };
	const notificationStore = new SqlNotificationStore(database);
	const notifications = new Notifications({
		...{ store: notificationStore, presence: presenceStore, publisher, clock, logger },
	});
	const { outbox } = stores;
	const relay = new NoticeRelay(
		{ outbox, clock, logger },
		noticePublisher({ ...shared, notifications }),
		options.outbox,
	);
	const uplinkStore = new SqlChatUplinkStore(database);
	const uplink =
		given.uplink && new UplinkRelay({ ...shared, store: uplinkStore, uplink: given.uplink }, given.uplinkOptions);
	const written = { uplink, awaitsUplink: given.awaitsUplink === true };
	const services = {
		relay: relay,
		messages: new ChatMessages({ ...shared, ...written, relay: relay }, options),
		history: new ChatHistory(shared, options),
		rooms: new ChatRooms({ ...shared, relay: relay }, options),
		blocks: new ChatBlocks(shared, options),
		presence: new Presence({ store: presenceStore, publisher, clock, logger }, "n1"),
		notifications,
	};
	const user = async (username: string): Promise<Identity> => {
		const record: UserRecord = {
			...{ id: uuidv7(), username, usernameKey: username, email: "", nickname: "", passwordHash: "x", roles: [] },
			...{ status: "active", createdAtMs: 0, updatedAtMs: 0, avatarUrl: "", metadata: {}, version: 1 },
		};
		await users.create(record);
		return identityOf(record.id, username);
	};
	return {
		...{ clock, logger, database, publisher, stores, presenceStore, services, user, uplink, uplinkStore },
		room: async (owner: Identity, ...members: Identity[]) => {
			const wanted = { name: "room", topic: "", isPublic: true, maxMembers: 0, memberIds: [], clientRoomId: "" };
			const room = await services.rooms.create(owner, wanted);
			for (const member of members) await services.rooms.join(member, room.id);
			return room.id;
		},
		/** Time passes, for processes and for the database. */
		async pass(ms: number) {
			clock.advance(ms);
			await passDatabaseTime(database, ms);
		},
		async close() {
			await services.history.close();
			await services.relay.close();
			await services.messages.close();
			await uplink?.close();
			await services.presence.close();
			await database.close();
		},
	};
}

export type ChatFixture = Awaited<ReturnType<typeof chatFixture>>;

export function identityOf(userId: string, username: string): Identity {
	return {
		...{ sessionId: uuidv7(), userId, username, deviceId: "", roles: [], permissions: new Set<string>() },
		expiresAtMs: Number.MAX_SAFE_INTEGER,
	};
}

let count = 0;

export function draft(text: string, clientMsgId = `c${count++}`): Draft {
	return { clientMsgId, content: { kind: MessageKind.TEXT, text }, replyToId: "" };
}

export function range(from: number, to: number): number[] {
	return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

export const wholeHistory = { forward: true, cursor: "", fromSequence: 0, limit: 200 };
