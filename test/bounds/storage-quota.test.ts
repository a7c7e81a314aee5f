// Storage quotas of members, on every database; and the errors by which a database that cannot write is recognised.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import BetterSqlite3 from "better-sqlite3";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import { SqlAuditTrail } from "../../services/edge/control/store/audit-trail-sql.ts";
import { StorageQuota, stored } from "../../services/storage/storage-quota.ts";
import type { StorageUsage } from "../../services/storage/storage-usage.ts";
import { SqlStorageUsage } from "../../services/storage/store/storage-usage-sql.ts";
import { type Database, openDatabase } from "../../stores/sql/database.ts";
import { handClock } from "../support/hand-clock.ts";
import { startMariadb } from "../support/mariadb-server.ts";
import { startPostgres } from "../support/postgres-server.ts";
import { quietLogger } from "../support/quiet-logger.ts";
import { dataDirectory } from "../support/real-server.ts";
import { until } from "../support/until.ts";

const DAY_MS = 86_400_000;

const nowhere: StorageUsage = {
	add: async (_day, bytes) => bytes,
	total: async () => 0,
	compact: async () => {},
	forget: async () => {},
};

function quotaOn(usage: StorageUsage, options: { userBytesPerDay?: number; maxBytes?: number; keptMs?: number }) {
	const clock = handClock();
	const quota = new StorageQuota({ usage, admit: () => {}, clock, logger: quietLogger() }, options);
	return { quota, clock };
}

test("a user has so many bytes a day, and others theirs", () => {
	const { quota, clock } = quotaOn(nowhere, { userBytesPerDay: 1000 });
	quota.take("a", 600);
	quota.take("a", 400);
	const leftMs = DAY_MS - (clock.now() % DAY_MS);
	assert.throws(() => quota.take("a", 1), { code: 11, retryAfterMs: leftMs });
	quota.take("b", 1000);
	assert.deepEqual(quota.rejections, { user: 1, all: 0 });
	clock.advance(leftMs);
	quota.take("a", 1000);
});

test("what has happened already counts, and is not refused", () => {
	const { quota } = quotaOn(nowhere, { userBytesPerDay: 1000 });
	quota.spend("a", 5000);
	assert.throws(() => quota.take("a", 1), { code: 11 });
});

test("users who are counted are bounded in number", () => {
	const { quota } = quotaOn(nowhere, { userBytesPerDay: 1000, maxBytes: 0 });
	for (let user = 0; user < 60_000; user++) quota.take(`user ${user}`, 1);
	assert.ok((quota as unknown as { users: Map<string, unknown> }).users.size <= 50_000);
});

const servers = {
	SQLite: async () => ({ url: "sqlite::memory:", stop: async () => {} }),
	PostgreSQL: startPostgres,
	MariaDB: startMariadb,
};

for (const [name, start] of Object.entries(servers)) {
	describe(`stored bytes on ${name}`, () => {
		let server: Awaited<ReturnType<typeof start>>;
		let database: Database;
		let usage: SqlStorageUsage;
		before(async () => {
			server = await start();
			database = openDatabase({ url: server.url, probeIntervalMs: 0 }, quietLogger());
			await database.migrate();
			usage = new SqlStorageUsage(database);
		});
		after(async () => {
			await database.close();
			await server.stop();
		});

		test("all together have so many, over processes", async () => {
			const [one, other] = [
				quotaOn(usage, { maxBytes: 10_000, userBytesPerDay: 4000 }),
				quotaOn(usage, { maxBytes: 10_000, userBytesPerDay: 4000 }),
			];
			one.quota.take("a", 3000);
			other.quota.take("a", 900);
			await one.quota.write();
			await other.quota.write();
			assert.throws(() => other.quota.take("a", 200), { code: 11 }, "what the other process counted counts");
			for (const user of ["b", "c"]) one.quota.take(user, 3000);
			await one.quota.write();
			await other.quota.write();
			assert.equal(other.quota.totalBytes, 9900);
			assert.throws(() => other.quota.take("d", 200), { code: 13, retryAfterMs: 60_000 });
			await Promise.all([one.quota.close(), other.quota.close()]);
		});

		test("those of past days become one entry a day, however many do that at once, and are forgotten in time", async () => {
			const before = await usage.total();
			const users = new Map(Array.from({ length: 1200 }, (_, user) => [`u${user}`, 10] as const));
			await usage.add(100, users);
			await usage.add(101, new Map([["u1", 7]]));
			await Promise.all([0, 0, 0].map((keptMs) => usage.compact({ keptMs, nowMs: 101 * DAY_MS })));
			assert.equal(await usage.total(), before + 12_007);
			const rows = await database.run((db) =>
				db.selectFrom("storage_usage").selectAll().where("day", "=", 100).execute(),
			);
			assert.deepEqual(
				rows.map((row) => [row.user_id, Number(row.bytes)]),
				[["", 12_000]],
			);
			await usage.add(100, new Map([["late", 5]]));
			await usage.compact({ keptMs: DAY_MS, nowMs: 102 * DAY_MS });
			assert.equal(await usage.total(), before + 7);
			await usage.compact({ keptMs: 1, nowMs: 102 * DAY_MS + 1 });
		});

		test("a process whose clock is a year ahead ends no day of its users", async () => {
			// Not today, which may end while this runs.
			const day = Math.floor(Date.now() / DAY_MS) + 1;
			await usage.add(day, new Map([["present", 9]]));
			await usage.compact({ keptMs: DAY_MS, nowMs: Date.now() + 365 * DAY_MS });
			assert.deepEqual([...(await usage.add(day, new Map([["present", 1]])))], [["present", 10]]);
		});

		test("the probe writes, in a row that it shares", async () => {
			for (let check = 0; check < 5; check++) await database.probe.check();
			const rows = await database.run((db) => db.selectFrom("storage_probes").selectAll().execute());
			assert.equal(rows.length, 1);
		});
	});
}

async function withServer(
	start: () => Promise<{ readonly url: string; stop(): Promise<void> }>,
	work: (database: Database, url: string) => Promise<void>,
): Promise<void> {
	const server = await start();
	const database = openDatabase({ url: server.url, probeIntervalMs: 0, maxConnections: 2 }, quietLogger());
	try {
		await database.migrate();
		await database.probe.check();
		await work(database, server.url);
	} finally {
		await database.close();
		await server.stop();
	}
}

const entry = () => ({
	...{ id: uuidv7(), atMs: 1, userId: "u", username: "u", ip: "", operation: "control.write", target: "t", value: 1 },
	...{ commandId: "", reason: "", outcome: "requested", detail: "" },
});

describe("a database that cannot write", () => {
	test("because it is full, SQLite, is not ready until more than a row fits again, and refuses members meanwhile", async () => {
		const directory = dataDirectory("sqlite");
		const start = async () => ({ url: `sqlite:${directory}/full.db`, stop: async () => {} });
		await withServer(start, async (database, url) => {
			const pages = (count: number) => database.run((db) => sql`pragma max_page_count = ${sql.lit(count)}`.execute(db));
			await pages(1);
			const trail = new SqlAuditTrail(database);
			const filling = async () => {
				for (;;) await trail.record({ ...entry(), detail: "x".repeat(500), reason: "y".repeat(500) });
			};
			await assert.rejects(filling(), { code: 13 });
			assert.equal(database.storage.failures.full > 0, true);
			assert.equal(database.storage.problem, "storage is full (SQLITE_FULL)");
			assert.throws(() => database.storage.admitMember(), { code: 13, retryAfterMs: 30_000 });
			await assert.rejects(database.probe.check(), /SQLITE_FULL/);
			await pages(1_000_000);
			await until(() =>
				database.probe.check().then(
					() => true,
					() => false,
				),
			);
			database.storage.admitMember();
			const other = new BetterSqlite3(url.slice("sqlite:".length));
			assert.equal(other.prepare("select count(*) as count from storage_probes where slot >= 1000").pluck().get(), 0);
			other.close();
		});
	});

	test("because it is read-only, PostgreSQL, is not ready, and comes back", async () => {
		await withServer(startPostgres, async (database) => {
			const readOnly = async (value: string) => {
				await database.run((db) => sql`alter system set default_transaction_read_only = ${sql.lit(value)}`.execute(db));
				await database.run((db) => sql`select pg_reload_conf()`.execute(db));
			};
			await readOnly("on");
			await until(() =>
				database.probe.check().then(
					() => false,
					(error: Error) => /unavailable|read-only/.test(error.message),
				),
			);
			await until(() => database.storage.problem === "storage is read-only (25006)");
			await database.run((db) =>
				db.connection().execute(async (one) => {
					await sql`set default_transaction_read_only = off`.execute(one);
					await sql`alter system set default_transaction_read_only = off`.execute(one);
					await sql`select pg_reload_conf()`.execute(one);
				}),
			);
			await until(() =>
				database.probe.check().then(
					() => true,
					() => false,
				),
			);
		});
	});

	test("is recognised by each driver's own name for it", () => {
		const database = openDatabase({ url: "sqlite::memory:" }, quietLogger());
		const cases: readonly (readonly [object, string | undefined])[] = [
			[{ code: "53100" }, "full"],
			[{ code: "ER_RECORD_FILE_FULL", errno: 1114 }, "full"],
			[{ code: "ER_DISK_FULL", errno: 1021 }, "full"],
			[{ code: "ER_GET_ERRNO", message: 'Got error 28 "No space left on device" from storage engine InnoDB' }, "full"],
			[{ code: "SQLITE_IOERR_WRITE" }, "failing"],
			[{ code: "SQLITE_READONLY_DBMOVED" }, "read-only"],
			[{ code: "25006" }, "read-only"],
			[{ code: "23505" }, undefined],
			[{ code: "SQLITE_CONSTRAINT_UNIQUE" }, undefined],
			[{ code: "ECONNREFUSED" }, undefined],
		];
		for (const [fields, problem] of cases) {
			const { message = "" } = fields as { message?: string };
			const wrapped = new Error("outer", { cause: Object.assign(new Error(message), fields) });
			assert.equal(database.storage.record(wrapped)?.problem, problem, JSON.stringify(fields));
		}
		return database.close();
	});
});

test("a message costs its row as well as its content", () => {
	assert.ok(stored.message >= 300);
});
