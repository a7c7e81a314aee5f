// The records of Kafka, as JSON: what a gateway writes, and what it reads.
import { createHash } from "node:crypto";

export interface UplinkRecord {
	readonly trace_id: string;
	readonly user_id: string;
	readonly gateway_id: string;
	readonly conversation_id: string;
	readonly message_type: number;
	readonly content: string;
	readonly client_msg_id: string;
	/** Unix seconds. */
	readonly timestamp: number;
	readonly headers: Readonly<Record<string, string>>;
}

export interface DownlinkRecord {
	readonly trace_id: string;
	readonly target_user_id: string;
	readonly message_id: string;
	readonly conversation_id: string;
	readonly sender_id: string;
	readonly message_type: number;
	readonly content: string;
	readonly seq_id: number;
	readonly timestamp: number;
	readonly headers: Readonly<Record<string, string>>;
}

/** A message that a user wants to send. */
export interface Draft {
	/** The same for a repeat. */
	readonly id: string;
	readonly traceId: string;
	readonly gatewayId: string;
	readonly conversationId: string;
	/** Of a private conversation that may not exist yet; else "". */
	readonly targetUserId: string;
	readonly senderId: string;
	readonly senderName: string;
	readonly messageType: number;
	readonly content: string;
	readonly clientMsgId: string;
	readonly sentAtMs: number;
	/** W3C Trace Context of the record; "" without. */
	readonly traceparent: string;
}

/** @throws Error when it is no record of a gateway. */
export function draftOf(value: Buffer, traceparent = ""): Draft {
	const record = JSON.parse(value.toString()) as UplinkRecord;
	const { user_id: senderId, conversation_id: conversationId, client_msg_id: clientMsgId, headers } = record;
	if (!senderId || !conversationId || !clientMsgId)
		throw new Error("user_id, conversation_id or client_msg_id is missing");
	return {
		id: headers["message_id"] ?? messageId(senderId, conversationId, clientMsgId),
		traceId: record.trace_id,
		gatewayId: record.gateway_id,
		conversationId,
		targetUserId: headers["target_user_id"] ?? "",
		senderId,
		senderName: headers["sender_name"] ?? "",
		messageType: record.message_type,
		content: record.content,
		clientMsgId,
		sentAtMs: Number(headers["sent_at_ms"] ?? record.timestamp * 1000),
		traceparent,
	};
}

/** As gateways make it. */
export function messageId(senderId: string, conversationId: string, clientMsgId: string): string {
	return createHash("sha256")
		.update([senderId, conversationId, clientMsgId].join("\n"))
		.digest("base64url")
		.slice(0, 22);
}

/** As gateways name the conversation of two users. */
export function privateConversation(one: string, other: string): string {
	return `p-${createHash("sha256").update([one, other].sort().join("\n")).digest("base64url")}`;
}
