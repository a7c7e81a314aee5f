// The audit trail in SQL: rows are added and, when old enough, removed, and never changed.

import type { Insertable, Selectable } from "kysely";
import type { Age } from "../../../../common/age.ts";
import type { Database } from "../../../../stores/sql/database.ts";
import { deleteFound, idsOf } from "../../../../stores/sql/delete-found.ts";
import { keptSince } from "../../../../stores/sql/retention.ts";
import type { AuditEntriesTable } from "../../../../stores/sql/schema.ts";
import { statement } from "../../../../stores/sql/transaction.ts";
import type { AuditEntry, AuditQuery, AuditTrail } from "../audit-trail.ts";

export class SqlAuditTrail implements AuditTrail {
	private readonly database: Database;

	constructor(database: Database) {
		this.database = database;
	}

	record(entry: AuditEntry): Promise<void> {
		return statement(
			this.database,
			async (db) => {
				await db.insertInto("audit_entries").values(auditRow(entry)).execute();
			},
			"reserved",
		);
	}

	list({ sinceMs, username, limit }: AuditQuery): Promise<readonly AuditEntry[]> {
		return this.database.run(async (db) => {
			let query = db.selectFrom("audit_entries").selectAll().where("at_ms", ">=", sinceMs);
			if (username !== undefined) query = query.where("username", "=", username);
			const rows = await query.orderBy("at_ms", "desc").orderBy("id", "desc").limit(limit).execute();
			return rows.map(entryOf).reverse();
		});
	}

	deleteOld(age: Age, limit: number): Promise<number> {
		return statement(
			this.database,
			async (db) => {
				const since = await keptSince(db, this.database.dialect, age);
				const query = db.selectFrom("audit_entries").select("id").where("at_ms", "<", since);
				return await deleteFound(query.orderBy("at_ms").limit(limit), (keys) =>
					db.deleteFrom("audit_entries").where("id", "in", idsOf(keys)),
				);
			},
			"reserved",
		);
	}
}

export function auditRow(entry: AuditEntry): Insertable<AuditEntriesTable> {
	return {
		id: entry.id,
		at_ms: entry.atMs,
		user_id: fitting(entry.userId, 36),
		username: fitting(entry.username, 64),
		ip: fitting(entry.ip, 64),
		operation: fitting(entry.operation, 32),
		target: fitting(entry.target, 256),
		value: numberText(entry.value),
		command_id: fitting(entry.commandId, 64),
		reason: fitting(entry.reason, 512),
		outcome: fitting(entry.outcome, 32),
		detail: fitting(entry.detail, 512),
	};
}

/** Cut to the column's characters. PostgreSQL takes no U+0000, and nothing that was done may be missing for that. */
export function fitting(text: string, length: number): string {
	const clean = text.replaceAll("\0", "\uFFFD");
	return clean.length <= length ? clean : [...clean].slice(0, length).join("");
}

/** As text, since the databases disagree on how much of a double a column keeps. */
export function numberText(value: number | undefined): string {
	return value === undefined ? "" : String(value);
}

export function textNumber(text: string): number | undefined {
	return text === "" ? undefined : Number(text);
}

function entryOf(row: Selectable<AuditEntriesTable>): AuditEntry {
	return {
		id: row.id,
		atMs: Number(row.at_ms),
		userId: row.user_id,
		username: row.username,
		ip: row.ip,
		operation: row.operation,
		target: row.target,
		value: textNumber(row.value),
		commandId: row.command_id,
		reason: row.reason,
		outcome: row.outcome,
		detail: row.detail,
	};
}
