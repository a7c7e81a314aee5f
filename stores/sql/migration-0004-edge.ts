// Step 0004: commands to field devices, and the audit trail.
import type { Kysely, Migration } from "kysely";
import type { SqlDialectName } from "./database-url.ts";
import { tableOptions } from "./migration-table.ts";

export function edgeStep(dialect: SqlDialectName): Migration {
	return {
		async up(db: Kysely<unknown>) {
			await createCommands(db, dialect);
			await createAudit(db, dialect);
		},
		async down(db: Kysely<unknown>) {
			await db.schema.dropTable("audit_entries").execute();
			await db.schema.dropTable("control_commands").execute();
		},
	};
}

async function createCommands(db: Kysely<unknown>, dialect: SqlDialectName): Promise<void> {
	await db.schema
		.createTable("control_commands")
		.addColumn("id", "varchar(64)", (column) => column.primaryKey())
		.addColumn("user_id", "varchar(36)", (column) => column.notNull())
		.addColumn("username", "varchar(64)", (column) => column.notNull())
		.addColumn("source", "varchar(64)", (column) => column.notNull())
		.addColumn("channel", "bigint", (column) => column.notNull())
		.addColumn("data_type", "integer", (column) => column.notNull())
		.addColumn("point_id", "bigint", (column) => column.notNull())
		.addColumn("value", "varchar(32)", (column) => column.notNull())
		.addColumn("select_id", "varchar(64)", (column) => column.notNull())
		.addColumn("reason", "varchar(256)", (column) => column.notNull())
		.addColumn("stage", "integer", (column) => column.notNull())
		.addColumn("actual_value", "varchar(32)", (column) => column.notNull())
		.addColumn("error", "varchar(512)", (column) => column.notNull())
		.addColumn("requested_at_ms", "bigint", (column) => column.notNull())
		.addColumn("deadline_ms", "bigint", (column) => column.notNull())
		.addColumn("updated_at_ms", "bigint", (column) => column.notNull())
		.addColumn("due_at_ms", "bigint", (column) => column.notNull())
		.modifyEnd(tableOptions(dialect))
		.execute();
	await db.schema.createIndex("control_commands_due").on("control_commands").column("due_at_ms").execute();
	await db.schema.createIndex("control_commands_age").on("control_commands").column("requested_at_ms").execute();
}

async function createAudit(db: Kysely<unknown>, dialect: SqlDialectName): Promise<void> {
	await db.schema
		.createTable("audit_entries")
		.addColumn("id", "varchar(36)", (column) => column.primaryKey())
		.addColumn("at_ms", "bigint", (column) => column.notNull())
		.addColumn("user_id", "varchar(36)", (column) => column.notNull())
		.addColumn("username", "varchar(64)", (column) => column.notNull())
		.addColumn("ip", "varchar(64)", (column) => column.notNull())
		.addColumn("operation", "varchar(32)", (column) => column.notNull())
		.addColumn("target", "varchar(256)", (column) => column.notNull())
		.addColumn("value", "varchar(32)", (column) => column.notNull())
		.addColumn("command_id", "varchar(64)", (column) => column.notNull())
		.addColumn("reason", "varchar(512)", (column) => column.notNull())
		.addColumn("outcome", "varchar(32)", (column) => column.notNull())
		.addColumn("detail", "varchar(512)", (column) => column.notNull())
		.modifyEnd(tableOptions(dialect))
		.execute();
	await db.schema.createIndex("audit_entries_age").on("audit_entries").columns(["at_ms", "id"]).execute();
	const byUser = db.schema.createIndex("audit_entries_user").on("audit_entries");
	await byUser.columns(["username", "at_ms", "id"]).execute();
}
