// What a session of MySQL or MariaDB needs, whatever the server's defaults are.
import type mysql from "mysql2";

/**
 * Every character (a server may ignore the charset that a client announces); errors instead of truncated values; a commit with
 * each statement that no transaction is open for, and none that begins another one; constraints that are checked; whole
 * results; updates by whatever condition; waiting for locks that ends. A connection that is refused one of these is not used.
 *
 * @param lockSeconds - longest wait for a lock.
 */
function settings(lockSeconds: number): readonly string[] {
	return [
		"SET NAMES utf8mb4 COLLATE utf8mb4_bin",
		"SET SESSION sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00'",
		"SET SESSION autocommit = 1, completion_type = 0, foreign_key_checks = 1, unique_checks = 1",
		"SET SESSION sql_safe_updates = 0, sql_big_selects = 1, sql_select_limit = 18446744073709551615",
		`SET SESSION innodb_lock_wait_timeout = ${lockSeconds}, lock_wait_timeout = ${lockSeconds}`,
		"SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE",
	];
}

/**
 * Sets a session up.
 *
 * @returns the longest message that the server takes.
 * @throws Error when the server refuses a setting, or does not answer in time.
 */
export async function prepareSession(
	connection: mysql.PoolConnection,
	timeoutMs: number,
): Promise<{ readonly maxPacketBytes: number }> {
	for (const sql of settings(Math.max(1, Math.ceil(timeoutMs / 1000)))) await ask(connection, sql, timeoutMs);
	const rows = await ask(connection, "SELECT @@max_allowed_packet AS bytes", timeoutMs);
	return { maxPacketBytes: Number((rows as readonly { readonly bytes: number }[])[0]?.bytes) };
}

function ask(connection: mysql.PoolConnection, sql: string, timeout: number): Promise<unknown> {
	return new Promise((resolve, reject) => {
		connection.query({ sql, timeout }, (cause, result) => {
			if (!cause) resolve(result);
			else reject(new Error(`${sql.split(" ", 3).join(" ")} refused: ${cause.message}`, { cause }));
		});
	});
}
