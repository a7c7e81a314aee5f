// Step 0001: accounts and the codes that reset their passwords.
import type { Kysely, Migration } from "kysely";
import type { SqlDialectName } from "./database-url.ts";
import { tableOptions } from "./migration-table.ts";

export function accountsStep(dialect: SqlDialectName): Migration {
	return {
		async up(db: Kysely<unknown>) {
			await db.schema
				.createTable("users")
				.addColumn("id", "varchar(36)", (column) => column.primaryKey())
				.addColumn("username", "varchar(64)", (column) => column.notNull())
				.addColumn("username_key", "varchar(128)", (column) => column.notNull().unique())
				.addColumn("email", "varchar(254)", (column) => column.notNull())
				.addColumn("email_key", "varchar(512)", (column) => column.notNull())
				.addColumn("nickname", "varchar(64)", (column) => column.notNull())
				.addColumn("password_hash", "varchar(255)", (column) => column.notNull())
				.addColumn("roles", "text", (column) => column.notNull())
				.addColumn("status", "varchar(16)", (column) => column.notNull())
				.addColumn("created_at_ms", "bigint", (column) => column.notNull())
				.addColumn("updated_at_ms", "bigint", (column) => column.notNull())
				.modifyEnd(tableOptions(dialect))
				.execute();
			await db.schema.createIndex("users_email_key").on("users").column("email_key").execute();
			await db.schema
				.createTable("password_resets")
				.addColumn("user_id", "varchar(36)", (column) => column.primaryKey().references("users.id").onDelete("cascade"))
				.addColumn("code_hash", "varchar(128)", (column) => column.notNull())
				.addColumn("expires_at_ms", "bigint", (column) => column.notNull())
				.addColumn("attempts_left", "integer", (column) => column.notNull())
				.modifyEnd(tableOptions(dialect))
				.execute();
			await db.schema
				.createIndex("password_resets_expires_at_ms")
				.on("password_resets")
				.column("expires_at_ms")
				.execute();
		},
		async down(db: Kysely<unknown>) {
			await db.schema.dropTable("password_resets").execute();
			await db.schema.dropTable("users").execute();
		},
	};
}
