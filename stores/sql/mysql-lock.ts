// A lock of one connection of MySQL or MariaDB, for what cannot be one transaction: there, each change of a table is committed by itself.
import { type Kysely, sql } from "kysely";

/** Waits for others that change tables. */
const WAIT_SECONDS = 60;
/** Locks belong to a server, not to a database. */
const NAME = sql`concat('framegate:alter:', md5(database()))`;

/**
 * Runs work under the lock.
 *
 * @param db - one connection.
 * @throws Error when others have the lock for too long.
 */
export async function withMysqlLock<DB, T>(db: Kysely<DB>, work: () => Promise<T>): Promise<T> {
	const { rows } = await sql<{ taken: number | null }>`select get_lock(${NAME}, ${WAIT_SECONDS}) as taken`.execute(db);
	if (Number(rows[0]?.taken) !== 1)
		throw new Error("others change tables of the database; the lock was not free in time");
	try {
		return await work();
	} finally {
		await sql`select release_lock(${NAME})`.execute(db).catch(() => {});
	}
}
