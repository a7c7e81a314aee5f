// Settings that a SQL session depends on are made and confirmed before it is used, whatever the server's defaults are.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import BetterSqlite3 from "better-sqlite3";
import { sql } from "kysely";
import mysql from "mysql2/promise";
import { openDatabase } from "../../stores/sql/database.ts";
import { parseDatabaseUrl } from "../../stores/sql/database-url.ts";
import { startMariadb } from "../support/mariadb-server.ts";
import { quietLogger } from "../support/quiet-logger.ts";

const hasCause = (pattern: RegExp) => (error: Error) => pattern.test(String((error.cause as Error).message));

test("MariaDB: a session has its own mode, charset and time zone, whatever the server's are", async (t) => {
	const server = await startMariadb();
	t.after(() => server.stop());
	const admin = await mysql.createConnection({ host: "127.0.0.1", port: server.port, user: "root" });
	t.after(() => admin.end());
	// Cuts what is too long, takes backslashes literally, and forgets the client's charset.
	await admin.query("SET GLOBAL sql_mode = 'NO_BACKSLASH_ESCAPES', GLOBAL time_zone = '+05:00'");
	await admin.query("SET GLOBAL init_connect = 'SET NAMES latin1'");
	const database = openDatabase(
		{ url: server.url, statementTimeoutMs: 10_000, connectTimeoutMs: 10_000 },
		quietLogger(),
	);
	t.after(() => database.close());
	const rows = await database.run(async (db) => {
		const hostile = "\\' OR 1=1 -- \u{1f600}";
		const query = sql<{ mode: string; charset: string; zone: string; text: string }>`
			select @@sql_mode as mode, @@character_set_client as charset, @@time_zone as zone, ${hostile} as text`;
		const result = await query.execute(db);
		assert.equal(result.rows[0]?.text, hostile);
		return result.rows;
	});
	const { mode, charset, zone } = rows[0] ?? { mode: "", charset: "", zone: "" };
	assert.match(mode, /STRICT_TRANS_TABLES/);
	assert.doesNotMatch(mode, /NO_BACKSLASH_ESCAPES/);
	assert.deepEqual([charset, zone], ["utf8mb4", "+00:00"]);
	await database.run((db) => sql`create table short_texts (value varchar(3))`.execute(db));
	const inserting = database.run((db) => sql`insert into short_texts values ('too long')`.execute(db));
	await assert.rejects(inserting, hasCause(/too long/i));
});

test("SQLite: a setting that it passes over is an error", async (t) => {
	const directory = mkdtempSync(join(tmpdir(), "framegate-sqlite-"));
	t.after(() => rmSync(directory, { recursive: true, force: true }));
	const original = BetterSqlite3.prototype.pragma;
	t.mock.method(BetterSqlite3.prototype, "pragma", function (this: BetterSqlite3.Database, ...args: [string, object?]) {
		// As on a file system without shared memory: no error, and another journal.
		return args[0].startsWith("journal_mode =") ? "delete" : original.apply(this, args);
	});
	const database = openDatabase({ url: `sqlite:${join(directory, "a.db")}` }, quietLogger());
	t.after(() => database.close());
	await assert.rejects(database.probe.check(), hasCause(/journal_mode is delete where it has to be wal/));
});

test("a schema that the driver would pass over is refused at the start", () => {
	for (const name of ["schema", "currentSchema", "search_path"]) {
		assert.throws(
			() => parseDatabaseUrl(`postgres://u:topsecret@h/d?${name}=plant`),
			(error: Error) => {
				assert.match(error.message, /options=-csearch_path/);
				return !error.message.includes("topsecret");
			},
		);
	}
	assert.equal(parseDatabaseUrl("postgres://h/d?options=-csearch_path%3Dplant").dialect, "postgres");
});
