// The migrations of the schema, forwards and backwards, on every database.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Migrator } from "kysely";
import { createConnection } from "mysql2/promise";
import { openDatabase } from "../../stores/sql/database.ts";
import { migrationsFor } from "../../stores/sql/migrations.ts";
import { startMariadb } from "../support/mariadb-server.ts";
import { startPostgres } from "../support/postgres-server.ts";
import { quietLogger } from "../support/quiet-logger.ts";

const backends = {
	SQLite: async () => ({ url: "sqlite::memory:", stop: async () => {} }),
	PostgreSQL: startPostgres,
	MariaDB: startMariadb,
};

for (const [name, start] of Object.entries(backends)) {
	test(`every step can be undone and done again on ${name}`, async () => {
		const backend = await start();
		const database = openDatabase({ url: backend.url }, quietLogger());
		try {
			const steps = await database.migrate();
			assert.ok(steps.length > 3);
			for (const step of [...steps].reverse()) {
				await database.run(async (db) => {
					const { error, results } = await new Migrator({
						db,
						provider: migrationsFor(database.dialect),
					}).migrateDown();
					assert.equal(error, undefined, step);
					assert.equal(results?.[0]?.migrationName, step);
				});
			}
			assert.deepEqual(await database.migrate(), steps);
		} finally {
			await database.close();
			await backend.stop();
		}
	});
}

test("the temporary files of a MariaDB under test lie where no other server deletes them", async () => {
	const server = await startMariadb();
	const connection = await createConnection({ uri: server.url });
	try {
		const [rows] = await connection.query("select @@tmpdir as place");
		assert.deepEqual(rows, [{ place: server.directory }]);
	} finally {
		connection.destroy();
		await server.stop();
	}
});
