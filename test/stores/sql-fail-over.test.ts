// A database behind one address fails over: the connections that stand lead to a server that only reads from then on.
import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { sql, type Transaction } from "kysely";
import mysql from "mysql2/promise";
import pg from "pg";
import { ErrorCode } from "../../protocol/codes.ts";
import { type Database, openDatabase } from "../../stores/sql/database.ts";
import { PoolGenerations } from "../../stores/sql/pool-generations.ts";
import type { Tables } from "../../stores/sql/schema.ts";
import { transact } from "../../stores/sql/transaction.ts";
import { startMariadb } from "../support/mariadb-server.ts";
import { startPostgres } from "../support/postgres-server.ts";
import { quietLogger } from "../support/quiet-logger.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";

interface Backend {
	readonly url: string;
	readonly port: number;
	/** Lets it only read, as a server does that has become a standby or a replica, sessions that stand included. */
	makeReadOnly(): Promise<void>;
}

const backends: Record<string, (t: TestContext) => Promise<Backend>> = {
	PostgreSQL: async (t) => {
		const server = await startPostgres();
		t.after(() => server.stop());
		const admin = new pg.Client({ connectionString: server.url });
		// Of its end with the server.
		admin.on("error", () => {});
		await admin.connect();
		t.after(() => admin.end());
		const makeReadOnly = async () => {
			await admin.query("alter system set default_transaction_read_only = on");
			await admin.query("select pg_reload_conf()");
			// Sessions read it when they are asked the next time; this one is as old as the others.
			for (;;) {
				const { rows } = await admin.query("show transaction_read_only");
				if (rows[0].transaction_read_only === "on") return;
			}
		};
		return { url: server.url, port: server.port, makeReadOnly };
	},
	MariaDB: async (t) => {
		const server = await startMariadb();
		t.after(() => server.stop());
		const admin = await mysql.createConnection({ host: "127.0.0.1", port: server.port, user: "root" });
		t.after(() => admin.end());
		const makeReadOnly = async () => void (await admin.query("set global read_only = 1"));
		return { url: server.url, port: server.port, makeReadOnly };
	},
};

const CONNECTIONS = 3;

/** Uses all connections of the pool at once. */
async function fillPool(database: Database): Promise<void> {
	let arrived = 0;
	let open = () => {};
	const all = new Promise<void>((resolve) => {
		open = resolve;
	});
	const work = () =>
		transact(database, async (trx) => {
			await sql`select 1`.execute(trx);
			if (++arrived === CONNECTIONS) open();
			await all;
		});
	await Promise.all(Array.from({ length: CONNECTIONS }, work));
	await selectAsBatch(database);
}

/** On the connection for batches. */
function selectAsBatch(database: Database): Promise<unknown> {
	return transact(database, (trx) => sql`select 1`.execute(trx), undefined, "batch");
}

for (const [name, start] of Object.entries(backends)) {
	describe(`a fail-over of ${name}`, () => {
		test("one write finds out; every statement after it goes to the new server", async (t) => {
			const [old, next] = [await start(t), await start(t)];
			const proxy = await startTcpProxy(old.port);
			t.after(() => proxy.close());
			// One more is for batches.
			const options = { maxConnections: CONNECTIONS + 1, probeIntervalMs: 0 };
			const url = old.url.replace(`:${old.port}/`, `:${proxy.port}/`);
			const database = openDatabase({ url, ...options }, quietLogger());
			t.after(() => database.close());
			const successor = openDatabase({ url: next.url, ...options }, quietLogger());
			t.after(() => successor.close());
			await Promise.all([database.migrate(), successor.migrate()]);
			const write = (slot: number) =>
				database.run((db) =>
					db
						.insertInto("storage_probes")
						.values({ slot, at_ms: 1, filler: Buffer.alloc(0) })
						.execute(),
				);
			await successor.run((db) =>
				db
					.insertInto("storage_probes")
					.values({ slot: 2000, at_ms: 1, filler: Buffer.alloc(0) })
					.execute(),
			);
			const seesNewServer = async () => {
				const query = database.run((db) =>
					db.selectFrom("storage_probes").select("slot").where("slot", "=", 2000).execute(),
				);
				return (await query).length === 1;
			};
			await fillPool(database);
			await database.probe.check();
			await old.makeReadOnly();
			proxy.switchTo(next.port);
			// The probe is a write.
			await assert.rejects(database.probe.check(), { code: ErrorCode.UNAVAILABLE });
			assert.deepEqual(await Promise.all(Array.from({ length: CONNECTIONS }, seesNewServer)), [true, true, true]);
			await write(2001);
			for (const [slot, lane] of [
				[2002, "request"],
				[2003, "batch"],
			] as const) {
				const insert = (trx: Transaction<Tables>) =>
					trx
						.insertInto("storage_probes")
						.values({ slot, at_ms: 1, filler: Buffer.alloc(0) })
						.execute();
				await transact(database, insert, undefined, lane);
			}
			await database.probe.check();
		});
	});
}

test("a database that stays read-only costs the pool its connections once in a while only", () => {
	let nowMs = 0;
	const generations = new PoolGenerations<object>(() => nowMs);
	const [one, other] = [{}, {}];
	generations.add(one);
	generations.add(other);
	generations.end(one);
	assert.deepEqual(
		[one, other].map((each) => generations.isCurrent(each)),
		[false, false],
	);
	const third = {};
	generations.add(third);
	generations.end(other);
	generations.end(third);
	assert.equal(generations.isCurrent(third), true);
	nowMs += 5000;
	generations.end(third);
	assert.equal(generations.isCurrent(third), false);
});
