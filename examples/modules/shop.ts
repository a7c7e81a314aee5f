// A shop: items in a table of its own, one order a minute for each user in the store, a counter, and a push to the buyer.
import {
	CallError,
	defineConfig,
	defineCounter,
	defineFunction,
	defineModule,
	definePush,
	sql,
	z,
} from "framegate/module";

interface Tables {
	items: { name: string; stock: number };
}

const settings = defineConfig(z.object({ ordersPerMinute: z.int().min(1).default(3) }));
const orders = defineCounter({ labels: { outcome: ["sold", "out_of_stock", "too_many"] } });
const sold = definePush({ number: 7551, body: z.object({ item: z.string(), count: z.int() }) });

export default defineModule({
	config: settings,
	metrics: { orders },
	pushes: { sold },
	migrations: {
		"001_items": (db) =>
			db.schema
				.createTable("items")
				.addColumn("name", "varchar(64)", (column) => column.primaryKey())
				.addColumn("stock", "integer", (column) => column.notNull())
				.execute(),
		"002_first_items": (db) =>
			db
				.insertInto("items")
				.values([
					{ name: "apple", stock: 3 },
					{ name: "pear", stock: 5 },
				])
				.execute(),
	},
	functions: {
		stock: defineFunction({
			number: 7051,
			description: "What is left of an item.",
			permission: "public",
			idempotent: true,
			input: z.object({ item: z.string().max(64) }),
			output: z.object({ item: z.string(), stock: z.int() }),
			rest: { method: "GET", path: "/api/v1/shop/items/{item}" },
			run: async ({ item }, { context }) => {
				const db = context.database<Tables>();
				const found = await db.selectFrom("items").select("stock").where("name", "=", item).executeTakeFirst();
				if (found === undefined) throw new CallError("NOT_FOUND", "no such item", { field: "item" });
				return { item, stock: found.stock };
			},
		}),
		order: defineFunction({
			number: 7052,
			description: "Orders an item.",
			input: z.object({ item: z.string().max(64), count: z.int().min(1).max(10).default(1) }),
			output: z.object({ item: z.string(), left: z.int() }),
			rest: { method: "POST", path: "/api/v1/shop/items/{item}/orders" },
			run: async ({ item, count }, { context, user, log }) => {
				const userId = user?.id ?? "";
				const { ordersPerMinute } = context.config(settings);
				for (;;) {
					const minute = `orders:${userId}:${Math.floor(Date.now() / 60_000)}`;
					const before = await context.store.get<number>(minute);
					if ((before?.value ?? 0) >= ordersPerMinute) {
						context.metrics.add(orders, 1, { outcome: "too_many" });
						throw new CallError("RATE_LIMITED", "so many orders a minute and no more", { retryAfterMs: 60_000 });
					}
					// Another call of the same user may have counted meanwhile.
					const write = { ttlMs: 120_000, ifVersion: before?.version ?? "" };
					if ((await context.store.set(minute, (before?.value ?? 0) + 1, write)) !== undefined) break;
				}
				const db = context.database<Tables>();
				const left = await db.transaction().execute(async (trx) => {
					const { numUpdatedRows } = await trx
						.updateTable("items")
						.set({ stock: sql`stock - ${count}` })
						.where("name", "=", item)
						.where("stock", ">=", count)
						.executeTakeFirst();
					if (numUpdatedRows === 0n) return undefined;
					return await trx.selectFrom("items").select("stock").where("name", "=", item).executeTakeFirst();
				});
				context.metrics.add(orders, 1, { outcome: left === undefined ? "out_of_stock" : "sold" });
				if (left === undefined) throw new CallError("CONFLICT", "not so many are left", { field: "count" });
				log.info("sold", { item, count });
				await context.unicast(userId, sold, { item, count });
				return { item, left: left.stock };
			},
		}),
	},
});
