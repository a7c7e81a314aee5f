// SQLite on threads of its own: what is asked for while another process holds the lock, while a query takes long, when a thread
// ends by itself, when too much waits, and at the end.
import assert from "node:assert/strict";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import BetterSqlite3 from "better-sqlite3";
import { type Kysely, sql, type Transaction } from "kysely";
import { ErrorCode } from "../../protocol/codes.ts";
import { type Database, type DatabaseOptions, openDatabase } from "../../stores/sql/database.ts";
import type { Tables } from "../../stores/sql/schema.ts";
import { MAX_QUEUED_BYTES } from "../../stores/sql/sqlite-queue.ts";
import { runTogether } from "../../stores/sql/statement-batch.ts";
import { transactScript } from "../../stores/sql/transaction.ts";
import { quietLogger } from "../support/quiet-logger.ts";
import { dataDirectory } from "../support/real-server.ts";
import { until } from "../support/until.ts";
import { createScript } from "./fixtures/probe-script.ts";

const LONG_MS = 60_000;

/** An error that may be repeated, and what is behind it. */
const unavailable =
	(message: RegExp, fields: Readonly<Record<string, unknown>> = {}) =>
	(error: unknown) => {
		const { code, retryAfterMs, cause } = error as { code?: unknown; retryAfterMs?: unknown; cause?: unknown };
		assert.deepEqual([code, retryAfterMs], [13, 1000]);
		assert.ok(cause instanceof Error);
		assert.match(cause.message, message);
		for (const [name, value] of Object.entries(fields)) assert.equal(cause[name as keyof Error], value);
		return true;
	};

async function opened(t: TestContext, options: Partial<DatabaseOptions> = {}) {
	const directory = dataDirectory("sqlite");
	const file = join(directory, "a.db");
	const logger = quietLogger();
	const database = openDatabase({ url: `sqlite:${file}`, statementTimeoutMs: LONG_MS, ...options }, logger);
	t.after(async () => {
		await database.close();
		rmSync(directory, { recursive: true });
	});
	await database.migrate();
	return { database, file, directory, logger };
}

/** Another connection to the file, which holds the lock for writing. */
function locked(t: TestContext, file: string): { release(): void } {
	const other = new BetterSqlite3(file);
	t.after(() => other.close());
	other.exec("begin immediate");
	return { release: () => void other.exec("commit") };
}

type Db = Kysely<Tables> | Transaction<Tables>;
const probeRow = (slot: number, filler: Buffer<ArrayBufferLike> = Buffer.alloc(0)) => ({ slot, at_ms: 0, filler });
const insert = (db: Db, slot: number, filler?: Buffer) =>
	db.insertInto("storage_probes").values(probeRow(slot, filler));
const write = (database: Database, slot: number, filler?: Buffer) =>
	database.run((db) => insert(db, slot, filler).execute());
const slots = async (database: Database): Promise<readonly number[]> => {
	const rows = await database.run((db) => db.selectFrom("storage_probes").select("slot").orderBy("slot").execute());
	return rows.map(({ slot }) => slot);
};
/** A query that counts to a number, which takes SQLite a second for some ten millions, and reads nothing else. */
const countTo = (database: Database, end: number) =>
	database.run((db) =>
		db
			.selectNoFrom(
				sql<number>`(with recursive n(x) as (select 1 union all select x + 1 from n where x < ${end}) select count(*) from n)`.as(
					"count",
				),
			)
			.executeTakeFirstOrThrow(),
	);
/** More than fits into the memory of the thread. */
const explode = sql`with recursive n(x) as (select 1 union all select x + 1 from n where x < 2000) select x, hex(zeroblob(50000)) from n`;

test("a lock of another process holds up writes, and neither the event loop nor reads", async (t) => {
	const { database, file } = await opened(t);
	await write(database, 1);
	const lock = locked(t, file);
	const order: string[] = [];
	const written = write(database, 2).then(() => order.push("written"));
	for (let turn = 0; turn < 100; turn++) await setImmediate();
	assert.deepEqual(await slots(database), [1]);
	order.push("released");
	lock.release();
	await written;
	assert.deepEqual(order, ["released", "written"]);
	assert.deepEqual(await slots(database), [1, 2]);
});

test("a write that waits for a lock for too long is refused, with a time to wait, and the next one is tried", async (t) => {
	const { database, file } = await opened(t, { statementTimeoutMs: 1000 });
	const lock = locked(t, file);
	// Beside the row of the probe, which is one of the first, by chance.
	await assert.rejects(write(database, 501), unavailable(/database is locked/, { code: "SQLITE_BUSY" }));
	await assert.rejects(database.probe.check(), { code: 13 });
	lock.release();
	await write(database, 502);
	await database.probe.check();
	assert.deepEqual(
		(await slots(database)).filter((slot) => slot > 500),
		[502],
	);
});

test("the start of the thread does not count as waiting", async (t) => {
	const database = openDatabase({ url: "sqlite::memory:", statementTimeoutMs: 1 }, quietLogger());
	t.after(() => database.close());
	assert.equal((await countTo(database, 5)).count, 5);
});

test("a query that takes long holds up neither the event loop nor writes", async (t) => {
	const { database } = await opened(t);
	const order: string[] = [];
	const counted = countTo(database, 5_000_000).then(() => order.push("counted"));
	for (let turn = 0; turn < 100; turn++) await setImmediate();
	await write(database, 1);
	order.push("written");
	await counted;
	assert.deepEqual(order, ["written", "counted"]);
});

test("a write that SQLite itself takes long for, as when the disk syncs slowly, holds up neither the event loop nor reads", async (t) => {
	const { database } = await opened(t);
	await write(database, 1);
	const order: string[] = [];
	const numbers = sql`with recursive n(x) as (select 1 union all select x + 1 from n where x < 5000000)`;
	const long = sql`insert into storage_probes ${numbers} select x, 0, zeroblob(0) from n where x = 2000`;
	const written = database.run((db) => long.execute(db)).then(() => order.push("written"));
	for (let turn = 0; turn < 100; turn++) await setImmediate();
	assert.deepEqual(await slots(database), [1]);
	order.push("read");
	await written;
	assert.deepEqual(order, ["read", "written"]);
	assert.deepEqual(await slots(database), [1, 2000]);
});

test("a query that does not end in time is refused, and those behind it are answered", async (t) => {
	const { file } = await opened(t);
	const database = openDatabase({ url: `sqlite:${file}`, statementTimeoutMs: 400 }, quietLogger());
	t.after(() => database.close());
	// Its thread may take longer than that to start.
	await until(async () => (await slots(database)).length === 0);
	await assert.rejects(countTo(database, 30_000_000), unavailable(/did not answer in time/));
	await until(async () => (await slots(database)).length === 0);
});

test("a thread that ends by itself fails what was in it, is started again, and has lost the transaction", async (t) => {
	const { database, logger } = await opened(t);
	await write(database, 1);
	await assert.rejects(
		database.run((db) =>
			db.transaction().execute(async (trx) => {
				await insert(trx, 2).execute();
				await assert.rejects(explode.execute(trx));
				await insert(trx, 3).execute();
			}),
		),
		unavailable(/transaction/),
	);
	assert.equal(database.sqlite?.restarts, 1);
	assert.ok(logger.lines.some(({ message }) => message === "SQLite thread ended unexpectedly"));
	await write(database, 4);
	assert.deepEqual(await slots(database), [1, 4]);
	await database.probe.check();
});

test("a database in memory that has ended with its thread stays unavailable", async (t) => {
	const database = openDatabase({ url: "sqlite::memory:", statementTimeoutMs: LONG_MS }, quietLogger());
	t.after(() => database.close());
	await database.migrate();
	await assert.rejects(
		database.run((db) => explode.execute(db)),
		{ code: 13 },
	);
	await assert.rejects(write(database, 1), unavailable(/ended with its thread/));
	await assert.rejects(database.probe.check(), { code: 13 });
});

test("statements are refused early when too many bytes wait", async (t) => {
	const { database, file } = await opened(t);
	const lock = locked(t, file);
	const megabyte = Buffer.alloc(1_048_576, 1);
	const writes: Promise<unknown>[] = [];
	let refused: unknown;
	for (let slot = 0; refused === undefined && slot < 100; slot++) {
		const written = write(database, slot, megabyte);
		writes.push(
			written.catch((error) => {
				refused = error;
			}),
		);
		await setImmediate();
	}
	assert.deepEqual(
		{ code: (refused as { code: number }).code, retryAfterMs: (refused as { retryAfterMs: number }).retryAfterMs },
		{ code: 13, retryAfterMs: 1000 },
	);
	assert.ok((database.sqlite?.queuedBytes ?? 0) <= MAX_QUEUED_BYTES);
	assert.equal(database.sqlite?.rejections, 1);
	lock.release();
	await Promise.all(writes);
	assert.equal((await slots(database)).length, writes.length - 1);
	assert.equal(database.sqlite?.queuedBytes, 0);
});

test("a script, which is the work of many, goes before statements and transactions that wait", async (t) => {
	const { database, file } = await opened(t);
	await write(database, 0);
	const lock = locked(t, file);
	const order: number[] = [];
	const done = (slot: number) => () => order.push(slot);
	const running = write(database, 1).then(done(1));
	for (let turn = 0; turn < 10; turn++) await setImmediate();
	const transaction = database.run((db) => db.transaction().execute((trx) => insert(trx, 2).execute()));
	const waiting = [transaction.then(done(2)), write(database, 3).then(done(3))];
	for (let turn = 0; turn < 10; turn++) await setImmediate();
	const script = { module: new URL("fixtures/probe-script.ts", import.meta.url), run: createScript() };
	const scripts = [4, 5].map((slot) =>
		transactScript(database, script, { args: slot, blob: Buffer.alloc(0), bytes: 0 }).then(done(slot)),
	);
	for (let turn = 0; turn < 10; turn++) await setImmediate();
	lock.release();
	await Promise.all([running, ...waiting, ...scripts]);
	assert.deepEqual(order.slice(0, 3), [1, 4, 5]);
	assert.deepEqual(await slots(database), [0, 1, 2, 3, 4, 5]);
});

test("transactions do not see each other's statements, nor those of others in between", async (t) => {
	const { database } = await opened(t);
	const order: string[] = [];
	const add = (name: string, slot: number) =>
		database.run((db) =>
			db.transaction().execute(async (trx) => {
				const count = async () => (await trx.selectFrom("storage_probes").select("slot").execute()).length;
				order.push(name);
				await insert(trx, slot).execute();
				const before = await count();
				for (let turn = 0; turn < 5; turn++) await setImmediate();
				assert.equal(await count(), before);
				order.push(name);
			}),
		);
	await Promise.all([add("a", 1), write(database, 2), add("b", 3), write(database, 4), add("c", 5)]);
	assert.deepEqual(await slots(database), [1, 2, 3, 4, 5]);
	assert.deepEqual(order.slice(-3), ["a", "b", "c"]);
});

test("a transaction that SQLite has undone takes nothing more", async (t) => {
	const { database } = await opened(t);
	await write(database, 1);
	const pages = (count: number) => sql`pragma max_page_count = ${sql.lit(count)}`;
	await database.run((db) => pages(1).execute(db));
	const attempt = database.run((db) =>
		db.transaction().execute(async (trx) => {
			const filler = Buffer.alloc(60_000, 1);
			await assert.rejects(insert(trx, 2, filler).execute(), { code: "SQLITE_FULL" });
			// Carried out by itself, this would be kept.
			await trx.updateTable("storage_probes").set({ at_ms: 7 }).execute();
		}),
	);
	await assert.rejects(attempt, unavailable(/the transaction is over/));
	await database.run((db) => pages(1_000_000).execute(db));
	const rows = await database.run((db) => db.selectFrom("storage_probes").select("at_ms").execute());
	assert.deepEqual(rows, [{ at_ms: 0 }]);
});

test("statements together: a failure stops those behind it and undoes the transaction; without one it is committed", async (t) => {
	const { database } = await opened(t);
	const together = (...numbers: readonly number[]) =>
		database.run((db) =>
			db.transaction().execute(async (trx) => {
				const statements = numbers.map((slot) => insert(trx, slot).compile());
				await runTogether(trx, "sqlite", statements, { commits: true });
			}),
		);
	await together(1, 2);
	await assert.rejects(together(3, 1, 4), { code: ErrorCode.CONFLICT });
	assert.deepEqual(await slots(database), [1, 2]);
	const results = await database.run((db) =>
		runTogether(db, "sqlite", [
			db.selectFrom("storage_probes").select("slot").where("slot", "=", 2).compile(),
			undefined,
			db.selectFrom("storage_probes").select("at_ms").where("slot", "=", 1).compile(),
		]),
	);
	assert.deepEqual(
		results.map(({ rows }) => rows),
		[[{ slot: 2 }], [], [{ at_ms: 0 }]],
	);
});

test("values come back as they went: BLOBs of any length between texts, numbers and NULL", async (t) => {
	const { database } = await opened(t);
	const values = ["ä", Buffer.from([1, 2, 3]), null, 2.5, Buffer.alloc(0), 7, Buffer.alloc(100_000, 9), ""];
	const list = sql.join(values.map((value, index) => sql`${value} as ${sql.ref(`v${index}`)}`));
	const { rows } = await database.run((db) => sql<Record<string, unknown>>`select ${list}, ${5n} as big`.execute(db));
	assert.deepEqual(rows, [{ ...Object.fromEntries(values.map((value, index) => [`v${index}`, value])), big: 5 }]);
	for (const value of [true, undefined, new Date(0), {}]) {
		await assert.rejects(
			database.run((db) => sql`select ${value}`.execute(db)),
			{ name: "TypeError", message: /takes no value of type/ },
		);
	}
});

test("closing waits for what was begun, and leaves one file", async (t) => {
	const { database, directory } = await opened(t);
	const writes = Array.from({ length: 20 }, (_, slot) => write(database, slot));
	await database.close();
	assert.equal((await Promise.all(writes)).length, 20);
	assert.deepEqual(readdirSync(directory), ["a.db"]);
	await assert.rejects(write(database, 21), { code: 13 });
});
