// What is old enough to be deleted. A process whose clock is ahead must not delete what everybody else keeps, and neither must a
// database's.
import { type Kysely, sql } from "kysely";
import type { Age } from "../../common/age.ts";
import { databaseTime } from "./database-time.ts";
import type { SqlDialectName } from "./database-url.ts";
import type { Tables } from "./schema.ts";

/** @returns the time before which records are old, in Unix milliseconds: by the process's clock or the database's, whichever is behind. */
export async function keptSince(db: Kysely<Tables>, dialect: SqlDialectName, { keptMs, nowMs }: Age): Promise<number> {
	const { rows } = await sql<{ now_ms: number | string }>`select ${databaseTime(dialect)} as now_ms`.execute(db);
	return Math.min(nowMs, ...rows.map((row) => Number(row.now_ms))) - keptMs;
}
