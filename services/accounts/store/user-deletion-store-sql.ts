// Deletions in progress, in SQL.
import type { Database } from "../../../stores/sql/database.ts";
import { databaseTime, databaseTimeIn } from "../../../stores/sql/database-time.ts";
import { statement } from "../../../stores/sql/transaction.ts";
import type { UserDeletion, UserDeletionStore } from "../user-deletions.ts";

/** Those that are due and were found taken by then are passed over. */
const TRIED = 5;

export class SqlUserDeletionStore implements UserDeletionStore {
	private readonly database: Database;

	constructor(database: Database) {
		this.database = database;
	}

	acquire(holder: string, heldMs: number): Promise<UserDeletion | undefined> {
		const { dialect } = this.database;
		return statement(this.database, async (db) => {
			const nowMs = databaseTime(dialect);
			const due = db.selectFrom("user_deletions").selectAll().where("due_at_ms", "<=", nowMs);
			const rows = await due.orderBy("due_at_ms").limit(TRIED).execute();
			for (const row of rows) {
				const taken = await db
					.updateTable("user_deletions")
					.set({ holder, due_at_ms: databaseTimeIn(dialect, heldMs) })
					.where("user_id", "=", row.user_id)
					.where("due_at_ms", "<=", nowMs)
					.executeTakeFirst();
				if (taken.numUpdatedRows === 0n) continue;
				const { user_id: userId, username_key: usernameKey, email_key: emailKey, round, place } = row;
				return { userId, usernameKey, emailKey, round, place };
			}
			return undefined;
		});
	}

	renew({ userId, round, place }: UserDeletion, holder: string, heldMs: number): Promise<boolean> {
		return this.set(userId, holder, { round, place, due_at_ms: databaseTimeIn(this.database.dialect, heldMs) });
	}

	async postpone({ userId, round, place }: UserDeletion, holder: string, delayMs: number): Promise<void> {
		const due = databaseTimeIn(this.database.dialect, delayMs);
		await this.set(userId, holder, { round, place, holder: "", due_at_ms: due });
	}

	async finish(userId: string, holder: string): Promise<void> {
		await statement(this.database, (db) =>
			db.deleteFrom("user_deletions").where("user_id", "=", userId).where("holder", "=", holder).execute(),
		);
	}

	count(limit: number): Promise<number> {
		return this.database.run(async (db) => {
			return (await db.selectFrom("user_deletions").select("user_id").limit(limit).execute()).length;
		});
	}

	private set(
		userId: string,
		holder: string,
		columns: {
			readonly round: number;
			readonly place: string;
			readonly holder?: string;
			readonly due_at_ms: ReturnType<typeof databaseTimeIn>;
		},
	): Promise<boolean> {
		return statement(this.database, async (db) => {
			const update = db.updateTable("user_deletions").set(columns).where("user_id", "=", userId);
			return (await update.where("holder", "=", holder).executeTakeFirst()).numUpdatedRows > 0n;
		});
	}
}
