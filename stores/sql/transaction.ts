// Transactions that may meet each other: repeated when the database chose them as a deadlock's victim.
import type { Kysely, Transaction } from "kysely";
import type { Database, Lane } from "./database.ts";
import type { Tables } from "./schema.ts";
import { runTogether } from "./statement-batch.ts";
import type { Writer } from "./storage-watch.ts";
import { ScriptCall, type ScriptSource } from "./transaction-script.ts";

const MAX_ATTEMPTS = 5;

/**
 * Runs `queries` in one transaction that reads what others have committed; again, up to a bound, when it was undone for
 * the sake of another one.
 *
 * @param writer - as in `Database.run`, and so is `lane`.
 * @throws GatewayError UNAVAILABLE, or what `queries` throws as a GatewayError.
 */
export function transact<T>(
	database: Database,
	queries: (trx: Transaction<Tables>) => Promise<T>,
	writer?: Writer,
	lane?: Lane,
): Promise<T> {
	return database.run((db) => retried(() => transaction(database, db).execute(queries)), writer, lane);
}

export interface ScriptArguments<Args> {
	readonly args: Args;
	/** What of them is bytes. */
	readonly blob: Uint8Array;
	/** How large the others are. */
	readonly bytes: number;
	/** As in `Database.run`. */
	readonly writer?: Writer;
}

/**
 * Runs a script in a transaction, as a batch: of one kind of script there is one at a time.
 *
 * @throws GatewayError UNAVAILABLE; what it did is undone then, or unknown.
 */
export function transactScript<Args, Result>(
	database: Database,
	script: ScriptSource<Args, Result>,
	{ args, blob, bytes, writer }: ScriptArguments<Args>,
): Promise<Result> {
	const { dialect } = database;
	if (dialect === "sqlite") {
		const call = new ScriptCall(script.module, { args, blob, bytes });
		return database.run(async (db) => (await db.executeQuery(call)).rows[0] as Result, writer);
	}
	return transact(
		database,
		async (trx) => {
			const generator = script.run(trx, args, blob);
			let step = generator.next();
			while (step.done !== true) {
				const { statements, commits } = step.value;
				step = generator.next(await runTogether(trx, dialect, statements, { commits }));
			}
			return step.value;
		},
		writer,
		"batch",
	);
}

/** Runs a single statement, again when it was a deadlock's victim. */
export function statement<T>(
	database: Database,
	query: (db: Kysely<Tables>) => Promise<T>,
	writer?: Writer,
): Promise<T> {
	return database.run((db) => retried(() => query(db)), writer);
}

function transaction(database: Database, db: Kysely<Tables>) {
	// SQLite has one writer at a time and knows no levels.
	if (database.dialect === "sqlite") return db.transaction();
	return db.transaction().setIsolationLevel("read committed");
}

async function retried<T>(work: () => Promise<T>): Promise<T> {
	for (let attempt = 1; ; attempt++) {
		try {
			return await work();
		} catch (error) {
			if (attempt >= MAX_ATTEMPTS || !isVictim(error)) throw error;
		}
	}
}

/** SQLSTATE 40001 and 40P01 of PostgreSQL; MySQL's and MariaDB's names of the same. */
function isVictim(error: unknown): boolean {
	const code = (error as { code?: unknown }).code;
	return code === "40001" || code === "40P01" || code === "ER_LOCK_DEADLOCK" || code === "ER_CHECKREAD";
}
