// The passing of time as a database judges it. Its clock cannot be moved, so that what it will judge by it is moved instead.
import { sql } from "kysely";
import type { Database } from "../../stores/sql/database.ts";

/** Times that the database judges by its own clock. */
const judged = [
	["chat_conversations", "publisher_until_ms"],
	["chat_conversations", "notices_until_ms"],
	["chat_members", "muted_until_ms"],
	["control_commands", "due_at_ms"],
	["password_resets", "expires_at_ms"],
] as const;

/** Times beyond this one never come; 0 is no time. */
const NEVER = 8_000_000_000_000_000;

/** Makes all that the database has given a time for so much older. */
export async function passDatabaseTime(database: Database, ms: number): Promise<void> {
	await database.run(async (db) => {
		for (const [table, column] of judged) {
			const [name, time] = [sql.table(table), sql.ref(column)];
			await sql`update ${name} set ${time} = ${time} - ${ms} where ${time} > ${ms} and ${time} < ${NEVER}`.execute(db);
		}
	});
}
