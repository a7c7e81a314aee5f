// Deletes the rows that a query finds. The ids are read first: MySQL takes no limit in a subquery of `in`, and PostgreSQL none in
// `delete`, so that this is what bounds a deletion in every dialect.
import type { Kysely } from "kysely";
import type { Tables } from "./schema.ts";

/** Tables whose rows have an id and end with their age. */
type AgingTable = "audit_entries" | "control_commands" | "games" | "notifications";

/**
 * @param found - selects the ids of a bounded number of rows.
 * @returns how many rows were deleted.
 */
export async function deleteFound(
	db: Kysely<Tables>,
	table: AgingTable,
	found: { execute(): Promise<readonly { readonly id: string }[]> },
): Promise<number> {
	const ids = (await found.execute()).map(({ id }) => id);
	if (ids.length === 0) return 0;
	// The columns that are named here are the same in all of them.
	const removed = await db
		.deleteFrom(table as "notifications")
		.where("id", "in", ids)
		.executeTakeFirst();
	return Number(removed.numDeletedRows);
}
