// Chat messages in SQL, and who publishes them.
import { type RawBuilder, sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import { rowsWithin } from "../../../stores/sql/byte-limit.ts";
import type { Database } from "../../../stores/sql/database.ts";
import { databaseTime, databaseTimeIn } from "../../../stores/sql/database-time.ts";
import { SizedStatement } from "../../../stores/sql/sized-statement.ts";
import { statement, transact } from "../../../stores/sql/transaction.ts";
import type {
	AppendedBatch,
	ChatMessageStore,
	ClaimedConversation,
	MessageRange,
	MessageRecord,
	NewMessage,
	PlacedMessages,
	PublishClaim,
} from "../chat-message-store.ts";
import { appendBatch } from "./chat-append-sql.ts";
import { ChatAppendStatements } from "./chat-append-statements.ts";
import { lockConversation, writeNotices } from "./chat-outbox-store-sql.ts";
import { messageOf } from "./chat-rows.ts";

const NOTHING = Buffer.alloc(0);
/** More than the content of one message, as the configuration bounds it: fewer rows than that in bytes are read at once. */
const MAX_ROW_BYTES = 65_536;
const contentLength = sql<number | string>`length(content)`.as("bytes");
const FIRST_OF_ITS_TIME = new Uint8Array(16);

export class SqlChatMessageStore implements ChatMessageStore {
	private readonly database: Database;
	private readonly statements: ChatAppendStatements;
	/** Asked every second, of an idle process as well. */
	private readonly abandoned: SizedStatement<{ readonly id: string; readonly publisher: string }>;

	constructor(database: Database) {
		this.database = database;
		this.statements = new ChatAppendStatements(database.dialect);
		this.abandoned = new SizedStatement((db, limit) =>
			db
				.selectFrom("chat_conversations")
				.select(["id", "publisher"])
				.where("publisher_until_ms", ">", 0)
				.where("publisher_until_ms", "<=", databaseTime(database.dialect))
				.orderBy("publisher_until_ms")
				.limit(limit),
		);
	}

	append(messages: readonly NewMessage[], claim: PublishClaim): Promise<AppendedBatch> {
		if (messages.length === 0) return Promise.resolve({ results: [], claimed: [] });
		return transact(this.database, (trx) => appendBatch(trx, this.statements, messages, claim), "member");
	}

	byId(messageId: string): Promise<MessageRecord | undefined> {
		return this.database.run(async (db) => {
			const row = await db.selectFrom("chat_messages").selectAll().where("id", "=", messageId).executeTakeFirst();
			return row && messageOf(row);
		});
	}

	range(range: MessageRange): Promise<readonly MessageRecord[]> {
		const { conversationId, from, to, limit, backwards, maxBytes } = range;
		return this.database.run(async (db) => {
			const within = db
				.selectFrom("chat_messages")
				.where("conversation_id", "=", conversationId)
				.where("sequence", ">=", from)
				.where("sequence", "<=", to)
				.orderBy("sequence", backwards ? "desc" : "asc");
			let wanted = limit;
			if (maxBytes !== undefined && limit * MAX_ROW_BYTES > maxBytes) {
				const lengths = await within.select(contentLength).limit(limit).execute();
				wanted = rowsWithin(
					lengths.map((row) => row.bytes),
					maxBytes,
				);
			}
			if (wanted === 0) return [];
			return (await within.selectAll().limit(wanted).execute()).map(messageOf);
		});
	}

	async at(
		all: readonly { readonly id: string; readonly sequence: number }[],
		maxBytes = Number.MAX_SAFE_INTEGER,
	): Promise<PlacedMessages> {
		const written = all.filter((place) => place.sequence > 0);
		if (written.length === 0) return { messages: [], places: all.length };
		return await this.database.run(async (db) => {
			const at = (places: typeof all) =>
				db
					.selectFrom("chat_messages")
					.where((eb) =>
						eb.or(
							places.map(({ id, sequence }) => eb.and([eb("conversation_id", "=", id), eb("sequence", "=", sequence)])),
						),
					);
			let places = all.length;
			if (written.length * MAX_ROW_BYTES > maxBytes) {
				const rows = await at(written).select(["conversation_id", contentLength]).execute();
				const lengths = new Map(rows.map((row) => [row.conversation_id, row.bytes]));
				places = rowsWithin(
					all.map(({ id }) => lengths.get(id) ?? 0),
					maxBytes,
				);
			}
			const wanted = all.slice(0, places).filter((place) => place.sequence > 0);
			const rows = wanted.length === 0 ? [] : await at(wanted).selectAll().execute();
			return { messages: rows.map(messageOf), places };
		});
	}

	recall({ id, conversationId, sequence }: MessageRecord, byUserId: string, atMs: number) {
		return transact(this.database, async (trx) => {
			await lockConversation(trx, this.database.dialect, conversationId);
			const recalled = await trx
				.updateTable("chat_messages")
				.set({ content: NOTHING, recalled_at_ms: atMs })
				.where("conversation_id", "=", conversationId)
				.where("sequence", "=", sequence)
				.where("recalled_at_ms", "=", 0)
				.executeTakeFirst();
			if (recalled.numUpdatedRows === 0n) return undefined;
			await trx.insertInto("chat_recalls").values({ conversation_id: conversationId, sequence }).execute();
			await writeNotices(trx, conversationId, [{ kind: "recall", messageId: id, byUserId }]);
			const row = await trx.selectFrom("chat_messages").selectAll().where("id", "=", id).executeTakeFirst();
			return row && messageOf(row);
		});
	}

	deleteBefore(sentAtMs: number, limit: number): Promise<number> {
		// Ids of version 7 begin with their time, and have an index.
		const firstKept = uuidv7({ msecs: sentAtMs, random: FIRST_OF_ITS_TIME, seq: 0 });
		return transact(this.database, async (trx) => {
			const rows = await trx
				.selectFrom("chat_messages")
				.select(["id", "conversation_id", "sequence"])
				.where("id", "<", firstKept)
				.orderBy("id")
				.limit(limit)
				.execute();
			if (rows.length === 0) return 0;
			const ends = new Map<string, number>();
			for (const { conversation_id: id, sequence } of rows) {
				ends.set(id, Math.max(ends.get(id) ?? 0, Number(sequence)));
			}
			// In the order of the ids, as appending does.
			for (const [id, sequence] of [...ends].sort(([one], [other]) => (one < other ? -1 : 1))) {
				await trx
					.updateTable("chat_conversations")
					.set({ pruned_sequence: sequence })
					.where("id", "=", id)
					.where("pruned_sequence", "<", sequence)
					.execute();
				await trx
					.deleteFrom("chat_recalls")
					.where("conversation_id", "=", id)
					.where("sequence", "<=", sequence)
					.execute();
			}
			const ids = rows.map((row) => row.id);
			const deleted = await trx.deleteFrom("chat_messages").where("id", "in", ids).executeTakeFirst();
			return Number(deleted.numDeletedRows);
		});
	}

	renew(conversationId: string, publishedSequence: number, claim: PublishClaim): Promise<boolean> {
		return statement(this.database, async (db) => {
			const renewed = await db
				.updateTable("chat_conversations")
				.set({ published_sequence: publishedSequence, publisher_until_ms: this.timeIn(claim.ttlMs) })
				.where("id", "=", conversationId)
				.where("publisher", "=", claim.publisher)
				.executeTakeFirst();
			return renewed.numUpdatedRows > 0n;
		});
	}

	release(published: ReadonlyMap<string, number>, claim: PublishClaim): Promise<readonly string[]> {
		if (published.size === 0) return Promise.resolve([]);
		return transact(this.database, async (db) => {
			const entries = [...published];
			// In the order of the ids, as appending does: an update of many rows locks them in whatever order it finds them.
			if (published.size > 1 && this.database.dialect !== "sqlite") {
				const ids = [...published.keys()].sort();
				const lock = db.selectFrom("chat_conversations").select("id").where("id", "in", ids).orderBy("id").forUpdate();
				await lock.execute();
			}
			const released = await db
				.updateTable("chat_conversations")
				.set({ published_sequence: sql`last_sequence`, publisher: "", publisher_until_ms: 0 })
				.where("publisher", "=", claim.publisher)
				.where((eb) =>
					eb.or(entries.map(([id, sequence]) => eb.and([eb("id", "=", id), eb("last_sequence", "=", sequence)]))),
				)
				.executeTakeFirst();
			if (Number(released.numUpdatedRows) === published.size) return [];
			const kept = await db
				.selectFrom("chat_conversations")
				.select("id")
				.where("id", "in", [...published.keys()])
				.where("publisher", "=", claim.publisher)
				.execute();
			return kept.map((row) => row.id);
		});
	}

	claimAbandoned(claim: PublishClaim, limit: number): Promise<readonly ClaimedConversation[]> {
		return this.database.run(async (db) => {
			const candidates = await this.abandoned.run(db, limit, [0, limit]);
			const claimed: ClaimedConversation[] = [];
			for (const { id, publisher } of candidates) {
				const taken = await db
					.updateTable("chat_conversations")
					.set({ publisher: claim.publisher, publisher_until_ms: this.timeIn(claim.ttlMs) })
					.where("id", "=", id)
					.where("publisher", "=", publisher)
					.where("publisher_until_ms", ">", 0)
					.where("publisher_until_ms", "<=", databaseTime(this.database.dialect))
					.executeTakeFirst();
				if (taken.numUpdatedRows === 0n) continue;
				const query = db.selectFrom("chat_conversations").select("published_sequence").where("id", "=", id);
				const row = await query.executeTakeFirstOrThrow();
				claimed.push({ conversationId: id, publishedSequence: Number(row.published_sequence) });
			}
			return claimed;
		});
	}

	private timeIn(ms: number): RawBuilder<number> {
		return databaseTimeIn(this.database.dialect, ms);
	}
}
