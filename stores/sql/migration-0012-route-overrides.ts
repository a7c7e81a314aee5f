// Step 0012: changes of routes by administrators. May be taken up again at any statement.
import type { Kysely, Migration } from "kysely";
import type { SqlDialectName } from "./database-url.ts";
import { tableOptions } from "./migration-table.ts";

export function routeOverridesStep(dialect: SqlDialectName): Migration {
	return {
		async up(db: Kysely<unknown>) {
			await db.schema
				.createTable("route_overrides")
				.ifNotExists()
				.addColumn("route", "varchar(128)", (column) => column.primaryKey())
				.addColumn("permission", "varchar(64)", (column) => column.notNull())
				.addColumn("cost", "integer", (column) => column.notNull())
				.addColumn("is_enabled", "integer", (column) => column.notNull())
				.addColumn("changed_at_ms", "bigint", (column) => column.notNull())
				.addColumn("changed_by", "varchar(128)", (column) => column.notNull())
				.modifyEnd(tableOptions(dialect))
				.execute();
		},
		async down(db: Kysely<unknown>) {
			await db.schema.dropTable("route_overrides").ifExists().execute();
		},
	};
}
