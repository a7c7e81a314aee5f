// SQLite in a file, for one machine: several processes may share it. Statements run on the event loop, a fraction of a
// millisecond each; a writer that meets another process's lock waits on the loop for up to the busy timeout.

import { closeSync, mkdirSync, openSync } from "node:fs";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
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
import { setLast } from "../../common/bounded-map.ts";

const WAL_RETRY_MS = 10;
/** A statement of a group commit of a hundred messages takes some 150 KB. */
const MAX_STATEMENTS = 250;

/**
 * Opens lazily, with the first query.
 *
 * @param location - file name, or ":memory:".
 * @param busyTimeoutMs - how long a statement waits for another process's write.
 */
export function sqliteDialect(location: string, busyTimeoutMs: number): Dialect {
	return new ImmediateSqliteDialect({
		database: async () => {
			if (location !== ":memory:") makeFile(location);
			const database = new BetterSqlite3(location, { timeout: busyTimeoutMs });
			try {
				await beginWal(database, busyTimeoutMs);
				database.pragma("synchronous = NORMAL");
				database.pragma("foreign_keys = ON");
				checkSettings(database, location);
			} catch (error) {
				database.close();
				throw error;
			}
			return new RememberingDatabase(database);
		},
	});
}

/** Nobody else may read what is in it; SQLite gives the files beside it the same permissions. */
function makeFile(location: string): void {
	mkdirSync(path.dirname(path.resolve(location)), { recursive: true });
	closeSync(openSync(location, "a", 0o600));
}

/**
 * Keeps prepared statements by their text, those used last. A group commit has as many texts as it has sizes, and under load
 * preparing them again would be a sixth of what chat costs.
 */
class RememberingDatabase {
	private readonly database: BetterSqlite3.Database;
	private readonly statements = new Map<string, BetterSqlite3.Statement>();

	constructor(database: BetterSqlite3.Database) {
		this.database = database;
	}

	prepare(text: string): BetterSqlite3.Statement {
		const known = this.statements.get(text);
		const statement = known ?? this.database.prepare(text);
		setLast(this.statements, text, statement, MAX_STATEMENTS);
		return statement;
	}

	close(): void {
		this.statements.clear();
		this.database.close();
	}
}

/**
 * Switches to the write-ahead log. SQLite does not wait for another process here, whatever the busy timeout, and several
 * that start together on a new file would fail.
 */
async function beginWal(database: BetterSqlite3.Database, timeoutMs: number): Promise<void> {
	const deadlineMs = performance.now() + timeoutMs;
	for (;;) {
		try {
			database.pragma("journal_mode = WAL");
			return;
		} catch (error) {
			const isBusy = error instanceof BetterSqlite3.SqliteError && error.code.startsWith("SQLITE_BUSY");
			if (!isBusy || performance.now() >= deadlineMs) throw error;
		}
		await setTimeout(WAL_RETRY_MS);
	}
}

/** SQLite passes over a setting that it cannot have, as the log on a file system without shared memory. @throws Error. */
function checkSettings(database: BetterSqlite3.Database, location: string): void {
	const expected = { journal_mode: location === ":memory:" ? "memory" : "wal", synchronous: 1, foreign_keys: 1 };
	for (const [name, value] of Object.entries(expected)) {
		const actual = database.pragma(name, { simple: true });
		if (actual !== value) throw new Error(`SQLite: ${name} is ${String(actual)} where it has to be ${value}`);
	}
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

	/** A full disk makes SQLite undo a transaction by itself; that there is none any more is not what went wrong. */
	override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
		try {
			await super.rollbackTransaction(connection);
		} catch (error) {
			if (!(error instanceof Error) || !error.message.includes("no transaction is active")) throw error;
		}
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
