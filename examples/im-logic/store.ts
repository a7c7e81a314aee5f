// Conversations, their members and messages, in a SQLite file. Numbers are given in the transaction that stores a message, and a message
// is known by its id: whatever is repeated, it has one number.
import Database from "better-sqlite3";
import type { Draft } from "./records.ts";

const SCHEMA = `
CREATE TABLE IF NOT EXISTS conversations (
	id TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, topic TEXT NOT NULL, owner_id TEXT NOT NULL, is_public INTEGER NOT NULL,
	created_at_ms INTEGER NOT NULL, last_seq INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS members (
	conversation_id TEXT NOT NULL, user_id TEXT NOT NULL, role INTEGER NOT NULL, joined_at_ms INTEGER NOT NULL, read_seq INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (conversation_id, user_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS members_by_user ON members (user_id);
CREATE TABLE IF NOT EXISTS messages (
	conversation_id TEXT NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL UNIQUE, sender_id TEXT NOT NULL, sender_name TEXT NOT NULL,
	message_type INTEGER NOT NULL, content TEXT NOT NULL, client_msg_id TEXT NOT NULL, sent_at_ms INTEGER NOT NULL, trace_id TEXT NOT NULL,
	PRIMARY KEY (conversation_id, seq)) WITHOUT ROWID;
`;

export interface StoredMessage {
	readonly id: string;
	readonly conversation_id: string;
	readonly seq: number;
	readonly sender_id: string;
	readonly sender_name: string;
	readonly message_type: number;
	readonly content: string;
	readonly client_msg_id: string;
	readonly sent_at_ms: number;
	readonly trace_id: string;
}

export interface Conversation {
	readonly id: string;
	readonly kind: "room" | "private";
	readonly name: string;
	readonly topic: string;
	readonly owner_id: string;
	readonly is_public: number;
	readonly created_at_ms: number;
	readonly last_seq: number;
}

export interface Member {
	readonly conversation_id: string;
	readonly user_id: string;
	/** 1 member, 2 admin, 3 owner. */
	readonly role: number;
	readonly joined_at_ms: number;
	readonly read_seq: number;
}

export interface Accepted {
	readonly message: StoredMessage;
	/** Who gets it, the sender included. */
	readonly members: readonly string[];
	readonly isRepeat: boolean;
}

export class Store {
	private readonly database: Database.Database;

	constructor(file: string) {
		this.database = new Database(file);
		this.database.pragma("journal_mode = WAL");
		this.database.exec(SCHEMA);
	}

	/** Stores messages in their order, all or none. @returns for each what was stored, now or before; undefined: its sender may not. */
	accept(drafts: readonly Draft[]): readonly (Accepted | undefined)[] {
		return this.database.transaction(() => drafts.map((draft) => this.acceptOne(draft)))();
	}

	private acceptOne(draft: Draft): Accepted | undefined {
		const { id, conversationId, senderId, targetUserId } = draft;
		if (targetUserId !== "" && this.conversation(conversationId) === undefined) {
			this.create({ id: conversationId, kind: "private", owner: "", members: [senderId, targetUserId] });
		}
		const members = this.members(conversationId).map(({ user_id: userId }) => userId);
		if (!members.includes(senderId)) return undefined;
		const known = this.row<StoredMessage>("SELECT * FROM messages WHERE id = ?", id);
		if (known !== undefined) return { message: known, members, isRepeat: true };
		const { last_seq: seq } = this.row<{ last_seq: number }>(
			"UPDATE conversations SET last_seq = last_seq + 1 WHERE id = ? RETURNING last_seq",
			conversationId,
		) ?? { last_seq: 0 };
		const { senderName, messageType, content, clientMsgId, sentAtMs, traceId } = draft;
		const message: StoredMessage = {
			...{ id, conversation_id: conversationId, seq, sender_id: senderId, sender_name: senderName, content },
			...{ message_type: messageType, client_msg_id: clientMsgId, sent_at_ms: sentAtMs, trace_id: traceId },
		};
		this.run(
			`INSERT INTO messages (id, conversation_id, seq, sender_id, sender_name, content, message_type, client_msg_id, sent_at_ms, trace_id)
			 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			...Object.values(message),
		);
		return { message, members, isRepeat: false };
	}

	create(made: {
		readonly id: string;
		readonly kind: Conversation["kind"];
		readonly owner: string;
		readonly members: readonly string[];
		readonly name?: string;
		readonly topic?: string;
		readonly isPublic?: boolean;
	}): void {
		const { id, kind, owner, members, name = "", topic = "", isPublic = false } = made;
		const now = Date.now();
		this.database.transaction(() => {
			this.run(
				"INSERT OR IGNORE INTO conversations (id, kind, name, topic, owner_id, is_public, created_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)",
				...[id, kind, name, topic, owner, Number(isPublic), now],
			);
			for (const userId of members) this.join(id, userId, userId === owner ? 3 : 1);
		})();
	}

	join(id: string, userId: string, role = 1): void {
		this.run(
			"INSERT OR IGNORE INTO members (conversation_id, user_id, role, joined_at_ms) VALUES (?, ?, ?, ?)",
			id,
			userId,
			role,
			Date.now(),
		);
	}

	leave(id: string, userId: string): void {
		this.run("DELETE FROM members WHERE conversation_id = ? AND user_id = ?", id, userId);
	}

	conversation(id: string): Conversation | undefined {
		return this.row<Conversation>("SELECT * FROM conversations WHERE id = ?", id);
	}

	/** Latest first. */
	conversationsOf(userId: string, limit: number): readonly Conversation[] {
		return this.rows<Conversation>(
			`SELECT c.* FROM conversations c JOIN members m ON m.conversation_id = c.id WHERE m.user_id = ?
			 ORDER BY (SELECT max(sent_at_ms) FROM messages WHERE conversation_id = c.id) DESC LIMIT ?`,
			...[userId, limit],
		);
	}

	publicRooms(limit: number): readonly Conversation[] {
		return this.rows<Conversation>("SELECT * FROM conversations WHERE kind = 'room' AND is_public = 1 LIMIT ?", limit);
	}

	members(id: string): readonly Member[] {
		return this.rows<Member>("SELECT * FROM members WHERE conversation_id = ?", id);
	}

	member(id: string, userId: string): Member | undefined {
		return this.row<Member>("SELECT * FROM members WHERE conversation_id = ? AND user_id = ?", id, userId);
	}

	/** @returns the mark, which never goes back. */
	markRead(id: string, userId: string, seq: number): number {
		const sql = `UPDATE members SET read_seq = max(read_seq, min(?, (SELECT last_seq FROM conversations WHERE id = ?)))
			WHERE conversation_id = ? AND user_id = ? RETURNING read_seq`;
		return this.row<{ read_seq: number }>(sql, seq, id, id, userId)?.read_seq ?? 0;
	}

	/** @param behind - in the direction: from this number on, without it. */
	history(id: string, forward: boolean, behind: number, limit: number): readonly StoredMessage[] {
		const [compared, order] = forward ? [">", "ASC"] : ["<", "DESC"];
		const sql = `SELECT * FROM messages WHERE conversation_id = ? AND seq ${compared} ? ORDER BY seq ${order} LIMIT ?`;
		return this.rows<StoredMessage>(sql, id, behind, limit);
	}

	close(): void {
		this.database.close();
	}

	private readonly statements = new Map<string, Database.Statement>();

	private prepared(sql: string): Database.Statement {
		const statement = this.statements.get(sql) ?? this.database.prepare(sql);
		this.statements.set(sql, statement);
		return statement;
	}

	private row<Row>(sql: string, ...values: unknown[]): Row | undefined {
		return this.prepared(sql).get(...values) as Row | undefined;
	}

	private rows<Row>(sql: string, ...values: unknown[]): readonly Row[] {
		return this.prepared(sql).all(...values) as Row[];
	}

	private run(sql: string, ...values: unknown[]): void {
		this.prepared(sql).run(...values);
	}
}
