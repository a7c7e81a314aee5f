// What is old enough to be deleted is decided by the clock that is behind: of the process, or of its database.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openDatabase } from "../../stores/sql/database.ts";
import { keptSince } from "../../stores/sql/retention.ts";
import { startMariadb } from "../support/mariadb-server.ts";
import { startPostgres } from "../support/postgres-server.ts";
import { quietLogger } from "../support/quiet-logger.ts";

const YEAR_MS = 365 * 86_400_000;
const DAY_MS = 86_400_000;

for (const [name, start] of Object.entries({
	SQLite: async () => ({ url: "sqlite::memory:", stop: async () => {} }),
	PostgreSQL: startPostgres,
	MariaDB: startMariadb,
})) {
	test(`a process whose clock is ahead of ${name}'s takes nothing for older than it is`, async (t) => {
		const server = await start();
		t.after(() => server.stop());
		const database = openDatabase({ url: server.url }, quietLogger());
		t.after(() => database.close());
		const since = (nowMs: number) => database.run((db) => keptSince(db, database.dialect, { keptMs: DAY_MS, nowMs }));
		const before = Date.now();
		const ahead = await since(before + YEAR_MS);
		assert.ok(ahead >= before - DAY_MS - 1000 && ahead <= Date.now() - DAY_MS + 1000, String(ahead));
		assert.equal(await since(before - YEAR_MS), before - YEAR_MS - DAY_MS);
	});
}
