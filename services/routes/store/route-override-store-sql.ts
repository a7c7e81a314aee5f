// Changes of routes in SQL, the same statements on SQLite, PostgreSQL, MySQL and MariaDB.
import type { Database } from "../../../stores/sql/database.ts";
import type { RouteOverride } from "../route-override.ts";
import type { RouteOverrideStore } from "../route-override-store.ts";

/** Of routes that are gone, too. */
const MAX_ROWS = 10_000;

export class SqlRouteOverrideStore implements RouteOverrideStore {
	private readonly database: Database;

	constructor(database: Database) {
		this.database = database;
	}

	list(): Promise<readonly RouteOverride[]> {
		return this.database.run(async (db) => {
			const rows = await db.selectFrom("route_overrides").selectAll().orderBy("route").limit(MAX_ROWS).execute();
			return rows.map((row) => ({
				route: row.route,
				permission: row.permission === "" ? undefined : row.permission,
				cost: Number(row.cost) === 0 ? undefined : Number(row.cost),
				isEnabled: Number(row.is_enabled) === 1,
				changedAtMs: Number(row.changed_at_ms),
				changedBy: row.changed_by,
			}));
		});
	}

	async put({ route, permission = "", cost = 0, isEnabled, changedAtMs, changedBy }: RouteOverride): Promise<void> {
		const values = {
			permission,
			cost,
			is_enabled: isEnabled ? 1 : 0,
			changed_at_ms: changedAtMs,
			changed_by: changedBy,
		};
		await this.database.run(async (db) => {
			// Two statements that each database has; a change by another process between them wins or loses whole.
			await db.deleteFrom("route_overrides").where("route", "=", route).execute();
			await db
				.insertInto("route_overrides")
				.values({ route, ...values })
				.execute();
		});
	}

	async remove(route: string): Promise<void> {
		await this.database.run((db) => db.deleteFrom("route_overrides").where("route", "=", route).execute());
	}
}
