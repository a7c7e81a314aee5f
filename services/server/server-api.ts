// What the operator's own programs do through the gateway: publish, push to one user or all, disconnect, query who is
// online, read history. An API in code; other interfaces are built on it.

import { batches } from "../../common/batches.ts";
import { userChannel } from "../../common/user-channels.ts";
import type { ChannelPosition } from "../../messaging/broker.ts";
import type { RevocationReason } from "../../messaging/node-bus.ts";
import type { Publisher } from "../../messaging/publisher.ts";
import type { PushContract } from "../../protocol/contract.ts";
import type { ChatHistory, HistoryPage, HistoryQuery } from "../chat/history.ts";
import type { Presence } from "../presence/presence.ts";
import type { PresenceRecord } from "../presence/presence-store.ts";

export interface ServerApiServices {
	readonly publisher: Publisher;
	readonly presence: Pick<Presence, "get" | "online">;
	readonly history: Pick<ChatHistory, "read">;
	/** Ends sessions, which closes their connections on every node. */
	readonly sessions: { revokeAll(userId: string, reason: RevocationReason): Promise<number> };
}

export interface Broadcast {
	readonly reached: number;
	/** Users whose inbox could not be written to. */
	readonly failed: number;
}

/** Concurrent pushes of one broadcast. */
const CONCURRENCY = 32;

export class ServerApi {
	private readonly services: ServerApiServices;

	constructor(services: ServerApiServices) {
		this.services = services;
	}

	/** Publishes on a recoverable channel. @throws GatewayError UNAVAILABLE. */
	publish<Message, Properties>(
		channel: string,
		push: PushContract<Message, Properties>,
		message: Properties,
	): Promise<ChannelPosition> {
		return this.services.publisher.publish(channel, push, message);
	}

	/** Pushes to all devices of a user; offline devices get it when they reconnect in time. */
	unicast<Message, Properties>(
		userId: string,
		push: PushContract<Message, Properties>,
		message: Properties,
	): Promise<ChannelPosition> {
		return this.publish(userChannel(userId), push, message);
	}

	/** Pushes to every user who is online. @throws GatewayError UNAVAILABLE when the presence store does not answer. */
	async broadcast<Message, Properties>(
		push: PushContract<Message, Properties>,
		message: Properties,
	): Promise<Broadcast> {
		const seen = new Set<string>();
		let failed = 0;
		const send = async (userId: string) => {
			try {
				await this.unicast(userId, push, message);
			} catch {
				failed++;
			}
		};
		for await (const userIds of this.services.presence.online()) {
			const fresh = userIds.filter((userId) => !seen.has(userId));
			for (const userId of fresh) seen.add(userId);
			for (const batch of batches(fresh, CONCURRENCY)) {
				await Promise.all(batch.map(send));
			}
		}
		return { reached: seen.size - failed, failed };
	}

	/** Ends all sessions of a user. @returns how many. @throws GatewayError UNAVAILABLE. */
	disconnect(userId: string): Promise<number> {
		return this.services.sessions.revokeAll(userId, "administrative");
	}

	/** In the order asked. @throws GatewayError UNAVAILABLE. */
	presence(userIds: readonly string[]): Promise<readonly PresenceRecord[]> {
		return this.services.presence.get(userIds);
	}

	/** Messages of any conversation. @throws GatewayError VALIDATION_FAILED (cursor), UNAVAILABLE. */
	history(conversationId: string, query: HistoryQuery): Promise<HistoryPage> {
		return this.services.history.read(conversationId, query);
	}
}
