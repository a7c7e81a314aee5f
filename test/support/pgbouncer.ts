// A real PgBouncer in transaction mode for tests, in front of a real PostgreSQL.
import { writeFileSync } from "node:fs";
import path from "node:path";
import pg from "pg";
import { startPostgres } from "./postgres-server.ts";
import { findProgram } from "./programs.ts";
import { dataDirectory, freePort, launch, type RealServer, unprivileged } from "./real-server.ts";

/** As few that clients have to share them. */
const SERVER_CONNECTIONS = 2;

/** Both, for contract suites. */
export async function startPooledPostgres(): Promise<{ readonly url: string; stop(): Promise<void> }> {
	const postgres = await startPostgres();
	const pooler = await startPgbouncer(postgres);
	return {
		url: pooler.url,
		stop: async () => {
			await pooler.stop();
			await postgres.stop();
		},
	};
}

/**
 * Starts pgbouncer with its own defaults, but for the mode: a server connection is lent for one transaction.
 *
 * @param postgres - its port; user and database `postgres`, without a password.
 */
export async function startPgbouncer(postgres: { readonly port: number }): Promise<RealServer> {
	const command = findProgram("pgbouncer");
	const identity = unprivileged();
	const directory = dataDirectory("pgbouncer", identity);
	const port = await freePort();
	const users = path.join(directory, "users.txt");
	writeFileSync(users, '"postgres" ""\n');
	const file = path.join(directory, "pgbouncer.ini");
	const settings = [
		"[databases]",
		`postgres = host=127.0.0.1 port=${postgres.port} dbname=postgres user=postgres`,
		"[pgbouncer]",
		...["listen_addr = 127.0.0.1", `listen_port = ${port}`, "unix_socket_dir =", "auth_type = trust"],
		...[`auth_file = ${users}`, "pool_mode = transaction", `default_pool_size = ${SERVER_CONNECTIONS}`],
	];
	writeFileSync(file, `${settings.join("\n")}\n`);
	const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
	return await launch({
		name: "pgbouncer",
		command,
		args: [file],
		directory,
		port,
		url,
		identity,
		ready: async () => {
			const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
			client.on("error", () => {});
			try {
				await client.connect();
				await client.query("select 1");
			} finally {
				await client.end().catch(() => {});
			}
		},
	});
}
