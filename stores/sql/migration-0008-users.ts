// Step 0008: what users show of themselves, the roles of users as rows, deletions in progress, and indexes by which users are
// searched and erased. May be taken up again at any statement.
import { type Kysely, type Migration, sql } from "kysely";
import type { SqlDialectName } from "./database-url.ts";
import { tableOptions } from "./migration-table.ts";
import type { Tables } from "./schema.ts";

/** Accounts read at a time. */
const PAGE = 500;

export interface UsersStep extends Migration {
	/** The part that is no statement of the schema, and can be repeated. */
	fillAgain(db: Kysely<Tables>): Promise<void>;
}

export function usersStep(dialect: SqlDialectName): UsersStep {
	const fill = async (db: Kysely<Tables>) => {
		await fillRoles(db, dialect);
		await fillLocks(db, dialect);
	};
	return {
		fillAgain: fill,
		async up(db: Kysely<unknown>) {
			await addColumns(db);
			await createTables(db, dialect);
			await createIndexes(db, dialect);
			await fill(db as Kysely<Tables>);
		},
		async down(db: Kysely<unknown>) {
			// Before the indexes: MySQL drops none that a foreign key of its table needs.
			for (const table of tables) await db.schema.dropTable(table).ifExists().execute();
			for (const [table, name] of indexes) {
				if (tables.some((dropped) => dropped === table)) continue;
				const index = db.schema.dropIndex(name);
				await (dialect === "mysql" ? index.on(table) : index).execute();
			}
			if (dialect === "postgres") await db.schema.dropIndex("users_search").execute();
			for (const name of ["avatar_url", "metadata", "version"]) {
				await db.schema.alterTable("users").dropColumn(name).execute();
			}
			await db.schema.alterTable("notifications").dropColumn("about_user_id").execute();
		},
	};
}

async function addColumns(db: Kysely<unknown>): Promise<void> {
	const users = () => db.schema.alterTable("users");
	await users()
		.addColumn("avatar_url", "varchar(1024)", (column) => column.notNull().defaultTo(""))
		.execute();
	// JSON. MySQL has no defaults for texts, hence the length: users.maxMetadataBytes is at most as much.
	await users()
		.addColumn("metadata", "varchar(8192)", (column) => column.notNull().defaultTo("{}"))
		.execute();
	await users()
		.addColumn("version", "integer", (column) => column.notNull().defaultTo(1))
		.execute();
	// Whose name is in the text; "" for nobody's.
	await db.schema
		.alterTable("notifications")
		.addColumn("about_user_id", "varchar(36)", (column) => column.notNull().defaultTo(""))
		.execute();
}

async function createTables(db: Kysely<unknown>, dialect: SqlDialectName): Promise<void> {
	await db.schema
		.createTable("user_roles")
		.ifNotExists()
		.addColumn("role", "varchar(64)", (column) => column.notNull())
		.addColumn("user_id", "varchar(36)", (column) => column.notNull().references("users.id").onDelete("cascade"))
		.addPrimaryKeyConstraint("user_roles_key", ["role", "user_id"])
		.modifyEnd(tableOptions(dialect))
		.execute();
	await db.schema
		.createTable("user_locks")
		.ifNotExists()
		.addColumn("name", "varchar(36)", (column) => column.primaryKey())
		.addColumn("taken", "bigint", (column) => column.notNull())
		.modifyEnd(tableOptions(dialect))
		.execute();
	await db.schema
		.createTable("user_deletions")
		.ifNotExists()
		.addColumn("user_id", "varchar(36)", (column) => column.primaryKey())
		.addColumn("username_key", "varchar(128)", (column) => column.notNull())
		.addColumn("email_key", "varchar(512)", (column) => column.notNull())
		.addColumn("requested_at_ms", "bigint", (column) => column.notNull())
		.addColumn("round", "integer", (column) => column.notNull())
		.addColumn("place", "varchar(255)", (column) => column.notNull())
		.addColumn("holder", "varchar(128)", (column) => column.notNull())
		.addColumn("due_at_ms", "bigint", (column) => column.notNull())
		.modifyEnd(tableOptions(dialect))
		.execute();
}

const tables: readonly string[] = ["user_deletions", "user_locks", "user_roles"];
const indexes = [
	["user_roles", "user_roles_user", ["user_id"]],
	["user_deletions", "user_deletions_due", ["due_at_ms"]],
	["users", "users_status", ["status", "id"]],
	["chat_blocks", "chat_blocks_blocked", ["blocked_id"]],
	["notifications", "notifications_about", ["about_user_id"]],
	["storage_usage", "storage_usage_user", ["user_id"]],
] as const;

async function createIndexes(db: Kysely<unknown>, dialect: SqlDialectName): Promise<void> {
	for (const [table, name, columns] of indexes) {
		await db.schema
			.createIndex(name)
			.on(table)
			.columns([...columns])
			.execute();
	}
	// Prefixes of names are found by the order of their bytes, which the other databases have anyway.
	if (dialect === "postgres") {
		await sql`create index users_search on users (username_key collate "C")`.execute(db);
	}
}

async function fillRoles(db: Kysely<Tables>, dialect: SqlDialectName): Promise<void> {
	let after = "";
	for (;;) {
		const page = db.selectFrom("users").select(["id", "roles"]).where("id", ">", after).orderBy("id").limit(PAGE);
		const users = await page.execute();
		const last = users.at(-1);
		if (last === undefined) return;
		after = last.id;
		const rows = users.flatMap(({ id, roles }) => rolesOf(roles).map((role) => ({ role, user_id: id })));
		if (rows.length === 0) continue;
		const insert = db.insertInto("user_roles").values(rows);
		if (dialect === "mysql") await insert.onDuplicateKeyUpdate({ role: sql`user_roles.role` }).execute();
		else await insert.onConflict((conflict) => conflict.doNothing()).execute();
	}
}

async function fillLocks(db: Kysely<Tables>, dialect: SqlDialectName): Promise<void> {
	const insert = db.insertInto("user_locks").values({ name: "administrators", taken: 0 });
	if (dialect === "mysql") await insert.onDuplicateKeyUpdate({ name: sql`user_locks.name` }).execute();
	else await insert.onConflict((conflict) => conflict.doNothing()).execute();
}

function rolesOf(json: string): readonly string[] {
	const roles: unknown = JSON.parse(json);
	if (!Array.isArray(roles)) return [];
	return [...new Set(roles.filter((role) => typeof role === "string" && role.length <= 64))];
}
