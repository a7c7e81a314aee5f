// Block lists in SQL.
import { sql } from "kysely";
import type { Database } from "../../../stores/sql/database.ts";
import { anyPair } from "../../../stores/sql/pairs.ts";
import { transact } from "../../../stores/sql/transaction.ts";
import type { BlockQuery, ChatBlockStore } from "../chat-block-store.ts";

export class SqlChatBlockStore implements ChatBlockStore {
	private readonly database: Database;

	constructor(database: Database) {
		this.database = database;
	}

	change(
		userId: string,
		block: readonly string[],
		unblock: readonly string[],
		limits: { readonly maxBlocked: number; readonly nowMs: number },
	): Promise<boolean> {
		const gone = [...new Set([...block, ...unblock])];
		if (gone.length === 0) return Promise.resolve(true);
		return transact(
			this.database,
			async (trx) => {
				// The user's row keeps two changes of one list apart.
				await trx.updateTable("users").set({ id: sql`id` }).where("id", "=", userId).execute();
				const own = trx.selectFrom("chat_blocks").where("user_id", "=", userId);
				const kept = await own
					.where("blocked_id", "not in", gone)
					.select((eb) => eb.fn.countAll().as("count"))
					.executeTakeFirstOrThrow();
				const added = new Set(block);
				if (added.size > 0 && Number(kept.count) + added.size > limits.maxBlocked) return false;
				await trx.deleteFrom("chat_blocks").where("user_id", "=", userId).where("blocked_id", "in", gone).execute();
				const rows = [...added].map((blockedId) => ({
					user_id: userId,
					blocked_id: blockedId,
					created_at_ms: limits.nowMs,
				}));
				if (rows.length > 0) await trx.insertInto("chat_blocks").values(rows).execute();
				return true;
			},
			block.length > 0 ? "member" : undefined,
		);
	}

	areBlocked(pairs: readonly BlockQuery[]): Promise<readonly boolean[]> {
		if (pairs.length === 0) return Promise.resolve([]);
		const named = pairs.map(({ userId, blockedId }) => [userId, blockedId] as const);
		return this.database.run(async (db) => {
			const rows = await db
				.selectFrom("chat_blocks")
				.select(["user_id", "blocked_id"])
				.where(anyPair(["user_id", "blocked_id"], named))
				.execute();
			const blocks = new Set(rows.map((row) => `${row.user_id} ${row.blocked_id}`));
			return pairs.map(({ userId, blockedId }) => blocks.has(`${userId} ${blockedId}`));
		});
	}

	blockersAmong(userIds: readonly string[], blockedId: string): Promise<ReadonlySet<string>> {
		if (userIds.length === 0) return Promise.resolve(new Set());
		return this.database.run(async (db) => {
			const query = db.selectFrom("chat_blocks").select("user_id").where("blocked_id", "=", blockedId);
			const rows = await query.where("user_id", "in", [...userIds]).execute();
			return new Set(rows.map((row) => row.user_id));
		});
	}
}
