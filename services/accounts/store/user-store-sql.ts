// Accounts in SQL, the same statements on SQLite, PostgreSQL, MySQL and MariaDB.
import type { Kysely } from "kysely";
import { nameSkeletons } from "../../../common/name-skeleton.ts";
import { fillPage, wholePage } from "../../../common/page-fill.ts";
import type { Database } from "../../../stores/sql/database.ts";
import { databaseTime, databaseTimeIn } from "../../../stores/sql/database-time.ts";
import { deleteFound } from "../../../stores/sql/delete-found.ts";
import type { Tables } from "../../../stores/sql/schema.ts";
import { statement, transact } from "../../../stores/sql/transaction.ts";
import type { ResetCode, UserPage, UserRecord, UserStore } from "../user-store.ts";
import { emailKey, mayBeKey, recordOf, roleRows, rowOf } from "./user-rows.ts";

export class SqlUserStore implements UserStore {
	private readonly database: Database;

	constructor(database: Database) {
		this.database = database;
	}

	async create(user: UserRecord): Promise<boolean> {
		try {
			await transact(this.database, (trx) => insertUser(trx, user), "member");
			return true;
		} catch (error) {
			// Each driver reports the violated constraint differently; a search for its name works with all.
			if ((await this.byUsername(user.usernameKey)) || (await this.hasLookAlike(user.username))) return false;
			throw error;
		}
	}

	hasLookAlike(username: string): Promise<boolean> {
		return this.database.run(async (db) => {
			const query = db.selectFrom("user_skeletons").select("user_id");
			const row = await query.where("skeleton", "in", nameSkeletons(username)).limit(1).executeTakeFirst();
			return row !== undefined;
		});
	}

	byId(id: string): Promise<UserRecord | undefined> {
		if (!mayBeKey(id)) return Promise.resolve(undefined);
		return this.database.run(async (db) => {
			const row = await db.selectFrom("users").selectAll().where("id", "=", id).executeTakeFirst();
			return row?.id === id ? recordOf(row) : undefined;
		});
	}

	byUsername(usernameKey: string): Promise<UserRecord | undefined> {
		if (!mayBeKey(usernameKey)) return Promise.resolve(undefined);
		return this.database.run(async (db) => {
			const query = db.selectFrom("users").selectAll().where("username_key", "=", usernameKey);
			const row = await query.executeTakeFirst();
			return row?.username_key === usernameKey ? recordOf(row) : undefined;
		});
	}

	byEmail(email: string, limit: number): Promise<readonly UserRecord[]> {
		const key = emailKey(email);
		if (key === "" || !mayBeKey(key)) return Promise.resolve([]);
		return this.database.run(async (db) => {
			const query = db.selectFrom("users").selectAll().where("email_key", "=", key).orderBy("id").limit(limit);
			return (await query.execute()).filter((row) => row.email_key === key).map(recordOf);
		});
	}

	list(page: { readonly after?: string | undefined; readonly limit: number }): Promise<UserPage> {
		if (page.after !== undefined && !mayBeKey(page.after)) return Promise.resolve({ users: [], nextCursor: undefined });
		return this.database.run(async (db) => {
			let query = db
				.selectFrom("users")
				.selectAll()
				.orderBy("id")
				.limit(page.limit + 1);
			if (page.after !== undefined) query = query.where("id", ">", page.after);
			const found = (await query.execute()).map(recordOf);
			const cursorBehind = ({ id }: UserRecord) => id;
			const { shown: users, nextCursor } = fillPage(wholePage, { found, limit: page.limit, cursorBehind });
			return { users, nextCursor: nextCursor === "" ? undefined : nextCursor };
		});
	}

	setPassword(id: string, passwordHash: string, atMs: number): Promise<boolean> {
		if (!mayBeKey(id)) return Promise.resolve(false);
		return this.database.run(async (db) => {
			const update = db.updateTable("users").set((eb) => ({
				password_hash: passwordHash,
				updated_at_ms: atMs,
				version: eb("version", "+", 1),
			}));
			return (await update.where("id", "=", id).executeTakeFirst()).numUpdatedRows > 0n;
		});
	}

	replacePasswordHash(id: string, from: string, to: string): Promise<boolean> {
		if (!mayBeKey(id)) return Promise.resolve(false);
		return this.database.run(async (db) => {
			const update = db.updateTable("users").set({ password_hash: to });
			const result = await update.where("id", "=", id).where("password_hash", "=", from).executeTakeFirst();
			return result.numUpdatedRows > 0n;
		});
	}

	putResetCode(code: ResetCode): Promise<void> {
		const row = {
			user_id: code.userId,
			code_hash: code.codeHash,
			expires_at_ms: databaseTimeIn(this.database.dialect, code.ttlMs),
			attempts_left: code.attemptsLeft,
		};
		return this.database.run(async (db) => {
			if (this.database.dialect === "mysql") {
				await db.insertInto("password_resets").values(row).onDuplicateKeyUpdate(row).execute();
				return;
			}
			const insert = db.insertInto("password_resets").values(row);
			await insert.onConflict((conflict) => conflict.column("user_id").doUpdateSet(row)).execute();
		});
	}

	consumeResetAttempt(userId: string): Promise<string | undefined> {
		if (!mayBeKey(userId)) return Promise.resolve(undefined);
		return this.database.run(async (db) => {
			// The row lock of the UPDATE makes concurrent callers take their attempts one after the other.
			const updated = await db
				.updateTable("password_resets")
				.set((eb) => ({ attempts_left: eb("attempts_left", "-", 1) }))
				.where("user_id", "=", userId)
				.where("attempts_left", ">", 0)
				.where("expires_at_ms", ">", databaseTime(this.database.dialect))
				.executeTakeFirst();
			// Also when there is nothing to read, so that users with and without a code cost the same statements.
			const query = db.selectFrom("password_resets").select("code_hash").where("user_id", "=", userId);
			const row = await query.executeTakeFirst();
			return updated.numUpdatedRows > 0n ? row?.code_hash : undefined;
		});
	}

	deleteResetCode(userId: string, codeHash: string): Promise<boolean> {
		if (!mayBeKey(userId)) return Promise.resolve(false);
		return this.database.run(async (db) => {
			const query = db.deleteFrom("password_resets").where("user_id", "=", userId).where("code_hash", "=", codeHash);
			return (await query.executeTakeFirst()).numDeletedRows > 0n;
		});
	}

	deleteExpiredResetCodes(limit: number): Promise<number> {
		const nowMs = databaseTime(this.database.dialect);
		return statement(this.database, (db) => {
			const query = db.selectFrom("password_resets").select("user_id").where("expires_at_ms", "<=", nowMs);
			return deleteFound(query.limit(limit), (keys) => {
				const userIds = keys.map((key) => key.user_id);
				// A newer code may have taken the place of one that was found.
				return db.deleteFrom("password_resets").where("user_id", "in", userIds).where("expires_at_ms", "<=", nowMs);
			});
		});
	}
}

/** Writes a new user. Fails when the name is taken, or looks like one that is. */
export async function insertUser(trx: Kysely<Tables>, user: UserRecord): Promise<void> {
	const skeletons = nameSkeletons(user.username).map((skeleton) => ({ skeleton, user_id: user.id }));
	await trx.insertInto("users").values(rowOf(user)).execute();
	await trx.insertInto("user_skeletons").values(skeletons).execute();
	if (user.roles.length > 0) await trx.insertInto("user_roles").values(roleRows(user)).execute();
}
