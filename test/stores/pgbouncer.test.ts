// PostgreSQL behind PgBouncer in transaction mode, as hosted databases hand it out: no startup parameters, nothing of a session.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { sql } from "kysely";
import pg from "pg";
import { ErrorCode } from "../../protocol/codes.ts";
import { type Database, type DatabaseOptions, openDatabase } from "../../stores/sql/database.ts";
import { transact } from "../../stores/sql/transaction.ts";
import { startGateway } from "../support/gateway.ts";
import { startPgbouncer } from "../support/pgbouncer.ts";
import { type PostgresServer, startPostgres } from "../support/postgres-server.ts";
import { quietLogger } from "../support/quiet-logger.ts";
import type { RealServer } from "../support/real-server.ts";
import { until } from "../support/until.ts";
import { WireClient } from "../support/wire-client.ts";

let postgres: PostgresServer;
let pooler: RealServer;
let admin: pg.Client;

before(async () => {
	postgres = await startPostgres();
	pooler = await startPgbouncer(postgres);
	admin = new pg.Client({ connectionString: postgres.url });
	await admin.connect();
});
after(async () => {
	await admin.end();
	await pooler.stop();
	await postgres.stop();
});

async function opened<T>(options: DatabaseOptions, use: (database: Database) => Promise<T>): Promise<T> {
	const database = openDatabase(options, quietLogger());
	try {
		return await use(database);
	} finally {
		await database.close();
	}
}

describe("through PgBouncer in transaction mode", () => {
	test("several processes bring the schema up to date at once, and each step is applied once", async () => {
		// More of them than the pooler has connections to the server.
		const migrate = () => opened({ url: pooler.url, statementTimeoutMs: 30_000 }, (database) => database.migrate());
		const steps = await Promise.all([1, 2, 3, 4].map(migrate));
		assert.equal(steps.filter((each) => each.length > 0).length, 1);
		assert.deepEqual((await admin.query("select * from pg_locks where locktype = 'advisory'")).rows, []);
		assert.deepEqual(await migrate(), []);
	});

	test("a transaction has its deadlines and level, and leaves nothing on the connection that others get next", async () => {
		const settings = `select current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock,
			current_setting('idle_in_transaction_session_timeout') as idle, current_setting('transaction_isolation') as level`;
		await admin.query("alter database postgres set default_transaction_isolation = serializable");
		const database = openDatabase({ url: pooler.url, statementTimeoutMs: 4000 }, quietLogger());
		try {
			const inside = await transact(database, async (trx) => (await sql`${sql.raw(settings)}`.execute(trx)).rows[0]);
			assert.deepEqual(inside, { statement: "4s", lock: "4s", idle: "8s", level: "read committed" });
			// As many clients at once as there are server connections, so that each of them is seen.
			const others = await Promise.all(
				[1, 2].map(async () => {
					const client = new pg.Client({ connectionString: pooler.url });
					await client.connect();
					await client.query("begin");
					return client;
				}),
			);
			for (const client of others) {
				const { statement, lock, idle } = (await client.query(settings)).rows[0];
				assert.deepEqual([statement, lock, idle], ["0", "0", "0"]);
			}
			await Promise.all(others.map((client) => client.end()));
		} finally {
			await database.close();
			await admin.query("alter database postgres reset default_transaction_isolation");
		}
	});

	test("a gateway becomes ready and serves", async (t) => {
		const gateway = await startGateway({ env: { DATABASE_URL: pooler.url } });
		t.after(() => gateway.kill9());
		const { client, login } = await WireClient.member(gateway.url, "pooled");
		t.after(() => client.close());
		assert.equal(login.user?.username, "pooled");
		assert.equal((await fetch(`${gateway.httpUrl}/ready`)).status, 200);
	});
});

for (const [name, url] of [
	["PostgreSQL", () => postgres.url],
	["PgBouncer", () => pooler.url],
] as const) {
	test(`${name}: a statement beyond its deadline is ended on the server, inside a transaction and outside`, async () => {
		await opened({ url: url(), statementTimeoutMs: 200, maxConnections: 2 }, async (database) => {
			const sleep = sql`select pg_sleep(600), ${name} as marker`;
			const isUnavailable = { code: ErrorCode.UNAVAILABLE };
			await assert.rejects(
				database.run((db) => sleep.execute(db)),
				isUnavailable,
			);
			await assert.rejects(
				transact(database, (trx) => sleep.execute(trx)),
				isUnavailable,
			);
			const running = "select 1 from pg_stat_activity where state = 'active' and query like 'select pg_sleep(600)%'";
			await until(async () => (await admin.query(running)).rows.length === 0);
			await until(async () => {
				await database.probe.check();
				return true;
			});
		});
	});
}
