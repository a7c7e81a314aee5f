// "The SQL database is unavailable" is said of a database that is, and of nothing else that a statement may fail with.
import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { openDatabase } from "../../stores/sql/database.ts";
import { SqlOutageLog } from "../../stores/sql/outage-log.ts";
import { startMariadb } from "../support/mariadb-server.ts";
import { startPostgres } from "../support/postgres-server.ts";
import { type LogLine, quietLogger } from "../support/quiet-logger.ts";

const failure = (fields: Record<string, string>) => Object.assign(new Error("of the database"), fields);

function linesFor(error: Error): number {
	const lines: LogLine[] = [];
	const log = new SqlOutageLog(quietLogger(lines), "db:1");
	for (let time = 0; time < 3; time++) {
		log.failed(error);
		log.failed(error);
		log.succeeded();
	}
	return lines.length;
}

test("a database that refuses one statement and answers the next is not said to come and go", () => {
	for (const fields of [
		{ code: "ER_LOCK_WAIT_TIMEOUT", sqlState: "HY000" },
		{ code: "ER_TABLEACCESS_DENIED_ERROR", sqlState: "42000" },
		{ code: "ER_RECORD_FILE_FULL", sqlState: "HY000" },
		{ code: "EE_WRITE", sqlState: "HY000" },
		{ code: "ER_QUERY_INTERRUPTED", sqlState: "70100" },
		{ code: "53100" },
		{ code: "55P03" },
		{ code: "42501" },
		{ code: "57014" },
	]) {
		assert.equal(linesFor(failure(fields)), 0, JSON.stringify(fields));
	}
});

test("one that takes no connection is, once for each time", () => {
	for (const fields of [
		{ code: "ECONNREFUSED" },
		{ code: "ETIMEDOUT" },
		{ code: "PROTOCOL_CONNECTION_LOST" },
		{ code: "ER_CON_COUNT_ERROR", sqlState: "08004" },
		{ code: "ER_TOO_MANY_USER_CONNECTIONS", sqlState: "42000" },
		{ code: "ER_ACCESS_DENIED_ERROR", sqlState: "28000" },
		{ code: "ER_SERVER_SHUTDOWN", sqlState: "08S01" },
		{ code: "53300" },
		{ code: "28P01" },
		{ code: "3D000" },
		{ code: "57P03" },
	]) {
		assert.equal(linesFor(failure(fields)), 6, JSON.stringify(fields));
	}
});

for (const [name, start] of [
	["PostgreSQL", startPostgres],
	["MariaDB", startMariadb],
] as const) {
	test(`a statement that ${name} refuses is no outage`, async (t) => {
		const server = await start();
		t.after(() => server.stop());
		const lines: LogLine[] = [];
		const database = openDatabase({ url: server.url }, quietLogger(lines));
		t.after(() => database.close());
		await assert.rejects(database.run((db) => sql`select 1 from no_such_table`.execute(db)));
		await database.probe.check();
		assert.deepEqual(lines, []);
	});
}
