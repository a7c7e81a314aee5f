// MySQL and MariaDB through a bounded pool in which nothing waits forever.
import { type Dialect, MysqlDialect, type MysqlPoolConnection } from "kysely";
import mysql from "mysql2";
import type { PoolOptions } from "./pool-options.ts";

type QueryCallback = (error: mysql.QueryError | null, result: unknown) => void;

export function mysqlDialect(url: string, options: PoolOptions): Dialect {
	const pool = mysql.createPool({
		uri: url,
		connectionLimit: options.maxConnections,
		maxIdle: options.maxConnections,
		idleTimeout: options.idleTimeoutMs,
		connectTimeout: options.connectTimeoutMs,
		waitForConnections: true,
		queueLimit: options.maxWaiting,
		enableKeepAlive: true,
		charset: "utf8mb4_bin",
	});
	return new MysqlDialect({
		pool: {
			getConnection: (callback) => acquire(pool, options, callback as AcquireCallback),
			end: (callback) => pool.end(callback),
		},
	});
}

type AcquireCallback = (error: unknown, connection?: MysqlPoolConnection) => void;

/** The pool itself lets callers wait without limit for a connection. */
function acquire(pool: mysql.Pool, options: PoolOptions, callback: AcquireCallback): void {
	let waiting = true;
	const timer = setTimeout(() => {
		waiting = false;
		callback(new Error("no database connection became free in time"));
	}, options.connectTimeoutMs);
	pool.getConnection((error, connection) => {
		clearTimeout(timer);
		if (!waiting) {
			if (!error) connection.release();
			return;
		}
		if (error) callback(error);
		else callback(null, lend(connection, options.statementTimeoutMs));
	});
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
