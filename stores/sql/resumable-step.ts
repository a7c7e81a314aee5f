// Migrations on MySQL and MariaDB, where every statement of the schema commits by itself: a process that dies in the middle of a
// step leaves a part of it. How far a step has come is kept in a table, so that the next attempt passes over what is there
// already, and only over that: a table of the same name that somebody else has made is an error, as it is elsewhere.
import {
	type CompiledQuery,
	type DatabaseConnection,
	type Dialect,
	type Driver,
	Kysely,
	type Migration,
	MysqlAdapter,
	MysqlIntrospector,
	MysqlQueryCompiler,
	type QueryResult,
} from "kysely";
import type { Tables } from "./schema.ts";
import { SchemaError } from "./schema-error.ts";

interface SchemaProgressTable {
	step: string;
	/** Statements of the step that are known to be carried out. */
	done: number;
	/** The one that was sent and whose end is not known; 0: none. */
	attempted: number;
}

type Db = Kysely<{ schema_progress: SchemaProgressTable }>;

/** Statements that change the schema. All others of a step have to be repeatable by themselves. */
const schemaStatements: ReadonlySet<CompiledQuery["query"]["kind"]> = new Set([
	"CreateTableNode",
	"CreateIndexNode",
	"AlterTableNode",
	"DropTableNode",
	"DropIndexNode",
]);

/** What a statement fails with that was carried out before. */
const ALREADY = new Set([
	"ER_TABLE_EXISTS_ERROR",
	"ER_DUP_KEYNAME",
	"ER_DUP_FIELDNAME",
	"ER_BAD_TABLE_ERROR",
	"ER_CANT_DROP_FIELD_OR_KEY",
]);

/** @returns the step as one that can be taken up again at any statement. */
export function resumable(name: string, step: Migration): Migration {
	return {
		up: async (db: Db) => {
			await db.schema
				.createTable("schema_progress")
				.ifNotExists()
				.addColumn("step", "varchar(255)", (column) => column.primaryKey())
				.addColumn("done", "integer", (column) => column.notNull())
				.addColumn("attempted", "integer", (column) => column.notNull())
				.execute();
			await step.up(await Progress.of(db, name));
		},
		...(step.down && { down: step.down }),
	};
}

/** Call when all steps are applied, so that nothing is passed over should they be undone and applied again. */
export async function forgetProgress(db: Kysely<Tables>): Promise<void> {
	await (db as unknown as Db).deleteFrom("schema_progress").execute();
}

class Progress implements Driver, DatabaseConnection {
	private readonly db: Db;
	private readonly step: string;
	private readonly before: Omit<SchemaProgressTable, "step">;
	/** Schema statements of this attempt. */
	private count = 0;

	/** @returns a database on the same connection, whose schema statements are recorded. */
	static async of(db: Db, step: string): Promise<Kysely<unknown>> {
		// Steps are applied one after the other: those before are complete.
		await db.deleteFrom("schema_progress").where("step", "!=", step).execute();
		const row = await db.selectFrom("schema_progress").selectAll().where("step", "=", step).executeTakeFirst();
		if (row === undefined) await db.insertInto("schema_progress").values({ step, done: 0, attempted: 0 }).execute();
		const progress = new Progress(db, step, row ?? { done: 0, attempted: 0 });
		const dialect: Dialect = {
			createDriver: () => progress,
			createAdapter: () => new MysqlAdapter(),
			createQueryCompiler: () => new MysqlQueryCompiler(),
			createIntrospector: (kysely) => new MysqlIntrospector(kysely),
		};
		return new Kysely<unknown>({ dialect });
	}

	private constructor(db: Db, step: string, before: Omit<SchemaProgressTable, "step">) {
		this.db = db;
		this.step = step;
		this.before = before;
	}

	async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
		if (!schemaStatements.has(query.query.kind)) return await this.db.executeQuery<Row>(query as CompiledQuery<Row>);
		const number = ++this.count;
		const mayBeThere = number <= this.before.done || number === this.before.attempted;
		if (!mayBeThere) await this.record({ attempted: number });
		try {
			await this.db.executeQuery(query);
		} catch (error) {
			if (!ALREADY.has(String((error as { code?: unknown }).code))) throw error;
			if (!mayBeThere) {
				await this.record({ attempted: 0 });
				const hint = "it was made by something else: use a database of its own, or remove it there";
				throw new SchemaError(`${(error as Error).message}; ${hint}`);
			}
		}
		if (number > this.before.done) await this.record({ done: number, attempted: 0 });
		return { rows: [] };
	}

	private async record(change: Partial<SchemaProgressTable>): Promise<void> {
		await this.db.updateTable("schema_progress").set(change).where("step", "=", this.step).execute();
	}

	async acquireConnection(): Promise<DatabaseConnection> {
		return this;
	}

	streamQuery(): never {
		throw new Error("a migration does not stream");
	}

	async init(): Promise<void> {}
	async beginTransaction(): Promise<void> {}
	async commitTransaction(): Promise<void> {}
	async rollbackTransaction(): Promise<void> {}
	async releaseConnection(): Promise<void> {}
	async destroy(): Promise<void> {}
}
