// What happens in conversations, as events for outputs.
import { type GatewayEvent, gatewayEvent } from "../../messaging/event-sink.ts";
import {
	ChatMessage,
	ChatRoomEvent,
	ChatRoomEvent_Kind,
	type ChatRoomEventProperties,
} from "../../protocol/gen/schema.ts";
import type { MessageRecord } from "./chat-message-store.ts";
import { wireMessage } from "./wire.ts";

/** @param atMs - when it happened, Unix milliseconds. */
export function messageEvent(
	kind: "message.sent" | "message.recalled",
	message: MessageRecord,
	atMs: number,
): GatewayEvent {
	const head = { kind, id: `${kind}/${message.id}`, key: message.conversationId, atMs };
	return gatewayEvent(head, ChatMessage, wireMessage(message));
}

const verbs = new Map(Object.entries(ChatRoomEvent_Kind).map(([name, kind]) => [kind, name.toLowerCase()]));

/** Something changed about a room or its members: `room.joined`, `room.role_changed`. */
export function roomEvent(event: ChatRoomEventProperties, atMs: number): GatewayEvent {
	const { roomId = "", kind = ChatRoomEvent_Kind.UNSPECIFIED, eventNumber = 0 } = event;
	const head = { id: `room/${roomId}/${eventNumber}`, key: roomId, atMs };
	return gatewayEvent({ ...head, kind: `room.${verbs.get(kind) ?? "changed"}` }, ChatRoomEvent, event);
}
