// Batches of the work of many callers do not wait for a connection behind the queries of single callers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { openDatabase } from "../../stores/sql/database.ts";
import { transact } from "../../stores/sql/transaction.ts";
import { startMariadb } from "../support/mariadb-server.ts";
import { startPostgres } from "../support/postgres-server.ts";
import { quietLogger } from "../support/quiet-logger.ts";

for (const [name, start] of [
	["PostgreSQL", startPostgres],
	["MariaDB", startMariadb],
] as const) {
	test(`a batch on ${name} runs while requests have all other connections, and more wait`, async (t) => {
		const server = await start();
		t.after(() => server.stop());
		const database = openDatabase({ url: server.url, maxConnections: 3 }, quietLogger());
		t.after(() => database.close());
		let release = () => {};
		const released = new Promise<void>((resolve) => {
			release = resolve;
		});
		let open = 0;
		let done = 0;
		const requests = Array.from({ length: 6 }, async () => {
			await transact(database, async (trx) => {
				await sql`select 1`.execute(trx);
				open++;
				await released;
			});
			done++;
		});
		const one = await transact(database, (trx) => sql<{ n: number }>`select 1 as n`.execute(trx), undefined, "batch");
		assert.equal(Number(one.rows[0]?.n), 1);
		assert.equal(done, 0);
		release();
		await Promise.all(requests);
		assert.deepEqual([open, done], [6, 6]);
	});

	test(`one connection to ${name} serves both`, async (t) => {
		const server = await start();
		t.after(() => server.stop());
		const database = openDatabase({ url: server.url, maxConnections: 1 }, quietLogger());
		t.after(() => database.close());
		for (const lane of ["request", "batch", "request"] as const) {
			const { rows } = await transact(
				database,
				(trx) => sql<{ n: number }>`select 1 as n`.execute(trx),
				undefined,
				lane,
			);
			assert.equal(Number(rows[0]?.n), 1);
		}
	});
}
