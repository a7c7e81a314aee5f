// Sending where a logic service owns chat: what a message holds is checked, and what a sender may send is limited here as elsewhere, then
// the message goes to that service's log. Nothing of it is stored here, and who may write where is the service's to decide.
import { createHash, randomBytes } from "node:crypto";
import type { Clock } from "../../common/clock.ts";
import type { Hooks } from "../../common/hooks.ts";
import type { Identity } from "../../common/identity.ts";
import { KeyedRate } from "../../common/keyed-rate.ts";
import { fieldError, unavailable } from "../../protocol/error.ts";
import { DeliveryStage } from "../../protocol/gen/schema.ts";
import { isPlainId, notServedHere } from "./chat-errors.ts";
import { encodeContent } from "./content.ts";
import type { ForwardedMessage, MessageForwarder } from "./message-uplink.ts";
import type { Draft, MessageSender, Receipt } from "./messages.ts";
import type { ChatOptions } from "./options.ts";
import { privateConversationId } from "./wire.ts";

export interface ForwardedMessagesParts {
	readonly forwarder: MessageForwarder;
	readonly hooks?: Pick<Hooks, "beforeMessage">;
	readonly clock: Clock;
	readonly options: Pick<ChatOptions, "userRate" | "conversationRate" | "maxContentBytes" | "forwardAck">;
}

/** When a client should try again that found the queue full. */
const RETRY_MS = 500;

export class ForwardedMessages implements MessageSender {
	private readonly parts: ForwardedMessagesParts;
	private readonly userRate: KeyedRate;
	private readonly conversationRate: KeyedRate;

	constructor(parts: ForwardedMessagesParts) {
		this.parts = parts;
		const now = () => parts.clock.monotonic();
		this.userRate = new KeyedRate(parts.options.userRate, "messages of one user", now);
		this.conversationRate = new KeyedRate(parts.options.conversationRate, "messages in one conversation", now);
	}

	/** @throws GatewayError VALIDATION_FAILED, PAYLOAD_TOO_LARGE, RATE_LIMITED, UNAVAILABLE, and what a hook refuses it with. */
	sendToRoom(sender: Identity, roomId: string, draft: Draft): Promise<Receipt> {
		if (!isPlainId(roomId)) throw fieldError("room_id", "must be the id of a conversation");
		return this.send(sender, roomId, "", draft);
	}

	/** @throws GatewayError as `sendToRoom`. */
	sendToUser(sender: Identity, userId: string, draft: Draft): Promise<Receipt> {
		if (userId === sender.userId) throw fieldError("user_id", "must not be your own id");
		if (!isPlainId(userId)) throw fieldError("user_id", "must be the id of a user");
		return this.send(sender, privateConversationId(sender.userId, userId), userId, draft);
	}

	recall(): Promise<void> {
		return Promise.reject(notServedHere());
	}

	/** Without a hook the message is in the queue when this returns: messages that arrive one after the other keep their order. */
	private send(sender: Identity, conversationId: string, toUserId: string, draft: Draft): Promise<Receipt> {
		const { hooks, options } = this.parts;
		const { clientMsgId, replyToId, content } = draft;
		if (!isPlainId(clientMsgId)) throw fieldError("client_msg_id", "must be 1 to 64 printable ASCII characters");
		if (replyToId !== "" && !isPlainId(replyToId)) throw fieldError("reply_to_id", "must be the id of a message");
		const { bytes } = encodeContent(content, replyToId, options.maxContentBytes);
		this.userRate.take(sender.userId);
		this.conversationRate.take(conversationId);
		if (hooks?.beforeMessage === undefined) return this.forward(sender, conversationId, toUserId, draft, bytes);
		return hooks.beforeMessage({ sender, conversationId, toUserId, clientMsgId, replyToId, content }).then((next) => {
			const changed = encodeContent(next ?? content, replyToId, options.maxContentBytes);
			return this.forward(sender, conversationId, toUserId, draft, changed.bytes);
		});
	}

	private async forward(
		{ userId, username }: Identity,
		conversationId: string,
		toUserId: string,
		{ clientMsgId, replyToId, traceId = "" }: Draft,
		content: Uint8Array,
	): Promise<Receipt> {
		const { forwarder, options, clock } = this.parts;
		const message: ForwardedMessage = {
			id: forwardedId(userId, conversationId, clientMsgId),
			...{ conversationId, sequence: 0, senderId: userId, senderName: username, clientMsgId, content, replyToId },
			sentAtMs: clock.now(),
			recalledAtMs: 0,
			traceId: traceId === "" ? randomBytes(16).toString("hex") : traceId,
			toUserId,
		};
		if (options.forwardAck === "accepted") {
			if (!forwarder.offer(message)) throw unavailable("the log of messages", RETRY_MS);
			return { message, stage: DeliveryStage.ACCEPTED };
		}
		await forwarder.forward(message);
		return { message, stage: DeliveryStage.PERSISTED };
	}
}

/** The same for a repeat, on whichever node it comes, and no other message's. */
function forwardedId(userId: string, conversationId: string, clientMsgId: string): string {
	const named = [userId, conversationId, clientMsgId].join("\n");
	return createHash("sha256").update(named).digest("base64url").slice(0, 22);
}
