// Records of chat as messages of the protocol; names of conversations and their channels.
import { createHash } from "node:crypto";
import {
	type ChatMemberProperties,
	type ChatMessageProperties,
	type ChatRoomProperties,
	MemberState,
} from "../../protocol/gen/schema.ts";
import type { MessageRecord } from "./chat-message-store.ts";
import type { ConversationRecord, MemberRecord, MemberState as StoredState } from "./chat-room-store.ts";
import { decodeContent } from "./content.ts";

export const CHAT_PREFIX = "chat:";

/** The recoverable channel of a room. Private conversations have none: they come to the inboxes of both users. */
export function chatChannel(roomId: string): string {
	return CHAT_PREFIX + roomId;
}

const PRIVATE_PREFIX = "p-";

/** The one conversation of two users, the same for both. The id does not reveal who they are. */
export function privateConversationId(one: string, other: string): string {
	const users = [one, other].sort().join("\n");
	return PRIVATE_PREFIX + createHash("sha256").update(users).digest("base64url");
}

export function isPrivateConversation(conversationId: string): boolean {
	return conversationId.startsWith(PRIVATE_PREFIX);
}

export function wireMessage(record: MessageRecord): ChatMessageProperties {
	const { id, conversationId, sequence, senderId, senderName, clientMsgId, replyToId, sentAtMs } = record;
	const shared = { id, conversationId, sequence, senderId, senderName, clientMsgId, replyToId, sentAtMs };
	if (record.recalledAtMs !== 0) return { ...shared, isRecalled: true };
	const content = decodeContent(record.content);
	return content === undefined ? shared : { ...shared, content };
}

export function wireRoom(record: ConversationRecord): ChatRoomProperties {
	const { id, name, topic, isPublic, ownerId, memberCount, maxMembers, createdAtMs, lastSequence } = record;
	return { id, name, topic, isPublic, ownerId, memberCount, maxMembers, createdAtMs, lastSequence };
}

const states: Record<StoredState, MemberState> = {
	left: MemberState.UNSPECIFIED,
	member: MemberState.MEMBER,
	invited: MemberState.INVITED,
	banned: MemberState.BANNED,
};

export function wireMember(record: MemberRecord): ChatMemberProperties {
	const { userId, username, role, joinedAtMs, mutedUntilMs } = record;
	return { userId, username, role, joinedAtMs, mutedUntilMs, state: states[record.state] };
}

export function storedState(state: MemberState): StoredState {
	if (state === MemberState.INVITED) return "invited";
	return state === MemberState.BANNED ? "banned" : "member";
}
