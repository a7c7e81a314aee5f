// On which channels the users of a conversation receive what is said and done there.
import type { ChatBlockStore } from "./chat-block-store.ts";
import type { ChatRoomStore } from "./chat-room-store.ts";
import { chatChannel, isPrivateConversation } from "./wire.ts";

export interface AudienceServices {
	readonly rooms: Pick<ChatRoomStore, "memberIds">;
	readonly blocks: Pick<ChatBlockStore, "blockersAmong">;
}

/** Pairs of users whose conversation is known to exist; an evicted pair costs one statement. */
const MAX_KNOWN_PAIRS = 50_000;

export class ConversationAudience {
	private readonly services: AudienceServices;
	/** Conversation id → the two users, who change by deletion only. */
	private readonly pairs = new Map<string, readonly string[]>();

	constructor(services: AudienceServices) {
		this.services = services;
	}

	/** The private conversation exists, and its users are known. */
	knowsPair(conversationId: string): boolean {
		return this.pairs.has(conversationId);
	}

	/** A private conversation exists: it was created, or found. */
	rememberPair(conversationId: string, userIds: readonly string[]): void {
		if (this.pairs.size >= MAX_KNOWN_PAIRS) this.pairs.clear();
		this.pairs.set(conversationId, userIds);
	}

	/** A user is gone: whether conversations of this user exist is looked up again. */
	forgetUser(userId: string): void {
		for (const [id, userIds] of this.pairs) if (userIds.includes(userId)) this.pairs.delete(id);
	}

	/**
	 * The users of a private conversation; also read when a process publishes a message that another process accepted.
	 *
	 * @throws GatewayError UNAVAILABLE.
	 */
	async usersOfPrivate(conversationId: string): Promise<readonly string[]> {
		const known = this.pairs.get(conversationId);
		if (known !== undefined) return known;
		const userIds = await this.services.rooms.memberIds(conversationId, 2);
		if (userIds.length === 2) this.rememberPair(conversationId, userIds);
		return userIds;
	}

	/** The other user of a private conversation; undefined when there is none, or it is not this user's. @throws GatewayError UNAVAILABLE. */
	async peerOf(userId: string, conversationId: string): Promise<string | undefined> {
		const userIds = await this.usersOfPrivate(conversationId);
		return userIds.includes(userId) ? userIds.find((id) => id !== userId) : undefined;
	}

	/**
	 * Where it is published that a user has done something. A room has one channel for all. In a private conversation each user
	 * has a channel; one who has blocked the other receives nothing, and finds in the history what was done.
	 *
	 * @param channelOf - the channel of a user, for private conversations.
	 * @throws GatewayError UNAVAILABLE.
	 */
	async channelsFrom(
		byUserId: string,
		conversationId: string,
		channelOf: (userId: string) => string,
	): Promise<readonly string[]> {
		if (!isPrivateConversation(conversationId)) return [chatChannel(conversationId)];
		const userIds = await this.usersOfPrivate(conversationId);
		const others = userIds.filter((userId) => userId !== byUserId);
		const blockers = await this.services.blocks.blockersAmong(others, byUserId);
		return userIds.filter((userId) => !blockers.has(userId)).map(channelOf);
	}
}
