// A real Nacos for the suites: r-nacos, a server in Rust with the HTTP interface v1 and the gRPC protocol of Nacos 2. It is built once,
// which takes about ten minutes, and kept outside of the repository by its version.
import { existsSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { dataDirectory, freePort, launch, type RealServer } from "../support/real-server.ts";
import { run } from "./run.ts";

export const RNACOS_VERSION = "0.8.8";
const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), `framegate-rnacos-${RNACOS_VERSION}`);
const BUILD_WITHIN_MS = 3_600_000;

/** @returns the path of the program; built if it is not there yet. */
export async function rnacosProgram(): Promise<string> {
	const program = join(cache, "bin/rnacos");
	if (existsSync(program)) return program;
	const target = join(cache, "target");
	// Not optimized: that would take three quarters of the time, for a server that answers some hundred requests.
	const kind = ["--debug", "--locked", "--version", RNACOS_VERSION];
	const env = { ...process.env, CARGO_PROFILE_DEV_DEBUG: "0", CARGO_INCREMENTAL: "0" };
	const args = ["install", ...kind, "--root", cache, "--target-dir", target, "rnacos"];
	await run("cargo", args, { timeout: BUILD_WITHIN_MS, env });
	// A gigabyte that nothing needs any more.
	rmSync(target, { recursive: true, force: true });
	return program;
}

export interface Rnacos {
	/** Of HTTP; gRPC is 1000 above. */
	readonly port: number;
	stop(): Promise<void>;
	/** On the same ports, with nothing of what it had. */
	startEmpty(): Promise<void>;
}

/** Starts one. @param env - further settings, `RNACOS_…`. */
export async function startRnacos(program: string, env: Readonly<Record<string, string>> = {}): Promise<Rnacos> {
	const port = await freePort(1000, 2000);
	const open = (): Promise<RealServer> => {
		const directory = dataDirectory("rnacos");
		return launch({
			name: "rnacos",
			command: program,
			args: [],
			directory,
			port,
			url: `http://127.0.0.1:${port}`,
			env: {
				RNACOS_SDK_HOST: "127.0.0.1",
				RNACOS_HTTP_PORT: `${port}`,
				RNACOS_GRPC_PORT: `${port + 1000}`,
				RNACOS_HTTP_CONSOLE_PORT: `${port + 2000}`,
				RNACOS_RAFT_NODE_ADDR: `127.0.0.1:${port + 1000}`,
				RNACOS_DATA_DIR: join(directory, "data"),
				...env,
			},
			ready: async () => {
				const response = await fetch(`http://127.0.0.1:${port}/nacos/v1/ns/instance/list?serviceName=ready`);
				// With users, the question itself is refused.
				if (response.status >= 500) throw new Error(`${response.status}`);
			},
		});
	};
	let server: RealServer | undefined = await open();
	return {
		port,
		stop: async () => {
			await server?.stop();
			server = undefined;
		},
		startEmpty: async () => {
			server = await open();
		},
	};
}
