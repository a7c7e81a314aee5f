// The tables of chat as kysely sees them.
import type { Generated } from "kysely";
import type { Int64, Int64From0 } from "./column-types.ts";

export interface ChatConversationsTable {
	id: string;
	/** `room` or `private`. */
	kind: string;
	name: string;
	topic: string;
	/** 1 or 0. */
	is_public: number;
	/** "" for private conversations. Of a room that has ended: whose it was last. */
	owner_id: string;
	member_count: number;
	max_members: number;
	created_at_ms: Int64;
	/** When the last message came. */
	active_at_ms: Int64;
	last_sequence: Int64;
	/** Everything up to here is on the conversation's channel. */
	published_sequence: Int64;
	/** Which process has claimed the publishing of what is not; "" when nothing is outstanding. */
	publisher: string;
	/** When that claim runs out; 0 when nothing is outstanding. */
	publisher_until_ms: Int64;
	/** When the last member left; 0 for what goes on. */
	closed_at_ms: Int64From0;
	/** Messages up to here were removed for their age. */
	pruned_sequence: Int64From0;
	/** Number of the last entry that `chat_outbox` got for this conversation. */
	last_notice: Int64From0;
	/** The process that publishes the notices in `chat_outbox`. */
	notices_holder: Generated<string>;
	/** Until when it holds that lease; 0 when there is nothing to publish. */
	notices_until_ms: Int64From0;
}

/** Notices about a conversation that are to be published, in the order of their numbers. */
export interface ChatOutboxTable {
	conversation_id: string;
	number: Int64;
	/** JSON. */
	notice: string;
}

/** How far a conversation was written to another system's log; a row for each that had a message since there is one. */
export interface ChatUplinksTable {
	conversation_id: string;
	/** Everything up to here is written. */
	written_sequence: Int64;
	/** The process that writes the rest. */
	holder: string;
	/** Until when it holds that lease; 0 when there is nothing to write. */
	until_ms: Int64;
}

/** Places of messages that were taken back: they are not unread. */
export interface ChatRecallsTable {
	conversation_id: string;
	sequence: Int64;
}

export interface ChatMembersTable {
	conversation_id: string;
	user_id: string;
	/** `member`, `invited`, `banned`, or `left` for one who is out and muted. */
	state: string;
	/** ChatRole. */
	role: number;
	joined_at_ms: Int64;
	muted_until_ms: Int64;
	read_sequence: Int64;
}

export interface ChatMessagesTable {
	conversation_id: string;
	sequence: Int64;
	id: string;
	sender_id: string;
	sender_name: string;
	client_msg_id: string;
	/** Of the content as it was sent, which a recall removes; distinguishes a repeat from another message. */
	content_hash: string;
	/** An encoded MessageContent; empty after a recall. */
	content: Uint8Array;
	reply_to_id: string;
	sent_at_ms: Int64;
	/** 0 unless recalled. */
	recalled_at_ms: Int64;
}

export interface ChatBlocksTable {
	/** The user who has blocked… */
	user_id: string;
	/** …this user. */
	blocked_id: string;
	created_at_ms: Int64;
}
