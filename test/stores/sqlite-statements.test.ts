// SQLite statements are prepared once and used again: with other values, after a failure, and when the schema has changed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { ErrorCode } from "../../protocol/codes.ts";
import { openDatabase } from "../../stores/sql/database.ts";
import { quietLogger } from "../support/quiet-logger.ts";

test("the same statement again", async (context) => {
	const database = openDatabase({ url: "sqlite::memory:" }, quietLogger());
	context.after(() => database.close());
	const ask = async <Row>(text: string, ...values: readonly unknown[]): Promise<Row[]> => {
		const [head = "", ...parts] = text.split("?");
		const query = parts.reduce(
			(made, part, index) => sql`${made}${values[index]}${sql.raw(part)}`,
			sql`${sql.raw(head)}`,
		);
		return (await database.run((db) => query.execute(db))).rows as Row[];
	};
	await ask("create table things (id text primary key)");
	const insert = "insert into things (id) values (?)";
	await ask(insert, "a");
	await assert.rejects(ask(insert, "a"), { code: ErrorCode.CONFLICT }, "a key twice");
	await ask(insert, "b");
	const all = "select * from things order by id";
	const before = await ask(all);
	assert.deepEqual(before, [{ id: "a" }, { id: "b" }]);
	await ask("alter table things add column size integer default 7");
	assert.deepEqual(await ask(all), [
		{ id: "a", size: 7 },
		{ id: "b", size: 7 },
	]);
	assert.deepEqual(before, [{ id: "a" }, { id: "b" }]);
	// More texts than are kept; the first has to be prepared again.
	for (let i = 0; i < 300; i++)
		assert.deepEqual(await ask(`select id from things where ${i} = ? and id = 'a'`, i), [{ id: "a" }]);
	assert.equal((await ask(all)).length, 2);
});
