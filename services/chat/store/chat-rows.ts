// Chat rows as records and back, shared by the stores of messages and rooms.
import type { Insertable, Selectable } from "kysely";
import type { ChatRole } from "../../../protocol/gen/schema.ts";
import type { ChatConversationsTable, ChatMembersTable, ChatMessagesTable } from "../../../stores/sql/schema-chat.ts";
import type { MessageRecord } from "../chat-message-store.ts";
import type { ConversationRecord, MemberRecord, MemberState } from "../chat-room-store.ts";

export function messageOf(row: Selectable<ChatMessagesTable>): MessageRecord {
	return {
		id: row.id,
		conversationId: row.conversation_id,
		sequence: Number(row.sequence),
		senderId: row.sender_id,
		senderName: row.sender_name,
		clientMsgId: row.client_msg_id,
		content: row.content,
		replyToId: row.reply_to_id,
		sentAtMs: Number(row.sent_at_ms),
		recalledAtMs: Number(row.recalled_at_ms),
	};
}

/** The drivers take Buffers only. */
export function bufferOf(bytes: Uint8Array): Buffer {
	return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function conversationOf(row: Selectable<ChatConversationsTable>): ConversationRecord {
	return {
		id: row.id,
		kind: row.kind === "room" ? "room" : "private",
		name: row.name,
		topic: row.topic,
		isPublic: row.is_public === 1,
		ownerId: row.owner_id,
		memberCount: row.member_count,
		maxMembers: row.max_members,
		createdAtMs: Number(row.created_at_ms),
		lastSequence: Number(row.last_sequence),
		closedAtMs: Number(row.closed_at_ms),
	};
}

export function conversationRow(record: ConversationRecord): Insertable<ChatConversationsTable> {
	return {
		id: record.id,
		kind: record.kind,
		name: record.name,
		topic: record.topic,
		is_public: record.isPublic ? 1 : 0,
		owner_id: record.ownerId,
		member_count: record.memberCount,
		max_members: record.maxMembers,
		created_at_ms: record.createdAtMs,
		active_at_ms: record.createdAtMs,
		last_sequence: 0,
		published_sequence: 0,
		publisher: "",
		publisher_until_ms: 0,
	};
}

export function memberOf(row: Selectable<ChatMembersTable> & { username: string | null }): MemberRecord {
	return {
		conversationId: row.conversation_id,
		userId: row.user_id,
		username: row.username ?? "",
		state: stateOf(row.state),
		role: row.role as ChatRole,
		joinedAtMs: Number(row.joined_at_ms),
		mutedUntilMs: Number(row.muted_until_ms),
		readSequence: Number(row.read_sequence),
	};
}

export function memberRow(record: MemberRecord): Insertable<ChatMembersTable> {
	return {
		conversation_id: record.conversationId,
		user_id: record.userId,
		state: record.state,
		role: record.role,
		joined_at_ms: record.joinedAtMs,
		muted_until_ms: record.mutedUntilMs,
		read_sequence: record.readSequence,
	};
}

/** What is not plainly one of the others must not get in. */
function stateOf(state: string): MemberState {
	return state === "member" || state === "invited" || state === "left" ? state : "banned";
}
