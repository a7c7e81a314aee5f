// Step 0011: events that are to be delivered to outputs. May be taken up again at any statement.
import { type ColumnDefinitionBuilder, type Kysely, type Migration, type RawBuilder, sql } from "kysely";
import type { SqlDialectName } from "./database-url.ts";
import { tableOptions } from "./migration-table.ts";

export function outputsStep(dialect: SqlDialectName): Migration {
	return {
		async up(db: Kysely<unknown>) {
			await db.schema
				.createTable("output_events")
				.ifNotExists()
				.addColumn("number", dialect === "sqlite" ? "integer" : "bigint", (column) => counted(dialect, column))
				.addColumn("output", "varchar(64)", (column) => column.notNull())
				.addColumn("event_key", "varchar(190)", (column) => column.notNull())
				.addColumn("event_id", "varchar(190)", (column) => column.notNull())
				.addColumn("kind", "varchar(64)", (column) => column.notNull())
				.addColumn("bytes", "integer", (column) => column.notNull())
				.addColumn("at_ms", "bigint", (column) => column.notNull())
				.addColumn("attempts", "integer", (column) => column.notNull())
				.addColumn("died_at_ms", "bigint", (column) => column.notNull())
				.addColumn("error", "varchar(512)", (column) => column.notNull())
				// Behind all others, so that SQLite sums bytes up without reading the pages of bodies.
				.addColumn("body", bodyType(dialect), (column) => column.notNull())
				.addUniqueConstraint("output_events_id", ["output", "event_id"])
				.modifyEnd(tableOptions(dialect))
				.execute();
			await createIndex(db, "output_events_pending", ["output", "died_at_ms", "number"]);
			await createIndex(db, "output_events_key", ["output", "event_key", "died_at_ms", "number"]);
		},
		async down(db: Kysely<unknown>) {
			await db.schema.dropTable("output_events").ifExists().execute();
		},
	};
}

async function createIndex(db: Kysely<unknown>, name: string, columns: string[]): Promise<void> {
	await db.schema.createIndex(name).on("output_events").columns(columns).execute();
}

/** The number that the database gives each row. An identity column needs no right to a sequence beside the one to the table. */
function counted(dialect: SqlDialectName, column: ColumnDefinitionBuilder): ColumnDefinitionBuilder {
	return dialect === "postgres"
		? column.primaryKey().generatedByDefaultAsIdentity()
		: column.primaryKey().autoIncrement();
}

/** MySQL's `blob` ends at 65,535 bytes, which the JSON of a long message exceeds. */
function bodyType(dialect: SqlDialectName): "bytea" | "blob" | RawBuilder<unknown> {
	if (dialect === "mysql") return sql`mediumblob`;
	return dialect === "postgres" ? "bytea" : "blob";
}
