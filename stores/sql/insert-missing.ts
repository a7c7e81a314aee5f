// Inserts rows unless there are rows with their keys already, in every dialect.
import type { InsertQueryBuilder, InsertResult } from "kysely";
import type { Database } from "./database.ts";
import type { Tables } from "./schema.ts";

/**
 * Makes an insertion pass over rows whose primary or unique keys are taken. MySQL's `ignore` passes over more than that:
 * values that do not fit are cut, so that the caller checks their lengths.
 */
export function ignoringDuplicates<Table extends keyof Tables>(
	{ dialect }: Pick<Database, "dialect">,
	insertion: InsertQueryBuilder<Tables, Table, InsertResult>,
): InsertQueryBuilder<Tables, Table, InsertResult> {
	return dialect === "mysql" ? insertion.ignore() : insertion.onConflict((conflict) => conflict.doNothing());
}
