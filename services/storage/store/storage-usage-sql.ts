// Stored bytes by user and day, in SQL.

import { sql } from "kysely";
import type { Age } from "../../../common/age.ts";
import { deleteInRounds } from "../../../common/bounded-deletion.ts";
import type { Database } from "../../../stores/sql/database.ts";
import { deleteFound } from "../../../stores/sql/delete-found.ts";
import { anyPair } from "../../../stores/sql/pairs.ts";
import { keptSince } from "../../../stores/sql/retention.ts";
import { statement, transact } from "../../../stores/sql/transaction.ts";
import type { StorageUsage } from "../storage-usage.ts";

/** Rows of past days made into one, in one transaction. */
const COMPACTED_AT_ONCE = 500;
/** Rows that are removed for their age, in one statement. */
const REMOVED_AT_ONCE = 500;
const MAX_ROUNDS = 200;
const DAY_MS = 86_400_000;
/** Under which the bytes of all users of a past day are. */
const ALL = "";

export class SqlStorageUsage implements StorageUsage {
	private readonly database: Database;

	constructor(database: Database) {
		this.database = database;
	}

	add(day: number, bytesByUser: ReadonlyMap<string, number>): Promise<ReadonlyMap<string, number>> {
		if (bytesByUser.size === 0) return Promise.resolve(new Map());
		// In one order everywhere, so that two processes wait for each other and do not deadlock.
		const rows = [...bytesByUser]
			.sort(([a], [b]) => (a < b ? -1 : 1))
			.map(([user_id, bytes]) => ({ day, user_id, bytes }));
		return transact(this.database, async (trx) => {
			const insert = trx.insertInto("storage_usage").values(rows);
			if (this.database.dialect === "mysql") {
				await insert.onDuplicateKeyUpdate({ bytes: sql`storage_usage.bytes + values(bytes)` }).execute();
			} else {
				const added = sql<number>`storage_usage.bytes + excluded.bytes`;
				await insert
					.onConflict((conflict) => conflict.columns(["day", "user_id"]).doUpdateSet({ bytes: added }))
					.execute();
			}
			const query = trx.selectFrom("storage_usage").select(["user_id", "bytes"]).where("day", "=", day);
			const found = await query.where("user_id", "in", [...bytesByUser.keys()]).execute();
			return new Map(found.map((row) => [row.user_id, Number(row.bytes)]));
		});
	}

	total(): Promise<number> {
		return this.database.run(async (db) => {
			const row = await db
				.selectFrom("storage_usage")
				.select((eb) => eb.fn.sum<number | string | null>("bytes").as("bytes"))
				.executeTakeFirstOrThrow();
			return Number(row.bytes ?? 0);
		});
	}

	async compact({ keptMs, nowMs }: Age): Promise<void> {
		const { database } = this;
		const todayMs = await database.run((db) => keptSince(db, database.dialect, { keptMs: 0, nowMs }));
		const before = Math.floor(todayMs / DAY_MS);
		if (keptMs > 0) {
			const firstKept = Math.floor((todayMs - keptMs) / DAY_MS);
			const bounds = { rows: REMOVED_AT_ONCE, maxRounds: MAX_ROUNDS };
			await deleteInRounds(bounds, (rows) => this.deleteSome(firstKept, rows));
		}
		for (let round = 0; round < MAX_ROUNDS; round++) if (!(await this.compactSome(before))) return;
	}

	async forget(userId: string): Promise<void> {
		if (userId === ALL) return;
		const bytesByDay = await transact(this.database, async (trx) => {
			const query = trx.selectFrom("storage_usage").select(["day", "bytes"]).where("user_id", "=", userId);
			const rows = await query.$if(this.database.dialect !== "sqlite", (locked) => locked.forUpdate()).execute();
			if (rows.length > 0) await trx.deleteFrom("storage_usage").where("user_id", "=", userId).execute();
			return rows.map((row) => [row.day, Number(row.bytes)] as const);
		});
		for (const [day, bytes] of bytesByDay) await this.add(day, new Map([[ALL, bytes]]));
	}

	private deleteSome(firstKept: number, limit: number): Promise<number> {
		return statement(this.database, (db) => {
			const query = db.selectFrom("storage_usage").select(["day", "user_id"]).where("day", "<", firstKept);
			return deleteFound(query.orderBy("day").limit(limit), (keys) => {
				const pairs = keys.map(({ day, user_id: userId }) => [day, userId] as const);
				return db.deleteFrom("storage_usage").where(anyPair(["day", "user_id"], pairs));
			});
		});
	}

	/** @returns whether there may be more. */
	private compactSome(before: number): Promise<boolean> {
		return transact(this.database, async (trx) => {
			const query = trx.selectFrom("storage_usage").select("day").where("day", "<", before).where("user_id", "<>", ALL);
			const first = await query.orderBy("day").limit(1).executeTakeFirst();
			if (first === undefined) return false;
			const { day } = first;
			const some = trx.selectFrom("storage_usage").selectAll().where("day", "=", day).where("user_id", "<>", ALL);
			const rows = await some
				.orderBy("user_id")
				.limit(COMPACTED_AT_ONCE)
				.$if(this.database.dialect !== "sqlite", (locked) => locked.forUpdate())
				.execute();
			if (rows.length === 0) return true;
			const bytes = rows.reduce((sum, row) => sum + Number(row.bytes), 0);
			const ids = rows.map((row) => row.user_id);
			await trx.deleteFrom("storage_usage").where("day", "=", day).where("user_id", "in", ids).execute();
			const known = await trx
				.updateTable("storage_usage")
				.set({ bytes: sql<number>`bytes + ${bytes}` })
				.where("day", "=", day)
				.where("user_id", "=", ALL)
				.executeTakeFirst();
			if (known.numUpdatedRows > 0n) return true;
			await trx.insertInto("storage_usage").values({ day, user_id: ALL, bytes }).execute();
			return true;
		});
	}
}
