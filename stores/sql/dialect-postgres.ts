// PostgreSQL through a bounded pool in which nothing waits forever.
import { type Dialect, PostgresDialect, type PostgresPoolClient } from "kysely";
import pg from "pg";
import type { PoolOptions } from "./pool-options.ts";

/**
 * @param onIdleError - called when an idle pooled connection breaks; the pool replaces it by itself.
 */
export function postgresDialect(url: string, options: PoolOptions, onIdleError: (error: Error) => void): Dialect {
	const pool = new pg.Pool({
		connectionString: url,
		max: options.maxConnections,
		connectionTimeoutMillis: options.connectTimeoutMs,
		idleTimeoutMillis: options.idleTimeoutMs,
		statement_timeout: options.statementTimeoutMs,
		lock_timeout: options.statementTimeoutMs,
		idle_in_transaction_session_timeout: options.statementTimeoutMs * 2,
		// The server may be the one that hangs, so the client keeps time as well.
		query_timeout: options.statementTimeoutMs + 500,
		keepAlive: true,
		application_name: "framegate",
	});
	pool.on("error", onIdleError);
	// The pool handles error events of idle connections. A connection that breaks while it is lent out, between two statements
	// of a transaction, emits one as well, and an unhandled error event ends the process. The next statement fails by itself.
	pool.on("connect", (client) => client.on("error", () => {}));
	return new PostgresDialect({
		pool: {
			connect: async () => lend(await pool.connect()),
			end: () => pool.end(),
		},
	});
}

/** SQLSTATE classes that leave the connection as good as before. */
const healthyFailure = /^(?:22|23|25|28|40|42|53100|55|57014)/;

/** A connection on which anything but a plain SQL error happened is closed on release instead of lent out again. */
function lend(client: pg.PoolClient): PostgresPoolClient {
	let broken = false;
	return {
		async query(...args: unknown[]) {
			try {
				return await (client.query as (...args: unknown[]) => Promise<unknown>)(...args);
			} catch (error) {
				const code = (error as { code?: unknown }).code;
				if (typeof code !== "string" || !healthyFailure.test(code)) broken = true;
				throw error;
			}
		},
		release: () => client.release(broken),
	} as PostgresPoolClient;
}
