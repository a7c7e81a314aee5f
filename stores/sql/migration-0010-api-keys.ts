// Step 0010: API keys of backends. May be taken up again at any statement.
import type { Kysely, Migration } from "kysely";
import type { SqlDialectName } from "./database-url.ts";
import { tableOptions } from "./migration-table.ts";

export function apiKeysStep(dialect: SqlDialectName): Migration {
	return {
		async up(db: Kysely<unknown>) {
			await db.schema
				.createTable("api_keys")
				.ifNotExists()
				.addColumn("id", "varchar(16)", (column) => column.primaryKey())
				.addColumn("name", "varchar(64)", (column) => column.notNull())
				.addColumn("secret_hash", "varchar(43)", (column) => column.notNull())
				.addColumn("permissions", "text", (column) => column.notNull())
				.addColumn("channels", "text", (column) => column.notNull())
				.addColumn("per_second", "integer", (column) => column.notNull())
				.addColumn("burst", "integer", (column) => column.notNull())
				.addColumn("created_by", "varchar(64)", (column) => column.notNull())
				.addColumn("created_at_ms", "bigint", (column) => column.notNull())
				.addColumn("expires_at_ms", "bigint", (column) => column.notNull())
				.addColumn("revoked_at_ms", "bigint", (column) => column.notNull())
				.addColumn("last_used_at_ms", "bigint", (column) => column.notNull())
				.modifyEnd(tableOptions(dialect))
				.execute();
		},
		async down(db: Kysely<unknown>) {
			await db.schema.dropTable("api_keys").ifExists().execute();
		},
	};
}
