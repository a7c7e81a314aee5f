// What was said, and how far one has read it: history by cursor, read marks, the list of conversations.

import type { Clock } from "../../common/clock.ts";
import { cursorNumber, decodeCursor, encodeCursor, numberAt } from "../../common/cursor.ts";
import type { Identity } from "../../common/identity.ts";
import { KeyedRate } from "../../common/keyed-rate.ts";
import type { Logger } from "../../common/logger.ts";
import { fillPage, type PageFill, wholePage } from "../../common/page-fill.ts";
import type { Publisher } from "../../messaging/publisher.ts";
import type { ConversationAudience } from "./audience.ts";
import { banned, notMember } from "./chat-errors.ts";
import type { ChatMessageStore, MessageRecord } from "./chat-message-store.ts";
import type { ActivityPoint, ChatRoomStore, ConversationEntry } from "./chat-room-store.ts";
import { type ChatOptions, chatDefaults } from "./options.ts";
import { ReadReceipts } from "./read-receipts.ts";
import { isPrivateConversation, privateConversationId } from "./wire.ts";

export interface ChatHistoryServices {
	readonly messages: ChatMessageStore;
	readonly rooms: ChatRoomStore;
	readonly audience: ConversationAudience;
	readonly publisher: Publisher;
	readonly clock: Clock;
	readonly logger: Logger;
}

export interface HistoryQuery {
	readonly forward: boolean;
	/** "" to begin. */
	readonly cursor: string;
	/** Without a cursor: begin behind (forward) or before (backward) this sequence; 0 for either end. */
	readonly fromSequence: number;
	/** 0 for the default. */
	readonly limit: number;
}

export interface HistoryPage {
	readonly messages: readonly MessageRecord[];
	/** "" at the end. */
	readonly nextCursor: string;
}

export interface ConversationSummary extends ConversationEntry {
	readonly lastMessage: MessageRecord | undefined;
}

export interface ConversationPage {
	readonly conversations: readonly ConversationSummary[];
	readonly nextCursor: string;
}

const DEFAULT_PAGE = 50;
const MAX_PAGE = 200;

export class ChatHistory {
	private readonly services: ChatHistoryServices;
	private readonly rate: KeyedRate;
	private readonly receipts: ReadReceipts;

	constructor(services: ChatHistoryServices, options: Partial<ChatOptions> = {}) {
		this.services = services;
		const { readRate, receiptMembers, receiptIntervalMs } = { ...chatDefaults, ...options };
		this.rate = new KeyedRate(readRate, "read marks of one user", () => services.clock.monotonic());
		this.receipts = new ReadReceipts(services, { receiptMembers, receiptIntervalMs });
	}

	/** Sends the receipts that wait. */
	close(): Promise<void> {
		return this.receipts.close();
	}

	/** @throws GatewayError PERMISSION_DENIED (not a member), VALIDATION_FAILED (cursor), UNAVAILABLE. */
	async ofRoom(
		identity: Identity,
		roomId: string,
		query: HistoryQuery,
		page: PageFill<MessageRecord> = wholePage,
	): Promise<HistoryPage> {
		if (!isPrivateConversation(roomId)) await this.checkMember(roomId, identity.userId);
		else if ((await this.services.audience.peerOf(identity.userId, roomId)) === undefined) throw notMember();
		return await this.read(roomId, query, page);
	}

	/** What was exchanged with one user. @throws GatewayError VALIDATION_FAILED (cursor), UNAVAILABLE. */
	ofUser(
		identity: Identity,
		userId: string,
		query: HistoryQuery,
		page: PageFill<MessageRecord> = wholePage,
	): Promise<HistoryPage> {
		return this.read(privateConversationId(identity.userId, userId), query, page);
	}

	/** Without an access check; for the server's own use. */
	async read(
		conversationId: string,
		query: HistoryQuery,
		page: PageFill<MessageRecord> = wholePage,
	): Promise<HistoryPage> {
		const limit = Math.min(query.limit || DEFAULT_PAGE, MAX_PAGE);
		const list = `history:${conversationId}`;
		// A place lies between two messages: behind the one of this sequence.
		const behind = numberAt(list, query.cursor, startOf(query));
		const { forward } = query;
		const found = await this.services.messages.range({
			conversationId,
			from: forward ? behind + 1 : 1,
			to: forward ? Number.MAX_SAFE_INTEGER : behind,
			limit: limit + 1,
			backwards: !forward,
			maxBytes: page.maxBytes,
		});
		const cursorBehind = ({ sequence }: MessageRecord) => encodeCursor(list, forward ? sequence : sequence - 1);
		const { shown: messages, nextCursor } = fillPage(page, { found, limit, cursorBehind });
		return { messages, nextCursor };
	}

	/**
	 * Records how far a user has read. Publishes it to the user's other devices and, in small conversations, to the other
	 * members, at a limited rate.
	 *
	 * @returns how many messages are unread.
	 * @throws GatewayError PERMISSION_DENIED (not a member), RATE_LIMITED, UNAVAILABLE.
	 */
	async markRead(identity: Identity, conversationId: string, sequence: number): Promise<number> {
		const { rooms } = this.services;
		const { userId } = identity;
		this.rate.take(userId);
		const mark = await rooms.markRead(conversationId, userId, sequence);
		if (mark === undefined) throw notMember();
		if (mark.moved) await this.receipts.report({ conversationId, userId, sequence: mark.readSequence });
		return mark.unread;
	}

	/** Latest first. @throws GatewayError VALIDATION_FAILED (cursor), UNAVAILABLE. */
	async conversations(
		identity: Identity,
		cursor: string,
		limit: number,
		page: PageFill<ConversationSummary> = wholePage,
	): Promise<ConversationPage> {
		const { rooms } = this.services;
		const { userId } = identity;
		const list = `conversations:${userId}`;
		const place = decodeCursor(list, cursor, 2);
		const before: ActivityPoint | undefined =
			place === undefined ? undefined : { activeAtMs: cursorNumber(place[0]), id: place[1] ?? "" };
		const size = Math.min(limit || DEFAULT_PAGE, MAX_PAGE);
		const found = await rooms.conversationsOf(userId, before, size + 1);
		const summaries = await this.summaries(found.slice(0, size), page.maxBytes);
		const { shown: conversations, nextCursor } = fillPage(page, {
			...{ found: summaries, limit: size, hasMore: summaries.length < found.length },
			cursorBehind: ({ activeAtMs, conversation }) => encodeCursor(list, activeAtMs, conversation.id),
		});
		return { conversations, nextCursor };
	}

	/** @returns as many, from the first on, as have room with their last messages, and one more. */
	private async summaries(
		entries: readonly ConversationEntry[],
		maxBytes: number,
	): Promise<readonly ConversationSummary[]> {
		const ends = entries.map(({ conversation: { id, lastSequence } }) => ({ id, sequence: lastSequence }));
		const { messages, places } = await this.services.messages.at(ends, maxBytes);
		const lastMessages = new Map(messages.map((message) => [message.conversationId, message]));
		return entries.slice(0, places).map((entry) => ({
			...entry,
			lastMessage: lastMessages.get(entry.conversation.id),
		}));
	}

	private async checkMember(roomId: string, userId: string): Promise<void> {
		const member = await this.services.rooms.member(roomId, userId);
		if (member?.state === "banned") throw banned();
		if (member?.state !== "member") throw notMember();
	}
}

function startOf({ forward, fromSequence }: HistoryQuery): number {
	if (forward) return fromSequence;
	return fromSequence > 0 ? fromSequence - 1 : Number.MAX_SAFE_INTEGER;
}
