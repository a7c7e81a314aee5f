// Notifications in SQL.

import { type Insertable, type Selectable, sql } from "kysely";
import type { Age } from "../../../common/age.ts";
import { readWithin } from "../../../stores/sql/byte-limit.ts";
import type { Database } from "../../../stores/sql/database.ts";
import { deleteFound, idsOf } from "../../../stores/sql/delete-found.ts";
import { insertBatches } from "../../../stores/sql/insert-batches.ts";
import { ignoringDuplicates } from "../../../stores/sql/insert-missing.ts";
import { keptSince } from "../../../stores/sql/retention.ts";
import type { NotificationsTable } from "../../../stores/sql/schema.ts";
import { statement, transact } from "../../../stores/sql/transaction.ts";
import type { NotificationQuery, NotificationRecord, NotificationStore } from "../notification-store.ts";

const textLength = sql<number | string>`length(title) + length(text) + length(data)`.as("characters");

export class SqlNotificationStore implements NotificationStore {
	private readonly database: Database;

	constructor(database: Database) {
		this.database = database;
	}

	add(notifications: readonly NotificationRecord[]): Promise<void> {
		if (notifications.length === 0) return Promise.resolve();
		return transact(this.database, async (trx) => {
			for (const rows of insertBatches(notifications.map(rowOf))) {
				await ignoringDuplicates(this.database, trx.insertInto("notifications").values(rows)).execute();
			}
		});
	}

	list({ userId, onlyUnread, before, limit, maxBytes }: NotificationQuery): Promise<readonly NotificationRecord[]> {
		return this.database.run(async (db) => {
			let query = db.selectFrom("notifications").where("user_id", "=", userId);
			if (onlyUnread) query = query.where("read_at_ms", "=", 0);
			if (before !== "") query = query.where("id", "<", before);
			query = query.orderBy("id", "desc");
			const read = (count: number) => query.selectAll().limit(count).execute();
			if (maxBytes === undefined) return (await read(limit)).map(recordOf);
			const rows = await query.select(textLength).limit(limit).execute();
			const lengths = rows.map(({ characters }) => characters);
			return (await readWithin(this.database, lengths, maxBytes, read)).map(recordOf);
		});
	}

	unread(userId: string, limit: number): Promise<number> {
		return this.database.run(async (db) => {
			const query = db.selectFrom("notifications").select("id").where("user_id", "=", userId);
			return (await query.where("read_at_ms", "=", 0).limit(limit).execute()).length;
		});
	}

	markRead(userId: string, ids: readonly string[] | undefined, atMs: number): Promise<number> {
		if (ids?.length === 0) return Promise.resolve(0);
		return statement(this.database, async (db) => {
			let query = db.updateTable("notifications").set({ read_at_ms: atMs }).where("user_id", "=", userId);
			if (ids !== undefined) query = query.where("id", "in", [...ids]);
			return Number((await query.where("read_at_ms", "=", 0).executeTakeFirst()).numUpdatedRows);
		});
	}

	deleteOld(age: Age, limit: number): Promise<number> {
		return statement(this.database, async (db) => {
			const since = await keptSince(db, this.database.dialect, age);
			const query = db.selectFrom("notifications").select("id").where("created_at_ms", "<", since);
			return await deleteFound(query.orderBy("created_at_ms").limit(limit), (keys) =>
				db.deleteFrom("notifications").where("id", "in", idsOf(keys)),
			);
		});
	}
}

function rowOf(record: NotificationRecord): Insertable<NotificationsTable> {
	return {
		id: record.id,
		user_id: record.userId,
		type: record.type,
		title: record.title,
		text: record.text,
		data: JSON.stringify(record.data),
		created_at_ms: record.createdAtMs,
		read_at_ms: record.readAtMs,
		about_user_id: record.aboutUserId,
	};
}

function recordOf(row: Selectable<NotificationsTable>): NotificationRecord {
	return {
		id: row.id,
		userId: row.user_id,
		type: row.type,
		title: row.title,
		text: row.text,
		data: JSON.parse(row.data) as Record<string, string>,
		createdAtMs: Number(row.created_at_ms),
		readAtMs: Number(row.read_at_ms),
		aboutUserId: row.about_user_id,
	};
}
