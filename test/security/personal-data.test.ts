// Everything that is stored has a decision: what becomes of it when the user whom it is about is deleted.
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { sql } from "kysely";
import { type Database, openDatabase } from "../../stores/sql/database.ts";
import { tableNames } from "../../stores/sql/schema.ts";
import { quietLogger } from "../support/quiet-logger.ts";
import { columns, redisKeys } from "./personal-data.ts";

/** Of the migrations themselves, and of SQLite: the last number that a table has given. */
const OF_MIGRATIONS = new Set(["kysely_migration", "kysely_migration_lock", "schema_progress", "sqlite_sequence"]);

describe("what becomes of personal data", () => {
	let database: Database;
	before(async () => {
		database = openDatabase({ url: "sqlite::memory:" }, quietLogger());
		await database.migrate();
	});
	after(() => database.close());

	it("is decided for every column of every table", async () => {
		const found = await database.run(async (db) => {
			const query = sql<{ table: string; name: string }>`
				select tables.name as "table", info.name as name
				from sqlite_master tables, pragma_table_info(tables.name) info where tables.type = 'table'`;
			return (await query.execute(db)).rows.filter(({ table }) => !OF_MIGRATIONS.has(table));
		});
		const tables = new Set(found.map(({ table }) => table));
		assert.deepEqual([...tables].sort(), [...tableNames].sort());
		const decided = Object.entries(columns).flatMap(([table, names]) =>
			Object.keys(names).map((name) => `${table}.${name}`),
		);
		assert.deepEqual(found.map(({ table, name }) => `${table}.${name}`).sort(), decided.sort());
	});

	it("is decided for every kind of key in Redis", () => {
		const kinds = new Set<string>();
		for (const file of globSync("{services,messaging,stores,core,server}/**/*.ts")) {
			const source = readFileSync(file, "utf8");
			for (const [, kind = ""] of source.matchAll(/keyPrefix\}((?:(?!\$\{|`).)+)/g)) kinds.add(kind);
		}
		assert.deepEqual([...kinds].sort(), Object.keys(redisKeys).sort());
	});
});
