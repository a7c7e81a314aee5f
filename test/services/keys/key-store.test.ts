// API keys in SQL: one contract on SQLite, PostgreSQL and MariaDB.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { KeyRecord } from "../../../services/keys/key-store.ts";
import { SqlKeyStore } from "../../../services/keys/store/key-store-sql.ts";
import { type Database, openDatabase } from "../../../stores/sql/database.ts";
import { startMariadb } from "../../support/mariadb-server.ts";
import { startPostgres } from "../../support/postgres-server.ts";
import { quietLogger } from "../../support/quiet-logger.ts";
import type { RealServer } from "../../support/real-server.ts";

const id = (number: number) => number.toString(16).padStart(16, "0");

function key(number: number, change: Partial<KeyRecord> = {}): KeyRecord {
	return {
		id: id(number),
		name: `key ${number}`,
		secretHash: "h".repeat(43),
		permissions: ["server.publish", "*"],
		channels: ["orders:", "user:"],
		perSecond: 100,
		burst: 1_000_000,
		createdBy: "0198f0a2-7c31-7d6e-8a55-2f1e9c0b7a11",
		createdAtMs: 1_754_530_782_000,
		expiresAtMs: 0,
		revokedAtMs: 0,
		lastUsedAtMs: 0,
		...change,
	};
}

function contract(open: () => Promise<{ readonly url: string; readonly server?: RealServer }>): void {
	let database: Database;
	let server: RealServer | undefined;
	let store: SqlKeyStore;
	before(async () => {
		const opened = await open();
		server = opened.server;
		database = openDatabase({ url: opened.url }, quietLogger());
		await database.migrate();
		store = new SqlKeyStore(database);
	});
	after(async () => {
		await database.close();
		await server?.stop();
	});

	it("gives back what it was given", async () => {
		const made = key(1, { expiresAtMs: 1_854_530_782_000, lastUsedAtMs: 5 });
		assert.equal(await store.create(made, 100), true);
		assert.deepEqual(await store.byId(id(1)), made);
		assert.equal(await store.byId(id(99)), undefined);
	});

	it("lists by id, page by page", async () => {
		for (const number of [4, 2, 3]) await store.create(key(number), 100);
		const pages = [await store.list("", 2), await store.list(id(2), 2), await store.list(id(4), 2)];
		assert.deepEqual(
			pages.map((page) => page.map((record) => record.id)),
			[[id(1), id(2)], [id(3), id(4)], []],
		);
	});

	it("revokes once, and records the use of those that are left", async () => {
		assert.equal(await store.revoke(id(2), 7000), true);
		assert.equal(await store.revoke(id(2), 8000), false);
		assert.equal(await store.revoke(id(99), 8000), false);
		assert.equal((await store.byId(id(2)))?.revokedAtMs, 7000);
		assert.deepEqual([...(await store.touch([id(2), id(3), id(99)], 9000))].sort(), [id(2), id(99)].sort());
		assert.equal((await store.byId(id(3)))?.lastUsedAtMs, 9000);
		await store.touch([id(3)], 8000);
		assert.equal((await store.byId(id(3)))?.lastUsedAtMs, 9000, "it does not go back");
		assert.deepEqual(await store.touch([], 1), []);
	});

	it("has so many keys and no more; revoked and expired ones do not count", async () => {
		// 1, 3 and 4 are left.
		assert.equal(await store.create(key(5), 3), false);
		assert.equal(await store.byId(id(5)), undefined);
		assert.equal(
			await store.create(key(5, { createdAtMs: 1_954_530_782_000 }), 3),
			true,
			"the first has expired by then",
		);
	});

	it("removes what ended before a time, some at a time", async () => {
		await store.create(key(6, { expiresAtMs: 100 }), 100);
		await store.create(key(7, { revokedAtMs: 100 }), 100);
		assert.equal(await store.deleteEnded({ keptMs: 10, nowMs: 110 }, 10), 0, "before, not at");
		assert.equal(await store.deleteEnded({ keptMs: 10, nowMs: 111 }, 1), 1);
		assert.equal(await store.deleteEnded({ keptMs: 10, nowMs: 111 }, 10), 1);
		assert.deepEqual([await store.byId(id(6)), await store.byId(id(7))], [undefined, undefined]);
		assert.notEqual(await store.byId(id(3)), undefined, "one that has no end stays");
	});
}

describe("API keys in SQLite", () => contract(async () => ({ url: "sqlite::memory:" })));

describe("API keys in PostgreSQL", () => {
	contract(async () => {
		const server = await startPostgres();
		return { url: server.url, server };
	});
});

describe("API keys in MariaDB", () => {
	contract(async () => {
		const server = await startMariadb();
		return { url: server.url, server };
	});
});
