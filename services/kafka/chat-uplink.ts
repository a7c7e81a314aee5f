// Chat messages as records of Kafka, keyed by conversation.
import { MessageKind, type UplinkMessageProperties } from "../../protocol/gen/schema.ts";
import type { MessageRecord } from "../chat/chat-message-store.ts";
import { decodeContent } from "../chat/content.ts";
import type { MessageUplink } from "../chat/message-uplink.ts";
import type { UplinkOptions } from "./options.ts";
import { CONTENT_TYPES, encodeUplink, RECORD_HEADERS } from "./records.ts";
import type { OutgoingRecord } from "./topic-writer.ts";
import type { Uplink } from "./uplink.ts";

export interface ChatUplinkParts {
	readonly uplink: Pick<Uplink, "append">;
	readonly topic: string;
	/** Of this node. */
	readonly gatewayId: string;
	readonly options: Pick<UplinkOptions, "format" | "timeoutMs">;
}

export class ChatUplink implements MessageUplink {
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

	private recordOf(message: MessageRecord): OutgoingRecord {
		const { format } = this.parts.options;
		const headers = {
			[RECORD_HEADERS.contentType]: CONTENT_TYPES[format],
			[RECORD_HEADERS.type]: "message",
			[RECORD_HEADERS.messageId]: message.id,
		};
		const key = message.conversationId;
		const whole = uplinkMessage(message, this.parts.gatewayId);
		return {
			key,
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
export function uplinkMessage(message: MessageRecord, gatewayId: string): UplinkMessageProperties {
	const { id, conversationId, sequence, senderId, senderName, clientMsgId, replyToId, sentAtMs } = message;
	const content = decodeContent(message.content);
	const isText = content?.kind === MessageKind.TEXT;
	return {
		traceId: "",
		userId: senderId,
		gatewayId,
		conversationId,
		messageType: content?.kind ?? MessageKind.UNSPECIFIED,
		content: content === undefined ? "" : isText ? (content.text ?? "") : otherContent(content),
		clientMsgId,
		timestamp: Math.floor(sentAtMs / 1000),
		headers: {
			message_id: id,
			seq_id: String(sequence),
			sender_name: senderName,
			sent_at_ms: String(sentAtMs),
			...(replyToId !== "" && { reply_to_id: replyToId }),
			...(message.recalledAtMs !== 0 && { recalled: "true" }),
		},
	};
}

/** What is no text, as JSON. */
function otherContent(content: NonNullable<ReturnType<typeof decodeContent>>): string {
	const { text, url, fileName, fileBytes, mimeType, customType, custom } = content;
	return JSON.stringify({
		...(text && { text }),
		...(url && { url }),
		...(fileName && { file_name: fileName }),
		...(fileBytes && { file_bytes: Number(fileBytes) }),
		...(mimeType && { mime_type: mimeType }),
		...(customType && { custom_type: customType }),
		...(custom && custom.length > 0 && { custom: Buffer.from(custom).toString("base64") }),
	});
}
