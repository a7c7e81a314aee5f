// Commands to field devices in SQL. The primary key decides which ids were used, and conditional updates who may say what
// comes next, whichever node asks.

import type { RawBuilder, Selectable } from "kysely";
import type { Age } from "../../../../common/age.ts";
import { CommandStage, type DataType } from "../../../../protocol/gen/schema.ts";
import type { Database } from "../../../../stores/sql/database.ts";
import { databaseTime, databaseTimeIn } from "../../../../stores/sql/database-time.ts";
import { deleteFound, idsOf } from "../../../../stores/sql/delete-found.ts";
import { ignoringDuplicates } from "../../../../stores/sql/insert-missing.ts";
import { keptSince } from "../../../../stores/sql/retention.ts";
import type { ControlCommandsTable } from "../../../../stores/sql/schema.ts";
import { statement, transact } from "../../../../stores/sql/transaction.ts";
import type { AuditEntry } from "../audit-trail.ts";
import type { CommandChange, CommandRecord, CommandStore } from "../command-store.ts";
import { auditRow, fitting, numberText, textNumber } from "./audit-trail-sql.ts";

/** Never due: no process has to close it. */
const NEVER = Number.MAX_SAFE_INTEGER;

/** The first of the final stages, which exclude each other. */
const FINAL = CommandStage.EXECUTED;

export class SqlCommandStore implements CommandStore {
	private readonly database: Database;

	constructor(database: Database) {
		this.database = database;
	}

	begin(record: CommandRecord, dueInMs: number, entry: AuditEntry): Promise<boolean> {
		return transact(
			this.database,
			async (trx) => {
				const insert = trx.insertInto("control_commands").values(rowOf(record, this.timeIn(dueInMs)));
				const { numInsertedOrUpdatedRows } = await ignoringDuplicates(this.database, insert).executeTakeFirst();
				if (Number(numInsertedOrUpdatedRows ?? 0) === 0) return false;
				await trx.insertInto("audit_entries").values(auditRow(entry)).execute();
				return true;
			},
			"reserved",
		);
	}

	get(id: string): Promise<CommandRecord | undefined> {
		return this.database.run(async (db) => {
			const query = db.selectFrom("control_commands").selectAll().where("id", "=", id);
			const row = await query.executeTakeFirst();
			// MySQL's collation takes "a " for "a".
			return row?.id === id ? recordOf(row) : undefined;
		});
	}

	advance(id: string, change: CommandChange, entry: AuditEntry): Promise<boolean> {
		return transact(
			this.database,
			async (trx) => {
				const updated = await trx
					.updateTable("control_commands")
					.set({
						stage: change.stage,
						actual_value: numberText(change.actualValue),
						error: fitting(change.error, 512),
						updated_at_ms: change.atMs,
						deadline_ms: change.deadlineMs,
						due_at_ms: this.timeIn(change.dueInMs),
					})
					.where("id", "=", id)
					.where("stage", "<", Math.min(change.stage, FINAL))
					.executeTakeFirst();
				if (updated.numUpdatedRows === 0n) return false;
				await trx.insertInto("audit_entries").values(auditRow(entry)).execute();
				return true;
			},
			"reserved",
		);
	}

	settle(id: string): Promise<void> {
		return statement(
			this.database,
			async (db) => {
				const update = db.updateTable("control_commands").set({ due_at_ms: NEVER }).where("id", "=", id);
				await update.where("stage", ">=", FINAL).execute();
			},
			"reserved",
		);
	}

	claimDue(ttlMs: number, limit: number): Promise<readonly CommandRecord[]> {
		return statement(
			this.database,
			async (db) => {
				const due = db
					.selectFrom("control_commands")
					.selectAll()
					.where("due_at_ms", "<=", databaseTime(this.database.dialect));
				const claimed: CommandRecord[] = [];
				for (const row of await due.orderBy("due_at_ms").limit(limit).execute()) {
					const claim = db.updateTable("control_commands").set({ due_at_ms: this.timeIn(ttlMs) });
					const update = claim.where("id", "=", row.id);
					// Of several processes that found it, the first one changes the column by which the others find it.
					const { numUpdatedRows } = await update.where("due_at_ms", "=", Number(row.due_at_ms)).executeTakeFirst();
					if (numUpdatedRows > 0n) claimed.push(recordOf(row));
				}
				return claimed;
			},
			"reserved",
		);
	}

	deleteOld(age: Age, limit: number): Promise<number> {
		return statement(
			this.database,
			async (db) => {
				const since = await keptSince(db, this.database.dialect, age);
				const query = db.selectFrom("control_commands").select("id").where("requested_at_ms", "<", since);
				const over = query.where("stage", ">=", FINAL).orderBy("requested_at_ms").limit(limit);
				return await deleteFound(over, (keys) => db.deleteFrom("control_commands").where("id", "in", idsOf(keys)));
			},
			"reserved",
		);
	}

	private timeIn(ms: number): RawBuilder<number> {
		return databaseTimeIn(this.database.dialect, ms);
	}
}

function rowOf(record: CommandRecord, dueAtMs: RawBuilder<number>) {
	return {
		id: record.id,
		user_id: record.userId,
		username: record.username,
		source: record.source,
		channel: record.channel,
		data_type: record.type,
		point_id: record.pointId,
		value: numberText(record.value),
		select_id: record.selectId,
		reason: fitting(record.reason, 256),
		stage: record.stage,
		actual_value: numberText(record.actualValue),
		error: fitting(record.error, 512),
		requested_at_ms: record.requestedAtMs,
		deadline_ms: record.deadlineMs,
		updated_at_ms: record.updatedAtMs,
		due_at_ms: dueAtMs,
	};
}

function recordOf(row: Selectable<ControlCommandsTable>): CommandRecord {
	return {
		id: row.id,
		userId: row.user_id,
		username: row.username,
		source: row.source,
		channel: Number(row.channel),
		type: row.data_type as DataType,
		pointId: Number(row.point_id),
		value: Number(row.value),
		selectId: row.select_id,
		reason: row.reason,
		stage: row.stage as CommandStage,
		actualValue: textNumber(row.actual_value),
		error: row.error,
		requestedAtMs: Number(row.requested_at_ms),
		deadlineMs: Number(row.deadline_ms),
		updatedAtMs: Number(row.updated_at_ms),
	};
}
