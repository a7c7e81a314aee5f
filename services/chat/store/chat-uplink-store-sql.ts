// How far conversations were written to another system's log, in SQL. The row of a conversation is made with its first message.
import { type RawBuilder, sql } from "kysely";
import type { Database } from "../../../stores/sql/database.ts";
import { databaseTime, databaseTimeIn } from "../../../stores/sql/database-time.ts";
import { ignoringDuplicates } from "../../../stores/sql/insert-missing.ts";
import { SizedStatement } from "../../../stores/sql/sized-statement.ts";
import { statement, transact } from "../../../stores/sql/transaction.ts";
import type { PublishClaim } from "../chat-message-store.ts";
import type { ChatUplinkStore, UplinkProgress } from "../chat-uplink-store.ts";
import { lockConversation } from "./chat-outbox-store-sql.ts";

/** Claims end at times of the database; this one is past, and not 0, which says that there is nothing. */
const UNCLAIMED_MS = 1;

export class SqlChatUplinkStore implements ChatUplinkStore {
	private readonly database: Database;
	/** Asked every second, of an idle process as well. */
	private readonly overdue: SizedStatement<{ readonly conversation_id: string }>;

	constructor(database: Database) {
		this.database = database;
		this.overdue = new SizedStatement((db, limit) =>
			db
				.selectFrom("chat_uplinks")
				.select("conversation_id")
				.where("until_ms", ">", 0)
				.where("until_ms", "<=", databaseTime(database.dialect))
				.orderBy("until_ms")
				.limit(limit),
		);
	}

	mark(conversationId: string, sequence: number): Promise<void> {
		return statement(this.database, async (db) => {
			// Not only of a row that says that there is nothing: PostgreSQL would pass over one that is just becoming such a row.
			const unclaimed = sql<number>`case when until_ms = 0 then ${sql.lit(UNCLAIMED_MS)} else until_ms end`;
			const update = db.updateTable("chat_uplinks").set({ until_ms: unclaimed });
			const marked = await update.where("conversation_id", "=", conversationId).executeTakeFirst();
			// MySQL counts rows that it has changed.
			if (marked.numUpdatedRows > 0n) return;
			const row = {
				conversation_id: conversationId,
				written_sequence: sequence - 1,
				holder: "",
				until_ms: UNCLAIMED_MS,
			};
			await ignoringDuplicates(this.database, db.insertInto("chat_uplinks").values(row)).execute();
		});
	}

	pendingConversations(limit: number): Promise<readonly string[]> {
		return this.database.run(async (db) => {
			const rows = await this.overdue.run(db, limit, [0, limit]);
			return rows.map((row) => row.conversation_id);
		});
	}

	acquire(conversationId: string, { publisher, ttlMs }: PublishClaim): Promise<UplinkProgress | undefined> {
		return statement(this.database, async (db) => {
			const taken = await db
				.updateTable("chat_uplinks")
				.set({ holder: publisher, until_ms: this.timeIn(ttlMs) })
				.where("conversation_id", "=", conversationId)
				.where("until_ms", ">", 0)
				.where((eb) => eb.or([eb("until_ms", "<=", databaseTime(this.database.dialect)), eb("holder", "=", publisher)]))
				.executeTakeFirst();
			if (taken.numUpdatedRows === 0n) return undefined;
			const row = await db
				.selectFrom("chat_uplinks")
				.innerJoin("chat_conversations", "chat_conversations.id", "chat_uplinks.conversation_id")
				.select(["chat_uplinks.written_sequence", "chat_conversations.last_sequence"])
				.where("chat_uplinks.conversation_id", "=", conversationId)
				.executeTakeFirst();
			return row && { writtenSequence: Number(row.written_sequence), lastSequence: Number(row.last_sequence) };
		});
	}

	acknowledge(
		conversationId: string,
		sequence: number,
		{ publisher, ttlMs }: PublishClaim,
	): Promise<UplinkProgress | undefined> {
		return transact(this.database, async (trx) => {
			// The lock keeps a commit from adding a message between the look and the end of the claim.
			if (!(await lockConversation(trx, this.database.dialect, conversationId))) return undefined;
			const query = trx.selectFrom("chat_conversations").select("last_sequence").where("id", "=", conversationId);
			const lastSequence = Number((await query.executeTakeFirstOrThrow()).last_sequence);
			const hasMore = lastSequence > sequence;
			const kept = await trx
				.updateTable("chat_uplinks")
				.set({
					written_sequence: sequence,
					...(hasMore ? { until_ms: this.timeIn(ttlMs) } : { until_ms: 0, holder: "" }),
				})
				.where("conversation_id", "=", conversationId)
				.where("holder", "=", publisher)
				.executeTakeFirst();
			return kept.numUpdatedRows === 0n ? undefined : { writtenSequence: sequence, lastSequence };
		});
	}

	release(conversationId: string, { publisher, ttlMs }: PublishClaim): Promise<void> {
		return statement(this.database, async (db) => {
			await db
				.updateTable("chat_uplinks")
				.set({ until_ms: this.timeIn(ttlMs) })
				.where("conversation_id", "=", conversationId)
				.where("holder", "=", publisher)
				.where("until_ms", ">", 0)
				.execute();
		});
	}

	private timeIn(ms: number): RawBuilder<number> {
		return databaseTimeIn(this.database.dialect, ms);
	}
}
