// PostgreSQL through a bounded pool in which nothing waits forever. Nothing is asked of a session: a pooler that lends a server's
// connection for one transaction only (PgBouncer in transaction mode) refuses startup parameters that it does not know, and
// lends what a session has set to another client. What a transaction needs is set for that transaction.
import type { Duplex } from "node:stream";
import {
	CompiledQuery,
	createQueryId,
	type DatabaseConnection,
	type DialectAdapter,
	PostgresAdapter,
	PostgresDialect,
	type PostgresDialectConfig,
	PostgresDriver,
	type PostgresPoolClient,
	PostgresQueryCompiler,
	type QueryResult,
	type RawBuilder,
	type RawNode,
	sql,
} from "kysely";
import pg from "pg";
import { tlsClientOptions } from "../../common/address-tls.ts";
import { cancelStatement } from "./cancel-postgres.ts";
import type { PostgresServerTarget } from "./database-url.ts";
import type { PoolGenerations } from "./pool-generations.ts";
import { MIGRATION_TIMEOUT_MS, type PooledDialect, type PoolOptions } from "./pool-options.ts";
import { sqlState } from "./sql-error.ts";
import { StatementBatch } from "./statement-batch.ts";

/** After the server's own timeout of a statement in a transaction. */
const CANCEL_AFTER_MS = 250;
/** After that, a connection that has not answered is closed. */
const GIVE_UP_AFTER_MS = 500;
/** Of a process that migrates: the one that kysely takes by itself, which earlier versions relied on. */
const MIGRATION_LOCK = 3_853_314_791_062_309_107n;

export interface PostgresPoolEvents {
	/** Called when an idle pooled connection breaks; the pool replaces it by itself. */
	readonly onIdleError: (error: Error) => void;
	/** Shared by the pools of one database: what one finds out of a fail-over, all know. */
	readonly generations: PoolGenerations<object>;
}

export function postgresDialect(
	server: PostgresServerTarget,
	options: PoolOptions,
	{ onIdleError, generations }: PostgresPoolEvents,
): PooledDialect {
	const { tls } = server;
	const { connectTimeoutMs, statementTimeoutMs } = options;
	const pool = new pg.Pool({
		...given({
			...{ host: server.host, port: server.port, user: server.user, password: server.password },
			...{ database: server.database, options: server.options },
			// What the address does not say, PGSSLMODE may.
			ssl: tls && (tls.mode === "off" ? false : tlsClientOptions(tls)),
			enableChannelBinding: server.channelBinding !== "disable",
			Client: server.channelBinding === "require" ? BoundClient : undefined,
		}),
		max: options.maxConnections,
		connectionTimeoutMillis: connectTimeoutMs,
		idleTimeoutMillis: options.idleTimeoutMs,
		keepAlive: true,
		// A statement is sent when it is asked for, also before the one in front of it is answered.
		pipeline: true,
		application_name: server.applicationName ?? "framegate",
	});
	pool.on("error", onIdleError);
	pool.on("connect", (client) => {
		generations.add(client);
		// The pool handles error events of idle connections. A connection that breaks while it is lent out, between two statements
		// of a transaction, emits one as well, and an unhandled error event ends the process. The next statement fails by itself.
		client.on("error", () => {});
	});
	const connect = async (timeoutMs: number) => {
		for (;;) {
			const client = await pool.connect();
			if (generations.isCurrent(client)) return lend(client, generations, { timeoutMs, connectTimeoutMs });
			client.release(true);
		}
	};
	const begin = beginning(statementTimeoutMs, statementTimeoutMs);
	const beginMigration = sql`${beginning(MIGRATION_TIMEOUT_MS, statementTimeoutMs)};
		select pg_advisory_xact_lock(${sql.lit(MIGRATION_LOCK)})`;
	return {
		serving: new TransactionalPostgresDialect(
			{ pool: { connect: () => connect(statementTimeoutMs), end: () => pool.end() } },
			begin,
		),
		migrating: new TransactionalPostgresDialect(
			{ pool: { connect: () => connect(MIGRATION_TIMEOUT_MS), end: async () => {} } },
			beginMigration,
		),
	};
}

/**
 * Begins a transaction with what it needs, in one message. A role or database may have another default for the level.
 */
function beginning(statementMs: number, lockMs: number): RawBuilder<unknown> {
	return sql`start transaction isolation level read committed;
		set local statement_timeout = ${sql.lit(statementMs)};
		set local lock_timeout = ${sql.lit(lockMs)};
		set local idle_in_transaction_session_timeout = ${sql.lit(lockMs * 2)}`;
}

const COMMIT = CompiledQuery.raw("commit");

class TransactionalPostgresDriver extends PostgresDriver {
	private readonly begin: CompiledQuery;
	/** Connections whose transaction has been ended by a batch. */
	private readonly ended = new WeakSet<DatabaseConnection>();

	constructor(config: PostgresDialectConfig, begin: CompiledQuery) {
		super(config);
		this.begin = begin;
	}

	override async acquireConnection(): Promise<DatabaseConnection> {
		const connection = await super.acquireConnection();
		const execute = connection.executeQuery.bind(connection) as (query: CompiledQuery) => Promise<QueryResult<unknown>>;
		const executeBatch = async ({ statements, commits }: StatementBatch): Promise<QueryResult<unknown>> => {
			if (commits) this.ended.add(connection);
			return { rows: await runPipelined(commits ? [...statements, COMMIT] : statements, execute) };
		};
		connection.executeQuery = ((query: CompiledQuery) =>
			query instanceof StatementBatch ? executeBatch(query) : execute(query)) as typeof connection.executeQuery;
		return connection;
	}

	override async beginTransaction(connection: DatabaseConnection): Promise<void> {
		await connection.executeQuery(this.begin);
	}

	override async commitTransaction(connection: DatabaseConnection): Promise<void> {
		if (!this.ended.delete(connection)) await super.commitTransaction(connection);
	}

	/** Of a batch that failed, COMMIT has ended the transaction as ROLLBACK would. */
	override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
		if (!this.ended.delete(connection)) await super.rollbackTransaction(connection);
	}
}

/**
 * Sends all statements before any is answered. They are in a transaction, in which the server carries out none behind one that
 * failed.
 *
 * @throws the error of the first one that failed.
 */
async function runPipelined(
	statements: readonly CompiledQuery[],
	execute: (query: CompiledQuery) => Promise<QueryResult<unknown>>,
): Promise<QueryResult<unknown>[]> {
	const outcomes = await Promise.allSettled(statements.map(execute));
	return outcomes.map((outcome) => {
		if (outcome.status === "rejected") throw outcome.reason;
		return outcome.value;
	});
}

/** Kysely's own lock is one of the session, which behind a pooler nobody could give back. That of the transaction does. */
class TransactionalPostgresAdapter extends PostgresAdapter {
	override async acquireMigrationLock(): Promise<void> {}

	override async releaseMigrationLock(): Promise<void> {}
}

class TransactionalPostgresDialect extends PostgresDialect {
	private readonly config: PostgresDialectConfig;
	private readonly begin: CompiledQuery;

	constructor(config: PostgresDialectConfig, begin: RawBuilder<unknown>) {
		super(config);
		this.config = config;
		this.begin = new PostgresQueryCompiler().compileQuery(begin.toOperationNode() as RawNode, createQueryId());
	}

	override createDriver(): PostgresDriver {
		return new TransactionalPostgresDriver(this.config, this.begin);
	}

	override createAdapter(): DialectAdapter {
		return new TransactionalPostgresAdapter();
	}
}

/** Without what is undefined, for which the driver has defaults. */
function given<T extends object>(options: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
	return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
}

/**
 * A client for `channel_binding=require` (RFC 5802, section 6): no password, and no trust, for a server that does not bind its
 * authentication to the TLS connection. The driver itself goes on without.
 */
class BoundClient extends pg.Client {
	constructor(config?: pg.ClientConfig) {
		super(config);
		const { connection } = this as unknown as { connection: Connection };
		let isBound = false;
		const refuse = () => {
			if (isBound) return;
			connection.emit("error", new Error("channel_binding=require: the server does not bind its authentication"));
			connection.stream.destroy();
		};
		connection.prependListener("authenticationSASL", ({ mechanisms }) => {
			isBound = mechanisms.includes("SCRAM-SHA-256-PLUS");
			refuse();
		});
		for (const other of ["authenticationCleartextPassword", "authenticationMD5Password", "authenticationOk"] as const) {
			connection.prependListener(other, refuse);
		}
	}
}

/** Of pg 8. */
interface Connection {
	readonly stream: Duplex;
	emit(event: "error", error: Error): boolean;
	prependListener(
		event: "authenticationSASL",
		listener: (message: { readonly mechanisms: readonly string[] }) => void,
	): void;
	prependListener(event: `authentication${string}`, listener: () => void): void;
}

/** SQLSTATE classes that leave the connection as good as before. */
const healthyFailure = /^(?:22|23|25P02|28|40|42|53100|55|57014)/;
/** read_only_sql_transaction: of a server that has become a standby, or of a database that is set to it. */
const READ_ONLY = "25006";

interface Deadlines {
	readonly timeoutMs: number;
	readonly connectTimeoutMs: number;
}

/**
 * Gives every statement a deadline, and those that are sent together one in all. A connection on which anything but a plain SQL error
 * happened is closed on release instead of lent out again; so is one whose server only reads, with all that are as old.
 */
function lend(
	client: pg.PoolClient,
	generations: PoolGenerations<object>,
	{ timeoutMs, connectTimeoutMs }: Deadlines,
): PostgresPoolClient {
	let broken = false;
	return {
		async query(text: string, values: unknown[]) {
			const timer = setTimeout(() => {
				// It may arrive when another statement runs.
				broken = true;
				cancelStatement(client, connectTimeoutMs);
			}, timeoutMs + CANCEL_AFTER_MS);
			try {
				// The server may be the one that hangs, so the client keeps time as well.
				const query = { text, values, query_timeout: timeoutMs + CANCEL_AFTER_MS + GIVE_UP_AFTER_MS };
				return await client.query(query as pg.QueryConfig);
			} catch (error) {
				const state = sqlState(error) ?? "";
				if (!healthyFailure.test(state)) broken = true;
				if (state === READ_ONLY) generations.end(client);
				throw error;
			} finally {
				clearTimeout(timer);
			}
		},
		release: () => client.release(broken || !generations.isCurrent(client)),
	} as Pick<PostgresPoolClient, "release"> as PostgresPoolClient;
}
