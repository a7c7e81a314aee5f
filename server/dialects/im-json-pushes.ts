// Pushes as messages of the IM dialect. A push for which the dialect has no type is not sent to its clients.
import { userOfInbox } from "../../common/user-channels.ts";
import type { AnyMessageType } from "../../protocol/contract.ts";
import {
	ChatRoomEvent,
	ChatRoomEvent_Kind,
	DownlinkMessage,
	type Envelope,
	MessagePosted,
	PresenceChanged,
	ReadReceipt,
	SessionRevoked,
} from "../../protocol/gen/schema.ts";
import { type Downstream, downstreamOf, writeFrame } from "./im-json-frames.ts";
import { writeProblem } from "./im-json-replies.ts";

const NO_BYTES = new Uint8Array(0);

export function writeImPush(envelope: Envelope, type: AnyMessageType, nowMs: number): string | undefined {
	const bytes = envelope.body ?? NO_BYTES;
	const send = (name: string, data: object, messageId = "") =>
		writeFrame(name, messageId, data, nowMs, positionOf(envelope));
	switch (type) {
		case MessagePosted: {
			const { message } = MessagePosted.decode(bytes);
			const data = downstreamOf(message ?? {}, envelope.traceId ?? "", userOfInbox(envelope.channel ?? ""));
			return send(message?.isRecalled ? "message-recalled" : "new-message", data, data.message_id);
		}
		case DownlinkMessage: {
			const data = recordData(DownlinkMessage.decode(bytes));
			return send("new-message", data, data.message_id);
		}
		case ReadReceipt: {
			const { conversationId, userId, sequence } = ReadReceipt.decode(bytes);
			return send("read", { conversation_id: conversationId, user_id: userId, seq_id: Number(sequence ?? 0) });
		}
		case PresenceChanged: {
			const { user } = PresenceChanged.decode(bytes);
			return send("online-status", { user_id: user?.userId ?? "", online: user?.isOnline ?? false });
		}
		case ChatRoomEvent: {
			const { roomId, kind, member, byUserId } = ChatRoomEvent.decode(bytes);
			const about = { user_id: member?.userId ?? "", by_user_id: byUserId ?? "" };
			return send("conversation-event", { conversation_id: roomId, event: EVENTS.get(kind ?? 0) ?? "", ...about });
		}
		case SessionRevoked: {
			const problem = { code: "UNAUTHENTICATED", text: "the session was ended", field: "", retryAfterMs: 0 };
			return writeProblem(problem, undefined, nowMs);
		}
		default:
			return undefined;
	}
}

const EVENTS: ReadonlyMap<number, string> = new Map(
	Object.entries(ChatRoomEvent_Kind).map(([name, value]) => [Number(value), name.toLowerCase()] as const),
);

/** Where a client that was offline continues. */
function positionOf({ channel, offset, epoch }: Envelope): object {
	return channel ? { position: { channel, offset: Number(offset ?? 0), epoch: epoch ?? "" } } : {};
}

/** A record of a logic service, field by field. */
function recordData(record: DownlinkMessage): Downstream {
	return {
		trace_id: record.traceId ?? "",
		target_user_id: record.targetUserId ?? "",
		message_id: record.messageId ?? "",
		conversation_id: record.conversationId ?? "",
		sender_id: record.senderId ?? "",
		message_type: record.messageType ?? 0,
		content: record.content ?? "",
		seq_id: Number(record.seqId ?? 0),
		timestamp: Number(record.timestamp ?? 0),
		headers: record.headers ?? {},
	};
}
