// What bounds a connection pool.
import type { Dialect } from "kysely";

/** Bounds of a connection pool; SQLite, which has two connections, only uses `statementTimeoutMs`, locks included. */
export interface PoolOptions {
	readonly maxConnections: number;
	/** Callers that may wait for a connection; beyond it a query is refused at once. */
	readonly maxWaiting: number;
	/** Longest wait for a connection, including making one. */
	readonly connectTimeoutMs: number;
	readonly statementTimeoutMs: number;
	/** Unused connections are closed after this. */
	readonly idleTimeoutMs: number;
}

/** A statement of a migration may rewrite a table. */
export const MIGRATION_TIMEOUT_MS = 600_000;

/** One pool, used in two ways. */
export interface PooledDialect {
	/** Owns the pool. */
	readonly serving: Dialect;
	/** For migrations: statements may take `MIGRATION_TIMEOUT_MS`, and only one process at a time gets into a transaction. */
	readonly migrating: Dialect;
}
