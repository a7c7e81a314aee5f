// Runs the SQL statements of modules. Statements and results are data, so that a module may be in another thread.

export interface SqlStatement {
	readonly sql: string;
	readonly parameters: readonly unknown[];
	/** It reads only: SQLite has a connection for these. */
	readonly isRead: boolean;
}

export interface StatementResult {
	readonly rows: readonly object[];
	readonly numAffectedRows?: bigint | undefined;
	readonly insertId?: bigint | undefined;
}

export type SqlDialect = "sqlite" | "postgres" | "mysql";

/** A transaction that is open. */
export type TransactionId = number;

export interface StatementRunner {
	/**
	 * @param transaction - in which it runs; undefined: by itself.
	 * @throws GatewayError CONFLICT (a key or constraint), VALIDATION_FAILED (a value), PAYLOAD_TOO_LARGE, UNAVAILABLE; TypeError when the
	 *   statement is wrong, or the transaction is over.
	 */
	execute(statement: SqlStatement, transaction: TransactionId | undefined): Promise<StatementResult>;
	/**
	 * Begins a transaction, which is rolled back when it takes longer than `modules.database.transactionTimeoutMs`.
	 *
	 * @param altersTables - for steps that make tables: only one of these runs at a time, in all processes, for as long as it takes.
	 * @throws GatewayError UNAVAILABLE.
	 */
	begin(altersTables: boolean): Promise<TransactionId>;
	/** @throws as `execute`, when nothing is committed. */
	end(transaction: TransactionId, outcome: "commit" | "rollback"): Promise<void>;
}
