// Step 0013: how far the messages of a conversation were written to another system's log, such as Kafka. May be taken up again at any
// statement.
import type { Kysely, Migration } from "kysely";
import type { SqlDialectName } from "./database-url.ts";
import { tableOptions } from "./migration-table.ts";

export function chatUplinksStep(dialect: SqlDialectName): Migration {
	return {
		async up(db: Kysely<unknown>) {
			await db.schema
				.createTable("chat_uplinks")
				.ifNotExists()
				.addColumn("conversation_id", "varchar(64)", (column) =>
					column.primaryKey().references("chat_conversations.id").onDelete("cascade"),
				)
				.addColumn("written_sequence", "bigint", (column) => column.notNull())
				.addColumn("holder", "varchar(128)", (column) => column.notNull())
				.addColumn("until_ms", "bigint", (column) => column.notNull())
				.modifyEnd(tableOptions(dialect))
				.execute();
			await db.schema.createIndex("chat_uplinks_until").on("chat_uplinks").column("until_ms").execute();
		},
		async down(db: Kysely<unknown>) {
			await db.schema.dropTable("chat_uplinks").ifExists().execute();
		},
	};
}
