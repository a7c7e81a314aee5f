// Events for outputs in SQL, the same statements on SQLite, PostgreSQL, MySQL and MariaDB.
import { type Selectable, sql } from "kysely";
import type { Age } from "../../../common/age.ts";
import type { Database } from "../../../stores/sql/database.ts";
import { deleteFound } from "../../../stores/sql/delete-found.ts";
import { insertBatches } from "../../../stores/sql/insert-batches.ts";
import { ignoringDuplicates } from "../../../stores/sql/insert-missing.ts";
import { keptSince } from "../../../stores/sql/retention.ts";
import type { OutputEventsTable } from "../../../stores/sql/schema.ts";
import { transact } from "../../../stores/sql/transaction.ts";
import type {
	DeadLetter,
	DeadLetterQuery,
	NewOutputEvent,
	OutputEvent,
	OutputStore,
	OutputUsage,
} from "../output-store.ts";

/** Characters of a column; MySQL would cut, the others refuse. */
const MAX_ERROR = 512;

interface Found {
	readonly number: number | string;
}

export class SqlOutputStore implements OutputStore {
	private readonly database: Database;

	constructor(database: Database) {
		this.database = database;
	}

	append(events: readonly NewOutputEvent[]): Promise<void> {
		const rows = events.map((event) => ({
			output: event.output,
			event_key: event.key,
			event_id: event.id,
			kind: event.kind,
			body: Buffer.from(event.body),
			bytes: event.body.length,
			at_ms: event.atMs,
			attempts: 0,
			died_at_ms: 0,
			error: "",
		}));
		// As what members write: they cause it, and what is left of a full disk is for control and the audit trail.
		return transact(
			this.database,
			async (trx) => {
				for (const batch of insertBatches(rows)) {
					await ignoringDuplicates(this.database, trx.insertInto("output_events").values(batch)).execute();
				}
			},
			"member",
		);
	}

	pending(output: string, after: number, limit: number): Promise<readonly OutputEvent[]> {
		return this.database.run(async (db) => {
			const rows = await db
				.selectFrom("output_events")
				.selectAll()
				.where("output", "=", output)
				.where("died_at_ms", "=", 0)
				.where("number", ">", after)
				.orderBy("number")
				.limit(limit)
				.execute();
			return rows.map(eventOf);
		});
	}

	pendingOfKey(output: string, key: string, limit: number): Promise<readonly OutputEvent[]> {
		return this.database.run(async (db) => {
			const rows = await db
				.selectFrom("output_events")
				.selectAll()
				.where("output", "=", output)
				.where("event_key", "=", key)
				.where("died_at_ms", "=", 0)
				.orderBy("number")
				.limit(limit)
				.execute();
			return rows.map(eventOf);
		});
	}

	async remove(output: string, numbers: readonly number[]): Promise<void> {
		if (numbers.length === 0) return;
		await this.database.run((db) =>
			db.deleteFrom("output_events").where("output", "=", output).where("number", "in", numbers).execute(),
		);
	}

	async recordFailure(output: string, number: number, attempts: number, error: string): Promise<void> {
		await this.update(output, number, { attempts, error: error.slice(0, MAX_ERROR) });
	}

	async bury(output: string, number: number, attempts: number, error: string, atMs: number): Promise<void> {
		await this.update(output, number, { attempts, error: error.slice(0, MAX_ERROR), died_at_ms: atMs });
	}

	usage(output: string): Promise<OutputUsage> {
		return this.database.run(async (db) => {
			const all = db.selectFrom("output_events").where("output", "=", output);
			const pending = await all
				.where("died_at_ms", "=", 0)
				.select(({ fn }) => [
					fn.countAll<number | string>().as("count"),
					fn.sum<number | string | null>("bytes").as("bytes"),
					fn.min<number | string | null>("at_ms").as("oldest"),
				])
				.executeTakeFirstOrThrow();
			const dead = await all
				.where("died_at_ms", ">", 0)
				.select(({ fn }) => fn.countAll<number | string>().as("count"))
				.executeTakeFirstOrThrow();
			return {
				pending: Number(pending.count),
				pendingBytes: Number(pending.bytes ?? 0),
				oldestAtMs: Number(pending.oldest ?? 0),
				deadLetters: Number(dead.count),
			};
		});
	}

	dropOldest(output: string, kind: string, limit: number): Promise<number> {
		return this.database.run((db) => {
			const found = db
				.selectFrom("output_events")
				.select("number")
				.where("output", "=", output)
				.where("died_at_ms", "=", 0)
				.where("kind", "=", kind)
				.orderBy("number")
				.limit(limit);
			return deleteFound(found, (rows) => db.deleteFrom("output_events").where("number", "in", numbersOf(rows)));
		});
	}

	deadLetters(output: string, before: number, limit: number): Promise<readonly DeadLetter[]> {
		return this.database.run(async (db) => {
			const rows = await db
				.selectFrom("output_events")
				.selectAll()
				.where("output", "=", output)
				.where("died_at_ms", ">", 0)
				.$if(before > 0, (query) => query.where("number", "<", before))
				.orderBy("number", "desc")
				.limit(limit)
				.execute();
			return rows.map((row) => ({ ...eventOf(row), diedAtMs: Number(row.died_at_ms), error: row.error }));
		});
	}

	replay(query: DeadLetterQuery, limit: number): Promise<number> {
		return this.database.run(async (db) => {
			const numbers = numbersOf(await this.dead(db, query, limit).execute());
			if (numbers.length === 0) return 0;
			const update = db.updateTable("output_events").set({ died_at_ms: 0, attempts: 0 });
			const { numUpdatedRows } = await update.where("number", "in", numbers).executeTakeFirst();
			return Number(numUpdatedRows);
		});
	}

	discard(query: DeadLetterQuery, limit: number): Promise<number> {
		return this.database.run((db) =>
			deleteFound(this.dead(db, query, limit), (rows) =>
				db.deleteFrom("output_events").where("number", "in", numbersOf(rows)),
			),
		);
	}

	deleteDead(output: string, age: Age, keep: number, limit: number): Promise<number> {
		return this.database.run(async (db) => {
			const since = await keptSince(db, this.database.dialect, age);
			const dead = db
				.selectFrom("output_events")
				.select("number")
				.where("output", "=", output)
				.where("died_at_ms", ">", 0);
			const deletion = (rows: readonly Found[]) =>
				db.deleteFrom("output_events").where("number", "in", numbersOf(rows));
			const old = await deleteFound(dead.where("died_at_ms", "<", since).limit(limit), deletion);
			if (old >= limit) return old;
			const [oldestKept] = await dead.orderBy("number", "desc").offset(keep).limit(1).execute();
			if (oldestKept === undefined) return old;
			const beyond = dead
				.where("number", "<=", Number(oldestKept.number))
				.orderBy("number")
				.limit(limit - old);
			return old + (await deleteFound(beyond, deletion));
		});
	}

	private dead(db: Parameters<Parameters<Database["run"]>[0]>[0], { output, ids }: DeadLetterQuery, limit: number) {
		return db
			.selectFrom("output_events")
			.select("number")
			.where("output", "=", output)
			.where("died_at_ms", ">", 0)
			.$if(ids !== undefined, (query) => query.where("event_id", "in", ids?.length ? ids : [sql<string>`''`]))
			.orderBy("number")
			.limit(limit);
	}

	private async update(
		output: string,
		number: number,
		change: { readonly attempts: number; readonly error: string; readonly died_at_ms?: number },
	): Promise<void> {
		await this.database.run((db) =>
			db.updateTable("output_events").set(change).where("output", "=", output).where("number", "=", number).execute(),
		);
	}
}

function numbersOf(rows: readonly Found[]): number[] {
	return rows.map(({ number }) => Number(number));
}

function eventOf(row: Selectable<OutputEventsTable>): OutputEvent {
	return {
		number: Number(row.number),
		output: row.output,
		key: row.event_key,
		id: row.event_id,
		kind: row.kind,
		body: row.body,
		atMs: Number(row.at_ms),
		attempts: row.attempts,
	};
}
