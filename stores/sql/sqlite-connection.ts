// A connection to SQLite, as the thread that owns it uses it: opened and set up, statements that stay prepared, and other
// processes' locks waited for without a call that blocks.
import { closeSync, mkdirSync, openSync } from "node:fs";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import BetterSqlite3 from "better-sqlite3";
import type { CompiledQuery, QueryResult } from "kysely";
import { setLast } from "../../common/bounded-map.ts";
import {
	type Failure,
	type Job,
	type JobOutcome,
	monotonicMs,
	type StatementOutcome,
	type ThreadData,
} from "./sqlite-messages.ts";
import type { Script } from "./transaction-script.ts";

/** Of the database, in each connection's memory: half of what the library takes for one. */
export const PAGE_CACHE_KIB = 8192;
/** A statement of a group commit of a hundred messages takes some 150 KB. */
const MAX_STATEMENTS = 250;
/** Waits between two attempts at a lock, as SQLite's own handler has them: short at first, since most locks are. */
const FIRST_WAIT_MS = 1;
const MAX_WAIT_MS = 25;

export interface RunOptions {
	/** Of all statements of the job. */
	readonly parameters: readonly (readonly unknown[])[];
	/** Takes each value of each row. */
	readonly onValue: (value: unknown) => void;
	/** Called before it waits for another process. */
	readonly onWait: () => void;
	/** Of the job. */
	readonly script: Script<unknown> | undefined;
}

export type RunResult = Omit<JobOutcome, "id">;

export class SqliteConnection {
	private readonly database: BetterSqlite3.Database;
	/** By their text, those used last. */
	private readonly statements = new Map<string, BetterSqlite3.Statement>();

	private constructor(database: BetterSqlite3.Database) {
		this.database = database;
	}

	/**
	 * Makes the file unless it is there, and sets the connection up.
	 *
	 * @throws Error of SQLite, or when it passes over a setting.
	 */
	static async open({ location, isReader, openTimeoutMs }: ThreadData): Promise<SqliteConnection> {
		if (location !== ":memory:") makeFile(location);
		const deadlineMs = monotonicMs() + openTimeoutMs;
		// The wait for locks is ours: a call that waits in SQLite can be ended by nobody.
		const database = new BetterSqlite3(location, { timeout: 0 });
		try {
			// SQLite does not wait for another process here, whatever its timeout; several may start together on a new file.
			await whileBusy(deadlineMs, () => database.pragma("journal_mode = WAL"));
			database.pragma("synchronous = NORMAL");
			database.pragma("foreign_keys = ON");
			database.pragma(`cache_size = -${PAGE_CACHE_KIB}`);
			checkSettings(database, location);
			if (isReader) database.pragma("query_only = ON");
			return new SqliteConnection(database);
		} catch (error) {
			database.close();
			throw error;
		}
	}

	/** Runs a job. Of several statements, those behind one that fails are not run. */
	async run(job: Job, { parameters, onValue, onWait, script }: RunOptions): Promise<RunResult> {
		const outcomes: StatementOutcome[] = [];
		try {
			this.checkState(job);
			if (job.begins) await whileBusy(job.deadlineMs, () => this.prepared("begin immediate").run(), onWait);
			for (const [index, { sql }] of job.statements.entries()) {
				const execute = () => this.execute(sql, parameters[index] ?? [], onValue);
				const isAlone = !this.database.inTransaction;
				outcomes.push(isAlone ? await whileBusy(job.deadlineMs, execute, onWait) : execute());
			}
			const value = script === undefined ? undefined : this.runScript(script);
			if (job.ends === "commit") this.prepared("commit").run();
			if (job.ends === "rollback") this.rollBack();
			return { statements: outcomes, value, failure: undefined };
		} catch (error) {
			if (job.ends !== undefined) this.rollBack();
			return { statements: outcomes, value: undefined, failure: failureOf(error) };
		}
	}

	/** Closes it; the last connection to a file moves the write-ahead log into it. */
	close(): void {
		this.statements.clear();
		this.database.close();
	}

	private checkState({ deadlineMs, begins, continues, ends }: Job): void {
		const { inTransaction } = this.database;
		if (continues) {
			// A full disk makes SQLite undo a transaction by itself. What follows must not be carried out by itself.
			if (!inTransaction && ends !== "rollback") throw new Error("the transaction is over");
			return;
		}
		if (inTransaction) this.rollBack();
		if (monotonicMs() >= deadlineMs) throw new Error(`${begins ? "a transaction" : "a statement"} waited too long`);
	}

	private rollBack(): void {
		if (this.database.inTransaction) this.prepared("rollback").run();
	}

	private runScript(script: Script<unknown>): unknown {
		let step = script.next();
		while (step.done !== true) {
			const results = step.value.statements.map((query) => (query === undefined ? { rows: [] } : this.query(query)));
			step = script.next(results);
		}
		return step.value;
	}

	private query({ sql, parameters }: CompiledQuery): QueryResult<unknown> {
		const statement = this.prepared(sql);
		if (statement.reader) return { rows: statement.all(parameters) };
		return { rows: [], numAffectedRows: BigInt(statement.run(parameters).changes) };
	}

	private execute(sql: string, parameters: readonly unknown[], onValue: (value: unknown) => void): StatementOutcome {
		const statement = this.prepared(sql);
		if (!statement.reader) {
			const { changes, lastInsertRowid } = statement.run(parameters);
			return { changes, insertId: Number(lastInsertRowid) };
		}
		const rows = statement.all(parameters) as Readonly<Record<string, unknown>>[];
		const columns = Object.keys(rows[0] ?? {});
		for (const row of rows) for (const column of columns) onValue(row[column]);
		return { columns, rows: rows.length };
	}

	/** A group commit has as many texts as it has sizes; preparing them again would be a sixth of what chat costs. */
	private prepared(sql: string): BetterSqlite3.Statement {
		const known = this.statements.get(sql);
		const statement = known ?? this.database.prepare(sql);
		setLast(this.statements, sql, statement, MAX_STATEMENTS);
		return statement;
	}
}

/** Nobody else may read what is in it; SQLite gives the files beside it the same permissions. */
function makeFile(location: string): void {
	mkdirSync(path.dirname(path.resolve(location)), { recursive: true });
	closeSync(openSync(location, "a", 0o600));
}

/** SQLite passes over a setting that it cannot have, as the log on a file system without shared memory. @throws Error. */
function checkSettings(database: BetterSqlite3.Database, location: string): void {
	const expected = { journal_mode: location === ":memory:" ? "memory" : "wal", synchronous: 1, foreign_keys: 1 };
	for (const [name, value] of Object.entries(expected)) {
		const actual = database.pragma(name, { simple: true });
		if (actual !== value) throw new Error(`SQLite: ${name} is ${String(actual)} where it has to be ${value}`);
	}
}

/** Repeats what meets another process's lock until the deadline. @throws what it throws in the end. */
async function whileBusy<T>(deadlineMs: number, work: () => T, onWait: () => void = () => {}): Promise<T> {
	for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, MAX_WAIT_MS)) {
		try {
			return work();
		} catch (error) {
			const isBusy = error instanceof BetterSqlite3.SqliteError && error.code.startsWith("SQLITE_BUSY");
			if (!isBusy || monotonicMs() >= deadlineMs) throw error;
		}
		onWait();
		await setTimeout(waitMs);
	}
}

export function failureOf(error: unknown): Failure {
	if (!(error instanceof Error)) return { name: "Error", message: String(error), code: undefined, stack: undefined };
	const { name, message, stack } = error;
	const { code } = error as { readonly code?: unknown };
	return { name, message, code: typeof code === "string" ? code : undefined, stack };
}
