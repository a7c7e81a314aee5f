// Opens the SQL database that a URL names and keeps its schema up to date. All SQL of the product goes through the
// Database made here, so that its failures look alike: UNAVAILABLE, with the driver's error as the cause.
import path from "node:path";
import { type Dialect, Kysely } from "kysely";
import type { Logger } from "../../common/logger.ts";
import type { Probe } from "../../common/probe.ts";
import { Semaphore } from "../../common/semaphore.ts";
import type { Tracer } from "../../common/tracing.ts";
import { GatewayError, unavailable } from "../../protocol/error.ts";
import { BallastFile } from "./ballast-file.ts";
import { type DatabaseTarget, parseDatabaseUrl, type SqlDialectName } from "./database-url.ts";
import { mysqlDialect } from "./dialect-mysql.ts";
import { postgresDialect } from "./dialect-postgres.ts";
import { SqliteThreadDialect } from "./dialect-sqlite.ts";
import { withMysqlLock } from "./mysql-lock.ts";
import { SqlOutageLog } from "./outage-log.ts";
import { PoolGenerations } from "./pool-generations.ts";
import type { PooledDialect, PoolOptions } from "./pool-options.ts";
import type { Tables } from "./schema.ts";
import { SchemaError } from "./schema-error.ts";
import { upgradeSchema } from "./schema-upgrade.ts";
import { requestFault, requestFaultError } from "./sql-error.ts";
import { type SqliteFigures, SqliteThreads } from "./sqlite-driver.ts";
import { statementSpans } from "./statement-spans.ts";
import { StorageProbe } from "./storage-probe.ts";
import { StorageWatch, type Writer } from "./storage-watch.ts";

export interface DatabaseOptions extends Partial<PoolOptions> {
	/** `sqlite:PATH`, `sqlite::memory:`, `postgres://…`, `postgresql://…`, `mysql://…` or `mariadb://…`. */
	readonly url: string;
	/** Of an SQLite file: free bytes below which members' writes are refused, at most a tenth of the file system. */
	readonly reserveBytes?: number;
	/** Of an SQLite file: bytes held beside it for the audit trail and control. */
	readonly ballastBytes?: number;
	/** How often the probe writes; in between it reads. */
	readonly probeIntervalMs?: number;
	/** Whether connections are kept for batches; they are unless this says otherwise. */
	readonly hasBatches?: boolean;
}

export const databaseDefaults: PoolOptions = {
	maxConnections: 10,
	maxWaiting: 1000,
	connectTimeoutMs: 2000,
	statementTimeoutMs: 3000,
	idleTimeoutMs: 30_000,
};

/** `retryAfterMs` of a refused request. */
const RETRY_AFTER_MS = 1000;
const DEFAULT_PROBE_INTERVAL_MS = 5000;
const FAULT_LOG_INTERVAL_MS = 10_000;
/** Trials of a storage that failed are as far apart. */
const TRIAL_INTERVAL_MS = 1000;

/** Long rows that are read at a time: a page of a list. */
const LONG_READ_BYTES = 262_144;
/** Connections for batches, where there are enough. */
const BATCH_CONNECTIONS = 2;

/** Which connections queries use. */
export type Lane = "request" | "batch";

export interface Database {
	readonly dialect: SqlDialectName;
	/**
	 * Runs queries.
	 *
	 * @param writer - for whom they write more than they remove: members are refused while storage is short, and what is
	 *   reserved space for may be repeated once.
	 * @param lane - `batch` for the work of many callers in one piece: it has connections that requests do not take.
	 * @throws GatewayError UNAVAILABLE when the database does not do it, too many wait already, or storage is short; one that
	 *   is not retryable when the database refuses what is asked of it. Errors of `queries` itself.
	 */
	run<T>(queries: (db: Kysely<Tables>) => Promise<T>, writer?: Writer, lane?: Lane): Promise<T>;
	/**
	 * Brings the schema up to date; safe to call from several processes at once.
	 *
	 * @returns the names of the steps that this call applied.
	 * @throws GatewayError UNAVAILABLE when the database does not answer or a step fails; SchemaError when somebody has to
	 *   change something there.
	 */
	migrate(): Promise<readonly string[]>;
	/**
	 * Runs changes of the schema that are no steps of the gateway's own: one of these at a time, in all processes, with the time that they
	 * need. In one transaction, but on MySQL and MariaDB, where each change is committed by itself.
	 *
	 * @throws as `run`.
	 */
	alter<T>(changes: (db: Kysely<Tables>) => Promise<T>): Promise<T>;
	readonly probe: Probe;
	/**
	 * Admits reads of long rows by their bytes: a page of them is as much work for the event loop as hundreds of other statements,
	 * and many at once would hold up all of these.
	 */
	readonly longReads: Semaphore;
	/** Whether there is room. */
	readonly storage: StorageWatch;
	/** What waits for the threads of SQLite; undefined with another database. */
	readonly sqlite?: SqliteFigures | undefined;
	close(): Promise<void>;
}

/**
 * Opens a database. Connects with the first query, so that a server which is down does not keep the process from
 * starting.
 *
 * @param tracer - records statements of calls that are recorded.
 * @throws Error when the URL is not one that `DatabaseOptions.url` allows.
 */
export function openDatabase(options: DatabaseOptions, logger: Logger, tracer?: Tracer): Database {
	const pool: PoolOptions = {
		maxConnections: options.maxConnections ?? databaseDefaults.maxConnections,
		maxWaiting: options.maxWaiting ?? databaseDefaults.maxWaiting,
		connectTimeoutMs: options.connectTimeoutMs ?? databaseDefaults.connectTimeoutMs,
		statementTimeoutMs: options.statementTimeoutMs ?? databaseDefaults.statementTimeoutMs,
		idleTimeoutMs: options.idleTimeoutMs ?? databaseDefaults.idleTimeoutMs,
	};
	const target = parseDatabaseUrl(options.url);
	const storage = storageOf(target, options, logger);
	const { probeIntervalMs = DEFAULT_PROBE_INTERVAL_MS } = options;
	const outages = new SqlOutageLog(logger, addressOf(target));
	return new SqlDatabase(target.dialect, dialectsOf(target, { pool, outages, logger }, options.hasBatches), {
		pool,
		storage,
		probeIntervalMs,
		outages,
		logger,
		tracer,
	});
}

function storageOf(target: DatabaseTarget, options: DatabaseOptions, logger: Logger): StorageWatch {
	const { reserveBytes = 0, ballastBytes = 0 } = options;
	const file =
		target.dialect === "sqlite" && target.location !== ":memory:" ? path.resolve(target.location) : undefined;
	const directory = file === undefined ? undefined : path.dirname(file);
	const ballast = file === undefined ? undefined : new BallastFile(`${file}-reserve`, ballastBytes);
	return new StorageWatch({ directory, reserveBytes, ballast }, logger);
}

/** What operators know it by; drivers find out by themselves what the URL does not say. */
function addressOf(target: DatabaseTarget): string {
	if (target.dialect === "sqlite") return target.location;
	const { host = "localhost", port = target.dialect === "postgres" ? 5432 : 3306 } = target.server;
	const socketPath = target.dialect === "mysql" ? target.server.socketPath : undefined;
	return socketPath ?? (host.startsWith("/") ? host : `${host.includes(":") ? `[${host}]` : host}:${port}`);
}

/** One pool, as requests use it and as migrations do. */
interface Dialects {
	readonly serving: Dialect;
	/** The same one, if absent. */
	readonly migrating?: Dialect;
	/** For batches; the same one, if absent. */
	readonly batches?: Dialect;
	/** Of SQLite. */
	readonly threads?: SqliteThreads;
}

function dialectsOf(
	target: DatabaseTarget,
	{ pool, outages, logger }: Pick<DatabaseParts, "pool" | "outages" | "logger">,
	hasBatches = true,
): Dialects {
	switch (target.dialect) {
		case "sqlite":
			return sqliteDialects(target.location, pool, logger);
		case "postgres": {
			const events = { onIdleError: (error: Error) => outages.failed(error), generations: new PoolGenerations() };
			return pooled(pool, hasBatches, (share) => postgresDialect(target.server, share, events));
		}
		case "mysql": {
			const generations = new PoolGenerations();
			return pooled(pool, hasBatches, (share) => mysqlDialect(target.server, share, generations));
		}
		default:
			return target satisfies never;
	}
}

/**
 * Connections of their own carry batches: each is the work of many callers, and behind the queries of single ones all of these would
 * wait. (SQLite's queue puts scripts first.)
 */
function pooled(pool: PoolOptions, hasBatches: boolean, open: (share: PoolOptions) => PooledDialect): Dialects {
	if (pool.maxConnections === 1 || !hasBatches) return open(pool);
	const batches = Math.min(BATCH_CONNECTIONS, Math.ceil(pool.maxConnections / 4));
	const requests = open({ ...pool, maxConnections: pool.maxConnections - batches });
	return { ...requests, batches: open({ ...pool, maxConnections: batches }).serving };
}

function sqliteDialects(location: string, { statementTimeoutMs: timeoutMs }: PoolOptions, logger: Logger): Dialects {
	const threads = new SqliteThreads(location, timeoutMs, logger);
	return {
		threads,
		serving: new SqliteThreadDialect(threads, { timeoutMs, runsUnlimited: false }),
		migrating: new SqliteThreadDialect(threads, { timeoutMs, runsUnlimited: true }),
	};
}

interface DatabaseParts {
	readonly pool: PoolOptions;
	readonly storage: StorageWatch;
	readonly probeIntervalMs: number;
	readonly outages: SqlOutageLog;
	readonly logger: Logger;
	readonly tracer: Tracer | undefined;
}

class SqlDatabase implements Database {
	readonly dialect: SqlDialectName;
	readonly probe: Probe = { name: "sql", check: () => this.check() };
	readonly storage: StorageWatch;
	private readonly kysely: Kysely<Tables>;
	private readonly migrating: Kysely<Tables>;
	private readonly batches: Kysely<Tables>;
	private readonly threads: SqliteThreads | undefined;
	readonly longReads = new Semaphore({ maxRunning: LONG_READ_BYTES });
	private readonly maxRunning: number;
	private readonly storageProbe: StorageProbe;
	private readonly probeIntervalMs: number;
	private readonly outages: SqlOutageLog;
	private readonly logger: Logger;
	private nextFaultLogAtMs = Number.NEGATIVE_INFINITY;
	private running = 0;
	/** The tables are there. */
	private isMigrated = false;
	private wroteAtMs = Number.NEGATIVE_INFINITY;
	private trial: Promise<void> | undefined;
	private nextTrialAtMs = Number.NEGATIVE_INFINITY;

	constructor(name: SqlDialectName, dialects: Dialects, parts: DatabaseParts) {
		const { pool, storage, probeIntervalMs, outages, logger, tracer } = parts;
		this.dialect = name;
		this.storage = storage;
		const spans = tracer === undefined ? {} : { log: statementSpans(name, tracer) };
		this.kysely = new Kysely<Tables>({ dialect: dialects.serving, ...spans });
		const own = (dialect: Dialect | undefined) =>
			dialect === undefined ? this.kysely : new Kysely<Tables>({ dialect, ...spans });
		this.migrating = own(dialects.migrating);
		this.batches = own(dialects.batches);
		this.threads = dialects.threads;
		this.maxRunning = pool.maxConnections + pool.maxWaiting;
		this.storageProbe = new StorageProbe(name);
		this.probeIntervalMs = probeIntervalMs;
		this.outages = outages;
		this.logger = logger;
	}

	get sqlite(): SqliteFigures | undefined {
		return this.threads?.figures;
	}

	async run<T>(queries: (db: Kysely<Tables>) => Promise<T>, writer?: Writer, lane?: Lane): Promise<T> {
		if (writer === "member") this.admitMember();
		if (this.running >= this.maxRunning)
			throw unavailable("the database, which has more to do than it can,", RETRY_AFTER_MS);
		this.running++;
		try {
			const result = await queries(lane === "batch" ? this.batches : this.kysely);
			this.outages.succeeded();
			return result;
		} catch (error) {
			if (error instanceof GatewayError) throw error;
			if (this.storage.record(error) !== undefined && writer === "reserved" && this.storage.release()) {
				return await this.again(queries);
			}
			throw this.errorFor(error);
		} finally {
			this.running--;
		}
	}

	async migrate(): Promise<readonly string[]> {
		try {
			const steps = await upgradeSchema(this.migrating, this.dialect);
			this.isMigrated = true;
			return steps;
		} catch (error) {
			if (error instanceof SchemaError) throw error;
			this.storage.record(error);
			this.outages.began(error);
			throw unavailable("the database", RETRY_AFTER_MS, error);
		}
	}

	async alter<T>(changes: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
		try {
			const result = await this.altered(changes);
			this.outages.succeeded();
			return result;
		} catch (error) {
			throw this.errorFor(error);
		}
	}

	async close(): Promise<void> {
		for (const each of new Set([this.kysely, this.migrating, this.batches])) await each.destroy();
	}

	/** The lock of the other dialects is that of the transaction. */
	private altered<T>(changes: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
		if (this.dialect !== "mysql") return this.migrating.transaction().execute(changes);
		return this.migrating.connection().execute((db) => withMysqlLock(db, () => changes(db)));
	}

	private async again<T>(queries: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
		try {
			return await queries(this.kysely);
		} catch (error) {
			throw this.errorFor(error);
		}
	}

	/** What goes to the client for an error of the driver. */
	private errorFor(error: unknown): unknown {
		// A fault of the caller's own code is not the database's.
		if (error instanceof GatewayError || error instanceof TypeError || error instanceof RangeError) return error;
		const fault = requestFault(error);
		if (fault === undefined) {
			this.outages.failed(error);
			return unavailable("the database", RETRY_AFTER_MS, error);
		}
		// Rules of fields, and conditions of statements, are there to prevent this.
		if (performance.now() >= this.nextFaultLogAtMs) {
			this.nextFaultLogAtMs = performance.now() + FAULT_LOG_INTERVAL_MS;
			this.logger.error({ err: error, fault }, "the database refused what a request asked of it");
		}
		return requestFaultError(fault, error);
	}

	private admitMember(): void {
		// Nobody may be asking for readiness, and somebody has to find out that there is room again.
		if (this.storage.isFailing) void this.tryStorage();
		this.storage.admitMember();
	}

	/** The probe. @throws Error when the database does not answer, or would refuse what members write. */
	private async check(): Promise<void> {
		if (this.storage.isFailing) await this.tryStorage();
		const { problem } = this.storage;
		if (problem !== undefined) throw new Error(problem);
		const nowMs = performance.now();
		if (!this.isMigrated || nowMs - this.wroteAtMs < this.probeIntervalMs) {
			await this.run((db) => this.storageProbe.read(db));
			return;
		}
		await this.run((db) => this.storageProbe.write(db, Date.now()));
		this.wroteAtMs = nowMs;
		void this.storage.hold();
	}

	/** Writes as much as needs new space, once at a time. */
	private tryStorage(): Promise<void> {
		const nowMs = performance.now();
		if (this.trial !== undefined || nowMs < this.nextTrialAtMs) return this.trial ?? Promise.resolve();
		this.nextTrialAtMs = nowMs + TRIAL_INTERVAL_MS;
		this.trial = this.run((db) => this.storageProbe.tryOut(db, Date.now()))
			.then(() => this.storage.recovered())
			// What is wrong is recorded where it is found.
			.catch(() => undefined)
			.finally(() => {
				this.trial = undefined;
			});
		return this.trial;
	}
}
