// A real gateway process for tests: `server/main.ts start` on a free loopback port, in a directory of its own, away
// from whatever .env or framegate.yaml the repository's working tree may hold.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import "./file-end.ts";
import { freePort } from "./real-server.ts";
import { tied } from "./tied-process.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const sources = join(root, "server/main.ts");
/** A gateway that was built, as it is shipped: it starts with a third of the work. */
const built = process.env["FRAMEGATE_TEST_ENTRY"];
const READY_WITHIN_MS = 180_000;
const POLL_MS = 25;
const MAX_LOG_CHARACTERS = 64 * 1024;

export interface GatewayProcessOptions {
	/** Configuration, as environment variables; nothing is inherited but PATH. */
	readonly env?: Readonly<Record<string, string>>;
	/** Take this port, as a node that comes back does. */
	readonly port?: number;
	/** Keep data here, as nodes do that share a disk; removed by the test that created it. */
	readonly dataDirectory?: string;
	/** What to run instead of the sources: a built `framegate.js`. */
	readonly entry?: string;
	/** The Node.js that runs it; the test's own by default. */
	readonly node?: string;
	/** Flags of Node.js. */
	readonly nodeFlags?: readonly string[];
	/** Arguments after `start`. */
	readonly args?: readonly string[];
	/** Resolve as soon as it lives, ready or not: for a gateway whose Redis is down. */
	readonly untilLive?: boolean;
	/** A descriptor for its standard output, which is then no part of `log()`. */
	readonly stdout?: number;
	/** Its limit of open files, RLIMIT_NOFILE. */
	readonly openFiles?: number;
	/** Asks whether it is up, instead of a plain HTTP request: for a gateway that speaks TLS. */
	readonly answers?: (port: number) => Promise<boolean>;
}

export interface Exit {
	readonly code: number | null;
	readonly signal: NodeJS.Signals | null;
}

export interface GatewayProcess {
	/** `ws://127.0.0.1:…/ws` */
	readonly url: string;
	/** `http://127.0.0.1:…` */
	readonly httpUrl: string;
	readonly port: number;
	readonly pid: number;
	readonly process: ChildProcess;
	readonly exited: Promise<Exit>;
	/** The end of what it has logged. */
	log(): string;
	/** Drains it by SIGTERM. */
	stop(): Promise<Exit>;
	/** Ends it as a crash would. */
	kill9(): Promise<Exit>;
}

/**
 * Starts a gateway.
 *
 * @throws Error with the end of the gateway's log when it is not ready within three minutes, and besides with its exit code when it ends.
 */
export async function startGateway(options: GatewayProcessOptions = {}): Promise<GatewayProcess> {
	const port = options.port ?? (await freePort());
	const directory = mkdtempSync(join(tmpdir(), "framegate-gateway-"));
	const command = [
		options.node ?? process.execPath,
		...(options.nodeFlags ?? []),
		options.entry ?? defaultEntry(options),
		"start",
		...(options.args ?? []),
	];
	const limited = ["sh", "-c", `ulimit -n ${options.openFiles}; exec "$@"`, "sh", ...command];
	const [program = "", ...args] = options.openFiles === undefined ? command : limited;
	const child = spawn(...tied(program, args), {
		cwd: directory,
		stdio: ["ignore", options.stdout ?? "pipe", "pipe"],
		env: {
			PATH: process.env["PATH"] ?? "",
			HOST: "127.0.0.1",
			PORT: String(port),
			FRAMEGATE_PROFILE: "test",
			FRAMEGATE_DATA_DIR: options.dataDirectory ?? directory,
			...options.env,
		},
	});
	let output = "";
	let hasEnded = false;
	const keep = (chunk: Buffer): void => {
		output = (output + chunk.toString()).slice(-MAX_LOG_CHARACTERS);
	};
	child.stdout?.on("data", keep);
	child.stderr?.on("data", keep);
	const exited = new Promise<Exit>((resolve) => {
		child.once("close", (code, signal) => {
			hasEnded = true;
			rmSync(directory, { recursive: true, force: true });
			resolve({ code, signal });
		});
	});
	const end = (signal: NodeJS.Signals): Promise<Exit> => {
		child.kill(signal);
		return exited;
	};
	const httpUrl = `http://127.0.0.1:${port}`;
	const url = `${httpUrl}${options.untilLive ? "/health" : "/ready"}`;
	const { answers } = options;
	const reason = await untilAnswers(answers ? () => answers(port) : () => isOk(url), child);
	if (reason !== undefined) {
		const { code, signal } = await end("SIGKILL");
		const how =
			signal === "SIGKILL"
				? `did not answer ${url}: ${reason}`
				: `ended with ${code ?? signal} before it answered ${url}`;
		throw new Error(`the gateway ${how}\n${output || "it has logged nothing"}`);
	}
	return {
		url: `ws://127.0.0.1:${port}/ws`,
		httpUrl,
		port,
		pid: child.pid as number,
		process: child,
		exited,
		// Whole lines while more may come: some readers parse them.
		log: () => (hasEnded ? output : output.slice(0, output.lastIndexOf("\n") + 1)),
		stop: () => end("SIGTERM"),
		kill9: () => end("SIGKILL"),
	};
}

/** Hooks into what is loaded see the names of packages in the sources alone. */
function defaultEntry({ nodeFlags }: GatewayProcessOptions): string {
	return built === undefined || nodeFlags !== undefined ? sources : resolve(root, built);
}

async function isOk(url: string): Promise<boolean> {
	const response = await fetch(url);
	if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
	return true;
}

/** Undefined as soon as it answers; why it did not otherwise, when it has ended or the time is over. */
async function untilAnswers(answers: () => Promise<boolean>, child: ChildProcess): Promise<string | undefined> {
	const deadline = performance.now() + READY_WITHIN_MS;
	let last: unknown = "no";
	while (performance.now() < deadline && child.exitCode === null && child.signalCode === null) {
		try {
			if (await answers()) return undefined;
		} catch (error) {
			last = error;
		}
		await new Promise((resolve) => setTimeout(resolve, POLL_MS));
	}
	return String(last);
}
