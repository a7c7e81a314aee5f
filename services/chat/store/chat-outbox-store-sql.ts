// The unpublished notices of conversations, in SQL: written with the change itself, under the lock of the conversation.

import { type RawBuilder, sql, type Transaction } from "kysely";
import type { Database } from "../../../stores/sql/database.ts";
import { databaseTime, databaseTimeIn } from "../../../stores/sql/database-time.ts";
import type { SqlDialectName } from "../../../stores/sql/database-url.ts";
import { insertBatches } from "../../../stores/sql/insert-batches.ts";
import type { Tables } from "../../../stores/sql/schema.ts";
import { SizedStatement } from "../../../stores/sql/sized-statement.ts";
import { statement, transact } from "../../../stores/sql/transaction.ts";
import type { PublishClaim } from "../chat-message-store.ts";
import type { ChatOutboxStore, Notice, NumberedNotice } from "../chat-outbox-store.ts";

/** Claims end at times of the database; this one is past, and not 0, which says that there is nothing. */
const UNCLAIMED_MS = 1;

/** Adds notices; the caller's transaction holds the conversation's lock, or has just made it. */
export async function writeNotices(
	trx: Transaction<Tables>,
	conversationId: string,
	notices: readonly Notice[],
): Promise<void> {
	if (notices.length === 0) return;
	await trx
		.updateTable("chat_conversations")
		.set({
			last_notice: sql`last_notice + ${sql.lit(notices.length)}`,
			notices_until_ms: sql`case when notices_until_ms = 0 then ${sql.lit(UNCLAIMED_MS)} else notices_until_ms end`,
		})
		.where("id", "=", conversationId)
		.execute();
	const query = trx.selectFrom("chat_conversations").select("last_notice").where("id", "=", conversationId);
	const first = Number((await query.executeTakeFirstOrThrow()).last_notice) - notices.length + 1;
	const rows = notices.map((notice, index) => {
		return { conversation_id: conversationId, number: first + index, notice: JSON.stringify(notice) };
	});
	for (const batch of insertBatches(rows)) await trx.insertInto("chat_outbox").values(batch).execute();
}

/** Locks a conversation. @returns whether there is one. */
export async function lockConversation(
	trx: Transaction<Tables>,
	dialect: SqlDialectName,
	conversationId: string,
): Promise<boolean> {
	const row = await trx
		.selectFrom("chat_conversations")
		.select("id")
		.where("id", "=", conversationId)
		.$if(dialect !== "sqlite", (query) => query.forUpdate())
		.executeTakeFirst();
	return row !== undefined;
}

export class SqlChatOutboxStore implements ChatOutboxStore {
	private readonly database: Database;
	/** Asked every second, of an idle process as well. */
	private readonly overdue: SizedStatement<{ readonly id: string }>;

	constructor(database: Database) {
		this.database = database;
		this.overdue = new SizedStatement((db, limit) =>
			db
				.selectFrom("chat_conversations")
				.select("id")
				.where("notices_until_ms", ">", 0)
				.where("notices_until_ms", "<=", databaseTime(database.dialect))
				.orderBy("notices_until_ms")
				.limit(limit),
		);
	}

	pendingConversations(limit: number): Promise<readonly string[]> {
		return this.database.run(async (db) => {
			const rows = await this.overdue.run(db, limit, [0, limit]);
			return rows.map((row) => row.id);
		});
	}

	acquire(conversationId: string, { publisher, ttlMs }: PublishClaim): Promise<boolean> {
		return statement(this.database, async (db) => {
			const taken = await db
				.updateTable("chat_conversations")
				.set({ notices_holder: publisher, notices_until_ms: this.timeIn(ttlMs) })
				.where("id", "=", conversationId)
				.where("notices_until_ms", ">", 0)
				.where((eb) =>
					eb.or([
						eb("notices_until_ms", "<=", databaseTime(this.database.dialect)),
						eb("notices_holder", "=", publisher),
					]),
				)
				.executeTakeFirst();
			return taken.numUpdatedRows > 0n;
		});
	}

	pending(conversationId: string, limit: number): Promise<readonly NumberedNotice[]> {
		return this.database.run(async (db) => {
			const rows = await db
				.selectFrom("chat_outbox")
				.select(["number", "notice"])
				.where("conversation_id", "=", conversationId)
				.orderBy("number")
				.limit(limit)
				.execute();
			return rows.map((row) => ({ number: Number(row.number), notice: JSON.parse(row.notice) as Notice }));
		});
	}

	acknowledge(conversationId: string, upTo: number, claim: PublishClaim): Promise<boolean> {
		return transact(this.database, async (trx) => {
			// The lock keeps a commit from adding something between the look and the end of the claim.
			await lockConversation(trx, this.database.dialect, conversationId);
			const own = trx
				.selectFrom("chat_conversations")
				.select("id")
				.where("id", "=", conversationId)
				.where("notices_holder", "=", claim.publisher);
			if ((await own.executeTakeFirst()) === undefined) return false;
			await trx
				.deleteFrom("chat_outbox")
				.where("conversation_id", "=", conversationId)
				.where("number", "<=", upTo)
				.execute();
			const rest = trx.selectFrom("chat_outbox").select("number").where("conversation_id", "=", conversationId);
			const hasMore = (await rest.limit(1).executeTakeFirst()) !== undefined;
			await trx
				.updateTable("chat_conversations")
				.set(hasMore ? { notices_until_ms: this.timeIn(claim.ttlMs) } : { notices_until_ms: 0, notices_holder: "" })
				.where("id", "=", conversationId)
				.execute();
			return hasMore;
		});
	}

	release(conversationId: string, { publisher, ttlMs }: PublishClaim): Promise<void> {
		return statement(this.database, async (db) => {
			await db
				.updateTable("chat_conversations")
				.set({ notices_until_ms: this.timeIn(ttlMs) })
				.where("id", "=", conversationId)
				.where("notices_holder", "=", publisher)
				.where("notices_until_ms", ">", 0)
				.execute();
		});
	}

	private timeIn(ms: number): RawBuilder<number> {
		return databaseTimeIn(this.database.dialect, ms);
	}
}
