// A new file of SQLite: who may read it, and several processes that start on it.
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import BetterSqlite3 from "better-sqlite3";
import { openDatabase } from "../../stores/sql/database.ts";
import { quietLogger } from "../support/quiet-logger.ts";

test("no other user may read the database file, nor the files that SQLite keeps beside it", async () => {
	const directory = mkdtempSync(join(tmpdir(), "framegate-sqlite-"));
	chmodSync(directory, 0o755);
	const database = openDatabase({ url: `sqlite:${join(directory, "new.db")}` }, quietLogger());
	try {
		await database.migrate();
		const files = readdirSync(directory).sort();
		assert.deepEqual(files, ["new.db", "new.db-shm", "new.db-wal"]);
		for (const file of files) assert.equal(statSync(join(directory, file)).mode & 0o777, 0o600, file);
	} finally {
		await database.close();
		rmSync(directory, { recursive: true });
	}
});

test("waits for a file that another process is setting up", async () => {
	const directory = mkdtempSync(join(tmpdir(), "framegate-sqlite-"));
	const file = join(directory, "new.db");
	const other = new BetterSqlite3(file);
	const database = openDatabase({ url: `sqlite:${file}` }, quietLogger());
	try {
		// Not in WAL mode yet: changing that needs exclusive access to the file.
		other.exec("create table first (id integer)");
		other.exec("begin immediate");
		const migrated = database.migrate();
		setTimeout(() => other.exec("commit"), 50);
		assert.ok((await migrated).length > 0);
	} finally {
		await database.close();
		other.close();
		rmSync(directory, { recursive: true });
	}
});
