// Identities in SQL, the same statements on SQLite, PostgreSQL, MySQL and MariaDB.
import { type Selectable, sql, type Transaction } from "kysely";
import { nameSkeletons } from "../../../common/name-skeleton.ts";
import type { Database } from "../../../stores/sql/database.ts";
import type { Tables, UserIdentitiesTable } from "../../../stores/sql/schema.ts";
import { transact } from "../../../stores/sql/transaction.ts";
import type {
	AccountChange,
	CreateResult,
	IdentityKind,
	IdentityRecord,
	IdentityStore,
	JoinResult,
} from "../identity-store.ts";
import type { UserRecord, UserStore } from "../user-store.ts";
import { lockedUser } from "./user-directory-sql.ts";
import { emailKey, roleRows } from "./user-rows.ts";
import { insertUser } from "./user-store-sql.ts";

type Names = Pick<UserStore, "byUsername" | "hasLookAlike">;

export class SqlIdentityStore implements IdentityStore {
	private readonly database: Database;
	private readonly users: Names;

	constructor(database: Database, users: Names) {
		this.database = database;
		this.users = users;
	}

	find(key: string): Promise<IdentityRecord | undefined> {
		return this.database.run(async (db) => {
			const query = db.selectFrom("user_identities").selectAll().where("identity_key", "=", key);
			const row = await query.executeTakeFirst();
			return row === undefined ? undefined : recordOf(row);
		});
	}

	ofUser(userId: string, limit: number): Promise<readonly IdentityRecord[]> {
		return this.database.run(async (db) => {
			const query = db.selectFrom("user_identities").selectAll().where("user_id", "=", userId);
			const rows = await query.orderBy("created_at_ms").orderBy("identity_key").limit(limit).execute();
			// MySQL finds a user's id with a space behind it as well.
			return rows.filter((row) => row.user_id === userId).map(recordOf);
		});
	}

	async createUser(user: UserRecord, identity: IdentityRecord): Promise<CreateResult> {
		try {
			await transact(
				this.database,
				async (trx) => {
					await insertUser(trx, user);
					await trx.insertInto("user_identities").values(rowOf(identity)).execute();
				},
				"member",
			);
			return "created";
		} catch (error) {
			return await this.reasonOf(error, identity.key, user);
		}
	}

	async joinAccount(userId: string, change: AccountChange): Promise<JoinResult> {
		const { credentials, identity } = change;
		let isGuest = false;
		try {
			await transact(
				this.database,
				async (trx) => {
					const guest = await lockedUser(trx, userId);
					isGuest = !("kind" in guest) && (await takeDevices(trx, userId));
					if ("kind" in guest || !isGuest) return;
					await changeUser(trx, guest, change);
					if (identity !== undefined) await trx.insertInto("user_identities").values(rowOf(identity)).execute();
				},
				"member",
			);
		} catch (error) {
			return await this.reasonOf(error, identity?.key, credentials);
		}
		return isGuest ? "joined" : "no-guest";
	}

	/** Each driver reports the violated constraint differently; a search works with all. @throws the error when it was another one. */
	private async reasonOf(
		error: unknown,
		key: string | undefined,
		user: Pick<UserRecord, "username" | "usernameKey"> | undefined,
	): Promise<Exclude<CreateResult, "created">> {
		if (key !== undefined && (await this.find(key)) !== undefined) return "identity-taken";
		if (user !== undefined) {
			if ((await this.users.byUsername(user.usernameKey)) || (await this.users.hasLookAlike(user.username))) {
				return "name-taken";
			}
		}
		throw error;
	}
}

/** The row locks of this UPDATE make two calls for one guest come one after the other. @returns false when there is no guest. */
async function takeDevices(trx: Transaction<Tables>, userId: string): Promise<boolean> {
	const update = trx.updateTable("user_identities").set({ kind: "joined" satisfies IdentityKind });
	const result = await update.where("user_id", "=", userId).where("kind", "=", "device").executeTakeFirst();
	return result.numUpdatedRows > 0n;
}

async function changeUser(trx: Transaction<Tables>, guest: UserRecord, change: AccountChange): Promise<void> {
	const { id: userId } = guest;
	const { credentials, guestRole, atMs } = change;
	const roles = [...new Set([...change.roles, ...guest.roles.filter((role) => role !== guestRole)])];
	const always = { roles: JSON.stringify(roles), updated_at_ms: atMs, version: sql<number>`version + 1` };
	await trx.deleteFrom("user_roles").where("user_id", "=", userId).execute();
	if (roles.length > 0) {
		await trx
			.insertInto("user_roles")
			.values(roleRows({ id: userId, roles }))
			.execute();
	}
	if (credentials === undefined) {
		await trx.updateTable("users").set(always).where("id", "=", userId).execute();
		return;
	}
	const { username, usernameKey, email, nickname, passwordHash } = credentials;
	const named = { username, username_key: usernameKey, email, email_key: emailKey(email), nickname };
	await trx
		.updateTable("users")
		.set({ ...always, ...named, password_hash: passwordHash })
		.where("id", "=", userId)
		.execute();
	await trx.deleteFrom("user_skeletons").where("user_id", "=", userId).execute();
	const skeletons = nameSkeletons(username).map((skeleton) => ({ skeleton, user_id: userId }));
	await trx.insertInto("user_skeletons").values(skeletons).execute();
}

function rowOf({ key, kind, issuer, subject, userId, createdAtMs }: IdentityRecord) {
	return { identity_key: key, kind, issuer, subject, user_id: userId, created_at_ms: createdAtMs };
}

function recordOf(row: Selectable<UserIdentitiesTable>): IdentityRecord {
	return {
		key: row.identity_key,
		// What is not plainly good for a login must log nobody in.
		kind: row.kind === "issuer" || row.kind === "device" ? row.kind : "joined",
		issuer: row.issuer,
		subject: row.subject,
		userId: row.user_id,
		createdAtMs: Number(row.created_at_ms),
	};
}
