// Statements that travel together: one answer is waited for instead of several, and none is carried out behind one that fails.
import assert from "node:assert/strict";
import net from "node:net";
import { suite, type TestContext, test } from "node:test";
import { type Kysely, sql } from "kysely";
import { readWithin } from "../../stores/sql/byte-limit.ts";
import { type Database, openDatabase } from "../../stores/sql/database.ts";
import type { Tables } from "../../stores/sql/schema.ts";
import { runTogether } from "../../stores/sql/statement-batch.ts";
import { transact } from "../../stores/sql/transaction.ts";
import { deferred } from "../support/deferred.ts";
import { startMariadb } from "../support/mariadb-server.ts";
import { startPostgres } from "../support/postgres-server.ts";
import { quietLogger } from "../support/quiet-logger.ts";

const servers = {
	SQLite: async () => ({ url: "sqlite::memory:", stop: async () => {} }),
	PostgreSQL: startPostgres,
	MariaDB: startMariadb,
};

const insertion = (db: Kysely<Tables>, slot: number) =>
	db
		.insertInto("storage_probes")
		.values({ slot, at_ms: 0, filler: Buffer.alloc(0) })
		.compile();

async function slots(database: Database): Promise<readonly number[]> {
	const rows = await database.run((db) => db.selectFrom("storage_probes").select("slot").orderBy("slot").execute());
	return rows.map(({ slot }) => Number(slot));
}

for (const [name, start] of Object.entries(servers)) {
	suite(`statements together on ${name}`, () => {
		async function migrated(t: TestContext): Promise<Database> {
			const server = await start();
			t.after(() => server.stop());
			const database = openDatabase({ url: server.url, maxConnections: 2 }, quietLogger());
			t.after(() => database.close());
			await database.migrate();
			await database.run((db) => db.deleteFrom("storage_probes").execute());
			return database;
		}

		test("are all committed, or none of them", async (t) => {
			const database = await migrated(t);
			for (const commits of [true, false]) {
				const first = commits ? 100 : 200;
				await transact(database, async (trx) => {
					const statements = [insertion(trx, first), undefined, insertion(trx, first + 1)];
					await runTogether(trx, database.dialect, statements, { commits });
				});
				const failing = transact(database, async (trx) => {
					const statements = [insertion(trx, first + 2), insertion(trx, first), insertion(trx, first + 3)];
					await runTogether(trx, database.dialect, statements, { commits });
				});
				// The error of the statement that failed, not of those behind it.
				await assert.rejects(failing, ({ cause }: Error) => /unique|duplicate/i.test((cause as Error).message));
			}
			assert.deepEqual(await slots(database), [100, 101, 200, 201]);
		});
	});
}

/** A proxy that counts how often a client sends something behind an answer. */
async function countingProxy(t: TestContext, port: number) {
	const counts = { turns: 0 };
	const server = net.createServer((client) => {
		const upstream = net.connect(port, "127.0.0.1");
		let isAnswered = true;
		client.on("data", (data) => {
			if (isAnswered) counts.turns++;
			isAnswered = false;
			upstream.write(data);
		});
		upstream.on("data", (data) => {
			isAnswered = true;
			client.write(data);
		});
		for (const [one, other] of [
			[client, upstream],
			[upstream, client],
		] as const) {
			one.on("error", () => {});
			one.on("close", () => other.destroy());
		}
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	t.after(() => server.close());
	return { counts, port: (server.address() as net.AddressInfo).port };
}

test("a transaction of PostgreSQL waits for two answers, however many statements travel together", async (t) => {
	const server = await startPostgres();
	t.after(() => server.stop());
	const proxy = await countingProxy(t, server.port);
	const url = new URL(server.url);
	url.port = String(proxy.port);
	const database = openDatabase({ url: url.href, maxConnections: 1 }, quietLogger());
	t.after(() => database.close());
	await database.migrate();
	const before = proxy.counts.turns;
	await transact(database, async (trx) => {
		const statements = [300, 301, 302, 303].map((slot) => insertion(trx, slot));
		await runTogether(trx, "postgres", statements, { commits: true });
	});
	assert.equal(proxy.counts.turns - before, 2);
	await database.run((db) => sql`select 1`.execute(db));
	assert.equal(proxy.counts.turns - before, 3);
	assert.deepEqual((await slots(database)).slice(-4), [300, 301, 302, 303]);
});

test("pages of long rows are read in turn, short ones beside each other", async (t) => {
	const database = openDatabase({ url: "sqlite::memory:" }, quietLogger());
	t.after(() => database.close());
	let running = 0;
	let most = 0;
	const end = deferred<void>();
	const read = async (count: number) => {
		most = Math.max(most, ++running);
		await end.promise;
		running--;
		return count;
	};
	const long = Array.from({ length: 4 }, () => readWithin(database, ["200000", 100_000, 1], 262_144, read));
	await Promise.resolve();
	assert.equal(most, 1);
	end.resolve();
	assert.deepEqual(await Promise.all(long), [2, 2, 2, 2]);
	assert.equal(most, 1);
	const short = Array.from({ length: 4 }, () => readWithin(database, [1000, null, 1000], 262_144, read));
	assert.deepEqual(await Promise.all(short), [3, 3, 3, 3]);
	assert.equal(most, 4);
});
