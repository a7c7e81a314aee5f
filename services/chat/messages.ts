// Sending, reading and recalling messages of rooms and private conversations.

import { v7 as uuidv7 } from "uuid";
import { deleteInRounds } from "../../common/bounded-deletion.ts";
import type { Clock } from "../../common/clock.ts";
import type { Hooks } from "../../common/hooks.ts";
import type { Identity } from "../../common/identity.ts";
import { KeyedRate } from "../../common/keyed-rate.ts";
import type { Logger } from "../../common/logger.ts";
import type { Tracer } from "../../common/tracing.ts";
import { userChannel } from "../../common/user-channels.ts";
import type { EventSink } from "../../messaging/event-sink.ts";
import type { Publisher } from "../../messaging/publisher.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { fieldError } from "../../protocol/error.ts";
import { ChatRole, DeliveryStage, type MessageContentProperties, pushes } from "../../protocol/gen/schema.ts";
import type { UserStore } from "../accounts/user-store.ts";
import { type StorageQuota, stored } from "../storage/storage-quota.ts";
import { AppendQueue } from "./append-queue.ts";
import type { ConversationAudience } from "./audience.ts";
import type { ChatBlockStore } from "./chat-block-store.ts";
import { banned, blocked, denied, isPlainId, notFound, notMember, precondition } from "./chat-errors.ts";
import type { AppendResult, ChatMessageStore, MessageRecord } from "./chat-message-store.ts";
import type { ChatRoomStore, MemberRecord } from "./chat-room-store.ts";
import { decodeContent, type EncodedContent, encodeContent } from "./content.ts";
import { messageEvent } from "./events.ts";
import { MessageRelay } from "./message-relay.ts";
import type { AppendCounters } from "./metrics.ts";
import type { NoticeRelay } from "./notice-relay.ts";
import { type ChatOptions, chatDefaults } from "./options.ts";
import type { UplinkRelay } from "./uplink-relay.ts";
import { chatChannel, isPrivateConversation, privateConversationId, wireMessage } from "./wire.ts";

export interface ChatMessagesServices {
	readonly messages: ChatMessageStore;
	readonly rooms: ChatRoomStore;
	readonly blocks: ChatBlockStore;
	readonly users: UserStore;
	readonly audience: ConversationAudience;
	readonly publisher: Publisher;
	/** Publishes recalls. */
	readonly relay: NoticeRelay;
	/** Writes messages to another system's log; undefined: there is none. */
	readonly uplink?: UplinkRelay | undefined;
	/** A message counts as delivered when it is in that log as well. */
	readonly awaitsUplink?: boolean;
	readonly quota?: StorageQuota;
	/** What the operator's own code does to messages. */
	readonly hooks?: Pick<Hooks, "beforeMessage" | "afterMessage">;
	/** Undefined: no output is configured. */
	readonly events?: EventSink | undefined;
	/** Records what becomes of the messages of recorded calls. */
	readonly tracer?: Tracer | undefined;
	readonly clock: Clock;
	readonly logger: Logger;
}

export interface Draft {
	readonly clientMsgId: string;
	readonly content: MessageContentProperties;
	/** "" for none. */
	readonly replyToId: string;
	/** W3C trace id of the request; "" for none. */
	readonly traceId?: string;
}

export interface Receipt {
	readonly message: MessageRecord;
	readonly stage: DeliveryStage;
}

/** What sends the messages of users, and takes them back. */
export interface MessageSender {
	/** @throws GatewayError */
	sendToRoom(sender: Identity, roomId: string, draft: Draft): Promise<Receipt>;
	/** @throws GatewayError */
	sendToUser(sender: Identity, userId: string, draft: Draft): Promise<Receipt>;
	/** @throws GatewayError */
	recall(identity: Identity, messageId: string): Promise<void>;
}

/** Senders known to be in a room; for a sender that was evicted, one message bypasses the rate of the room. */
const MAX_KNOWN_MEMBERS = 50_000;
/** Messages deleted in one transaction, and transactions of one sweep. */
const DELETION = { rows: 500, maxRounds: 20 } as const;

export class ChatMessages implements MessageSender {
	private readonly services: ChatMessagesServices;
	private readonly options: ChatOptions;
	private readonly messageRelay: MessageRelay;
	private readonly queue: AppendQueue;
	private readonly userRate: KeyedRate;
	private readonly conversationRate: KeyedRate;
	/** Room and user. What they may do is decided again for each message. */
	private readonly members = new Set<string>();

	constructor(services: ChatMessagesServices, options: Partial<ChatOptions> = {}) {
		this.services = services;
		this.options = { ...chatDefaults, ...options };
		const now = () => services.clock.monotonic();
		this.userRate = new KeyedRate(this.options.userRate, "messages of one user", now);
		this.conversationRate = new KeyedRate(this.options.conversationRate, "messages in one conversation", now);
		const { events } = services;
		const keepEvent = events?.wants("message")
			? (message: MessageRecord) => events.keep(messageEvent("message.sent", message, message.sentAtMs))
			: undefined;
		const relayed = { ...services, keepEvent };
		const { tracer } = services;
		// The relay runs for many messages: each is published as a part of the call that sent it.
		const publish =
			tracer === undefined
				? (message: MessageRecord) => this.publish(message)
				: (message: MessageRecord) => tracer.run(tracer.kept(message.id), () => this.publish(message));
		this.messageRelay = new MessageRelay(relayed, publish, this.options.relay);
		this.queue = new AppendQueue(
			(messages) => this.messageRelay.commit(messages, (claim) => services.messages.append(messages, claim)),
			this.options.append,
		);
	}

	/** What became of messages in this process. */
	get counters(): AppendCounters {
		return this.queue.counters;
	}

	/** Begins to publish what processes that died have left unpublished. */
	start(): void {
		this.messageRelay.start();
	}

	/**
	 * Sends to a room, or to a private conversation that exists.
	 *
	 * @throws GatewayError VALIDATION_FAILED, PAYLOAD_TOO_LARGE, PERMISSION_DENIED (not a member, banned, muted), CONFLICT,
	 *   RATE_LIMITED, UNAVAILABLE.
	 */
	async sendToRoom(sender: Identity, roomId: string, draft: Draft): Promise<Receipt> {
		if (!isPlainId(roomId)) throw notMember();
		if (isPrivateConversation(roomId)) return await this.sendToPeer(sender, roomId, draft);
		const given = this.admit(sender, draft);
		const { hooks } = this.services;
		const content = hooks?.beforeMessage === undefined ? given : await this.changed(sender, roomId, "", draft, given);
		// A sender who is no member takes nothing from the rate that the room's members share; the transaction decides who
		// is one.
		const key = `${roomId}\n${sender.userId}`;
		const isKnown = this.members.has(key);
		if (isKnown) this.conversationRate.take(roomId);
		const result = await this.append(sender, roomId, undefined, draft, content);
		if (result.kind === "not-member" || result.kind === "banned") this.members.delete(key);
		else if (result.kind === "appended" && !isKnown) {
			if (this.members.size >= MAX_KNOWN_MEMBERS) this.members.clear();
			this.members.add(key);
			this.conversationRate.tryTake(roomId);
		}
		return await this.receipt(sender, result);
	}

	/**
	 * Sends to one user; the first message creates the conversation.
	 *
	 * @throws GatewayError as `sendToRoom`, and NOT_FOUND for an unknown user.
	 */
	async sendToUser(sender: Identity, userId: string, draft: Draft): Promise<Receipt> {
		if (userId === sender.userId) throw fieldError("user_id", "must not be your own id");
		if (!isPlainId(userId)) throw notFound("user");
		const given = this.admit(sender, draft);
		const conversationId = privateConversationId(sender.userId, userId);
		const { audience, hooks } = this.services;
		const content =
			hooks?.beforeMessage === undefined ? given : await this.changed(sender, conversationId, userId, draft, given);
		if (!audience.knowsPair(conversationId)) {
			const { users, rooms, blocks, clock } = this.services;
			if ((await users.byId(userId)) === undefined) throw notFound("user");
			const blockers = await blocks.blockersAmong([userId], sender.userId);
			// An existing conversation may hold the message that this one repeats.
			if (blockers.size > 0 && (await rooms.byId(conversationId)) === undefined) throw blocked();
			await rooms.ensurePrivate(conversationId, [sender.userId, userId], clock.now());
			audience.rememberPair(conversationId, [sender.userId, userId]);
		}
		this.conversationRate.take(conversationId);
		return await this.receipt(sender, await this.append(sender, conversationId, userId, draft, content));
	}

	/**
	 * Takes back a message: its sender for a while, owners and admins of its room at any time. A repeat changes nothing, and
	 * is not published.
	 *
	 * @throws GatewayError NOT_FOUND (also for a message of a conversation that one is not in), PERMISSION_DENIED,
	 *   PRECONDITION_FAILED (too late), RATE_LIMITED, UNAVAILABLE.
	 */
	async recall(identity: Identity, messageId: string): Promise<void> {
		const { messages, rooms, relay, clock } = this.services;
		this.userRate.take(identity.userId);
		const message = await messages.byId(messageId);
		const member = message && (await rooms.member(message.conversationId, identity.userId));
		if (message === undefined || member?.state !== "member") throw notFound("message");
		this.checkRecall(message, member);
		if (message.recalledAtMs === 0) {
			this.conversationRate.take(message.conversationId);
			const recalled = await messages.recall(message, identity.userId, clock.now());
			if (recalled !== undefined) this.messageRelay.recalled(recalled);
		}
		await relay.flush(message.conversationId);
	}

	/** Deletes some of the messages that have been kept long enough; to be called now and then. @returns how many. */
	async deleteOld(signal?: AbortSignal): Promise<number> {
		const { messageKeptMs } = this.options;
		if (messageKeptMs === 0) return 0;
		const { messages, clock } = this.services;
		return await deleteInRounds({ ...DELETION, signal }, (rows) => {
			return messages.deleteOld({ keptMs: messageKeptMs, nowMs: clock.now() }, rows);
		});
	}

	/** Looks once for what processes that died have left unpublished. */
	sweep(): Promise<void> {
		return this.messageRelay.sweep();
	}

	/** Commits and publishes what is in flight. */
	async close(): Promise<void> {
		await this.queue.flushed();
		await this.messageRelay.close();
	}

	private async sendToPeer(sender: Identity, conversationId: string, draft: Draft): Promise<Receipt> {
		const peerId = await this.services.audience.peerOf(sender.userId, conversationId);
		if (peerId === undefined) throw notMember();
		return await this.sendToUser(sender, peerId, draft);
	}

	/** What can be said without asking the database, at the expense of the sender alone. */
	private admit(sender: Identity, draft: Draft): EncodedContent {
		if (!isPlainId(draft.clientMsgId)) throw fieldError("client_msg_id", "must be 1 to 64 printable ASCII characters");
		if (draft.replyToId !== "" && !isPlainId(draft.replyToId))
			throw fieldError("reply_to_id", "must be the id of a message");
		const content = encodeContent(draft.content, draft.replyToId, this.options.maxContentBytes);
		this.userRate.take(sender.userId);
		this.services.quota?.take(sender.userId, content.bytes.length + stored.message);
		return content;
	}

	/**
	 * The content that hooks make of it. A repeat is known by what the client sent, whatever they make of that.
	 *
	 * @throws GatewayError that a hook refuses it with.
	 */
	private async changed(
		sender: Identity,
		conversationId: string,
		toUserId: string,
		{ clientMsgId, replyToId, content }: Draft,
		{ hash }: EncodedContent,
	): Promise<EncodedContent> {
		const draft = { sender, conversationId, toUserId, clientMsgId, replyToId, content };
		const next = (await this.services.hooks?.beforeMessage?.(draft)) ?? content;
		const { bytes } = encodeContent(next, replyToId, this.options.maxContentBytes);
		return { bytes, hash };
	}

	private async append(
		sender: Identity,
		conversationId: string,
		peerId: string | undefined,
		draft: Draft,
		{ bytes, hash }: EncodedContent,
	): Promise<AppendResult> {
		const { clock, tracer } = this.services;
		const sentAtMs = clock.now();
		const id = uuidv7({ msecs: sentAtMs });
		tracer?.keep(id);
		return await this.queue.append({
			id,
			conversationId,
			senderId: sender.userId,
			senderName: sender.username,
			peerId,
			clientMsgId: draft.clientMsgId,
			content: bytes,
			contentHash: hash,
			replyToId: draft.replyToId,
			sentAtMs,
		});
	}

	private async receipt(sender: Identity, result: AppendResult): Promise<Receipt> {
		switch (result.kind) {
			case "appended": {
				if (this.services.hooks?.afterMessage !== undefined) this.notifyHook(sender, result.message);
				const isDelivered = await this.messageRelay.delivered(result.message);
				return { message: result.message, stage: await this.stage(result.message, isDelivered) };
			}
			case "repeated":
				return { message: result.message, stage: await this.stage(result.message, result.isPublished) };
			case "conflict":
				throw fieldError("client_msg_id", "belongs to another message", { code: ErrorCode.CONFLICT });
			case "no-reply-target":
				throw fieldError("reply_to_id", "must be a message of this conversation");
			case "not-member":
				throw notMember();
			case "banned":
				throw banned();
			case "blocked":
				throw blocked();
			case "muted":
				throw denied("muted in this room", result.remainingMs);
			default:
				return result satisfies never;
		}
	}

	private notifyHook(sender: Identity, { id, conversationId, sequence, content, sentAtMs }: MessageRecord): void {
		const decoded = decodeContent(content);
		if (decoded === undefined) return;
		this.services.hooks?.afterMessage?.({ sender, id, conversationId, sequence, content: decoded, sentAtMs });
	}

	private async stage(message: MessageRecord, isDelivered: boolean): Promise<DeliveryStage> {
		const { uplink, awaitsUplink } = this.services;
		if (!isDelivered) return DeliveryStage.PERSISTED;
		if (uplink === undefined || awaitsUplink !== true) return DeliveryStage.DELIVERED;
		return (await uplink.whenWritten(message)) ? DeliveryStage.DELIVERED : DeliveryStage.PERSISTED;
	}

	private async publish(record: MessageRecord): Promise<void> {
		const { audience, publisher, uplink } = this.services;
		if (uplink !== undefined) await uplink.add(record);
		const posted = { message: wireMessage(record) };
		if (!isPrivateConversation(record.conversationId)) {
			await publisher.publish(chatChannel(record.conversationId), pushes.messagePosted, posted);
			return;
		}
		const users = await audience.usersOfPrivate(record.conversationId);
		await Promise.all(users.map((userId) => publisher.publish(userChannel(userId), pushes.messagePosted, posted)));
	}

	private checkRecall(message: MessageRecord, member: MemberRecord): void {
		const isPrivate = isPrivateConversation(message.conversationId);
		if (!isPrivate && member.role >= ChatRole.ADMIN) return;
		if (message.senderId !== member.userId) throw denied("only the sender may recall this message");
		const isLate = this.services.clock.now() - message.sentAtMs > this.options.recallWindowMs;
		if (isLate && message.recalledAtMs === 0) throw precondition("too late to recall this message");
	}
}
