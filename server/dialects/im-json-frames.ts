// Frames of the IM dialect: `{"type", "message_id", "data", "timestamp"}`; and messages with the names of its downstream records.
import type { ChatMessageProperties } from "../../protocol/gen/schema.ts";
import { imContent } from "../../services/chat/im-content.ts";

/** As older gateways had it: every field is there, also where it is empty. */
export interface Downstream {
	readonly trace_id: string;
	readonly target_user_id: string;
	readonly message_id: string;
	readonly conversation_id: string;
	readonly sender_id: string;
	readonly message_type: number;
	readonly content: string;
	readonly seq_id: number;
	/** Unix seconds. */
	readonly timestamp: number;
	readonly headers: Readonly<Record<string, string>>;
}

/** A message of the gateway's own chat. */
export function downstreamOf(message: ChatMessageProperties, traceId: string, targetUserId: string): Downstream {
	const { id, conversationId, senderId, content, sequence, sentAtMs, senderName, clientMsgId, replyToId } = message;
	const { messageType, content: text } = content ? imContent(content) : { messageType: 0, content: "" };
	return {
		trace_id: traceId,
		target_user_id: targetUserId,
		message_id: id ?? "",
		conversation_id: conversationId ?? "",
		sender_id: senderId ?? "",
		message_type: messageType,
		content: text,
		seq_id: Number(sequence ?? 0),
		timestamp: Math.floor(Number(sentAtMs ?? 0) / 1000),
		headers: {
			...(clientMsgId && { client_msg_id: clientMsgId }),
			...(senderName && { sender_name: senderName }),
			...(replyToId && { reply_to_id: replyToId }),
			...(message.isRecalled && { recalled: "true" }),
		},
	};
}

/** @param more - members beside the four that every frame has. */
export function writeFrame(type: string, messageId: string, data: object, nowMs: number, more: object = {}): string {
	return JSON.stringify({ type, message_id: messageId, data, timestamp: nowMs, ...more });
}
