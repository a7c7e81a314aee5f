// Kysely on a runner of statements: the builder is where the module is, the database may be in another thread.
import {
	type CompiledQuery,
	type DatabaseConnection,
	type DatabaseIntrospector,
	type Dialect,
	type DialectAdapter,
	type Driver,
	MysqlAdapter,
	MysqlQueryCompiler,
	PostgresAdapter,
	PostgresQueryCompiler,
	type QueryCompiler,
	type QueryResult,
	SelectQueryNode,
	SqliteAdapter,
	SqliteQueryCompiler,
	type TransactionSettings,
} from "kysely";
import type { SqlDialect, StatementResult, StatementRunner, TransactionId } from "../statement-runner.ts";

/** Runs work of the module's database, and makes its errors those that modules know. */
export type Guard = <Result>(work: () => Promise<Result>) => Promise<Result>;

const BY_DIALECT = {
	sqlite: { adapter: () => new SqliteAdapter(), compiler: () => new SqliteQueryCompiler() },
	postgres: { adapter: () => new PostgresAdapter(), compiler: () => new PostgresQueryCompiler() },
	mysql: { adapter: () => new MysqlAdapter(), compiler: () => new MysqlQueryCompiler() },
} as const;

export class RunnerDialect implements Dialect {
	private readonly name: SqlDialect;
	private readonly driver: RunnerDriver;

	constructor(name: SqlDialect, driver: RunnerDriver) {
		this.name = name;
		this.driver = driver;
	}

	createDriver(): Driver {
		return this.driver;
	}

	createAdapter(): DialectAdapter {
		return BY_DIALECT[this.name].adapter();
	}

	createQueryCompiler(): QueryCompiler {
		return BY_DIALECT[this.name].compiler();
	}

	createIntrospector(): DatabaseIntrospector {
		throw new Error("the tables of the gateway are not shown to modules");
	}
}

export class RunnerDriver implements Driver {
	private readonly runner: StatementRunner;
	private readonly guard: Guard;
	private readonly altersTables: boolean;
	private readonly open = new Set<TransactionId>();

	/** @param altersTables - of its transactions: see `StatementRunner.begin`. */
	constructor(runner: StatementRunner, guard: Guard, altersTables = false) {
		this.runner = runner;
		this.guard = guard;
		this.altersTables = altersTables;
	}

	/** Rolls back what is open. */
	end(): void {
		for (const id of this.open) void this.runner.end(id, "rollback").catch(() => {});
		this.open.clear();
	}

	async init(): Promise<void> {}

	async acquireConnection(): Promise<DatabaseConnection> {
		return new RunnerConnection(this.runner, this.guard);
	}

	async beginTransaction(connection: DatabaseConnection, { isolationLevel }: TransactionSettings): Promise<void> {
		if (isolationLevel !== undefined && isolationLevel !== "read committed") {
			throw new Error("transactions of modules are of the level `read committed`");
		}
		const id = await this.guard(() => this.runner.begin(this.altersTables));
		this.open.add(id);
		(connection as RunnerConnection).transaction = id;
	}

	commitTransaction(connection: DatabaseConnection): Promise<void> {
		return this.finish(connection as RunnerConnection, "commit");
	}

	rollbackTransaction(connection: DatabaseConnection): Promise<void> {
		return this.finish(connection as RunnerConnection, "rollback");
	}

	async releaseConnection(): Promise<void> {}

	async destroy(): Promise<void> {}

	private async finish(connection: RunnerConnection, outcome: "commit" | "rollback"): Promise<void> {
		const { transaction } = connection;
		connection.transaction = undefined;
		const isOpen = transaction !== undefined && this.open.delete(transaction);
		if (!isOpen && outcome === "commit") throw new TypeError("the transaction is over: the generation has ended");
		if (!isOpen) return;
		await this.guard(() => this.runner.end(transaction, outcome));
	}
}

class RunnerConnection implements DatabaseConnection {
	transaction: TransactionId | undefined;
	private readonly runner: StatementRunner;
	private readonly guard: Guard;

	constructor(runner: StatementRunner, guard: Guard) {
		this.runner = runner;
		this.guard = guard;
	}

	async executeQuery<Row>({ query, sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
		const statement = { sql, parameters, isRead: SelectQueryNode.is(query) };
		const result: StatementResult = await this.guard(() => this.runner.execute(statement, this.transaction));
		const { rows, numAffectedRows, insertId } = result;
		return {
			rows: rows as Row[],
			...(numAffectedRows === undefined ? {} : { numAffectedRows }),
			...(insertId === undefined ? {} : { insertId }),
		};
	}

	streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
		throw new Error("statements of modules are not streamed");
	}
}
