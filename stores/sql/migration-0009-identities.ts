// Step 0009: accounts at issuers, and devices of guests, by which users log in. May be taken up again at any statement.
import type { Kysely, Migration } from "kysely";
import type { SqlDialectName } from "./database-url.ts";
import { tableOptions } from "./migration-table.ts";

export function identitiesStep(dialect: SqlDialectName): Migration {
	return {
		async up(db: Kysely<unknown>) {
			await db.schema
				.createTable("user_identities")
				.ifNotExists()
				.addColumn("identity_key", "varchar(43)", (column) => column.primaryKey())
				.addColumn("kind", "varchar(16)", (column) => column.notNull())
				.addColumn("issuer", "varchar(2048)", (column) => column.notNull())
				.addColumn("subject", "varchar(255)", (column) => column.notNull())
				.addColumn("user_id", "varchar(36)", (column) => column.notNull().references("users.id").onDelete("cascade"))
				.addColumn("created_at_ms", "bigint", (column) => column.notNull())
				.modifyEnd(tableOptions(dialect))
				.execute();
			await db.schema
				.createIndex("user_identities_user")
				.on("user_identities")
				.columns(["user_id", "created_at_ms"])
				.execute();
		},
		async down(db: Kysely<unknown>) {
			await db.schema.dropTable("user_identities").ifExists().execute();
		},
	};
}
