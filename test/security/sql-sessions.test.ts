// Settings that a SQL session depends on are made and confirmed before it is used, whatever the server's defaults are.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import BetterSqlite3 from "better-sqlite3";
import { sql } from "kysely";
import mysql from "mysql2/promise";
import { v7 as uuidv7 } from "uuid";
import { SqlUserStore } from "../../services/accounts/store/user-store-sql.ts";
import type { UserRecord } from "../../services/accounts/user-store.ts";
import { openDatabase } from "../../stores/sql/database.ts";
import { parseDatabaseUrl } from "../../stores/sql/database-url.ts";
import { SqliteConnection } from "../../stores/sql/sqlite-connection.ts";
import { transact } from "../../stores/sql/transaction.ts";
import { startMariadb } from "../support/mariadb-server.ts";
import { startPostgres } from "../support/postgres-server.ts";
import { quietLogger } from "../support/quiet-logger.ts";
import { until } from "../support/until.ts";

function userRecord(name: string, nickname: string): UserRecord {
	return {
		...{ id: uuidv7(), username: name, usernameKey: name, email: "", nickname, passwordHash: `hash of ${name}` },
		...{ roles: [], status: "active", createdAtMs: 1, updatedAtMs: 1, avatarUrl: "", metadata: {}, version: 1 },
	};
}

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

test("MariaDB: modes of the server change nothing: what is acknowledged is there, whole, and text stays text", async (t) => {
	const server = await startMariadb();
	t.after(() => server.stop());
	const admin = await mysql.createConnection({ host: "127.0.0.1", port: server.port, user: "root" });
	t.after(() => admin.end());
	const migrated = openDatabase({ url: server.url }, quietLogger());
	await migrated.migrate();
	await migrated.close();
	await admin.query("SET GLOBAL sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES', GLOBAL autocommit = 0");
	await admin.query("SET GLOBAL completion_type = 1, GLOBAL sql_safe_updates = 1, GLOBAL sql_select_limit = 1");
	await admin.query("SET GLOBAL foreign_key_checks = 0, GLOBAL unique_checks = 0, GLOBAL max_statement_time = 0");
	await admin.query("SET GLOBAL TRANSACTION ISOLATION LEVEL READ UNCOMMITTED, READ ONLY");
	const database = openDatabase({ url: server.url, maxConnections: 1 }, quietLogger());
	t.after(() => database.close());
	const users = new SqlUserStore(database);
	const hostile = "\\', password_hash = 'stolen' -- ";
	for (const [name, nickname] of Object.entries({ ada: "Ada", eve: hostile })) {
		assert.equal(await users.create(userRecord(name, nickname)), true);
	}
	// By another session: what was acknowledged is committed.
	const [rows] = await admin.query("SELECT nickname, password_hash FROM framegate.users ORDER BY username_key");
	assert.deepEqual(rows, [
		{ nickname: "Ada", password_hash: "hash of ada" },
		{ nickname: hostile, password_hash: "hash of eve" },
	]);
	await database.run(async (db) => {
		// All rows, and an update by no key.
		assert.equal((await db.selectFrom("users").selectAll().execute()).length, 2);
		await db.updateTable("users").set({ updated_at_ms: 7 }).where("nickname", "=", hostile).execute();
		const session = sql<
			Record<string, unknown>
		>`select @@autocommit as a, @@completion_type as c, @@foreign_key_checks as f,
			@@unique_checks as u, @@tx_isolation as i, @@tx_read_only as r, @@innodb_lock_wait_timeout as l`;
		const expected = { a: 1, c: "NO_CHAIN", f: 1, u: 1, i: "READ-COMMITTED", r: 0, l: 3 };
		assert.deepEqual({ ...(await session.execute(db)).rows[0] }, expected);
		// Values go beside the statements, not in them.
		const status = await sql<{ Value: string }>`show session status like 'Com_stmt_execute'`.execute(db);
		assert.ok(Number(status.rows[0]?.Value) > 3);
	});
});

test("MariaDB: a connection that is not used is given back", async (t) => {
	const server = await startMariadb();
	t.after(() => server.stop());
	const admin = await mysql.createConnection({ host: "127.0.0.1", port: server.port, user: "root" });
	t.after(() => admin.end());
	const database = openDatabase({ url: server.url, idleTimeoutMs: 100 }, quietLogger());
	t.after(() => database.close());
	const connections = async () => {
		const [rows] = await admin.query("SELECT 1 FROM information_schema.processlist WHERE user = 'framegate'");
		return (rows as unknown[]).length;
	};
	const aborted = async () => {
		const [rows] = await admin.query("SHOW GLOBAL STATUS LIKE 'Aborted_clients'");
		return (rows as { readonly Value: string }[])[0]?.Value;
	};
	const before = await aborted();
	await Promise.all([1, 2, 3].map(() => database.run((db) => sql`select sleep(0.05)`.execute(db))));
	await until(async () => (await connections()) === 0);
	assert.equal(await aborted(), before, "each said goodbye");
	await database.probe.check();
});

test("PostgreSQL: defaults of a database change nothing", async (t) => {
	const server = await startPostgres();
	t.after(() => server.stop());
	const database = openDatabase({ url: server.url }, quietLogger());
	await database.migrate();
	for (const [name, value] of [
		["standard_conforming_strings", "off"],
		["default_transaction_isolation", "serializable"],
		["timezone", "Asia/Kathmandu"],
		["datestyle", "German"],
		["bytea_output", "escape"],
		["client_encoding", "LATIN1"],
	] as const) {
		await database.run((db) => sql`alter database postgres set ${sql.id(name)} = ${sql.lit(value)}`.execute(db));
	}
	await database.close();
	const later = openDatabase({ url: server.url }, quietLogger());
	t.after(() => later.close());
	const texts = ["\\' OR 1=1 --", "\u{1f600} ü", "''", "\\x00"];
	const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
	await later.run(async (db) => {
		for (const [index, text] of texts.entries()) {
			const query = sql<{ text: string; bytes: Buffer }>`select ${text}::text as text, ${bytes}::bytea as bytes`;
			const row = (await query.execute(db)).rows[0];
			assert.equal(row?.text, texts[index]);
			assert.deepEqual(row?.bytes, bytes);
		}
	});
	await transact(later, async (trx) => {
		const { rows } = await sql<{ level: string }>`select current_setting('transaction_isolation') as level`.execute(
			trx,
		);
		assert.equal(rows[0]?.level, "read committed");
	});
});

test("PostgreSQL: a database whose transactions only read is not ready, and says so", async (t) => {
	const server = await startPostgres();
	t.after(() => server.stop());
	const first = openDatabase({ url: server.url }, quietLogger());
	await first.migrate();
	await first.run((db) => sql`alter database postgres set default_transaction_read_only = on`.execute(db));
	await first.close();
	const database = openDatabase({ url: server.url, probeIntervalMs: 0 }, quietLogger());
	t.after(() => database.close());
	assert.deepEqual(await database.migrate(), []);
	await assert.rejects(database.probe.check(), hasCause(/read-only transaction/));
	await assert.rejects(database.probe.check(), /storage is read-only \(25006\)/);
});

test("SQLite: a setting that it passes over is an error", async (t) => {
	const directory = mkdtempSync(join(tmpdir(), "framegate-sqlite-"));
	t.after(() => rmSync(directory, { recursive: true, force: true }));
	const original = BetterSqlite3.prototype.pragma;
	t.mock.method(BetterSqlite3.prototype, "pragma", function (this: BetterSqlite3.Database, ...args: [string, object?]) {
		// As on a file system without shared memory: no error, and another journal.
		return args[0].startsWith("journal_mode =") ? "delete" : original.apply(this, args);
	});
	// In the thread of the test: the one that owns the connection otherwise would not see the method replaced.
	const opened = SqliteConnection.open({ location: join(directory, "a.db"), isReader: false, openTimeoutMs: 1000 });
	await assert.rejects(opened, /journal_mode is delete where it has to be wal/);
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
