// The statements of a batch of chat messages. Each is about many messages at once, in a form that every dialect answers
// from its indexes.
import {
	type CompiledQuery,
	type Expression,
	type ExpressionBuilder,
	type Kysely,
	type RawBuilder,
	type Selectable,
	type SqlBool,
	sql,
} from "kysely";
import { databaseTime, databaseTimeIn } from "../../../stores/sql/database-time.ts";
import type { SqlDialectName } from "../../../stores/sql/database-url.ts";
import type { Tables } from "../../../stores/sql/schema.ts";
import type {
	ChatBlocksTable,
	ChatConversationsTable,
	ChatMembersTable,
	ChatMessagesTable,
} from "../../../stores/sql/schema-chat.ts";
import { SizedStatement } from "../../../stores/sql/sized-statement.ts";
import type { MessageRecord, NewMessage, PublishClaim } from "../chat-message-store.ts";
import { bufferOf } from "./chat-rows.ts";

type Db = Kysely<Tables>;
export type LockedRow = Pick<
	Selectable<ChatConversationsTable>,
	"id" | "last_sequence" | "published_sequence" | "publisher" | "publisher_until_ms"
> & { readonly now_ms: number | string };
export type MemberRow = Pick<Selectable<ChatMembersTable>, "conversation_id" | "user_id" | "state" | "muted_until_ms">;
export type BlockRow = Pick<Selectable<ChatBlocksTable>, "user_id" | "blocked_id">;
export type StoredRow = Selectable<ChatMessagesTable>;
export type TargetRow = Pick<StoredRow, "conversation_id" | "id">;

/** Of lists in conditions. */
const PADDING = 8;

const integerType: Readonly<Record<SqlDialectName, RawBuilder<unknown>>> = {
	sqlite: sql.raw("integer"),
	postgres: sql.raw("bigint"),
	mysql: sql.raw("signed"),
};

export class ChatAppendStatements {
	private readonly lock: SizedStatement<LockedRow>;
	private readonly advance: SizedStatement;
	private readonly markRead: SizedStatement;
	private readonly members = new SizedStatement<MemberRow>((db, size) =>
		db
			.selectFrom("chat_members")
			.select(["conversation_id", "user_id", "state", "muted_until_ms"])
			.where((eb) => anyOf(eb, size, [eb("conversation_id", "=", ""), eb("user_id", "=", "")])),
	);
	private readonly blocks = new SizedStatement<BlockRow>((db, size) =>
		db
			.selectFrom("chat_blocks")
			.select(["user_id", "blocked_id"])
			.where((eb) => anyOf(eb, size, [eb("user_id", "=", ""), eb("blocked_id", "=", "")])),
	);
	private readonly repeats = new SizedStatement<StoredRow>((db, size) =>
		db
			.selectFrom("chat_messages")
			.selectAll()
			.where((eb) =>
				anyOf(eb, size, [eb("conversation_id", "=", ""), eb("sender_id", "=", ""), eb("client_msg_id", "=", "")]),
			),
	);
	private readonly insertion = new SizedStatement((db, size) =>
		db.insertInto("chat_messages").values(times(size, rowOf(ANY_MESSAGE, ""))),
	);
	private readonly claims: SizedStatement;

	private readonly releases = new SizedStatement((db, size) =>
		db
			.updateTable("chat_conversations")
			.set({ published_sequence: sql`last_sequence`, publisher: "", publisher_until_ms: 0 })
			.where("publisher", "=", "")
			.where((eb) => anyOf(eb, size, [eb("id", "=", ""), eb("last_sequence", "=", 0)])),
	);
	private readonly held = new SizedStatement<Pick<LockedRow, "id">>((db, size) =>
		db.selectFrom("chat_conversations").select("id").where("publisher", "=", "").where("id", "in", times(size, "")),
	);

	constructor(dialect: SqlDialectName) {
		this.lock = new SizedStatement((db, size) =>
			db
				.selectFrom("chat_conversations")
				.select(["id", "last_sequence", "published_sequence", "publisher", "publisher_until_ms"])
				.select(databaseTime(dialect).as("now_ms"))
				.where("id", "in", times(size, ""))
				.orderBy("id")
				.$if(dialect !== "sqlite", (query) => query.forUpdate()),
		);
		this.advance = new SizedStatement((db, size) =>
			db
				.updateTable("chat_conversations")
				.set({ last_sequence: choose(dialect, size, sql`id = ${""}`), active_at_ms: 0 })
				.where("id", "in", times(size, "")),
		);
		this.claims = new SizedStatement((db, size) =>
			db
				.updateTable("chat_conversations")
				.set({ publisher: "", publisher_until_ms: databaseTimeIn(dialect, 0) })
				.where("id", "in", times(size, "")),
		);
		this.markRead = new SizedStatement((db, size) =>
			db
				.updateTable("chat_members")
				.set({ read_sequence: choose(dialect, size, sql`conversation_id = ${""} and user_id = ${""}`) })
				.where((eb) => anyOf(eb, size, [eb("conversation_id", "=", ""), eb("user_id", "=", "")])),
		);
	}

	/** Locks conversations in the order of their ids. */
	lockConversations(db: Db, ids: readonly string[]): CompiledQuery<LockedRow> {
		const list = padded(ids);
		return this.lock.of(db, list.length, list);
	}

	readMembers(db: Db, messages: readonly NewMessage[]): CompiledQuery<MemberRow> {
		const list = padded(messages);
		return this.members.of(
			db,
			list.length,
			list.flatMap((m) => [m.conversationId, m.senderId]),
		);
	}

	/** The peers that have blocked the sender; undefined when no message is to a peer. */
	readBlocks(db: Db, messages: readonly NewMessage[]): CompiledQuery<BlockRow> | undefined {
		const toUsers = messages.filter((message) => message.peerId !== undefined);
		if (toUsers.length === 0) return undefined;
		const list = padded(toUsers);
		return this.blocks.of(
			db,
			list.length,
			list.flatMap((m) => [m.peerId ?? "", m.senderId]),
		);
	}

	/** Messages with the ids that the senders of these have given them. */
	readRepeats(db: Db, messages: readonly NewMessage[]): CompiledQuery<StoredRow> {
		const list = padded(messages);
		return this.repeats.of(
			db,
			list.length,
			list.flatMap((m) => [m.conversationId, m.senderId, m.clientMsgId]),
		);
	}

	/** Messages that are replied to; undefined when none is. */
	readReplyTargets(db: Db, messages: readonly NewMessage[]): CompiledQuery<TargetRow> | undefined {
		const ids = new Set(messages.map((message) => message.replyToId).filter((id) => id !== ""));
		if (ids.size === 0) return undefined;
		const query = db.selectFrom("chat_messages").select(["conversation_id", "id"]);
		return query.where("id", "in", [...ids]).compile();
	}

	insert(
		db: Db,
		messages: readonly { readonly message: MessageRecord; readonly contentHash: string }[],
	): CompiledQuery<unknown> {
		const rows = messages.map(({ message, contentHash }) => rowOf(message, contentHash));
		return this.insertion.of(
			db,
			rows.length,
			rows.flatMap((row) => Object.values(row)),
		);
	}

	/** Sets the last sequence of each conversation. */
	advanceTo(db: Db, sequences: readonly (readonly [id: string, last: number])[], atMs: number): CompiledQuery<unknown> {
		const list = padded(sequences);
		return this.advance.of(db, list.length, [...list.flat(), atMs, ...list.map(([id]) => id)]);
	}

	/** Undefined when there is nothing to claim. */
	claim(db: Db, ids: readonly string[], { publisher, ttlMs }: PublishClaim): CompiledQuery<unknown> | undefined {
		if (ids.length === 0) return undefined;
		const list = padded(ids);
		return this.claims.of(db, list.length, [publisher, ttlMs, ...list]);
	}

	/** Gives up the claims of conversations of which everything is published: those that end with these sequences. */
	release(db: Db, published: ReadonlyMap<string, number>, { publisher }: PublishClaim): CompiledQuery<unknown> {
		const list = padded([...published]);
		return this.releases.of(db, list.length, ["", 0, publisher, ...list.flat()]);
	}

	/** Which of these conversations the publisher has a claim of. */
	readHeld(db: Db, ids: readonly string[], { publisher }: PublishClaim): CompiledQuery<Pick<LockedRow, "id">> {
		const list = padded(ids);
		return this.held.of(db, list.length, [publisher, ...list]);
	}

	/** Sets what a member has read of each conversation. */
	markAsRead(db: Db, messages: readonly MessageRecord[]): CompiledQuery<unknown> {
		const list = padded(messages);
		return this.markRead.of(db, list.length, [
			...list.flatMap((m) => [m.conversationId, m.senderId, m.sequence]),
			...list.flatMap((m) => [m.conversationId, m.senderId]),
		]);
	}
}

/** What a text is made with. */
const ANY_MESSAGE: MessageRecord = {
	id: "",
	conversationId: "",
	senderId: "",
	senderName: "",
	clientMsgId: "",
	replyToId: "",
	sequence: 0,
	content: new Uint8Array(0),
	sentAtMs: 0,
	recalledAtMs: 0,
};

function times<Item>(count: number, item: Item): Item[] {
	return new Array<Item>(count).fill(item);
}

/**
 * Repeats the last item until the count is a multiple of `PADDING`, which changes no condition. So batches of all sizes
 * use a few statement texts, which need not be prepared again each time.
 */
function padded<Item>(items: readonly Item[]): Item[] {
	const missing = (PADDING - (items.length % PADDING)) % PADDING;
	return [...items, ...items.slice(-1).flatMap((last) => times(missing, last))];
}

/** A value by condition; with its type, as PostgreSQL takes a parameter inside CASE for text. */
function choose(dialect: SqlDialectName, size: number, condition: RawBuilder<unknown>): RawBuilder<number> {
	const when = sql`when ${condition} then cast(${0} as ${integerType[dialect]})`;
	return sql<number>`case ${sql.join(times(size, when), sql` `)} end`;
}

/** Pairs and triples as AND inside OR: what every dialect answers from its index, unlike row values. */
function anyOf<Table extends keyof Tables>(
	eb: ExpressionBuilder<Tables, Table>,
	size: number,
	conditions: Expression<SqlBool>[],
): Expression<SqlBool> {
	return eb.or(times(size, eb.and(conditions)));
}

/** The columns in one order, which is that of the parameters. */
function rowOf(message: MessageRecord, contentHash: string) {
	return {
		conversation_id: message.conversationId,
		sequence: message.sequence,
		id: message.id,
		sender_id: message.senderId,
		sender_name: message.senderName,
		client_msg_id: message.clientMsgId,
		content_hash: contentHash,
		content: bufferOf(message.content),
		reply_to_id: message.replyToId,
		sent_at_ms: message.sentAtMs,
		recalled_at_ms: message.recalledAtMs,
	};
}
