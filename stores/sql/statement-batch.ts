// Statements of which none needs the answer of another: on SQLite and PostgreSQL they travel together, so that a transaction does not
// wait for the event loop, and a lock is not held, once for each of them. On MySQL and MariaDB, which go on behind a statement that
// fails, they go one after the other.
import { CompiledQuery, type Kysely, type QueryResult } from "kysely";
import type { SqlDialectName } from "./database-url.ts";
import type { Tables } from "./schema.ts";

/** Several statements in the place of one, for the drivers of SQLite and PostgreSQL. Each row of the result is the result of one of them. */
export class StatementBatch implements CompiledQuery<QueryResult<unknown>> {
	readonly query: CompiledQuery["query"];
	readonly queryId: CompiledQuery["queryId"];
	readonly sql = "";
	readonly parameters = [];
	readonly statements: readonly CompiledQuery[];
	readonly commits: boolean;

	constructor(statements: readonly CompiledQuery[], commits: boolean) {
		({ query: this.query, queryId: this.queryId } = CompiledQuery.raw(""));
		this.statements = statements;
		this.commits = commits;
	}
}

/** In the place of one that is not wanted: undefined, whose result has no rows. */
export type Statements<Rows extends readonly unknown[]> = {
	readonly [Index in keyof Rows]: CompiledQuery<Rows[Index]> | undefined;
};

export type Results<Rows extends readonly unknown[]> = { readonly [Index in keyof Rows]: QueryResult<Rows[Index]> };

/**
 * Runs statements of a transaction in their order, and none behind one that fails.
 *
 * @param commits - nothing follows in this transaction: on SQLite and PostgreSQL it is committed with the last of them.
 */
export async function runTogether<const Rows extends readonly unknown[]>(
	db: Kysely<Tables>,
	dialect: SqlDialectName,
	statements: Statements<Rows>,
	{ commits = false }: { readonly commits?: boolean } = {},
): Promise<Results<Rows>> {
	const list = statements as readonly (CompiledQuery | undefined)[];
	const wanted = list.filter((statement) => statement !== undefined);
	const results = dialect === "mysql" ? await runInTurn(db, wanted) : await runAsOne(db, wanted, commits);
	let next = 0;
	return list.map((statement) => (statement === undefined ? NOTHING : results[next++])) as unknown as Results<Rows>;
}

const NOTHING: QueryResult<unknown> = { rows: [] };

async function runAsOne(
	db: Kysely<Tables>,
	statements: readonly CompiledQuery[],
	commits: boolean,
): Promise<readonly QueryResult<unknown>[]> {
	const batch: CompiledQuery<QueryResult<unknown>> = new StatementBatch(statements, commits);
	return (await db.executeQuery(batch)).rows;
}

async function runInTurn(
	db: Kysely<Tables>,
	statements: readonly CompiledQuery[],
): Promise<readonly QueryResult<unknown>[]> {
	const results: QueryResult<unknown>[] = [];
	for (const statement of statements) results.push(await db.executeQuery(statement));
	return results;
}
