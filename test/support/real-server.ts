// Starts real servers for tests: on a free loopback port, with data in a directory of their own, ready when the
// start function resolves. What a test starts it stops; as a last resort the servers end with the test process.
import "./file-end.ts";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { chmodSync, chownSync, copyFileSync, mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { type LastSignal, tied } from "./tied-process.ts";

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
	/** What ends the server at once, with all its processes; also when this process has ended before it stopped the server. */
	readonly stopSignal?: LastSignal;
}

const READY_WITHIN_MS = 180_000;
const POLL_MS = 25;

/**
 * Below those that Linux takes for outgoing connections (32768 and up), of which any may be taken again before a server
 * listens there, or while one that will return to its port is stopped.
 */
const FIRST_PORT = 12_000;
const LAST_PORT = 32_000;
const MAX_ATTEMPTS = 100;

/**
 * No port is given out twice, since the one who asked for it may not listen on it yet, or not at the moment. Each is held by a socket
 * in Linux's abstract namespace, which all processes of the machine share (unix(7)) and which is gone with the process.
 */
const held = new Set<net.Server>();

/**
 * A loopback port that nothing listened on a moment ago, and that no other process gets from here while this one runs.
 *
 * @param others - how far above it further ports are that are to be free as well.
 */
export async function freePort(...others: readonly number[]): Promise<number> {
	const last = LAST_PORT - Math.max(0, ...others);
	for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
		const first = randomInt(FIRST_PORT, last);
		const ports = [first, ...others.map((offset) => first + offset)];
		if ((await Promise.all(ports.map(reservePort))).every(Boolean)) return first;
	}
	throw new Error("no free port was found");
}

/** False if it is in use, or reserved by any process. */
export async function reservePort(port: number): Promise<boolean> {
	const holder = await listen(`\0framegate-test-port-${port}`);
	if (holder === undefined) return false;
	held.add(holder.unref());
	const server = await listen(port);
	if (server === undefined) return false;
	await new Promise((resolve) => server.close(resolve));
	return true;
}

/** Undefined if the address is taken. */
async function listen(at: string | number): Promise<net.Server | undefined> {
	const server = net.createServer();
	return await new Promise((resolve) => {
		server.once("error", () => resolve(undefined));
		if (typeof at === "string") server.listen(at, () => resolve(server));
		else server.listen(at, "127.0.0.1", () => resolve(server));
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

/** Starts a server and waits until it is ready. */
export async function launch(options: Launch): Promise<RealServer> {
	const lastSignal = options.stopSignal ?? "KILL";
	const child = spawn(...tied(options.command, options.args, lastSignal), {
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
	await untilReady(options, child, () => output);
	return {
		url: options.url,
		port: options.port,
		pid: child.pid as number,
		process: child,
		async stop() {
			if (child.exitCode === null && child.signalCode === null) child.kill(`SIG${lastSignal}`);
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
