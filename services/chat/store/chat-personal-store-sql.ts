// What chat stores of a user, in SQL. Messages have no index by sender alone, which each send would pay for: the rare deletion and
// export look into each conversation by the index of clients' ids instead, some hundred conversations at a time.
import { type Kysely, sql } from "kysely";
import type { Database } from "../../../stores/sql/database.ts";
import { deleteFound } from "../../../stores/sql/delete-found.ts";
import { ignoringDuplicates } from "../../../stores/sql/insert-missing.ts";
import { anyPair } from "../../../stores/sql/pairs.ts";
import type { Tables } from "../../../stores/sql/schema.ts";
import { statement, transact } from "../../../stores/sql/transaction.ts";
import type { ChatPersonalStore, Membership, MessagePlace, SentMessages } from "../chat-personal-store.ts";
import { lockConversation } from "./chat-outbox-store-sql.ts";
import { conversationOf, memberOf, messageOf } from "./chat-rows.ts";

/** Conversations that one statement looks into. */
const CONVERSATIONS = 200;
/** Messages erased in one transaction. */
const ERASED_AT_ONCE = 100;
const NOTHING = Buffer.alloc(0);

export class SqlChatPersonalStore implements ChatPersonalStore {
	private readonly database: Database;

	constructor(database: Database) {
		this.database = database;
	}

	memberships(userId: string, after: string, limit: number): Promise<readonly Membership[]> {
		return this.database.run(async (db) => {
			const members = await db
				.selectFrom("chat_members")
				.leftJoin("users", "users.id", "chat_members.user_id")
				.selectAll("chat_members")
				.select("users.username")
				.where("chat_members.user_id", "=", userId)
				.where("chat_members.conversation_id", ">", after)
				.orderBy("chat_members.conversation_id")
				.limit(limit)
				.execute();
			if (members.length === 0) return [];
			const ids = members.map((row) => row.conversation_id);
			const rows = await db.selectFrom("chat_conversations").selectAll().where("id", "in", ids).execute();
			const conversations = new Map(rows.map((row) => [row.id, conversationOf(row)]));
			return members.flatMap((row) => {
				const conversation = conversations.get(row.conversation_id);
				return conversation === undefined ? [] : { conversation, kind: conversation.kind, member: memberOf(row) };
			});
		});
	}

	leavePrivate(conversationId: string, userId: string, nowMs: number): Promise<void> {
		return transact(this.database, async (trx) => {
			await lockConversation(trx, this.database.dialect, conversationId);
			const own = trx.deleteFrom("chat_members").where("conversation_id", "=", conversationId);
			await own.where("user_id", "=", userId).execute();
			const others = trx.selectFrom("chat_members").select("user_id").where("conversation_id", "=", conversationId);
			if ((await others.limit(1).executeTakeFirst()) !== undefined) return;
			const end = trx.updateTable("chat_conversations").set({ closed_at_ms: nowMs });
			await end.where("id", "=", conversationId).where("kind", "=", "private").execute();
		});
	}

	eraseTraces(userId: string, limit: number): Promise<boolean> {
		return statement(this.database, async (db) => {
			const blocks = (column: "user_id" | "blocked_id") => {
				const query = db.selectFrom("chat_blocks").select(["user_id", "blocked_id"]).where(column, "=", userId);
				return deleteFound(query.limit(limit), (keys) => {
					const pairs = keys.map((key) => [key.user_id, key.blocked_id] as const);
					return db.deleteFrom("chat_blocks").where(anyPair(["user_id", "blocked_id"], pairs));
				});
			};
			const erased = [await blocks("user_id"), await blocks("blocked_id")];
			const ended = db.updateTable("chat_conversations").set({ owner_id: "" }).where("owner_id", "=", userId);
			await ended.where("closed_at_ms", ">", 0).execute();
			return erased.some((count) => count >= limit);
		});
	}

	async eraseMessages(userId: string, after: string, nowMs: number): Promise<string | undefined> {
		const ids = await this.conversationsBehind(after);
		if (ids.length === 0) return undefined;
		const erased = await transact(this.database, async (trx) => {
			const query = trx.selectFrom("chat_messages").select(["conversation_id", "sequence", "id", "recalled_at_ms"]);
			const rows = await query
				.where("conversation_id", "in", [...ids])
				.where("sender_id", "=", userId)
				.limit(ERASED_AT_ONCE)
				.execute();
			// In the order of the ids, as sending does.
			for (const id of [...new Set(rows.map((row) => row.conversation_id))].sort()) {
				await lockConversation(trx, this.database.dialect, id);
			}
			if (rows.length === 0) return 0;
			await trx
				.updateTable("chat_messages")
				.set({
					...{ sender_id: "", sender_name: "", content: NOTHING, content_hash: "" },
					// Unique within a conversation and its sender.
					client_msg_id: sql<string>`id`,
					recalled_at_ms: sql<number>`case when recalled_at_ms = 0 then ${nowMs} else recalled_at_ms end`,
				})
				.where(
					"id",
					"in",
					rows.map((row) => row.id),
				)
				.execute();
			const places = rows.map(({ conversation_id, sequence }) => ({ conversation_id, sequence: Number(sequence) }));
			await ignoringDuplicates(this.database, trx.insertInto("chat_recalls").values(places)).execute();
			return rows.length;
		});
		return erased >= ERASED_AT_ONCE ? after : ids.at(-1);
	}

	async sentBy(userId: string, { conversationId, sequence }: MessagePlace, limit: number): Promise<SentMessages> {
		return await this.database.run(async (db) => {
			const sent = (query: ReturnType<typeof messages>) =>
				query.where("sender_id", "=", userId).orderBy("conversation_id").orderBy("sequence").limit(limit).execute();
			// The rest of the conversation, then the next ones.
			const rest = messages(db).where("conversation_id", "=", conversationId).where("sequence", ">", sequence);
			const rows = conversationId === "" ? [] : await sent(rest);
			let next: MessagePlace | undefined;
			if (rows.length >= limit) next = placeOf(rows.at(-1));
			else {
				const ids = await this.conversationsBehind(conversationId);
				const more = ids.length === 0 ? [] : await sent(messages(db).where("conversation_id", "in", [...ids]));
				const room = limit - rows.length;
				rows.push(...more.slice(0, room));
				const last = ids.at(-1);
				if (more.length >= room && room > 0) next = placeOf(rows.at(-1));
				else if (last !== undefined) next = { conversationId: last, sequence: Number.MAX_SAFE_INTEGER };
			}
			return { messages: rows.map(messageOf), next };
		});
	}

	blockedBy(userId: string, after: string, limit: number) {
		return this.database.run(async (db) => {
			const query = db.selectFrom("chat_blocks").selectAll().where("user_id", "=", userId);
			const rows = await query.where("blocked_id", ">", after).orderBy("blocked_id").limit(limit).execute();
			return rows.map((row) => ({ userId: row.blocked_id, createdAtMs: Number(row.created_at_ms) }));
		});
	}

	private conversationsBehind(after: string): Promise<readonly string[]> {
		return this.database.run(async (db) => {
			const query = db.selectFrom("chat_conversations").select("id").where("id", ">", after);
			return (await query.orderBy("id").limit(CONVERSATIONS).execute()).map(({ id }) => id);
		});
	}
}

function messages(db: Kysely<Tables>) {
	return db.selectFrom("chat_messages").selectAll();
}

function placeOf(row: { readonly conversation_id: string; readonly sequence: number | string } | undefined) {
	return row && { conversationId: row.conversation_id, sequence: Number(row.sequence) };
}
