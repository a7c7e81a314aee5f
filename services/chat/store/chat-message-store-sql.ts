// Chat messages in SQL, and who publishes them.

import { type CompiledQuery, type Kysely, type RawBuilder, sql, type Transaction } from "kysely";
import { v7 as uuidv7 } from "uuid";
import type { Age } from "../../../common/age.ts";
import { batches } from "../../../common/batches.ts";
import { moduleBeside } from "../../../common/module-url.ts";
import { readWithin, rowsWithin } from "../../../stores/sql/byte-limit.ts";
import type { Database } from "../../../stores/sql/database.ts";
import { databaseTime, databaseTimeIn } from "../../../stores/sql/database-time.ts";
import { keptSince } from "../../../stores/sql/retention.ts";
import type { Tables } from "../../../stores/sql/schema.ts";
import { SizedStatement } from "../../../stores/sql/sized-statement.ts";
import { runTogether } from "../../../stores/sql/statement-batch.ts";
import { statement, transact, transactScript } from "../../../stores/sql/transaction.ts";
import type { ScriptSource } from "../../../stores/sql/transaction-script.ts";
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
import { createScript } from "./chat-append-script.ts";
import { type AppendArgs, type AppendOutcome, packArgs, unpackOutcome } from "./chat-append-sql.ts";
import { ChatAppendStatements } from "./chat-append-statements.ts";
import { lockConversation, writeNotices } from "./chat-outbox-store-sql.ts";
import { messageOf } from "./chat-rows.ts";

const NOTHING = Buffer.alloc(0);
/** More than the content of one message, as the configuration bounds it: fewer rows than that in bytes are read at once. */
const MAX_ROW_BYTES = 65_536;
const contentLength = sql<number | string>`length(content)`.as("bytes");
/** Of a message beside its content, as it travels. */
const MESSAGE_BYTES = 500;
/** Conversations released in one statement: SQLite bounds how deep a condition is. */
const MAX_RELEASED = 100;
const FIRST_OF_ITS_TIME = new Uint8Array(16);

export class SqlChatMessageStore implements ChatMessageStore {
	private readonly database: Database;
	private readonly statements: ChatAppendStatements;
	private readonly appending: ScriptSource<AppendArgs, AppendOutcome>;
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
		this.appending = {
			module: moduleBeside("chat-append-script", import.meta.url),
			run: createScript(database.dialect),
		};
	}

	append(messages: readonly NewMessage[], claim: PublishClaim): Promise<AppendedBatch> {
		if (messages.length === 0) return Promise.resolve({ results: [], claimed: [] });
		return this.appendAll(messages, claim);
	}

	byId(messageId: string): Promise<MessageRecord | undefined> {
		return this.database.run(async (db) => {
			const row = await db.selectFrom("chat_messages").selectAll().where("id", "=", messageId).executeTakeFirst();
			return row && messageOf(row);
		});
	}

	range(range: MessageRange): Promise<readonly MessageRecord[]> {
		const { conversationId, from, to, limit, backwards, maxBytes = Number.MAX_SAFE_INTEGER, isShared = false } = range;
		const queries = async (db: Kysely<Tables>) => {
			const within = db
				.selectFrom("chat_messages")
				.where("conversation_id", "=", conversationId)
				.where("sequence", ">=", from)
				.where("sequence", "<=", to)
				.orderBy("sequence", backwards ? "desc" : "asc");
			const read = (count: number) => within.selectAll().limit(count).execute();
			if (limit * MAX_ROW_BYTES <= maxBytes) return (await read(limit)).map(messageOf);
			const lengths = (await within.select(contentLength).limit(limit).execute()).map(({ bytes }) => bytes);
			const rows = isShared
				? await read(rowsWithin(lengths, maxBytes))
				: await readWithin(this.database, lengths, maxBytes, read);
			return rows.map(messageOf);
		};
		return this.database.run(queries, undefined, isShared ? "batch" : "request");
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
			const read = async (places: number) => {
				const wanted = all.slice(0, places).filter((place) => place.sequence > 0);
				const rows = wanted.length === 0 ? [] : await at(wanted).selectAll().execute();
				return { messages: rows.map(messageOf), places };
			};
			if (written.length * MAX_ROW_BYTES <= maxBytes) return await read(all.length);
			const rows = await at(written).select(["conversation_id", contentLength]).execute();
			const lengths = new Map(rows.map((row) => [row.conversation_id, row.bytes]));
			return await readWithin(
				this.database,
				all.map(({ id }) => lengths.get(id) ?? 0),
				maxBytes,
				read,
			);
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

	deleteOld(age: Age, limit: number): Promise<number> {
		return transact(this.database, async (trx) => {
			// Ids of version 7 begin with their time, and have an index.
			const msecs = await keptSince(trx, this.database.dialect, age);
			const firstKept = uuidv7({ msecs, random: FIRST_OF_ITS_TIME, seq: 0 });
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
			const prune = (id: string, sequence: number) =>
				trx
					.updateTable("chat_conversations")
					.set({ pruned_sequence: sequence })
					.where("id", "=", id)
					.where("pruned_sequence", "<", sequence);
			const forget = (id: string, sequence: number) =>
				trx.deleteFrom("chat_recalls").where("conversation_id", "=", id).where("sequence", "<=", sequence);
			const ids = rows.map((row) => row.id);
			// In the order of the ids, as appending does.
			const inOrder = [...ends].sort(([one], [other]) => (one < other ? -1 : 1));
			const statements: CompiledQuery<unknown>[] = [
				...inOrder.flatMap(([id, sequence]) => [prune(id, sequence).compile(), forget(id, sequence).compile()]),
				trx.deleteFrom("chat_messages").where("id", "in", ids).compile(),
			];
			const results = await runTogether(trx, this.database.dialect, statements, { commits: true });
			return Number(results.at(-1)?.numAffectedRows ?? 0);
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

	async release(published: ReadonlyMap<string, number>, claim: PublishClaim): Promise<readonly string[]> {
		const kept: string[] = [];
		for (const part of batches(published, MAX_RELEASED)) kept.push(...(await this.releaseSome(new Map(part), claim)));
		return kept;
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

	private releaseSome(published: ReadonlyMap<string, number>, claim: PublishClaim): Promise<readonly string[]> {
		const { dialect } = this.database;
		const ids = [...published.keys()];
		const queries = async (db: Transaction<Tables>) => {
			const release = this.statements.release(db, published, claim);
			const held = this.statements.readHeld(db, ids, claim);
			// In the order of the ids, as appending does: an update of many rows locks them in whatever order it finds them. SQLite has
			// one writer.
			const inOrder = db.selectFrom("chat_conversations").select("id").where("id", "in", ids).orderBy("id").forUpdate();
			const lock = dialect === "sqlite" || ids.length === 1 ? undefined : inOrder.compile();
			const [, , left] = await runTogether(db, dialect, [lock, release, held], { commits: true });
			return left.rows.map((row) => row.id);
		};
		// What is not released, another process's messages wait for.
		return transact(this.database, queries, undefined, "batch");
	}

	private async appendAll(messages: readonly NewMessage[], claim: PublishClaim): Promise<AppendedBatch> {
		const { args, blob } = packArgs(messages, claim);
		const given = { args, blob, bytes: messages.length * MESSAGE_BYTES, writer: "member" } as const;
		return unpackOutcome(messages, await transactScript(this.database, this.appending, given));
	}
}
