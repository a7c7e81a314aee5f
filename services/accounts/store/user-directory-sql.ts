// Finding, changing and deleting accounts in SQL.
import { type Kysely, type RawBuilder, sql, type Transaction } from "kysely";
import type { Database } from "../../../stores/sql/database.ts";
import { databaseTime } from "../../../stores/sql/database-time.ts";
import type { SqlDialectName } from "../../../stores/sql/database-url.ts";
import type { Tables } from "../../../stores/sql/schema.ts";
import { transact } from "../../../stores/sql/transaction.ts";
import type {
	ChangeCondition,
	ChangeResult,
	RemovalResult,
	UserChange,
	UserDirectory,
	UserQuery,
	UserRejection,
} from "../user-directory.ts";
import type { UserPage, UserRecord } from "../user-store.ts";
import { emailKey, mayBeKey, recordOf, roleRows, rolesOf, rowOf } from "./user-rows.ts";

/** Accounts that one page looks at. */
const MAX_EXAMINED = 1000;
/** Other administrators that are looked at: one is enough, unless rows of older versions are out of date. */
const MAX_ADMINISTRATORS = 100;
/** Behind every character that a name can have. */
const LAST = "\u{10ffff}";

interface Candidate {
	readonly id: string;
	readonly key: string;
	readonly status: string;
	readonly role: string | null;
}

export class SqlUserDirectory implements UserDirectory {
	private readonly database: Database;
	private readonly administratorRoles: ReadonlySet<string>;

	/** @param administratorRoles - the roles that grant everything. */
	constructor(database: Database, administratorRoles: readonly string[]) {
		this.database = database;
		this.administratorRoles = new Set(administratorRoles);
	}

	async find(query: UserQuery): Promise<UserPage> {
		const { by, role, status, after, limit } = query;
		const searched = "namePrefix" in by ? by.namePrefix : "email" in by ? emailKey(by.email) : "";
		if (![searched, role, after].every(mayBeKey)) return { users: [], nextCursor: undefined };
		return await this.database.run(async (db) => {
			const found = await candidates(db, this.database.dialect, query);
			const examined = found.slice(0, MAX_EXAMINED);
			const matching = examined.filter((one) => {
				const isActive = one.status === "active";
				return (role === "" || one.role !== null) && (status === undefined || isActive === (status === "active"));
			});
			const shown = matching.slice(0, limit);
			const isCut = matching.length > shown.length;
			const hasMore = isCut || found.length > examined.length;
			const last = isCut ? shown.at(-1) : examined.at(-1);
			return { users: await readUsers(db, shown), nextCursor: hasMore ? last?.key : undefined };
		});
	}

	change(id: string, decide: (user: UserRecord) => UserChange, condition: ChangeCondition): Promise<ChangeResult> {
		if (!mayBeKey(id)) return Promise.resolve({ kind: "missing" });
		return transact(this.database, async (trx): Promise<ChangeResult> => {
			const before = await lockedUser(trx, id, condition);
			if ("kind" in before) return before;
			const change = decide(before);
			if (Object.keys(change).length === 0) return { kind: "changed", before, user: before };
			const user: UserRecord = {
				...before,
				...change,
				updatedAtMs: condition.atMs,
				version: before.version + 1,
			};
			if (await this.isLastAdministrator(trx, before, user)) return { kind: "last-administrator" };
			const { id: _, ...row } = rowOf(user);
			await trx.updateTable("users").set(row).where("id", "=", id).execute();
			// A code that went to the address of before is good no more.
			if (change.email !== undefined || change.passwordHash !== undefined) {
				await trx.deleteFrom("password_resets").where("user_id", "=", id).execute();
			}
			if (change.roles !== undefined) {
				await trx.deleteFrom("user_roles").where("user_id", "=", id).execute();
				if (user.roles.length > 0) await trx.insertInto("user_roles").values(roleRows(user)).execute();
			}
			return { kind: "changed", before, user };
		});
	}

	remove(id: string, condition: ChangeCondition): Promise<RemovalResult> {
		if (!mayBeKey(id)) return Promise.resolve({ kind: "missing" });
		return transact(this.database, async (trx): Promise<RemovalResult> => {
			const user = await lockedUser(trx, id, condition);
			if ("kind" in user) return user;
			if (await this.isLastAdministrator(trx, user, undefined)) return { kind: "last-administrator" };
			await trx
				.insertInto("user_deletions")
				.values({
					user_id: id,
					username_key: user.usernameKey,
					email_key: emailKey(user.email),
					requested_at_ms: condition.atMs,
					round: 1,
					place: "",
					holder: "",
					due_at_ms: databaseTime(this.database.dialect),
				})
				.execute();
			// What refers to the account alone goes with it: codes, looks of the name, roles.
			await trx.deleteFrom("users").where("id", "=", id).execute();
			return { kind: "removed", user };
		});
	}

	existing(ids: readonly string[]): Promise<ReadonlySet<string>> {
		if (ids.length === 0) return Promise.resolve(new Set());
		return this.database.run(async (db) => {
			const rows = await db
				.selectFrom("users")
				.select("id")
				.where("id", "in", [...ids])
				.execute();
			return new Set(rows.map(({ id }) => id));
		});
	}

	/** Whether a change would leave no active administrator. Two such changes run one after the other. */
	private async isLastAdministrator(
		trx: Transaction<Tables>,
		before: UserRecord,
		after: UserRecord | undefined,
	): Promise<boolean> {
		if (!this.isAdministrator(before) || (after !== undefined && this.isAdministrator(after))) return false;
		const lock = trx.updateTable("user_locks").set({ taken: sql<number>`taken + 1` });
		await lock.where("name", "=", "administrators").execute();
		// Its own statement, which sees what the holder of the lock before has committed.
		const others = await trx
			.selectFrom("user_roles")
			.innerJoin("users", "users.id", "user_roles.user_id")
			.select(["users.id", "users.roles"])
			.where("user_roles.role", "in", [...this.administratorRoles])
			.where("user_roles.user_id", "<>", before.id)
			.where("users.status", "=", "active")
			.limit(MAX_ADMINISTRATORS)
			.execute();
		return !others.some(({ roles }) => this.hasAdministratorRole(rolesOf(roles)));
	}

	private isAdministrator({ status, roles }: UserRecord): boolean {
		return status === "active" && this.hasAdministratorRole(roles);
	}

	private hasAdministratorRole(roles: readonly string[]): boolean {
		return roles.some((role) => this.administratorRoles.has(role));
	}
}

/** Reads an account under its lock. */
export async function lockedUser(
	trx: Transaction<Tables>,
	id: string,
	{ expectedVersion = 0 }: Pick<ChangeCondition, "expectedVersion"> = {},
): Promise<UserRecord | UserRejection> {
	// A write first, so that SQLite's one writer is this transaction before it reads.
	await trx.updateTable("users").set({ id: sql`id` }).where("id", "=", id).execute();
	const row = await trx.selectFrom("users").selectAll().where("id", "=", id).executeTakeFirst();
	if (row?.id !== id) return { kind: "missing" };
	const user = recordOf(row);
	return expectedVersion === 0 || expectedVersion === user.version ? user : { kind: "conflict" };
}

/** One more than is examined, if there are so many, in the order of the list. */
async function candidates(
	db: Kysely<Tables>,
	dialect: SqlDialectName,
	{ by, role, status, after }: UserQuery,
): Promise<readonly Candidate[]> {
	// The collation of the index. Other databases compare bytes anyway.
	const name: RawBuilder<string> =
		dialect === "postgres" ? sql`users.username_key collate "C"` : sql`users.username_key`;
	const isByName = "namePrefix" in by;
	const key: RawBuilder<string> = isByName ? name : sql`users.id`;
	let query = db
		.selectFrom("users")
		.leftJoin("user_roles", (join) =>
			join.onRef("user_roles.user_id", "=", "users.id").on("user_roles.role", "=", role),
		)
		.select(["users.id", "users.status", "user_roles.role"])
		.select(isByName ? "users.username_key as key" : "users.id as key")
		.orderBy(key)
		.limit(MAX_EXAMINED + 1);
	if (after !== "") query = query.where(key, ">", after);
	if ("namePrefix" in by) query = query.where(name, ">=", by.namePrefix).where(name, "<", `${by.namePrefix}${LAST}`);
	else if ("email" in by) query = query.where("users.email_key", "=", emailKey(by.email));
	// What an index finds is not examined.
	else if (role !== "") query = query.where("user_roles.role", "=", role);
	else if (status !== undefined) query = query.where("users.status", "=", status);
	return await query.execute();
}

async function readUsers(db: Kysely<Tables>, shown: readonly Candidate[]): Promise<readonly UserRecord[]> {
	if (shown.length === 0) return [];
	const ids = shown.map(({ id }) => id);
	const rows = await db.selectFrom("users").selectAll().where("id", "in", ids).execute();
	const byId = new Map(rows.map((row) => [row.id, recordOf(row)]));
	return ids.flatMap((id) => byId.get(id) ?? []);
}
