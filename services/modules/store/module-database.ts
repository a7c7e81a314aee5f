// The database of one generation of a module: kysely on the module's tables, and the steps that make these.
import { Kysely } from "kysely";
import type { ModuleMigration } from "../../../module/index.ts";
import type { SqlDialect, StatementRunner } from "../statement-runner.ts";
import { type Guard, RunnerDialect, RunnerDriver } from "./runner-dialect.ts";
import { tablePrefixPlugins } from "./table-prefix.ts";

interface MigrationTable {
	readonly migrations: { name: string; applied_at_ms: number };
}

const MODULE = /^[a-z][a-z0-9_]*$/;
const STEP = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;
/** Steps of one module. */
const MAX_STEPS = 1000;

export class ModuleDatabase {
	private readonly module: string;
	private readonly dialect: SqlDialect;
	private readonly serving: RunnerDriver;
	private readonly altering: RunnerDriver;
	// biome-ignore lint/suspicious/noExplicitAny: of the tables that the module says it has.
	private made: Kysely<any> | undefined;

	constructor(module: string, dialect: SqlDialect, runner: StatementRunner, guard: Guard) {
		this.module = module;
		this.dialect = dialect;
		this.serving = new RunnerDriver(runner, guard);
		this.altering = new RunnerDriver(runner, guard, true);
	}

	/** @throws Error when the module's name is none that tables can begin with. */
	// biome-ignore lint/suspicious/noExplicitAny: as above.
	kysely(): Kysely<any> {
		this.made ??= this.kyselyOn(this.serving);
		return this.made;
	}

	/** Rolls back open transactions. */
	end(): void {
		this.serving.end();
		this.altering.end();
	}

	/**
	 * Runs the steps that have not run yet, once in all processes.
	 *
	 * @returns their names.
	 * @throws what a step throws; none of the later ones has run then.
	 */
	async migrate(steps: Readonly<Record<string, ModuleMigration>>, nowMs: number): Promise<readonly string[]> {
		const names = Object.keys(steps).sort();
		if (names.length > MAX_STEPS) throw new Error(`more than ${MAX_STEPS} migrations`);
		const wrong = names.find((name) => !STEP.test(name) || typeof steps[name] !== "function");
		if (wrong !== undefined)
			throw new Error(`migration ${wrong}: not a name of letters, digits, _, . and - with a function`);
		if (names.length === 0) return [];
		return await this.kyselyOn(this.altering)
			.transaction()
			.execute(async (db) => {
				const ledger = db as unknown as Kysely<MigrationTable>;
				await this.makeLedger(ledger);
				const applied = new Set(
					(await ledger.selectFrom("migrations").select("name").execute()).map(({ name }) => name),
				);
				const missing = names.filter((name) => !applied.has(name));
				for (const name of missing) {
					await steps[name]?.(db);
					await ledger.insertInto("migrations").values({ name, applied_at_ms: nowMs }).execute();
				}
				return missing;
			});
	}

	private async makeLedger(db: Kysely<MigrationTable>): Promise<void> {
		await db.schema
			.createTable("migrations")
			.ifNotExists()
			.addColumn("name", "varchar(128)", (column) => column.primaryKey())
			.addColumn("applied_at_ms", "bigint", (column) => column.notNull())
			.execute();
	}

	private kyselyOn(driver: RunnerDriver) {
		const { module } = this;
		// On SQLite, and where tables are files, two names that differ in case are one.
		if (!MODULE.test(module)) throw new Error(`SQL: the name of module ${module} must have lower-case letters only`);
		// biome-ignore lint/suspicious/noExplicitAny: of the tables that the module says it has.
		return new Kysely<any>({
			dialect: new RunnerDialect(this.dialect, driver),
			plugins: [...tablePrefixPlugins(module, this.dialect)],
		});
	}
}
