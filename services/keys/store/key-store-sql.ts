// API keys in SQL, the same statements on SQLite, PostgreSQL, MySQL and MariaDB.

import type { ExpressionBuilder, Selectable } from "kysely";
import type { Age } from "../../../common/age.ts";
import type { Database } from "../../../stores/sql/database.ts";
import { deleteFound, idsOf } from "../../../stores/sql/delete-found.ts";
import { keptSince } from "../../../stores/sql/retention.ts";
import type { ApiKeysTable, Tables } from "../../../stores/sql/schema.ts";
import type { KeyRecord, KeyStore } from "../key-store.ts";

export class SqlKeyStore implements KeyStore {
	private readonly database: Database;

	constructor(database: Database) {
		this.database = database;
	}

	create(key: KeyRecord, maxKeys: number): Promise<boolean> {
		return this.database.run(async (db) => {
			// Two at once may go one beyond it: the bound keeps lists short, and guards nothing else.
			const query = db.selectFrom("api_keys").select("id").where("revoked_at_ms", "=", 0).limit(maxKeys);
			const live = query.where((eb) => eb.or([eb("expires_at_ms", "=", 0), eb("expires_at_ms", ">", key.createdAtMs)]));
			if ((await live.execute()).length >= maxKeys) return false;
			await db.insertInto("api_keys").values(rowOf(key)).execute();
			return true;
		});
	}

	byId(id: string): Promise<KeyRecord | undefined> {
		return this.database.run(async (db) => {
			const row = await db.selectFrom("api_keys").selectAll().where("id", "=", id).executeTakeFirst();
			return row?.id === id ? recordOf(row) : undefined;
		});
	}

	list(after: string, limit: number): Promise<readonly KeyRecord[]> {
		return this.database.run(async (db) => {
			const query = db.selectFrom("api_keys").selectAll().where("id", ">", after).orderBy("id").limit(limit);
			return (await query.execute()).map(recordOf);
		});
	}

	revoke(id: string, atMs: number): Promise<boolean> {
		return this.database.run(async (db) => {
			const update = db.updateTable("api_keys").set({ revoked_at_ms: atMs });
			const result = await update.where("id", "=", id).where("revoked_at_ms", "=", 0).executeTakeFirst();
			return result.numUpdatedRows > 0n;
		});
	}

	touch(ids: readonly string[], atMs: number): Promise<readonly string[]> {
		if (ids.length === 0) return Promise.resolve([]);
		return this.database.run(async (db) => {
			const query = db.selectFrom("api_keys").select("id").where("id", "in", ids).where("revoked_at_ms", "=", 0);
			const live = idsOf(await query.execute());
			if (live.length > 0) {
				const update = db.updateTable("api_keys").set({ last_used_at_ms: atMs });
				await update.where("id", "in", live).where("last_used_at_ms", "<", atMs).execute();
			}
			const known = new Set(live);
			return ids.filter((id) => !known.has(id));
		});
	}

	deleteEnded(age: Age, limit: number): Promise<number> {
		return this.database.run(async (db) => {
			const since = await keptSince(db, this.database.dialect, age);
			const isEnded = (eb: ExpressionBuilder<Tables, "api_keys">) => {
				const before = (column: "revoked_at_ms" | "expires_at_ms") =>
					eb.and([eb(column, ">", 0), eb(column, "<", since)]);
				return eb.or([before("revoked_at_ms"), before("expires_at_ms")]);
			};
			const found = db.selectFrom("api_keys").select("id").where(isEnded).limit(limit);
			return await deleteFound(found, (keys) => db.deleteFrom("api_keys").where("id", "in", idsOf(keys)));
		});
	}
}

function rowOf(key: KeyRecord) {
	return {
		id: key.id,
		name: key.name,
		secret_hash: key.secretHash,
		permissions: JSON.stringify(key.permissions),
		channels: JSON.stringify(key.channels),
		per_second: key.perSecond,
		burst: key.burst,
		created_by: key.createdBy,
		created_at_ms: key.createdAtMs,
		expires_at_ms: key.expiresAtMs,
		revoked_at_ms: key.revokedAtMs,
		last_used_at_ms: key.lastUsedAtMs,
	};
}

function recordOf(row: Selectable<ApiKeysTable>): KeyRecord {
	return {
		id: row.id,
		name: row.name,
		secretHash: row.secret_hash,
		permissions: textsOf(row.permissions),
		channels: textsOf(row.channels),
		perSecond: Number(row.per_second),
		burst: Number(row.burst),
		createdBy: row.created_by,
		createdAtMs: Number(row.created_at_ms),
		expiresAtMs: Number(row.expires_at_ms),
		revokedAtMs: Number(row.revoked_at_ms),
		lastUsedAtMs: Number(row.last_used_at_ms),
	};
}

function textsOf(json: string): readonly string[] {
	const texts: unknown = JSON.parse(json);
	return Array.isArray(texts) ? texts.filter((text) => typeof text === "string") : [];
}
