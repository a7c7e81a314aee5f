// PostgreSQL through a bounded pool in which nothing waits forever.
import type { Duplex } from "node:stream";
import { type Dialect, PostgresDialect, type PostgresPoolClient } from "kysely";
import pg from "pg";
import { tlsClientOptions } from "../../common/address-tls.ts";
import type { PostgresServerTarget } from "./database-url.ts";
import type { PoolOptions } from "./pool-options.ts";

/**
 * @param onIdleError - called when an idle pooled connection breaks; the pool replaces it by itself.
 */
export function postgresDialect(
	server: PostgresServerTarget,
	options: PoolOptions,
	onIdleError: (error: Error) => void,
): Dialect {
	const { tls } = server;
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
		connectionTimeoutMillis: options.connectTimeoutMs,
		idleTimeoutMillis: options.idleTimeoutMs,
		statement_timeout: options.statementTimeoutMs,
		lock_timeout: options.statementTimeoutMs,
		idle_in_transaction_session_timeout: options.statementTimeoutMs * 2,
		// The server may be the one that hangs, so the client keeps time as well.
		query_timeout: options.statementTimeoutMs + 500,
		keepAlive: true,
		application_name: server.applicationName ?? "framegate",
	});
	pool.on("error", onIdleError);
	// The pool handles error events of idle connections. A connection that breaks while it is lent out, between two statements
	// of a transaction, emits one as well, and an unhandled error event ends the process. The next statement fails by itself.
	pool.on("connect", (client) => client.on("error", () => {}));
	return new PostgresDialect({
		pool: {
			connect: async () => lend(await pool.connect()),
			end: () => pool.end(),
		},
	});
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
const healthyFailure = /^(?:22|23|25|28|40|42|53100|55|57014)/;

/** A connection on which anything but a plain SQL error happened is closed on release instead of lent out again. */
function lend(client: pg.PoolClient): PostgresPoolClient {
	let broken = false;
	return {
		async query(...args: unknown[]) {
			try {
				return await (client.query as (...args: unknown[]) => Promise<unknown>)(...args);
			} catch (error) {
				const code = (error as { code?: unknown }).code;
				if (typeof code !== "string" || !healthyFailure.test(code)) broken = true;
				throw error;
			}
		},
		release: () => client.release(broken),
	} as PostgresPoolClient;
}
