// MySQL and MariaDB through a bounded pool in which nothing waits forever. What a session is made of is set, not assumed, and
// values are parameters of prepared statements: no mode of a server makes a text part of a statement.
import { type Dialect, MysqlDialect, type MysqlPoolConnection } from "kysely";
import mysql from "mysql2";
import { type AddressTls, tlsClientOptions } from "../../common/address-tls.ts";
import type { MysqlServerTarget } from "./database-url.ts";
import { killSession } from "./kill-mysql.ts";
import type { PoolGenerations } from "./pool-generations.ts";
import { MIGRATION_TIMEOUT_MS, type PooledDialect, type PoolOptions } from "./pool-options.ts";
import { type MysqlSession, prepareSession } from "./session-mysql.ts";

type QueryCallback = (error: unknown, result?: unknown) => void;

/**
 * Of one connection. A server has 16,382 for all of them (`max_prepared_stmt_count`), and those that a batch uses are as many as
 * there are sizes of it.
 */
const MAX_PREPARED_STATEMENTS = 100;

/** @param generations - shared by the pools of one database: what one finds out of a fail-over, all know. */
export function mysqlDialect(
	server: MysqlServerTarget,
	options: PoolOptions,
	generations: PoolGenerations<object>,
): PooledDialect {
	const { tls, host, port, user, password, database, socketPath } = server;
	const address = Object.entries({ host, port, user, password, database, socketPath });
	const connecting: mysql.ConnectionOptions = {
		...Object.fromEntries(address.filter(([, value]) => value !== undefined)),
		...(tls && tls.mode !== "off" && { ssl: sslOptions(tls) }),
		connectTimeout: options.connectTimeoutMs,
		charset: "utf8mb4_bin",
	};
	const pool = mysql.createPool({
		...connecting,
		connectionLimit: options.maxConnections,
		maxIdle: options.maxConnections,
		waitForConnections: true,
		queueLimit: options.maxWaiting,
		enableKeepAlive: true,
		maxPreparedStatements: MAX_PREPARED_STATEMENTS,
		gracefulEnd: true,
	});
	const source: Source = { pool, connecting, options, sessions: new WeakMap(), generations };
	pool.on("connection", (connection) => {
		source.generations.add(connection);
		// The pool handles the first error event of a connection only, and an unhandled one ends the process. The next statement
		// fails by itself.
		connection.on("error", () => {});
	});
	closeIdle(pool, options.idleTimeoutMs);
	const dialect = (statementTimeoutMs: number, end: (callback: (error: unknown) => void) => void): Dialect =>
		new MysqlDialect({
			pool: {
				getConnection: (callback) => acquire(source, statementTimeoutMs, callback as AcquireCallback),
				end,
			},
		});
	return {
		serving: dialect(options.statementTimeoutMs, (callback) => pool.end(callback)),
		migrating: dialect(MIGRATION_TIMEOUT_MS, (callback) => callback(undefined)),
	};
}

/** Unused connections: servers and what is between end them without a word, and the next statement would fail. */
function closeIdle(pool: mysql.Pool, idleTimeoutMs: number): void {
	const timers = new WeakMap<mysql.PoolConnection, NodeJS.Timeout>();
	pool.on("release", (connection) => {
		timers.set(connection, setTimeout(() => connection.end(), idleTimeoutMs).unref());
	});
	pool.on("acquire", (connection) => clearTimeout(timers.get(connection)));
}

/** The driver checks a name only when asked. */
function sslOptions(tls: AddressTls): mysql.SslOptions {
	const { ca, cert, key, rejectUnauthorized } = tlsClientOptions(tls);
	const files = Object.entries({ ca, cert, key }).filter(([, content]) => content !== undefined);
	return { rejectUnauthorized, verifyIdentity: tls.mode === "verify-full", ...Object.fromEntries(files) };
}

type AcquireCallback = (error: unknown, connection?: MysqlPoolConnection) => void;

interface Source {
	readonly pool: mysql.Pool;
	readonly connecting: mysql.ConnectionOptions;
	readonly options: PoolOptions;
	readonly sessions: WeakMap<mysql.PoolConnection, MysqlSession>;
	readonly generations: PoolGenerations<object>;
}

/** The pool itself lets callers wait without limit for a connection. */
function acquire(source: Source, statementTimeoutMs: number, callback: AcquireCallback): void {
	const { pool, connecting, options, sessions, generations } = source;
	let waiting = true;
	const settle = (error: unknown, connection?: MysqlPoolConnection) => {
		if (!waiting) return;
		waiting = false;
		clearTimeout(timer);
		callback(error, connection);
	};
	const timer = setTimeout(() => {
		settle(new Error("no database connection became free in time"));
	}, options.connectTimeoutMs);
	const lendOut = (connection: mysql.PoolConnection, session: MysqlSession) => {
		const kill = () => {
			const thread = { id: connection.threadId, server: session.server };
			killSession(connecting, thread, options.connectTimeoutMs);
		};
		if (waiting) settle(null, lend({ connection, session, generations, statementTimeoutMs, kill }));
		else connection.release();
	};
	const next = () =>
		pool.getConnection((error, connection) => {
			if (error) return settle(error);
			if (!generations.isCurrent(connection)) {
				connection.destroy();
				return next();
			}
			const session = sessions.get(connection);
			if (session !== undefined) return lendOut(connection, session);
			const discard = (cause: unknown) => {
				connection.destroy();
				settle(cause);
			};
			prepareSession(connection, options).then((made) => {
				sessions.set(connection, made);
				lendOut(connection, made);
			}, discard);
		});
	next();
}

interface Loan {
	readonly connection: mysql.PoolConnection;
	readonly session: MysqlSession;
	readonly generations: PoolGenerations<object>;
	readonly statementTimeoutMs: number;
	/** Ends what runs on it. */
	readonly kill: () => void;
}

/** Of a server that has become a replica, or is set to read only. */
const readOnlyErrors: ReadonlySet<unknown> = new Set([
	"ER_OPTION_PREVENTS_STATEMENT",
	"ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION",
	"ER_READ_ONLY_MODE",
]);

/**
 * Gives every statement a deadline, at which the server is asked to end it. A connection whose statement was given up is in the
 * middle of an answer and is closed on release instead of lent out again; so is one that failed in a way that only connections
 * do, and one whose server only reads, with all that are as old.
 */
function lend({ connection, session, generations, statementTimeoutMs, kill }: Loan): MysqlPoolConnection {
	let broken = false;
	return {
		query(sql: string, values: readonly unknown[], callback: QueryCallback) {
			let isDone = false;
			const done = (error: mysql.QueryError | Error | null, result?: unknown) => {
				if (isDone) return;
				isDone = true;
				clearTimeout(timer);
				const { code, fatal } = (error ?? {}) as Partial<mysql.QueryError>;
				if (fatal || readOnlyErrors.has(code)) broken = true;
				if (readOnlyErrors.has(code)) generations.end(connection);
				callback(error, result);
			};
			const timer = setTimeout(() => {
				if (!broken) kill();
				broken = true;
				done(new Error(`the database did not answer within ${statementTimeoutMs} ms`));
			}, statementTimeoutMs);
			// Without parameters there is nothing to interpolate, and what begins a transaction cannot be prepared.
			if (values.length === 0) connection.query(sql, done);
			else if (sizeOf(sql, values) > session.maxPacketBytes) done(tooLarge(session.maxPacketBytes));
			else connection.execute(sql, values.map(parameter), done);
		},
		release() {
			if (broken || !generations.isCurrent(connection)) connection.destroy();
			else connection.release();
		},
	} as MysqlPoolConnection;
}

/** The driver sends a number as one with a point, which LIMIT does not take and indexes of integers are not read by. */
function parameter(value: unknown) {
	if (typeof value === "bigint" || Number.isSafeInteger(value)) {
		return mysql.TypedParameter.LONGLONG(value as bigint | number);
	}
	// Other bytes than a Buffer's would go as text.
	if (value instanceof Uint8Array && !Buffer.isBuffer(value)) {
		return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
	}
	return value as mysql.ExecuteValues;
}

/** Of a parameter that is neither text nor bytes, and of what surrounds one. */
const PARAMETER_BYTES = 16;

/** Upper limit of the bytes of a statement: of its text when it is prepared, or of its parameters when it is executed. */
function sizeOf(sql: string, values: readonly unknown[]): number {
	let bytes = 0;
	for (const value of values) {
		bytes += PARAMETER_BYTES;
		if (typeof value === "string") bytes += Buffer.byteLength(value);
		else if (value instanceof Uint8Array) bytes += value.byteLength;
	}
	return Math.max(bytes, Buffer.byteLength(sql));
}

/** As the server would say it before it ends the connection. */
function tooLarge(maxPacketBytes: number): Error {
	const error = new Error(`the statement is larger than max_allowed_packet, which is ${maxPacketBytes}`);
	return Object.assign(error, { code: "ER_NET_PACKET_TOO_LARGE" });
}
