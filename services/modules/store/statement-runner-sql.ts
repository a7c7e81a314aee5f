// Runs the statements of modules on a database: on connections of their own, so that a module that asks for much, or whose transaction
// stays open, takes none that requests of the gateway wait for.
import { CompiledQuery, type Kysely, type QueryResult, SelectQueryNode } from "kysely";
import { ErrorCode } from "../../../protocol/codes.ts";
import { GatewayError } from "../../../protocol/error.ts";
import type { Database } from "../../../stores/sql/database.ts";
import type { Tables } from "../../../stores/sql/schema.ts";
import { requestFault, sqlState } from "../../../stores/sql/sql-error.ts";
import type { SqlStatement, StatementResult, StatementRunner, TransactionId } from "../statement-runner.ts";

interface OpenTransaction {
	readonly db: Kysely<Tables>;
	/** Ends it; an error rolls it back. */
	readonly finish: (error?: Error) => void;
	/** Settled when it has ended. */
	readonly ended: Promise<void>;
}

export interface RunnerOptions {
	readonly transactionTimeoutMs: number;
}

export class SqlStatementRunner implements StatementRunner {
	private readonly open: () => Database;
	private readonly options: RunnerOptions;
	private opened: Database | undefined;
	private readonly transactions = new Map<TransactionId, OpenTransaction>();
	private last = 0;

	/** @param open - called with the first statement: most gateways have no module that needs a database. */
	constructor(open: () => Database, options: RunnerOptions) {
		this.open = open;
		this.options = options;
	}

	async execute(statement: SqlStatement, transaction: TransactionId | undefined): Promise<StatementResult> {
		const query = compiled(statement);
		if (transaction !== undefined) return await attempt(() => this.transactionOf(transaction).db.executeQuery(query));
		const writer = statement.isRead ? undefined : ("member" as const);
		return await this.database.run((db) => attempt(() => db.executeQuery(query)), writer);
	}

	begin(altersTables: boolean): Promise<TransactionId> {
		return new Promise((resolve, reject) => {
			const id = ++this.last;
			const hold = async (db: Kysely<Tables>): Promise<void> => {
				let finish: OpenTransaction["finish"] = () => {};
				const held = new Promise<void>((end, fail) => {
					finish = (error) => (error === undefined ? end() : fail(error));
				});
				this.transactions.set(id, { db, finish, ended });
				resolve(id);
				await held;
			};
			const { database } = this;
			const run = altersTables
				? database.alter(hold)
				: database.run(
						(db) => db.transaction().execute((transaction) => this.withinTime(id, hold(transaction))),
						"member",
					);
			const ended: Promise<void> = run.finally(() => this.transactions.delete(id));
			// Those who wait for its end get the error as well.
			ended.catch(reject);
		});
	}

	async end(transaction: TransactionId, outcome: "commit" | "rollback"): Promise<void> {
		// One that is over was rolled back.
		if (outcome === "rollback" && !this.transactions.has(transaction)) return;
		const { finish, ended } = this.transactionOf(transaction);
		// Nothing comes behind its end.
		this.transactions.delete(transaction);
		if (outcome === "commit") {
			finish();
			await ended;
			return;
		}
		const rolledBack = new RolledBack();
		finish(rolledBack);
		await ended.catch((error: unknown) => {
			if (error !== rolledBack) throw error;
		});
	}

	async close(): Promise<void> {
		for (const { finish } of this.transactions.values()) finish(new RolledBack());
		await this.opened?.close();
	}

	private get database(): Database {
		this.opened ??= this.open();
		return this.opened;
	}

	private transactionOf(id: TransactionId): OpenTransaction {
		const found = this.transactions.get(id);
		if (found === undefined) throw new TypeError("the transaction is over: it has ended, or has taken too long");
		return found;
	}

	private async withinTime(id: TransactionId, held: Promise<void>): Promise<void> {
		const { transactionTimeoutMs } = this.options;
		const timer = setTimeout(() => {
			const text = `a transaction of a module has taken longer than ${transactionTimeoutMs} ms and was rolled back`;
			this.transactions.get(id)?.finish(new TypeError(text));
		}, transactionTimeoutMs);
		try {
			await held;
		} finally {
			clearTimeout(timer);
		}
	}
}

/** Is no fault of the database; `Database.run` hands TypeErrors on. */
class RolledBack extends TypeError {
	constructor() {
		super("rolled back");
	}
}

function compiled({ sql, parameters, isRead }: SqlStatement): CompiledQuery {
	const raw = CompiledQuery.raw(sql, [...parameters]);
	return isRead ? { ...raw, query: SelectQueryNode.create() } : raw;
}

/** Makes an error that is about the statement one that does not count as a fault of the database. */
async function attempt(work: () => Promise<QueryResult<unknown>>): Promise<StatementResult> {
	try {
		return (await work()) as StatementResult;
	} catch (error) {
		const text = error instanceof Error ? error.message : String(error);
		if (requestFault(error) === "conflict") {
			throw new GatewayError(ErrorCode.CONFLICT, "the database has another value there already", { cause: error });
		}
		if (isWrongStatement(error)) throw new TypeError(`SQL: ${text}`, { cause: error });
		throw error;
	}
}

/** SQLSTATE class 42: syntax error or access rule violation. SQLite has one code for all of these. */
function isWrongStatement(error: unknown): boolean {
	return sqlState(error)?.startsWith("42") === true || (error as { code?: unknown } | null)?.code === "SQLITE_ERROR";
}
