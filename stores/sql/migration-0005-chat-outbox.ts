// Step 0005: the outbox of notices about conversations, recalls, rooms that have ended.
import type { Kysely, Migration } from "kysely";
import type { SqlDialectName } from "./database-url.ts";
import { tableOptions } from "./migration-table.ts";

/** Counters and times that `chat_conversations` gains, all of them 0 at first. */
const numbers = ["closed_at_ms", "pruned_sequence", "last_notice", "notices_until_ms"] as const;

export function chatOutboxStep(dialect: SqlDialectName): Migration {
	return {
		async up(db: Kysely<unknown>) {
			for (const name of numbers) {
				await db.schema
					.alterTable("chat_conversations")
					.addColumn(name, "bigint", (column) => column.notNull().defaultTo(0))
					.execute();
			}
			await db.schema
				.alterTable("chat_conversations")
				.addColumn("notices_holder", "varchar(128)", (column) => column.notNull().defaultTo(""))
				.execute();
			for (const column of ["closed_at_ms", "notices_until_ms"]) {
				const index = db.schema.createIndex(`chat_conversations_${column.replace("_ms", "")}`);
				await index.on("chat_conversations").column(column).execute();
			}
			await createOutbox(db, dialect);
			await createRecalls(db, dialect);
		},
		async down(db: Kysely<unknown>) {
			for (const table of ["chat_recalls", "chat_outbox"]) await db.schema.dropTable(table).execute();
			for (const name of ["closed_at", "notices_until"]) {
				const index = db.schema.dropIndex(`chat_conversations_${name}`);
				await (dialect === "mysql" ? index.on("chat_conversations") : index).execute();
			}
			for (const name of [...numbers, "notices_holder"]) {
				await db.schema.alterTable("chat_conversations").dropColumn(name).execute();
			}
		},
	};
}

async function createOutbox(db: Kysely<unknown>, dialect: SqlDialectName): Promise<void> {
	await db.schema
		.createTable("chat_outbox")
		.addColumn("conversation_id", "varchar(64)", (column) =>
			column.notNull().references("chat_conversations.id").onDelete("cascade"),
		)
		.addColumn("number", "bigint", (column) => column.notNull())
		.addColumn("notice", "text", (column) => column.notNull())
		.addPrimaryKeyConstraint("chat_outbox_key", ["conversation_id", "number"])
		.modifyEnd(tableOptions(dialect))
		.execute();
}

async function createRecalls(db: Kysely<unknown>, dialect: SqlDialectName): Promise<void> {
	await db.schema
		.createTable("chat_recalls")
		.addColumn("conversation_id", "varchar(64)", (column) =>
			column.notNull().references("chat_conversations.id").onDelete("cascade"),
		)
		.addColumn("sequence", "bigint", (column) => column.notNull())
		.addPrimaryKeyConstraint("chat_recalls_key", ["conversation_id", "sequence"])
		.modifyEnd(tableOptions(dialect))
		.execute();
}
