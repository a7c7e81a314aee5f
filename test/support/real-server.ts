// Starts real servers for tests: on a free loopback port, with data in a directory of their own, ready when the
// start function resolves. What a test starts it stops; as a last resort the servers die with the test process.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { chmodSync, chownSync, copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

export interface RealServer {
	readonly url: string;
	readonly port: number;
	readonly pid: number;
	readonly process: ChildProcess;
	/** Ends the server at once and removes its data. */
	stop(): Promise<void>;
}

export interface Launch {
	/** Shown in errors. */
	readonly name: string;
	readonly command: string;
	readonly args: readonly string[];
	readonly directory: string;
	readonly port: number;
	readonly url: string;
	/** Throws while the server is not ready. */
	readonly ready: () => Promise<void>;
	readonly identity?: { uid: number; gid: number } | undefined;
	readonly env?: Record<string, string>;
	/** false: the data stays for a next server, and its starter removes it. */
	readonly removeData?: boolean;
	/** What ends the server at once, with all its processes. */
	readonly stopSignal?: NodeJS.Signals;
}

const READY_WITHIN_MS = 60_000;
const POLL_MS = 25;

/**
 * Below those that Linux takes for outgoing connections (32768 and up), of which any may be taken again before a server
 * listens there, or while one that will return to its port is stopped.
 */
const FIRST_PORT = 12_000;
const LAST_PORT = 32_000;
const MAX_ATTEMPTS = 100;

/** No port is given out twice: who asked for one may not listen on it yet. */
const given = new Set<number>();

/**
 * A loopback port that nothing listened on a moment ago.
 *
 * @param others - how far above it further ports are that are to be free as well.
 */
export async function freePort(...others: readonly number[]): Promise<number> {
	const last = LAST_PORT - Math.max(0, ...others);
	for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
		const first = randomInt(FIRST_PORT, last);
		const ports = [first, ...others.map((offset) => first + offset)];
		if (ports.some((port) => given.has(port))) continue;
		for (const port of ports) given.add(port);
		if ((await Promise.all(ports.map(isFree))).every(Boolean)) return first;
	}
	throw new Error("no free port was found");
}

async function isFree(port: number): Promise<boolean> {
	const server = net.createServer();
	return await new Promise<boolean>((resolve) => {
		server.once("error", () => resolve(false));
		server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
	});
}

/** A fresh data directory, owned by the user that the server will run as. */
export function dataDirectory(name: string, owner?: { uid: number; gid: number }): string {
	const directory = mkdtempSync(path.join(tmpdir(), `framegate-${name}-`));
	if (owner !== undefined) chownSync(directory, owner.uid, owner.gid);
	return directory;
}

/** A copy in a server's data directory that only the user can read whom the server runs as. */
export function ownedCopy(file: string, directory: string, owner?: { uid: number; gid: number }): string {
	const copy = path.join(directory, path.basename(file));
	copyFileSync(file, copy);
	chmodSync(copy, 0o600);
	if (owner !== undefined) chownSync(copy, owner.uid, owner.gid);
	return copy;
}

/**
 * The environment that keeps a server's temporary files in its own data directory. mariadbd, for one, deletes at its
 * start what earlier servers left in the directory of temporary files, and would delete those of servers beside it.
 */
export function ownTemporaryFiles(directory: string): { TMPDIR: string } {
	return { TMPDIR: directory };
}

/** Ids of an account that servers which refuse to be root can run as; undefined when we are not root ourselves. */
export function unprivileged(): { uid: number; gid: number } | undefined {
	if (process.getuid?.() !== 0) return undefined;
	const uid = Number(spawnSync("id", ["-u", "nobody"], { encoding: "utf8" }).stdout);
	const gid = Number(spawnSync("id", ["-g", "nobody"], { encoding: "utf8" }).stdout);
	return { uid, gid };
}

/**
 * Finds a server program, installing its Debian package when that is possible.
 *
 * @param candidates - absolute paths, best first.
 * @throws Error in one line that says what to install.
 */
export function findProgram(candidates: () => readonly string[], debianPackage: string): string {
	const found = () => candidates().find((candidate) => existsSync(candidate));
	const first = found();
	if (first !== undefined) return first;
	if (process.getuid?.() === 0 && existsSync("/etc/debian_version")) {
		const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
		const install = ["install", "-y", "--no-install-recommends", debianPackage];
		if (spawnSync("apt-get", install, { env, stdio: "ignore" }).status !== 0) {
			spawnSync("apt-get", ["update"], { env, stdio: "ignore" });
			spawnSync("apt-get", install, { env, stdio: "ignore" });
		}
		const second = found();
		if (second !== undefined) return second;
	}
	throw new Error(`this test needs the server program of ${debianPackage}: install that package (Debian's name)`);
}

/** Starts a server and waits until it is ready. */
export async function launch(options: Launch): Promise<RealServer> {
	const child = spawn(options.command, [...options.args], {
		cwd: options.directory,
		stdio: ["ignore", "pipe", "pipe"],
		env: { ...process.env, ...ownTemporaryFiles(options.directory), ...options.env },
		...options.identity,
	});
	let output = "";
	const keep = (chunk: Buffer) => {
		output = (output + chunk.toString()).slice(-4000);
	};
	child.stdout?.on("data", keep);
	child.stderr?.on("data", keep);
	child.once("error", keep as never);
	const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
	const stopSignal = options.stopSignal ?? "SIGKILL";
	const killOnExit = () => child.kill(stopSignal);
	// The runner ends a test file that takes too long by a signal, which by default is not an exit.
	const exit = () => process.exit(1);
	process.once("exit", killOnExit);
	process.once("SIGTERM", exit);
	await untilReady(options, child, () => output);
	return {
		url: options.url,
		port: options.port,
		pid: child.pid as number,
		process: child,
		async stop() {
			process.removeListener("exit", killOnExit);
			process.removeListener("SIGTERM", exit);
			if (child.exitCode === null && child.signalCode === null) child.kill(stopSignal);
			await exited;
			if (options.removeData !== false) rmSync(options.directory, { recursive: true, force: true });
		},
	};
}

async function untilReady(options: Launch, child: ChildProcess, output: () => string): Promise<void> {
	const deadline = performance.now() + READY_WITHIN_MS;
	for (;;) {
		try {
			await options.ready();
			return;
		} catch (error) {
			if (child.exitCode !== null || child.pid === undefined || performance.now() > deadline) {
				child.kill("SIGKILL");
				throw new Error(`${options.name} did not start: ${output()}`, { cause: error });
			}
			await new Promise((resolve) => setTimeout(resolve, POLL_MS));
		}
	}
}

/** Resolves when something accepts TCP connections on a loopback port. */
export function accepts(port: number): Promise<void> {
	return new Promise((resolve, reject) => {
		const socket = net.connect(port, "127.0.0.1");
		socket.once("connect", () => {
			socket.destroy();
			resolve();
		});
		socket.once("error", reject);
	});
}
