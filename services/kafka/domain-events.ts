// What happened in other domains, as events: changes of chat rooms, recalls, entries of the audit trail.
import { ChatRole, ChatRoomEvent_Kind } from "../../protocol/gen/schema.ts";
import type { NumberedNotice } from "../chat/chat-outbox-store.ts";
import type { EventUplink } from "./events.ts";

const KINDS: Readonly<Record<ChatRoomEvent_Kind, string>> = {
	[ChatRoomEvent_Kind.UNSPECIFIED]: "changed",
	[ChatRoomEvent_Kind.JOINED]: "joined",
	[ChatRoomEvent_Kind.LEFT]: "left",
	[ChatRoomEvent_Kind.KICKED]: "kicked",
	[ChatRoomEvent_Kind.BANNED]: "banned",
	[ChatRoomEvent_Kind.UNBANNED]: "unbanned",
	[ChatRoomEvent_Kind.MUTED]: "muted",
	[ChatRoomEvent_Kind.UNMUTED]: "unmuted",
	[ChatRoomEvent_Kind.ROLE_CHANGED]: "role_changed",
	[ChatRoomEvent_Kind.INVITED]: "invited",
	[ChatRoomEvent_Kind.CREATED]: "created",
};

const ROLES: Readonly<Record<number, string>> = {
	[ChatRole.MEMBER]: "member",
	[ChatRole.ADMIN]: "admin",
	[ChatRole.OWNER]: "owner",
};

/** A change of a room, or a recall, that was published. */
export function noticeEvent(
	events: Pick<EventUplink, "emit">,
	conversationId: string,
	{ notice, number }: NumberedNotice,
): void {
	if (notice.kind === "recall") {
		const details = { message_id: notice.messageId, number: String(number) };
		events.emit({ type: "message.recalled", userId: notice.byUserId, conversationId, details });
		return;
	}
	const { event, member, byUserId } = notice;
	events.emit({
		type: `room.${KINDS[event]}`,
		userId: member.userId,
		conversationId,
		details: { by_user_id: byUserId, role: ROLES[member.role] ?? "", number: String(number) },
	});
}

/** What of an entry of the audit trail is an event. */
export interface AuditedOperation {
	readonly id: string;
	readonly atMs: number;
	readonly userId: string;
	readonly username: string;
	readonly ip: string;
	readonly operation: string;
	readonly target: string;
	readonly value: number | undefined;
	readonly commandId: string;
	readonly reason: string;
	readonly outcome: string;
	readonly detail: string;
}

/** An entry that is in the audit trail. */
export function auditEvent(events: Pick<EventUplink, "emit">, entry: AuditedOperation): void {
	const { id, atMs, userId, username, ip, operation, target, value, commandId, reason, outcome, detail } = entry;
	events.emit({
		type: "audit",
		userId,
		details: {
			audit_id: id,
			at_ms: String(atMs),
			username,
			ip,
			operation,
			target,
			...(value !== undefined && { value: String(value) }),
			command_id: commandId,
			reason,
			outcome,
			detail,
		},
	});
}
