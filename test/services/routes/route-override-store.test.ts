// Changes of routes in SQL: one contract on SQLite, PostgreSQL and MariaDB.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { RouteOverride } from "../../../services/routes/route-override.ts";
import { SqlRouteOverrideStore } from "../../../services/routes/store/route-override-store-sql.ts";
import { type Database, openDatabase } from "../../../stores/sql/database.ts";
import { startMariadb } from "../../support/mariadb-server.ts";
import { startPostgres } from "../../support/postgres-server.ts";
import { quietLogger } from "../../support/quiet-logger.ts";
import type { RealServer } from "../../support/real-server.ts";

const override = (route: string, change: Partial<RouteOverride> = {}): RouteOverride => ({
	route,
	permission: undefined,
	cost: undefined,
	isEnabled: true,
	changedAtMs: 1_754_530_782_000,
	changedBy: "ann",
	...change,
});

function contract(open: () => Promise<{ readonly url: string; readonly server?: RealServer }>): void {
	let database: Database;
	let server: RealServer | undefined;
	let store: SqlRouteOverrideStore;
	before(async () => {
		const opened = await open();
		server = opened.server;
		database = openDatabase({ url: opened.url }, quietLogger());
		await database.migrate();
		store = new SqlRouteOverrideStore(database);
	});
	after(async () => {
		await database.close();
		await server?.stop();
	});

	it("keeps one for each route, gives back what it was given, and forgets", async () => {
		const send = override("chat.sendMessage", { permission: "chat.vip", cost: 7 });
		const list = override("game.listRooms", { isEnabled: false });
		for (const one of [send, list]) await store.put(one);
		assert.deepEqual(await store.list(), [send, list]);
		const again = override("chat.sendMessage", { cost: 3, changedBy: "x".repeat(128), changedAtMs: 1 });
		await store.put(again);
		assert.deepEqual(await store.list(), [again, list]);
		await store.remove("chat.sendMessage");
		await store.remove("never.was");
		assert.deepEqual(await store.list(), [list]);
	});
}

describe("changes of routes on SQLite", () => contract(async () => ({ url: "sqlite::memory:" })));

describe("changes of routes on PostgreSQL", { timeout: 120_000 }, () =>
	contract(async () => {
		const server = await startPostgres();
		return { url: server.url, server };
	}),
);

describe("changes of routes on MariaDB", { timeout: 120_000 }, () =>
	contract(async () => {
		const server = await startMariadb();
		return { url: server.url, server };
	}),
);
