// Kysely's driver of SQLite on threads of its own: one connection writes, another one reads beside it (the write-ahead log lets
// it), so that a write that waits for another process holds up no read, and a long read no write. The event loop only sends and
// receives.
import { type CompiledQuery, type DatabaseConnection, type Driver, type QueryResult, SelectQueryNode } from "kysely";
import type { Logger } from "../../common/logger.ts";
import { type Results, SqliteQueue, type SqliteTransaction, type TimeLimit } from "./sqlite-queue.ts";
import { StatementBatch } from "./statement-batch.ts";
import { ScriptCall } from "./transaction-script.ts";

export interface SqliteFigures {
	/** Bytes of statements that wait or are being run. */
	readonly queuedBytes: number;
	/** Age of the oldest of them, in milliseconds. */
	readonly waitMs: number;
	/** Statements refused because too much waited, since the start. */
	readonly rejections: number;
	/** Threads that ended by themselves and were started again, since the start. */
	readonly restarts: number;
}

/** The threads of one database. They start with the first statement. */
export class SqliteThreads {
	readonly writer: SqliteQueue;
	/** The same as the writer for a database in memory, which only one connection can see. */
	readonly reader: SqliteQueue;

	/** @param openTimeoutMs - longest wait for other processes when the file is opened. */
	constructor(location: string, openTimeoutMs: number, logger: Logger) {
		const shared = { location, openTimeoutMs, logger };
		this.writer = new SqliteQueue({ ...shared, name: "sqlite-writer", isReader: false });
		const isFile = location !== ":memory:";
		this.reader = isFile ? new SqliteQueue({ ...shared, name: "sqlite-reader", isReader: true }) : this.writer;
	}

	get figures(): SqliteFigures {
		const queues = this.reader === this.writer ? [this.writer] : [this.reader, this.writer];
		const sum = (of: (queue: SqliteQueue) => number): number => queues.reduce((total, queue) => total + of(queue), 0);
		return {
			queuedBytes: sum((queue) => queue.bytes),
			waitMs: Math.max(...queues.map((queue) => queue.waitMs)),
			rejections: sum((queue) => queue.rejections),
			restarts: sum((queue) => queue.restarts),
		};
	}

	/** The writer last: with the last connection to the file, SQLite moves its log into it. */
	async close(): Promise<void> {
		if (this.reader !== this.writer) await this.reader.close();
		await this.writer.close();
	}
}

export class SqliteThreadDriver implements Driver {
	private readonly threads: SqliteThreads;
	private readonly limit: TimeLimit;
	private readonly unused: ThreadConnection[] = [];

	constructor(threads: SqliteThreads, limit: TimeLimit) {
		this.threads = threads;
		this.limit = limit;
	}

	async init(): Promise<void> {
		// The threads open the file with the first statement.
	}

	async acquireConnection(): Promise<DatabaseConnection> {
		return this.unused.pop() ?? new ThreadConnection(this.threads, this.limit);
	}

	/** Waits for nothing: the transaction begins with its first statement. */
	async beginTransaction(connection: DatabaseConnection): Promise<void> {
		(connection as ThreadConnection).begin();
	}

	async commitTransaction(connection: DatabaseConnection): Promise<void> {
		await (connection as ThreadConnection).commit();
	}

	async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
		(connection as ThreadConnection).rollback();
	}

	async releaseConnection(connection: DatabaseConnection): Promise<void> {
		(connection as ThreadConnection).rollback();
		this.unused.push(connection as ThreadConnection);
	}

	async destroy(): Promise<void> {
		await this.threads.close();
	}
}

/** Where the statements of one caller go, one transaction at a time. */
class ThreadConnection implements DatabaseConnection {
	private readonly threads: SqliteThreads;
	private readonly limit: TimeLimit;
	private transaction: SqliteTransaction | undefined;

	constructor(threads: SqliteThreads, limit: TimeLimit) {
		this.threads = threads;
		this.limit = limit;
	}

	begin(): void {
		this.transaction = this.threads.writer.begin(this.limit);
	}

	async commit(): Promise<void> {
		await this.transaction?.commit();
		this.transaction = undefined;
	}

	rollback(): void {
		this.transaction?.rollback();
		this.transaction = undefined;
	}

	async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
		if (query instanceof StatementBatch) {
			return { rows: (await this.run(query.statements, query.commits)) as Row[] };
		}
		const [result] =
			query instanceof ScriptCall
				? await this.threads.writer.runScript(query, this.limit)
				: await this.run([query], false);
		return result as QueryResult<Row>;
	}

	streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
		throw new Error("statements of SQLite are not streamed");
	}

	private run(statements: readonly CompiledQuery[], commits: boolean): Promise<Results> {
		if (this.transaction !== undefined) return this.transaction.run(statements, commits);
		const { reader, writer } = this.threads;
		const onlyReads = statements.every(({ query }) => SelectQueryNode.is(query));
		return (onlyReads ? reader : writer).run(statements, this.limit);
	}
}
