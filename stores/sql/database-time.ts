// The time of the database, which is the same for all processes that use it. Their own clocks may be apart by hours: a lease, or
// anything else that one process writes and another one judges, begins and ends by this one.
import { type RawBuilder, sql } from "kysely";
import type { SqlDialectName } from "./database-url.ts";

/**
 * When the statement began, as far as the database counts: it does not move while a statement runs or waits for a lock, so
 * that an index answers a comparison with it, and what is judged by it is judged late rather than early. MySQL's is UTC,
 * as local times of a session occur twice when summer time ends.
 */
const statementTimes: Readonly<Record<SqlDialectName, RawBuilder<number>>> = {
	sqlite: sql`(cast(unixepoch('subsec') * 1000 as integer))`,
	postgres: sql`(cast(extract(epoch from statement_timestamp()) * 1000 as bigint))`,
	mysql: sql`(timestampdiff(microsecond, '1970-01-01 00:00:00', utc_timestamp(6)) div 1000)`,
};

/** The present time in a statement, Unix milliseconds. */
export function databaseTime(dialect: SqlDialectName): RawBuilder<number> {
	return statementTimes[dialect];
}

/** The time in so many milliseconds, which are a parameter of the statement. */
export function databaseTimeIn(dialect: SqlDialectName, ms: number): RawBuilder<number> {
	return sql<number>`${databaseTime(dialect)} + ${ms}`;
}
