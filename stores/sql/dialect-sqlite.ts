// SQLite in a file, for one machine: several processes may share it.
import {
	type DatabaseIntrospector,
	type Dialect,
	type Driver,
	type Kysely,
	type QueryCompiler,
	SqliteAdapter,
	SqliteIntrospector,
	SqliteQueryCompiler,
} from "kysely";
import { SqliteThreadDriver, type SqliteThreads } from "./sqlite-driver.ts";
import type { TimeLimit } from "./sqlite-queue.ts";

/**
 * Transactions take the write lock when they begin. A deferred transaction that reads before it writes fails at once when
 * another process wrote in between, however long it would wait; and it lets two processes run the same migration.
 */
export class SqliteThreadDialect implements Dialect {
	private readonly threads: SqliteThreads;
	private readonly limit: TimeLimit;

	constructor(threads: SqliteThreads, limit: TimeLimit) {
		this.threads = threads;
		this.limit = limit;
	}

	createDriver(): Driver {
		return new SqliteThreadDriver(this.threads, this.limit);
	}

	createQueryCompiler(): QueryCompiler {
		return new SqliteQueryCompiler();
	}

	createAdapter(): SqliteAdapter {
		return new TransactionalSqliteAdapter();
	}

	// biome-ignore lint/suspicious/noExplicitAny: kysely's own type.
	createIntrospector(db: Kysely<any>): DatabaseIntrospector {
		return new SqliteIntrospector(db);
	}
}

class TransactionalSqliteAdapter extends SqliteAdapter {
	/** SQLite rolls back DDL; kysely's own adapter is only being careful. */
	override get supportsTransactionalDdl(): boolean {
		return true;
	}
}
