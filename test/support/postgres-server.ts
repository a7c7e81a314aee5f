// A real PostgreSQL for tests.
import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import pg from "pg";
import { findProgram } from "./programs.ts";
import { dataDirectory, freePort, launch, ownedCopy, type RealServer, unprivileged } from "./real-server.ts";

export interface PostgresServer extends RealServer {
	/** Where the data is; with `keepData` its starter removes it. */
	readonly directory: string;
}

export interface PostgresOptions {
	/** Continue with the data and port of an earlier server. */
	readonly resume?: { readonly directory: string; readonly port: number };
	/** Leave the data when stopped. */
	readonly keepData?: boolean;
	/** Serve TLS with this certificate. */
	readonly tls?: { readonly certFile: string; readonly keyFile: string };
	/** Of the user `postgres`, who needs none otherwise; `auth` is the method. */
	readonly password?: { readonly text: string; readonly auth: "scram-sha-256" | "md5" | "password" };
}

/** Starts postgres without syncing to disk; trust authentication, user and database `postgres`. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
	const command = findProgram("postgres");
	const identity = unprivileged();
	const directory = options.resume?.directory ?? dataDirectory("postgres", identity);
	const port = options.resume?.port ?? (await freePort());
	if (options.resume === undefined) {
		initialise(command.replace(/postgres$/, "initdb"), directory, identity, options.password);
	}
	// What is committed survives the end of the process, though not of the machine.
	const settings = ["fsync=off", "full_page_writes=off", "listen_addresses=127.0.0.1"];
	if (options.tls !== undefined) {
		const [cert, key] = [options.tls.certFile, options.tls.keyFile].map((file) => ownedCopy(file, directory, identity));
		settings.push("ssl=on", `ssl_cert_file=${cert}`, `ssl_key_file=${key}`);
	}
	const user = options.password === undefined ? "postgres" : `postgres:${encodeURIComponent(options.password.text)}`;
	const url = `postgres://${user}@127.0.0.1:${port}/postgres`;
	const server = await launch({
		name: "postgres",
		command,
		args: ["-D", directory, "-p", String(port), "-k", "", ...settings.flatMap((setting) => ["-c", setting])],
		directory,
		port,
		url,
		identity,
		removeData: options.keepData !== true,
		// "Immediate shutdown": as abrupt for clients as a kill, but no process or shared memory is left behind.
		stopSignal: "QUIT",
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
	return { ...server, directory };
}

type Identity = { uid: number; gid: number } | undefined;

function initialise(
	initdb: string,
	directory: string,
	identity: Identity,
	password: PostgresOptions["password"],
): void {
	const passwordFile = `${directory}.password`;
	if (password !== undefined) writeFileSync(passwordFile, password.text);
	const auth = password === undefined ? ["-A", "trust"] : ["-A", password.auth, `--pwfile=${passwordFile}`];
	const args = ["-D", directory, "-U", "postgres", ...auth, "-E", "UTF8", "--locale=C", "--no-sync"];
	const result = spawnSync(initdb, args, { cwd: directory, encoding: "utf8", ...identity });
	rmSync(passwordFile, { force: true });
	if (result.status !== 0) throw new Error(`initdb failed: ${result.stderr}`);
}
