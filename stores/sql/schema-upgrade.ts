// Brings the tables up to date, in a database that can hold the data.
import { type Kysely, Migrator, sql } from "kysely";
import type { SqlDialectName } from "./database-url.ts";
import { migrationsFor } from "./migrations.ts";
import { forgetProgress } from "./resumable-step.ts";
import { type TableName, type Tables, tableNames } from "./schema.ts";
import { SchemaError } from "./schema-error.ts";
import { sqlState } from "./sql-error.ts";

/**
 * Applies the steps that are missing.
 *
 * @returns their names.
 * @throws SchemaError when the database will not do as it is, and what the driver throws.
 */
export async function upgradeSchema(db: Kysely<Tables>, dialect: SqlDialectName): Promise<readonly string[]> {
	const schema = dialect === "postgres" ? await checkPostgres(db) : undefined;
	if (dialect === "mysql") await checkMysqlTables(db);
	const migrator = new Migrator({
		db,
		provider: migrationsFor(dialect),
		// Kysely looks for its tables in all schemas, and would take those of another product for its own.
		...(schema !== undefined && { migrationTableSchema: schema }),
	});
	const { error, results } = await migrator.migrateToLatest();
	if (error !== undefined) throw failure(error, results?.find(({ status }) => status === "Error")?.migrationName);
	if (dialect === "mysql" && (results ?? []).length > 0) await forgetProgress(db);
	return (results ?? []).map((result) => result.migrationName);
}

function failure(error: unknown, step: string | undefined): unknown {
	const text = error instanceof Error ? error.message : String(error);
	const of = step === undefined ? "the tables of the migrations" : `step ${step}`;
	const options = step === undefined ? {} : { step };
	if (error instanceof SchemaError) return new SchemaError(`${of}: ${text}`, options);
	// Kysely finds steps that it does not know, or that are out of order.
	if (text.startsWith("corrupted migrations")) {
		const hint = "the database is that of a newer version, or of another product that uses kysely in the same schema";
		return new SchemaError(`${text}; ${hint}`);
	}
	// SQLSTATE class 42, syntax error or access rule violation: what is there already, or may not be made.
	if (!sqlState(error)?.startsWith("42")) return error;
	const hint = "the database needs a schema of its own, whose owner the gateway's user is";
	return new SchemaError(`${of}: ${text}; ${hint}`, options);
}

/** @returns the schema that tables are made in. */
async function checkPostgres(db: Kysely<Tables>): Promise<string> {
	const query = sql<{ encoding: string; schema: string | null }>`
		select pg_catalog.current_setting('server_encoding') as encoding, pg_catalog.current_schema() as schema`;
	const row = (await query.execute(db)).rows[0];
	if (row?.encoding !== "UTF8") {
		const hint = "create it with ENCODING 'UTF8' TEMPLATE template0";
		throw new SchemaError(`the database has the encoding ${row?.encoding}, which cannot hold every text; ${hint}`, {
			isUnsuitable: true,
		});
	}
	if (row.schema === null) {
		throw new SchemaError("no schema of the search_path exists; create one, or set the search_path of the role");
	}
	return row.schema;
}

/** Tables of ours that were made or converted by other means than these steps. */
async function checkMysqlTables(db: Kysely<Tables>): Promise<void> {
	const query = sql<{ table_name: TableName; column_name: string; collation: string }>`
		select table_name as table_name, column_name as column_name, collation_name as collation
		from information_schema.columns
		where table_schema = database() and table_name in (${sql.join([...tableNames])}) and character_set_name is not null
			and (character_set_name <> 'utf8mb4' or right(collation_name, 4) <> '_bin')
		order by table_name, ordinal_position limit 1`;
	const row = (await query.execute(db)).rows[0];
	if (row === undefined) return;
	const hint = `ALTER TABLE ${row.table_name} CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`;
	const what = `the column ${row.table_name}.${row.column_name} has the collation ${row.collation}`;
	throw new SchemaError(`${what}, in which not every text can be held and found; ${hint}`, {
		isUnsuitable: true,
	});
}
