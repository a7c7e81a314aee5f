// SQLite in a file, for one machine: several processes may share it. Statements run on the event loop, a fraction of a
// millisecond each; a writer that meets another process's lock waits on the loop for up to the busy timeout.
import { mkdirSync } from "node:fs";
import path from "node:path";
import BetterSqlite3 from "better-sqlite3";
import {
	CompiledQuery,
	type DatabaseConnection,
	type Dialect,
	SqliteAdapter,
	SqliteDialect,
	type SqliteDialectConfig,
	SqliteDriver,
} from "kysely";

/**
 * Opens lazily, with the first query.
 *
 * @param location - file name, or ":memory:".
 * @param busyTimeoutMs - how long a statement waits for another process's write.
 */
export function sqliteDialect(location: string, busyTimeoutMs: number): Dialect {
	return new ImmediateSqliteDialect({
		database: async () => {
			if (location !== ":memory:") mkdirSync(path.dirname(path.resolve(location)), { recursive: true });
			const database = new BetterSqlite3(location, { timeout: busyTimeoutMs });
			database.pragma("journal_mode = WAL");
			database.pragma("synchronous = NORMAL");
			database.pragma("foreign_keys = ON");
			return database;
		},
	});
}

/**
 * Transactions take the write lock when they begin. A deferred transaction that reads before it writes fails at once
 * when another process wrote in between, however long the busy timeout; and it lets two processes run the same
 * migration.
 */
class ImmediateSqliteDriver extends SqliteDriver {
	override async beginTransaction(connection: DatabaseConnection): Promise<void> {
		await connection.executeQuery(CompiledQuery.raw("begin immediate"));
	}
}

class TransactionalSqliteAdapter extends SqliteAdapter {
	/** SQLite rolls back DDL; kysely's own adapter is only being careful. */
	override get supportsTransactionalDdl(): boolean {
		return true;
	}
}

class ImmediateSqliteDialect extends SqliteDialect {
	private readonly config: SqliteDialectConfig;

	constructor(config: SqliteDialectConfig) {
		super(config);
		this.config = config;
	}

	override createDriver(): SqliteDriver {
		return new ImmediateSqliteDriver(this.config);
	}

	override createAdapter(): SqliteAdapter {
		return new TransactionalSqliteAdapter();
	}
}
