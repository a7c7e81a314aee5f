// Chat messages as records of Kafka, keyed by conversation.
import type { Tracer } from "../../common/tracing.ts";
import { MessageKind, type UplinkMessageProperties } from "../../protocol/gen/schema.ts";
import type { MessageRecord } from "../chat/chat-message-store.ts";
import { decodeContent } from "../chat/content.ts";
import { imContent } from "../chat/im-content.ts";
import type { ForwardedMessage, MessageForwarder, MessageUplink } from "../chat/message-uplink.ts";
import type { UplinkOptions } from "./options.ts";
import { CONTENT_TYPES, encodeUplink, RECORD_HEADERS } from "./records.ts";
import type { OutgoingRecord } from "./topic-writer.ts";
import type { Uplink } from "./uplink.ts";

export interface ChatUplinkParts {
	readonly uplink: Pick<Uplink, "append" | "offer">;
	readonly topic: string;
	/** Of this node. */
	readonly gatewayId: string;
	/** Knows what calls messages belong to. */
	readonly tracer?: Tracer | undefined;
	readonly options: Pick<UplinkOptions, "format" | "timeoutMs">;
}

export class ChatUplink implements MessageUplink, MessageForwarder {
	private readonly parts: ChatUplinkParts;

	constructor(parts: ChatUplinkParts) {
		this.parts = parts;
	}

	/** @throws GatewayError UNAVAILABLE. */
	async send(messages: readonly MessageRecord[]): Promise<void> {
		const { uplink, topic, options } = this.parts;
		await uplink.append(
			topic,
			messages.map((message) => this.recordOf(message)),
			options.timeoutMs,
		);
	}

	/** @throws GatewayError UNAVAILABLE; PAYLOAD_TOO_LARGE when the topic does not take it. */
	async forward(message: ForwardedMessage): Promise<void> {
		const { uplink, topic, options } = this.parts;
		await uplink.append(topic, [this.forwardedRecord(message)], options.timeoutMs);
	}

	offer(message: ForwardedMessage): boolean {
		return this.parts.uplink.offer(this.parts.topic, this.forwardedRecord(message));
	}

	/** The sender gets an error when it is too large: without its content it would be another message. */
	private forwardedRecord(message: ForwardedMessage): OutgoingRecord {
		const { key, value, headers } = this.recordOf(message);
		return { key, value, headers };
	}

	private recordOf(message: MessageRecord & Partial<ForwardedMessage>): OutgoingRecord {
		const { format } = this.parts.options;
		const headers = {
			[RECORD_HEADERS.contentType]: CONTENT_TYPES[format],
			[RECORD_HEADERS.type]: "message",
			[RECORD_HEADERS.messageId]: message.id,
		};
		const key = message.conversationId;
		const trace = this.parts.tracer?.kept(message.id);
		const fields = uplinkMessage(message, this.parts.gatewayId);
		const whole = trace === undefined ? fields : { ...fields, traceId: trace.context.traceId };
		return {
			key,
			...(trace && { trace }),
			value: encodeUplink(whole, format),
			headers,
			substitute: {
				key,
				value: encodeUplink({ ...whole, content: "" }, format),
				headers: { ...headers, [RECORD_HEADERS.omitted]: "content" },
			},
		};
	}
}

/** The record of a message. What it has beside the fields of one is in its headers. */
export function uplinkMessage(
	message: MessageRecord & Partial<ForwardedMessage>,
	gatewayId: string,
): UplinkMessageProperties {
	const { id, conversationId, sequence, senderId, senderName, clientMsgId, replyToId, sentAtMs } = message;
	const { traceId = "", toUserId = "" } = message;
	const content = decodeContent(message.content);
	const record = content === undefined ? { messageType: MessageKind.UNSPECIFIED, content: "" } : imContent(content);
	return {
		traceId,
		userId: senderId,
		gatewayId,
		conversationId,
		...record,
		clientMsgId,
		timestamp: Math.floor(sentAtMs / 1000),
		headers: {
			message_id: id,
			...(sequence !== 0 && { seq_id: String(sequence) }),
			sender_name: senderName,
			sent_at_ms: String(sentAtMs),
			...(toUserId !== "" && { target_user_id: toUserId }),
			...(replyToId !== "" && { reply_to_id: replyToId }),
			...(message.recalledAtMs !== 0 && { recalled: "true" }),
		},
	};
}
