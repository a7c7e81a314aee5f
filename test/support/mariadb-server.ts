// A real MariaDB for tests.
import { spawnSync } from "node:child_process";
import path from "node:path";
import mysql from "mysql2/promise";
import { findProgram } from "./programs.ts";
import {
	dataDirectory,
	freePort,
	launch,
	ownedCopy,
	ownTemporaryFiles,
	type RealServer,
	unprivileged,
} from "./real-server.ts";

export interface MariadbServer extends RealServer {
	/** Where the data is; with `keepData` its starter removes it. */
	readonly directory: string;
}

export interface MariadbOptions {
	/** Continue with the data and port of an earlier server. */
	readonly resume?: { readonly directory: string; readonly port: number };
	/** Leave the data when stopped. */
	readonly keepData?: boolean;
	/** Serve TLS with this certificate. */
	readonly tls?: { readonly certFile: string; readonly keyFile: string };
}

/** Starts mariadbd without syncing to disk; user `framegate` with an empty password, database `framegate`. */
export async function startMariadb(options: MariadbOptions = {}): Promise<MariadbServer> {
	const command = findProgram("mariadbd");
	const identity = unprivileged();
	const directory = options.resume?.directory ?? dataDirectory("mariadb", identity);
	const port = options.resume?.port ?? (await freePort());
	if (options.resume === undefined) initialise(command, directory, identity);
	const url = `mysql://framegate@127.0.0.1:${port}/framegate`;
	const server = await launch({
		name: "mariadbd",
		command,
		args: [
			...["--no-defaults", `--datadir=${directory}`, `--port=${port}`, "--bind-address=127.0.0.1"],
			...[`--socket=${path.join(directory, "s")}`, `--pid-file=${path.join(directory, "pid")}`],
			...["--innodb-flush-log-at-trx-commit=2", "--innodb-flush-method=nosync", "--innodb-buffer-pool-size=32M"],
			"--skip-name-resolve",
			...(options.tls === undefined ? [] : tlsArguments(directory, options.tls, identity)),
		],
		directory,
		port,
		url,
		identity,
		removeData: options.keepData !== true,
		ready: async () => {
			const connection = await mysql.createConnection({ uri: url, connectTimeout: 2000 });
			try {
				await connection.query("select 1");
			} finally {
				connection.destroy();
			}
		},
	});
	return { ...server, directory };
}

function tlsArguments(
	directory: string,
	files: NonNullable<MariadbOptions["tls"]>,
	identity: { uid: number; gid: number } | undefined,
): string[] {
	const [cert, key] = [files.certFile, files.keyFile].map((file) => ownedCopy(file, directory, identity));
	return [`--ssl-cert=${cert}`, `--ssl-key=${key}`];
}

/** Writes the system tables and an account by mariadbd's own bootstrap mode, which needs no script. */
function initialise(mariadbd: string, directory: string, identity: { uid: number; gid: number } | undefined): void {
	const install = findProgram("mariadb-install-db");
	const env = { ...process.env, ...ownTemporaryFiles(directory) };
	const common = { cwd: directory, encoding: "utf8", env, ...identity } as const;
	const installed = spawnSync(
		install,
		["--no-defaults", `--datadir=${directory}`, "--auth-root-authentication-method=normal", "--skip-test-db"],
		common,
	);
	if (installed.status !== 0) throw new Error(`mariadb-install-db failed: ${installed.stderr}${installed.stdout}`);
	const statements = [
		"create database framegate character set utf8mb4;",
		"flush privileges;",
		"create user framegate@'127.0.0.1';",
		"grant all on framegate.* to framegate@'127.0.0.1';",
	];
	const bootstrap = spawnSync(mariadbd, ["--no-defaults", `--datadir=${directory}`, "--bootstrap"], {
		...common,
		input: `${statements.join("\n")}\n`,
	});
	if (bootstrap.status !== 0) throw new Error(`mariadbd --bootstrap failed: ${bootstrap.stderr}`);
}
