// Step 0007: rows that the probe writes, and the bytes that each user has had stored on a day. May be taken up again at any
// statement.
import type { Kysely, Migration } from "kysely";
import type { SqlDialectName } from "./database-url.ts";
import { bytesType, tableOptions } from "./migration-table.ts";

export function storageStep(dialect: SqlDialectName): Migration {
	return {
		async up(db: Kysely<unknown>) {
			await db.schema
				.createTable("storage_probes")
				.ifNotExists()
				.addColumn("slot", "integer", (column) => column.primaryKey())
				.addColumn("at_ms", "bigint", (column) => column.notNull())
				.addColumn("filler", bytesType(dialect), (column) => column.notNull())
				.modifyEnd(tableOptions(dialect))
				.execute();
			await db.schema
				.createTable("storage_usage")
				.ifNotExists()
				.addColumn("day", "integer", (column) => column.notNull())
				.addColumn("user_id", "varchar(64)", (column) => column.notNull())
				.addColumn("bytes", "bigint", (column) => column.notNull())
				.addPrimaryKeyConstraint("storage_usage_key", ["day", "user_id"])
				.modifyEnd(tableOptions(dialect))
				.execute();
		},
		async down(db: Kysely<unknown>) {
			for (const table of ["storage_usage", "storage_probes"]) await db.schema.dropTable(table).ifExists().execute();
		},
	};
}
