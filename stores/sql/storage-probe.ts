// The probe of the database: it writes, since a full or read-only one still reads. A row of this process's is written now and
// then; after a write has failed, more than fits into pages that are there already is written until it goes through.
import { randomBytes, randomInt } from "node:crypto";
import { type Kysely, sql } from "kysely";
import type { SqlDialectName } from "./database-url.ts";
import type { Tables } from "./schema.ts";

/** Rows that are shared by all processes, so that there are no more however many come and go. */
const SLOTS = 16;
/** Rows of a trial, above those. */
const TRIAL_SLOT = 1000;
const TRIAL_ROWS = 4;
/** What a column takes on every database. */
const ROW_BYTES = 60_000;

export class StorageProbe {
	private readonly dialect: SqlDialectName;
	private readonly slot = randomInt(SLOTS);

	constructor(dialect: SqlDialectName) {
		this.dialect = dialect;
	}

	/** One row, in place. */
	async write(db: Kysely<Tables>, atMs: number): Promise<void> {
		const row = { slot: this.slot, at_ms: atMs, filler: Buffer.alloc(0) };
		const insert = db.insertInto("storage_probes").values(row);
		if (this.dialect === "mysql") await insert.onDuplicateKeyUpdate({ at_ms: atMs }).execute();
		else await insert.onConflict((conflict) => conflict.column("slot").doUpdateSet({ at_ms: atMs })).execute();
	}

	/** A quarter of a megabyte that does not compress, and away again. */
	async tryOut(db: Kysely<Tables>, atMs: number): Promise<void> {
		await this.clear(db);
		for (let row = 0; row < TRIAL_ROWS; row++) {
			const slot = this.trialSlot + row;
			await db
				.insertInto("storage_probes")
				.values({ slot, at_ms: atMs, filler: randomBytes(ROW_BYTES) })
				.execute();
		}
		await this.clear(db);
	}

	/** Reads, which detects a database that is down. */
	async read(db: Kysely<Tables>): Promise<void> {
		const { rows } = await sql<{ one: number | string }>`select 1 as one`.execute(db);
		if (Number(rows[0]?.one) !== 1) throw new Error("SQL probe got a wrong answer");
	}

	private get trialSlot(): number {
		return TRIAL_SLOT + this.slot * TRIAL_ROWS;
	}

	private async clear(db: Kysely<Tables>): Promise<void> {
		const { trialSlot } = this;
		const removal = db.deleteFrom("storage_probes").where("slot", ">=", trialSlot);
		await removal.where("slot", "<", trialSlot + TRIAL_ROWS).execute();
	}
}
