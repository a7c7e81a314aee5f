// Tables of modules on all three databases: names of their own, steps that run once, errors that modules can act on.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Kysely, sql } from "kysely";
import { asCallError } from "../../../services/modules/module-context.ts";
import type { SqlDialect } from "../../../services/modules/statement-runner.ts";
import { ModuleDatabase } from "../../../services/modules/store/module-database.ts";
import { SqlStatementRunner } from "../../../services/modules/store/statement-runner-sql.ts";
import { type Database, openDatabase } from "../../../stores/sql/database.ts";
import { startMariadb } from "../../support/mariadb-server.ts";
import { startPostgres } from "../../support/postgres-server.ts";
import { quietLogger } from "../../support/quiet-logger.ts";

interface ShopTables {
	readonly items: { id: number; name: string; owner: string };
	readonly orders: { id: number; item_id: number; count: number };
}

const STEPS = {
	"001_items": (db: Kysely<unknown>) =>
		db.schema
			.createTable("items")
			.addColumn("id", "integer", (column) => column.primaryKey())
			.addColumn("name", "varchar(64)", (column) => column.notNull())
			.addColumn("owner", "varchar(64)", (column) => column.notNull())
			.addUniqueConstraint("items_name", ["name"])
			.execute(),
	"002_orders": async (db: Kysely<unknown>) => {
		await db.schema
			.createTable("orders")
			.addColumn("id", "integer", (column) => column.primaryKey())
			.addColumn("item_id", "integer", (column) => column.notNull().references("items.id"))
			.addColumn("count", "integer", (column) => column.notNull())
			.execute();
		await db.schema.createIndex("orders_item").on("orders").column("item_id").execute();
	},
};

type Guard = ConstructorParameters<typeof ModuleDatabase>[3];
const guard: Guard = (work) =>
	work().catch((error: unknown) => {
		throw asCallError(error);
	});

interface Server {
	readonly url: string;
	stop(): Promise<unknown>;
}

async function sqliteFile(): Promise<Server> {
	const dir = mkdtempSync(join(tmpdir(), "framegate-module-sql-"));
	return { url: `sqlite:${join(dir, "data.db")}`, stop: async () => rmSync(dir, { recursive: true }) };
}

const dialects: readonly (readonly [string, SqlDialect, () => Promise<Server>])[] = [
	["SQLite", "sqlite", sqliteFile],
	["PostgreSQL", "postgres", startPostgres],
	["MariaDB", "mysql", startMariadb],
];

for (const [name, dialect, start] of dialects) {
	describe(`tables of modules on ${name}`, () => {
		let server: Server;
		let gateway: Database;
		const runners: SqlStatementRunner[] = [];
		const runnerOf = (transactionTimeoutMs = 5000) => {
			const open = () => openDatabase({ url: server.url, maxConnections: 3 }, quietLogger());
			const runner = new SqlStatementRunner(open, { transactionTimeoutMs });
			runners.push(runner);
			return runner;
		};
		const databaseOf = (module: string, runner = runnerOf()) => new ModuleDatabase(module, dialect, runner, guard);
		const shopOf = (database: ModuleDatabase): Kysely<ShopTables> => database.kysely();
		let shop: Kysely<ShopTables>;

		before(async () => {
			server = await start();
			gateway = openDatabase({ url: server.url, maxConnections: 2 }, quietLogger());
			await gateway.migrate();
			const database = databaseOf("shop");
			assert.deepEqual(await database.migrate(STEPS, 1), ["001_items", "002_orders"]);
			shop = shopOf(database);
			await shop
				.insertInto("items")
				.values([
					{ id: 1, name: "apple", owner: "ann" },
					{ id: 2, name: "pear", owner: "bob" },
				])
				.execute();
		});
		after(async () => {
			for (const runner of runners) await runner.close();
			await gateway.close();
			await server.stop();
		});

		it("have the module's name before theirs, and are read by joins, aliases, subqueries and expressions of SQL", async () => {
			await shop.insertInto("orders").values({ id: 7, item_id: 1, count: 3 }).execute();
			const joined = await shop
				.with("big", (db) => db.selectFrom("orders").where("count", ">", 1).selectAll())
				.selectFrom("items as i")
				.innerJoin("big", "big.item_id", "i.id")
				.select(["i.name", "big.count"])
				.where("i.id", "in", shop.selectFrom("orders").select("orders.item_id"))
				.execute();
			assert.deepEqual(joined, [{ name: "apple", count: 3 }]);
			const counted = await sql<{
				n: number;
			}>`select count(*) as n from ${sql.table("items")} where ${sql.ref("owner")} = ${"ann"}`.execute(shop);
			assert.equal(Number(counted.rows[0]?.n), 1);
			await shop.updateTable("items").set({ owner: "eve" }).where("id", "=", 2).execute();
			await shop.deleteFrom("orders").where("id", "=", 7).execute();
			const inGateway = await gateway.run((db) =>
				sql<{ owner: string }>`select owner from shop__items where id = 2`.execute(db),
			);
			assert.equal(inGateway.rows[0]?.owner, "eve");
		});

		it("are made once, by however many processes, and another module may have the same names", async () => {
			const again = await Promise.all([1, 2, 3].map(() => databaseOf("cart").migrate(STEPS, 1)));
			assert.deepEqual(again.flat().sort(), ["001_items", "002_orders"]);
			assert.deepEqual(await shopOf(databaseOf("cart")).selectFrom("items").selectAll().execute(), []);
			const more = {
				...STEPS,
				"003_note": (db: Kysely<unknown>) => db.schema.alterTable("items").addColumn("note", "varchar(9)").execute(),
			};
			assert.deepEqual(await databaseOf("cart").migrate(more, 2), ["003_note"]);
			assert.deepEqual(await databaseOf("cart").migrate(STEPS, 3), [], "an earlier bundle finds a later schema");
		});

		it("stay as they were when a step fails", async () => {
			const steps = {
				...STEPS,
				"003_broken": async (db: Kysely<unknown>) => {
					await db.schema.createTable("half").ifNotExists().addColumn("id", "integer").execute();
					throw new Error("no disk today");
				},
			};
			const failing = databaseOf("broken");
			await assert.rejects(failing.migrate(steps, 1), /no disk today/);
			const mended = {
				...STEPS,
				"003_broken": (db: Kysely<unknown>) =>
					db.schema.createTable("half").ifNotExists().addColumn("id", "integer").execute(),
			};
			const rest = await databaseOf("broken").migrate(mended, 2);
			assert.ok(rest.includes("003_broken"));
		});

		it("refuse other tables than the module's own", async () => {
			const db = shop as unknown as Kysely<Record<string, Record<string, unknown>>>;
			await assert.rejects(db.withSchema("public").selectFrom("users").selectAll().execute(), /no other schema/);
			await assert.rejects(sql`select * from users`.execute(db), /users is a table of the gateway/);
			await assert.rejects(
				sql`select 1 from ${sql.id("sessions", "x")}, USER_ROLES`.execute(db),
				/table of the gateway/,
			);
			await assert.rejects(sql`select 1; drop table items`.execute(db), /one statement/);
			await assert.rejects(
				db.selectFrom("users").selectAll().execute(),
				/shop__users/,
				"a table of that name of its own",
			);
			await assert.rejects(db.schema.createTable("Bad").addColumn("id", "integer").execute(), /lower-case letters/);
			assert.throws(() => databaseOf("shopB").kysely(), /lower-case letters only/);
		});

		it("throw a conflict as one, and a wrong statement as a fault of the module", async () => {
			const twice = shop.insertInto("items").values({ id: 3, name: "apple", owner: "x" }).execute();
			await assert.rejects(twice, { name: "CallError", code: "CONFLICT" });
			await assert.rejects(shop.insertInto("orders").values({ id: 1, item_id: 99, count: 1 }).execute(), {
				code: "CONFLICT",
			});
			await assert.rejects(sql`select ${sql.ref("nothing")} from ${sql.table("items")}`.execute(shop), {
				name: "TypeError",
				message: /^SQL: /,
			});
		});

		it("commit a transaction or none of it", async () => {
			const names = async () =>
				(await shop.selectFrom("items").select("name").orderBy("id").execute()).map(({ name: one }) => one);
			const attempt = shop.transaction().execute(async (trx) => {
				await trx.insertInto("items").values({ id: 10, name: "fig", owner: "x" }).execute();
				throw new Error("changed my mind");
			});
			await assert.rejects(attempt, /changed my mind/);
			assert.deepEqual(await names(), ["apple", "pear"]);
			await shop
				.transaction()
				.execute((trx) => trx.insertInto("items").values({ id: 11, name: "fig", owner: "x" }).execute());
			assert.deepEqual(await names(), ["apple", "pear", "fig"]);
			await shop.deleteFrom("items").where("id", "=", 11).execute();
		});

		it("lose a transaction that takes too long, and those that are open when the generation ends", async () => {
			const slow = shopOf(databaseOf("shop", runnerOf(30)));
			const open = slow.transaction().execute(async (trx) => {
				await trx.updateTable("items").set({ owner: "slow" }).execute();
				for (;;) await trx.selectFrom("items").select("id").execute();
			});
			await assert.rejects(open, /the transaction is over|taken longer/);
			const ending = databaseOf("shop");
			const kept = shopOf(ending)
				.transaction()
				.execute(async (trx) => {
					await trx.updateTable("items").set({ owner: "ended" }).execute();
					ending.end();
					await trx.updateTable("items").set({ owner: "after" }).execute();
				});
			await assert.rejects(kept);
			const owners = await shop.selectFrom("items").select("owner").distinct().execute();
			assert.ok(owners.every(({ owner }) => owner !== "slow" && owner !== "ended" && owner !== "after"));
		});
	});
}
