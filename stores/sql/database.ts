// Opens the SQL database that a URL names and keeps its schema up to date. All SQL of the product goes through the
// Database made here, so that its failures look alike: UNAVAILABLE, with the driver's error as the cause.
import { type Dialect, Kysely, Migrator, sql } from "kysely";
import type { Logger } from "../../ports/logger.ts";
import type { Probe } from "../../ports/probe.ts";
import { GatewayError, unavailable } from "../../protocol/error.ts";
import { parseDatabaseUrl, type SqlDialectName } from "./database-url.ts";
import { mysqlDialect } from "./dialect-mysql.ts";
import { postgresDialect } from "./dialect-postgres.ts";
import { sqliteDialect } from "./dialect-sqlite.ts";
import { migrationsFor } from "./migrations.ts";
import type { PoolOptions } from "./pool-options.ts";
import type { Tables } from "./schema.ts";

export interface DatabaseOptions extends Partial<PoolOptions> {
	/** `sqlite:PATH`, `sqlite::memory:`, `postgres://…`, `postgresql://…`, `mysql://…` or `mariadb://…`. */
	readonly url: string;
}

export const databaseDefaults: PoolOptions = {
	maxConnections: 10,
	maxWaiting: 1000,
	connectTimeoutMs: 2000,
	statementTimeoutMs: 3000,
	idleTimeoutMs: 30_000,
};

/** What a refused request is told to wait. */
const RETRY_AFTER_MS = 1000;

export interface Database {
	readonly dialect: SqlDialectName;
	/**
	 * Runs queries.
	 *
	 * @throws GatewayError UNAVAILABLE when they fail for whatever reason, or too many wait already.
	 */
	run<T>(queries: (db: Kysely<Tables>) => Promise<T>): Promise<T>;
	/**
	 * Brings the schema up to date; safe to call from several processes at once.
	 *
	 * @returns the names of the steps that this call applied.
	 * @throws GatewayError UNAVAILABLE when the database does not answer or a step fails.
	 */
	migrate(): Promise<readonly string[]>;
	readonly probe: Probe;
	close(): Promise<void>;
}

/**
 * Opens a database. Connects with the first query, so that a server which is down does not keep the process from
 * starting.
 *
 * @throws Error when the URL is not one that `DatabaseOptions.url` allows.
 */
export function openDatabase(options: DatabaseOptions, logger: Logger): Database {
	const pool: PoolOptions = {
		maxConnections: options.maxConnections ?? databaseDefaults.maxConnections,
		maxWaiting: options.maxWaiting ?? databaseDefaults.maxWaiting,
		connectTimeoutMs: options.connectTimeoutMs ?? databaseDefaults.connectTimeoutMs,
		statementTimeoutMs: options.statementTimeoutMs ?? databaseDefaults.statementTimeoutMs,
		idleTimeoutMs: options.idleTimeoutMs ?? databaseDefaults.idleTimeoutMs,
	};
	const { dialect: dialectName, location } = parseDatabaseUrl(options.url);
	return new SqlDatabase(dialectName, dialectOf(dialectName, location, pool, logger), pool);
}

function dialectOf(name: SqlDialectName, location: string, pool: PoolOptions, logger: Logger): Dialect {
	switch (name) {
		case "sqlite":
			return sqliteDialect(location, pool.statementTimeoutMs);
		case "postgres":
			return postgresDialect(location, pool, (error) => logger.warn({ err: error }, "idle SQL connection lost"));
		case "mysql":
			return mysqlDialect(location, pool);
		default:
			return name satisfies never;
	}
}

class SqlDatabase implements Database {
	readonly dialect: SqlDialectName;
	readonly probe: Probe;
	private readonly kysely: Kysely<Tables>;
	private readonly maxRunning: number;
	private running = 0;

	constructor(name: SqlDialectName, dialect: Dialect, pool: PoolOptions) {
		this.dialect = name;
		this.kysely = new Kysely<Tables>({ dialect });
		this.maxRunning = pool.maxConnections + pool.maxWaiting;
		this.probe = {
			name: "sql",
			check: () =>
				this.run(async (db) => {
					const { rows } = await sql<{ one: number | string }>`select 1 as one`.execute(db);
					if (Number(rows[0]?.one) !== 1) throw new Error("SQL probe got a wrong answer");
				}),
		};
	}

	async run<T>(queries: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
		if (this.running >= this.maxRunning)
			throw unavailable("the database, which has more to do than it can,", RETRY_AFTER_MS);
		this.running++;
		try {
			return await queries(this.kysely);
		} catch (error) {
			if (error instanceof GatewayError) throw error;
			throw unavailable("the database", RETRY_AFTER_MS, error);
		} finally {
			this.running--;
		}
	}

	async migrate(): Promise<readonly string[]> {
		return await this.run(async (db) => {
			const migrator = new Migrator({ db, provider: migrationsFor(this.dialect) });
			const { error, results } = await migrator.migrateToLatest();
			if (error !== undefined) throw new Error("the schema could not be brought up to date", { cause: error });
			return (results ?? []).map((result) => result.migrationName);
		});
	}

	async close(): Promise<void> {
		await this.kysely.destroy();
	}
}
