// What a gateway gives up ends on the server as well: statements that take too long, and transactions of a process that has stopped.
import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { sql } from "kysely";
import mysql from "mysql2/promise";
import pg from "pg";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import { type Database, openDatabase } from "../../stores/sql/database.ts";
import { transact } from "../../stores/sql/transaction.ts";
import { startMariadb } from "../support/mariadb-server.ts";
import { startPostgres } from "../support/postgres-server.ts";
import { quietLogger } from "../support/quiet-logger.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { until } from "../support/until.ts";

interface Backend {
	readonly url: string;
	/** Takes ten minutes. */
	readonly sleep: string;
	/** How many sessions run the statement. */
	sleeping(): Promise<number>;
	/** Runs a statement as another user. */
	ask(statement: string): Promise<unknown>;
}

const backends: Record<string, (t: TestContext) => Promise<Backend>> = {
	PostgreSQL: async (t) => {
		const server = await startPostgres();
		t.after(() => server.stop());
		const admin = new pg.Client({ connectionString: server.url });
		// Of its end with the server.
		admin.on("error", () => {});
		await admin.connect();
		const active = "select 1 from pg_stat_activity where query like '%pg_sleep(600)' and state = 'active'";
		const sleeping = async () => (await admin.query(active)).rowCount ?? 0;
		return { url: server.url, sleep: "select pg_sleep(600)", sleeping, ask: (statement) => admin.query(statement) };
	},
	MariaDB: async (t) => {
		const server = await startMariadb();
		t.after(() => server.stop());
		const admin = await rootOf(server, t);
		const active = "select 1 from information_schema.processlist where info like '%sleep(600)' and command <> 'Killed'";
		const sleeping = async () => ((await admin.query(active))[0] as unknown[]).length;
		return { url: server.url, sleep: "select sleep(600)", sleeping, ask: (statement) => admin.query(statement) };
	},
};

async function rootOf({ port }: { readonly port: number }, t: TestContext): Promise<mysql.Connection> {
	const admin = await mysql.createConnection({ host: "127.0.0.1", port, user: "root", database: "framegate" });
	t.after(() => admin.destroy());
	return admin;
}

function isUnavailable(error: unknown): boolean {
	return error instanceof GatewayError && error.code === ErrorCode.UNAVAILABLE;
}

const run = (database: Database, statement: string) => database.run((db) => sql.raw(statement).execute(db));

for (const [name, start] of Object.entries(backends)) {
	describe(`what is given up on ${name}`, { timeout: 180_000 }, () => {
		test("a statement that takes too long is ended on the server, in a transaction and outside of one", async (t) => {
			const { url, sleep, sleeping } = await start(t);
			const database = openDatabase({ url, statementTimeoutMs: 1000, maxConnections: 2 }, quietLogger());
			t.after(() => database.close());
			const alone = run(database, sleep);
			const inside = transact(database, (trx) => sql.raw(sleep).execute(trx), undefined, "batch");
			const rejected = [assert.rejects(alone, isUnavailable), assert.rejects(inside, isUnavailable)];
			await until(async () => (await sleeping()) === 2);
			await Promise.all(rejected);
			await until(async () => (await sleeping()) === 0);
			await until(async () => (await run(database, "select 1")).rows.length === 1);
		});

		test("a transaction whose process has stopped gives its locks back", async (t) => {
			const { url, ask } = await start(t);
			await ask("create table shared_rows (id int primary key, value int)");
			await ask("insert into shared_rows values (1, 0)");
			const bounds = { statementTimeoutMs: 1000, idleTimeoutMs: 1000 };
			const database = openDatabase({ url, ...bounds }, quietLogger());
			t.after(() => database.close());
			const stopped = transact(database, async (trx) => {
				await sql`update shared_rows set value = 1 where id = 1`.execute(trx);
				// As long as another process waits, this one does nothing.
				await ask("update shared_rows set value = 2 where id = 1");
				await sql`update shared_rows set value = 3 where id = 1`.execute(trx);
			});
			await assert.rejects(stopped, isUnavailable);
			const { rows } = await run(database, "select value from shared_rows");
			assert.deepEqual(rows, [{ value: 2 }]);
		});
	});
}

/** A session of `framegate` that the server counts as a certain one, above those that it has had. */
async function sessionNumbered(number: number, port: number, t: TestContext): Promise<mysql.Connection> {
	for (;;) {
		const session = await mysql.createConnection({ host: "127.0.0.1", port, user: "framegate", database: "framegate" });
		assert.ok(session.threadId <= number, "the server is further than that");
		if (session.threadId === number) {
			t.after(() => session.destroy());
			return session;
		}
		session.destroy();
	}
}

test("a session of another MariaDB behind the same address is not ended for one that has the same number", async (t) => {
	const [first, second] = await Promise.all([startMariadb(), startMariadb()]);
	t.after(() => Promise.all([first.stop(), second.stop()]));
	const observer = await rootOf(second, t);
	// So that the second server has not come to the number yet.
	await sessionNumbered(observer.threadId + 100, first.port, t);
	const proxy = await startTcpProxy(first.port);
	t.after(() => proxy.close());
	const url = `mysql://framegate@127.0.0.1:${proxy.port}/framegate`;
	const database = openDatabase({ url, statementTimeoutMs: 1000, maxConnections: 1 }, quietLogger());
	t.after(() => database.close());
	const { rows } = await database.run((db) => sql<{ id: number }>`select connection_id() as id`.execute(db));
	const same = await sessionNumbered(Number(rows[0]?.id), second.port, t);
	const counts = "show global status where variable_name in ('Connections', 'Threads_connected')";
	const seen = async () => {
		const [status] = await observer.query<mysql.RowDataPacket[]>(counts);
		return status.map(({ Value }) => Number(Value));
	};
	const [before = 0] = await seen();
	proxy.switchTo(second.port);
	await assert.rejects(run(database, "select sleep(600)"), isUnavailable);
	// It came to the second server, and went.
	await until(async () => {
		const [connections = 0, connected] = await seen();
		return connections > before && connected === 2;
	});
	await same.query("select 1");
});
