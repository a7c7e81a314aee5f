// What a session of MySQL or MariaDB needs, whatever the server's defaults are.
import type mysql from "mysql2";
import { SERVER_NAME } from "./kill-mysql.ts";
import type { PoolOptions } from "./pool-options.ts";

/** What is known of a connection whose session is set up. */
export interface MysqlSession {
	/** Longest message that the server takes. */
	readonly maxPacketBytes: number;
	/** Which server it is: see `SERVER_NAME`. */
	readonly server: string;
}

/**
 * Every character (a server may ignore the charset that a client announces); errors instead of truncated values; a commit with
 * each statement that no transaction is open for, and none that begins another one; constraints that are checked; whole
 * results; updates by whatever condition; waiting for locks that ends; and an end of the session, with its transaction and the
 * locks of that, when its client has stopped or is cut off. A connection that is refused one of these is not used.
 *
 * @param lockSeconds - longest wait for a lock.
 * @param idleSeconds - longest wait for the next statement.
 */
function settings(lockSeconds: number, idleSeconds: number): readonly string[] {
	return [
		"SET NAMES utf8mb4 COLLATE utf8mb4_bin",
		"SET SESSION sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00'",
		"SET SESSION autocommit = 1, completion_type = 0, foreign_key_checks = 1, unique_checks = 1",
		"SET SESSION sql_safe_updates = 0, sql_big_selects = 1, sql_select_limit = 18446744073709551615",
		`SET SESSION innodb_lock_wait_timeout = ${lockSeconds}, lock_wait_timeout = ${lockSeconds}`,
		`SET SESSION wait_timeout = ${idleSeconds}`,
		"SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE",
	];
}

/**
 * Sets a session up.
 *
 * @throws Error when the server refuses a setting, or does not answer in time.
 */
export async function prepareSession(
	connection: mysql.PoolConnection,
	{ statementTimeoutMs: timeoutMs, idleTimeoutMs }: PoolOptions,
): Promise<MysqlSession> {
	const lockSeconds = Math.max(1, Math.ceil(timeoutMs / 1000));
	// Later than the pool closes what is not used, so that the server never ends what is about to be used.
	const idleSeconds = Math.ceil(idleTimeoutMs / 1000) + 2 * lockSeconds;
	for (const sql of settings(lockSeconds, idleSeconds)) await ask(connection, sql, timeoutMs);
	const facts = `SELECT @@max_allowed_packet AS bytes, ${SERVER_NAME} AS server`;
	const [row] = (await ask(connection, facts, timeoutMs)) as readonly { bytes: number; server: string }[];
	return { maxPacketBytes: Number(row?.bytes), server: row?.server ?? "" };
}

function ask(connection: mysql.PoolConnection, sql: string, timeout: number): Promise<unknown> {
	return new Promise((resolve, reject) => {
		connection.query({ sql, timeout }, (cause, result) => {
			if (!cause) resolve(result);
			else reject(new Error(`${sql.split(" ", 3).join(" ")} refused: ${cause.message}`, { cause }));
		});
	});
}
