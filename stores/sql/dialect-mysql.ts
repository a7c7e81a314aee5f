// MySQL and MariaDB through a bounded pool in which nothing waits forever.
import { type Dialect, MysqlDialect, type MysqlPoolConnection } from "kysely";
import mysql from "mysql2";
import { type AddressTls, tlsClientOptions } from "../../common/address-tls.ts";
import type { MysqlServerTarget } from "./database-url.ts";
import type { PoolOptions } from "./pool-options.ts";

type QueryCallback = (error: mysql.QueryError | null, result: unknown) => void;

/**
 * What a session needs, whatever the server's defaults are: every character (a server may ignore the charset that a client
 * announces), errors instead of truncated values, and backslashes that escape, as the driver writes them. A
 * connection that is refused one of these is not used.
 */
const SESSION_SETTINGS = [
	"SET NAMES utf8mb4 COLLATE utf8mb4_bin",
	"SET SESSION sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00'",
];

export function mysqlDialect(server: MysqlServerTarget, options: PoolOptions): Dialect {
	const { tls, host, port, user, password, database, socketPath } = server;
	const address = Object.entries({ host, port, user, password, database, socketPath });
	const pool = mysql.createPool({
		...Object.fromEntries(address.filter(([, value]) => value !== undefined)),
		...(tls && tls.mode !== "off" && { ssl: sslOptions(tls) }),
		connectionLimit: options.maxConnections,
		maxIdle: options.maxConnections,
		idleTimeout: options.idleTimeoutMs,
		connectTimeout: options.connectTimeoutMs,
		waitForConnections: true,
		queueLimit: options.maxWaiting,
		enableKeepAlive: true,
		charset: "utf8mb4_bin",
	});
	// The pool handles the first error event of a connection only, and an unhandled one ends the process. The next statement
	// fails by itself.
	pool.on("connection", (connection) => connection.on("error", () => {}));
	const prepared = new WeakSet<mysql.PoolConnection>();
	return new MysqlDialect({
		pool: {
			getConnection: (callback) => acquire({ pool, options, prepared }, callback as AcquireCallback),
			end: (callback) => pool.end(callback),
		},
	});
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
	readonly options: PoolOptions;
	/** Connections that have their session's settings. */
	readonly prepared: WeakSet<mysql.PoolConnection>;
}

/** The pool itself lets callers wait without limit for a connection. */
function acquire({ pool, options, prepared }: Source, callback: AcquireCallback): void {
	let waiting = true;
	const timer = setTimeout(() => {
		waiting = false;
		callback(new Error("no database connection became free in time"));
	}, options.connectTimeoutMs);
	const lendOut = (connection: mysql.PoolConnection) => {
		clearTimeout(timer);
		if (waiting) callback(null, lend(connection, options.statementTimeoutMs));
		else connection.release();
	};
	const fail = (error: unknown) => {
		clearTimeout(timer);
		if (waiting) callback(error);
	};
	pool.getConnection((error, connection) => {
		if (error) return fail(error);
		if (prepared.has(connection)) return lendOut(connection);
		const discard = (error: unknown) => {
			connection.destroy();
			fail(error);
		};
		prepare(connection, options.statementTimeoutMs).then(() => {
			prepared.add(connection);
			lendOut(connection);
		}, discard);
	});
}

/** @throws Error when the server refuses a setting, or does not answer in time. */
async function prepare(connection: mysql.PoolConnection, timeout: number): Promise<void> {
	for (const sql of SESSION_SETTINGS) {
		await new Promise<void>((resolve, reject) => {
			connection.query({ sql, timeout }, (cause) => {
				if (!cause) resolve();
				else reject(new Error(`${sql.split(" ", 3).join(" ")} refused: ${cause.message}`, { cause }));
			});
		});
	}
}

/**
 * Gives every statement a deadline. A connection whose statement was given up is in the middle of an answer and is
 * closed on release instead of lent out again; so is one that failed in a way that only connections do.
 */
function lend(connection: mysql.PoolConnection, timeout: number): MysqlPoolConnection {
	let broken = false;
	return {
		query(sql: string, values: unknown[], callback: QueryCallback) {
			connection.query({ sql, values, timeout }, (error, result) => {
				if (error && (error.fatal || error.code === "PROTOCOL_SEQUENCE_TIMEOUT")) broken = true;
				callback(error, result);
			});
		},
		release() {
			if (broken) connection.destroy();
			else connection.release();
		},
	} as MysqlPoolConnection;
}
