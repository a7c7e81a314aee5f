// Step 0006: what user names look like, so that no two accounts can be taken for each other. Accounts that are there keep
// their names; of two that look alike, the older one holds the look. May be taken up again at any statement.
import { type Kysely, type Migration, sql } from "kysely";
import { nameSkeletons } from "../../common/name-skeleton.ts";
import type { SqlDialectName } from "./database-url.ts";
import { tableOptions } from "./migration-table.ts";
import type { Tables } from "./schema.ts";

/** Accounts read at a time. */
const PAGE = 500;

export function nameSkeletonsStep(dialect: SqlDialectName): Migration {
	return {
		async up(db: Kysely<unknown>) {
			await db.schema
				.createTable("user_skeletons")
				.ifNotExists()
				.addColumn("skeleton", "varchar(43)", (column) => column.primaryKey())
				.addColumn("user_id", "varchar(36)", (column) => column.notNull().references("users.id").onDelete("cascade"))
				.modifyEnd(tableOptions(dialect))
				.execute();
			await fill(db as Kysely<Tables>, dialect);
		},
		async down(db: Kysely<unknown>) {
			await db.schema.dropTable("user_skeletons").ifExists().execute();
		},
	};
}

async function fill(db: Kysely<Tables>, dialect: SqlDialectName): Promise<void> {
	let after = "";
	for (;;) {
		const page = db.selectFrom("users").select(["id", "username"]).where("id", ">", after).orderBy("id").limit(PAGE);
		const users = await page.execute();
		const last = users.at(-1);
		if (last === undefined) return;
		after = last.id;
		const rows = users.flatMap(({ id, username }) =>
			nameSkeletons(username).map((skeleton) => ({ skeleton, user_id: id })),
		);
		const insert = db.insertInto("user_skeletons").values(rows);
		// The first one stays. A plain IGNORE of MySQL would also ignore what is wrong.
		if (dialect === "mysql") await insert.onDuplicateKeyUpdate({ skeleton: sql`user_skeletons.skeleton` }).execute();
		else await insert.onConflict((conflict) => conflict.column("skeleton").doNothing()).execute();
	}
}
