// What bounds a connection pool.

/** Bounds of a connection pool; SQLite, which has one connection, only uses `statementTimeoutMs` (as busy timeout). */
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
