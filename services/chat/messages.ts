// Sending, reading and recalling messages of rooms and private conversations.
import { v7 as uuidv7 } from "uuid";
import type { AppendResult, ChatMessageStore, MessageRecord } from "../../ports/chat-message-store.ts";
import type { ChatRoomStore, MemberRecord } from "../../ports/chat-room-store.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Identity } from "../../ports/identity.ts";
import type { Logger } from "../../ports/logger.ts";
import { type Publisher, userChannel } from "../../ports/publisher.ts";
import type { UserStore } from "../../ports/user-store.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import { ChatRole, DeliveryStage, type MessageContentProperties, pushes } from "../../protocol/gen/schema.ts";
import { type AppendCounters, AppendQueue } from "./append-queue.ts";
import { encodeContent } from "./content.ts";
import { KeyedRate } from "./keyed-rate.ts";
import { MessageFeed } from "./message-feed.ts";
import { type ChatOptions, chatDefaults } from "./options.ts";
import { banned, blocked, denied, isPlainId, notFound, notMember, precondition, violation } from "./refusals.ts";
import { chatChannel, isPrivateConversation, privateConversationId, wireMessage } from "./wire.ts";

export interface ChatMessagesServices {
	readonly messages: ChatMessageStore;
	readonly rooms: ChatRoomStore;
	readonly users: UserStore;
	readonly publisher: Publisher;
	readonly clock: Clock;
	readonly logger: Logger;
}

export interface Draft {
	readonly clientMsgId: string;
	readonly content: MessageContentProperties;
	/** "" for none. */
	readonly replyToId: string;
}

export interface Receipt {
	readonly message: MessageRecord;
	readonly stage: DeliveryStage;
}

/** Pairs of users whose conversation is known to exist; forgetting one costs a statement. */
const MAX_KNOWN_PAIRS = 50_000;

export class ChatMessages {
	private readonly services: ChatMessagesServices;
	private readonly options: ChatOptions;
	private readonly feed: MessageFeed;
	private readonly queue: AppendQueue;
	private readonly userRate: KeyedRate;
	private readonly conversationRate: KeyedRate;
	/** Conversation id → the two users. */
	private readonly pairs = new Map<string, readonly string[]>();

	constructor(services: ChatMessagesServices, options: Partial<ChatOptions> = {}) {
		this.services = services;
		this.options = { ...chatDefaults, ...options };
		const now = () => services.clock.monotonic();
		this.userRate = new KeyedRate(this.options.userRate, "messages of one user", now);
		this.conversationRate = new KeyedRate(this.options.conversationRate, "messages in one conversation", now);
		this.feed = new MessageFeed(services, (message) => this.publish(message), this.options.feed);
		this.queue = new AppendQueue(
			(messages) => this.feed.commit(messages, (claim) => services.messages.append(messages, claim)),
			this.options.append,
		);
	}

	/** What became of messages in this process. */
	get counters(): AppendCounters {
		return this.queue.counters;
	}

	/** Begins to publish what processes that died have left unpublished. */
	start(): void {
		this.feed.start();
	}

	/**
	 * Sends to a room.
	 *
	 * @throws GatewayError VALIDATION_FAILED, PAYLOAD_TOO_LARGE, PERMISSION_DENIED (not a member, banned, muted), CONFLICT,
	 *   RATE_LIMITED, UNAVAILABLE.
	 */
	async sendToRoom(sender: Identity, roomId: string, draft: Draft): Promise<Receipt> {
		if (isPrivateConversation(roomId)) throw notMember();
		return await this.send(sender, roomId, undefined, draft);
	}

	/**
	 * Sends to one user; the conversation comes into being with the first message.
	 *
	 * @throws GatewayError as `sendToRoom`, and NOT_FOUND for a user who is not there.
	 */
	async sendToUser(sender: Identity, userId: string, draft: Draft): Promise<Receipt> {
		if (userId === sender.userId) throw violation("user_id", "is your own");
		if (!isPlainId(userId)) throw notFound("user");
		const conversationId = privateConversationId(sender.userId, userId);
		if (!this.pairs.has(conversationId)) {
			if ((await this.services.users.byId(userId)) === undefined) throw notFound("user");
			await this.services.rooms.ensurePrivate(conversationId, [sender.userId, userId], this.services.clock.now());
			this.remember(conversationId, [sender.userId, userId]);
		}
		return await this.send(sender, conversationId, userId, draft);
	}

	/**
	 * Takes back a message: its sender for a while, owners and admins of its room at any time. A repeat tells everybody
	 * again.
	 *
	 * @throws GatewayError NOT_FOUND (also for a message of a conversation that one is not in), PERMISSION_DENIED,
	 *   PRECONDITION_FAILED (too late), UNAVAILABLE.
	 */
	async recall(identity: Identity, messageId: string): Promise<void> {
		const { messages, rooms, clock } = this.services;
		const message = await messages.byId(messageId);
		const member = message && (await rooms.member(message.conversationId, identity.userId));
		if (message === undefined || member?.state !== "member") throw notFound("message");
		this.checkRecall(message, member);
		const recalled = await messages.recall(messageId, clock.now());
		if (recalled !== undefined) await this.publish(recalled);
	}

	/** Who is in a private conversation; also asked when a message is published by a process that did not take it. */
	async usersOfPrivate(conversationId: string): Promise<readonly string[]> {
		const known = this.pairs.get(conversationId);
		if (known !== undefined) return known;
		const userIds = await this.services.rooms.memberIds(conversationId, 2);
		if (userIds.length === 2) this.remember(conversationId, userIds);
		return userIds;
	}

	/** Looks once for what processes that died have left unpublished. */
	sweep(): Promise<void> {
		return this.feed.sweep();
	}

	/** Commits and publishes what is under way. */
	async close(): Promise<void> {
		await this.queue.flushed();
		await this.feed.close();
	}

	private async send(
		sender: Identity,
		conversationId: string,
		peerId: string | undefined,
		draft: Draft,
	): Promise<Receipt> {
		if (!isPlainId(conversationId)) throw notMember();
		if (!isPlainId(draft.clientMsgId)) throw violation("client_msg_id", "is 1 to 64 printable ASCII characters");
		if (draft.replyToId !== "" && !isPlainId(draft.replyToId)) throw violation("reply_to_id", "is no message id");
		const { bytes, hash } = encodeContent(draft.content, draft.replyToId, this.options.maxContentBytes);
		this.userRate.take(sender.userId);
		this.conversationRate.take(conversationId);
		const result = await this.queue.append({
			id: uuidv7(),
			conversationId,
			...{ senderId: sender.userId, senderName: sender.username, peerId },
			...{ clientMsgId: draft.clientMsgId, content: bytes, contentHash: hash, replyToId: draft.replyToId },
			sentAtMs: this.services.clock.now(),
		});
		return await this.receipt(result);
	}

	private async receipt(result: AppendResult): Promise<Receipt> {
		switch (result.kind) {
			case "appended": {
				const isDelivered = await this.feed.delivered(result.message);
				return { message: result.message, stage: isDelivered ? DeliveryStage.DELIVERED : DeliveryStage.PERSISTED };
			}
			case "repeated":
				return {
					message: result.message,
					stage: result.isPublished ? DeliveryStage.DELIVERED : DeliveryStage.PERSISTED,
				};
			case "conflict":
				throw new GatewayError(ErrorCode.CONFLICT, "client_msg_id: another message has it");
			case "not-member":
				throw notMember();
			case "banned":
				throw banned();
			case "blocked":
				throw blocked();
			case "muted":
				throw denied("muted in this room", result.untilMs - this.services.clock.now());
			default:
				return result satisfies never;
		}
	}

	private async publish(record: MessageRecord): Promise<void> {
		const { publisher } = this.services;
		const posted = { message: wireMessage(record) };
		if (!isPrivateConversation(record.conversationId)) {
			await publisher.publish(chatChannel(record.conversationId), pushes.messagePosted, posted);
			return;
		}
		const users = await this.usersOfPrivate(record.conversationId);
		await Promise.all(users.map((userId) => publisher.publish(userChannel(userId), pushes.messagePosted, posted)));
	}

	private checkRecall(message: MessageRecord, member: MemberRecord): void {
		const isPrivate = isPrivateConversation(message.conversationId);
		if (!isPrivate && member.role >= ChatRole.ADMIN) return;
		if (message.senderId !== member.userId) throw denied("only the sender may recall this message");
		const isLate = this.services.clock.now() - message.sentAtMs > this.options.recallWindowMs;
		if (isLate && message.recalledAtMs === 0) throw precondition("too late to recall this message");
	}

	private remember(conversationId: string, userIds: readonly string[]): void {
		if (this.pairs.size >= MAX_KNOWN_PAIRS) this.pairs.clear();
		this.pairs.set(conversationId, userIds);
	}
}
