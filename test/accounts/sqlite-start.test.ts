// SQLite with several processes that start on one new file.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import BetterSqlite3 from "better-sqlite3";
import { openDatabase } from "../../stores/sql/database.ts";
import { quietLogger } from "../support/quiet-logger.ts";

test("a file that another process is just setting up is waited for", async () => {
	const directory = mkdtempSync(join(tmpdir(), "framegate-sqlite-"));
	const file = join(directory, "new.db");
	const other = new BetterSqlite3(file);
	const database = openDatabase({ url: `sqlite:${file}` }, quietLogger());
	try {
		// Not in WAL mode yet: whoever wants to change that needs the file alone.
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
