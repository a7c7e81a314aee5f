// What a backend does beside publishing: notify, disconnect, subscribe users, and look up who is online, what was said and who is where.
import type { Identity } from "../../common/identity.ts";
import type { PageFill } from "../../common/page-fill.ts";
import type { KeyedCalls } from "../../messaging/keyed-calls.ts";
import type { RevocationReason } from "../../messaging/node-bus.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { fieldError, GatewayError } from "../../protocol/error.ts";
import { NotifyResponse } from "../../protocol/gen/schema.ts";
import type { UserRecord, UserStore } from "../accounts/user-store.ts";
import { usernameKey } from "../accounts/username.ts";
import type { MessageRecord } from "../chat/chat-message-store.ts";
import type { ChatRoomStore, ConversationRecord, MemberRecord } from "../chat/chat-room-store.ts";
import type { ChatHistory, HistoryPage, HistoryQuery } from "../chat/history.ts";
import { chatChannel, isPrivateConversation } from "../chat/wire.ts";
import type { Notifications, Sent } from "../notifications/notifications.ts";
import type { Presence } from "../presence/presence.ts";
import type { PresenceRecord } from "../presence/presence-store.ts";
import type { BackendChannels } from "./application-channels.ts";
import { checkAllUsers, checkChannel, checkUsers } from "./backend-scope.ts";

export interface BackendApiParts {
	readonly channels: BackendChannels;
	readonly notifications: Notifications;
	readonly presence: Pick<Presence, "get">;
	readonly sessions: { revokeAll(userId: string, reason: RevocationReason): Promise<number> };
	readonly history: Pick<ChatHistory, "read">;
	readonly rooms: Pick<ChatRoomStore, "byId" | "members">;
	readonly users: Pick<UserStore, "byId" | "byUsername">;
	readonly keyedCalls: KeyedCalls;
}

/** A notification that a backend sends. */
export interface NotificationDraft {
	readonly userIds: readonly string[];
	readonly online: boolean;
	readonly type: string;
	readonly variables: Readonly<Record<string, string>>;
	readonly data: Readonly<Record<string, string>>;
	/** "": each call notifies. */
	readonly key: string;
}

export interface RoomWithMembers {
	readonly room: ConversationRecord;
	/** One more than was asked for if there are more. */
	readonly members: readonly MemberRecord[];
}

/** Look-ups of one call that are in flight at once. */
const CONCURRENCY = 8;
const codec = {
	encode: (reply: Sent) => NotifyResponse.encode(reply).finish(),
	decode: (bytes: Uint8Array): Sent => {
		const { stored = 0, pushed = 0 } = NotifyResponse.decode(bytes);
		return { stored, pushed };
	},
};

export class BackendApi {
	private readonly parts: BackendApiParts;

	constructor(parts: BackendApiParts) {
		this.parts = parts;
	}

	/** @throws GatewayError PERMISSION_DENIED (channels), VALIDATION_FAILED, CONFLICT and RATE_LIMITED (key), UNAVAILABLE. */
	async notify(caller: Identity, draft: NotificationDraft): Promise<Sent> {
		const { userIds, online, type, variables, data, key } = draft;
		if (online === userIds.length > 0) throw fieldError("user_ids", "must name users, unless online is true");
		if (online) checkAllUsers(caller, "online");
		else checkUsers(caller, userIds, "user_ids");
		const { notifications, keyedCalls } = this.parts;
		if (key === "") {
			if (online) return await notifications.sendToOnline(type, variables, data);
			return await notifications.send(userIds, type, variables, data);
		}
		const content = JSON.stringify(["notify", userIds, online, type, sorted(variables), sorted(data)]);
		const isUser = caller.key === undefined;
		const call = { owner: caller.userId, isUser, key, field: "idempotency_key", content: [content] };
		return await keyedCalls.once(call, codec, (sinceMs) => {
			// Ids are made of the key and the time of the first call, so that one that takes over after a crash notifies nobody twice.
			const ids = { seed: `${caller.userId}\n${key}`, atMs: sinceMs };
			if (online) return notifications.sendToOnline(type, variables, data, ids);
			return notifications.send(userIds, type, variables, data, ids);
		});
	}

	/** Ends all sessions of a user. @throws GatewayError PERMISSION_DENIED (channels), UNAVAILABLE. */
	async disconnect(caller: Identity, userId: string): Promise<number> {
		checkUsers(caller, [userId], "user_id");
		return await this.parts.sessions.revokeAll(userId, "administrative");
	}

	/** @param forMs - 0: until it is ended. @throws GatewayError PERMISSION_DENIED, NOT_FOUND, PRECONDITION_FAILED, UNAVAILABLE. */
	async subscribeUser(caller: Identity, userId: string, channel: string, forMs: number): Promise<void> {
		checkUsers(caller, [userId], "user_id");
		checkChannel(caller, channel, "channel");
		await this.parts.channels.subscribeUser(userId, channel, forMs);
	}

	/** @throws GatewayError as `subscribeUser`. */
	async unsubscribeUser(caller: Identity, userId: string, channel: string): Promise<void> {
		checkUsers(caller, [userId], "user_id");
		checkChannel(caller, channel, "channel");
		await this.parts.channels.unsubscribeUser(userId, channel);
	}

	/** In the order asked for. @throws GatewayError PERMISSION_DENIED (channels), UNAVAILABLE. */
	async presence(caller: Identity, userIds: readonly string[]): Promise<readonly PresenceRecord[]> {
		checkUsers(caller, userIds, "user_ids");
		return await this.parts.presence.get(userIds);
	}

	/** Of a room, or of two users. @throws GatewayError PERMISSION_DENIED (channels), VALIDATION_FAILED (cursor), UNAVAILABLE. */
	async history(
		caller: Identity,
		conversationId: string,
		query: HistoryQuery,
		page: PageFill<MessageRecord>,
	): Promise<HistoryPage> {
		checkChannel(caller, chatChannel(conversationId), "conversation_id");
		return await this.parts.history.read(conversationId, query, page);
	}

	/** @param after - user id; "" to begin. @throws GatewayError PERMISSION_DENIED (channels), NOT_FOUND, UNAVAILABLE. */
	async room(caller: Identity, roomId: string, after: string, limit: number): Promise<RoomWithMembers> {
		checkChannel(caller, chatChannel(roomId), "room_id");
		const { rooms } = this.parts;
		const room = isPrivateConversation(roomId) ? undefined : await rooms.byId(roomId);
		if (room === undefined || room.closedAtMs > 0) throw new GatewayError(ErrorCode.NOT_FOUND, "there is no such room");
		return { room, members: await rooms.members(roomId, "member", after, limit + 1) };
	}

	/** Those that exist, each once. @throws GatewayError PERMISSION_DENIED (channels), VALIDATION_FAILED, UNAVAILABLE. */
	async users(
		caller: Identity,
		userIds: readonly string[],
		usernames: readonly string[],
	): Promise<readonly UserRecord[]> {
		if (userIds.length + usernames.length === 0) throw fieldError("user_ids", "must name users, or usernames must");
		if (usernames.length > 0) checkAllUsers(caller, "usernames");
		checkUsers(caller, userIds, "user_ids");
		const { users } = this.parts;
		const queries = [
			...userIds.map((id) => () => users.byId(id)),
			...usernames.map((name) => () => users.byUsername(usernameKey(name))),
		];
		const found = new Map<string, UserRecord>();
		for (let at = 0; at < queries.length; at += CONCURRENCY) {
			const records = await Promise.all(queries.slice(at, at + CONCURRENCY).map((query) => query()));
			for (const record of records) if (record !== undefined) found.set(record.id, record);
		}
		return [...found.values()];
	}
}

function sorted(texts: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
	return Object.entries(texts).sort(([one], [other]) => (one < other ? -1 : 1));
}
