// Starts the gateway as it is shipped: the built JavaScript, the production profile, every middleware on. Limits are
// only raised so far that one address may be ten thousand clients.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../../test/support/real-server.ts";
import { tied } from "../../test/support/tied-process.ts";
import { ServerProcess } from "./server-process.ts";

const READY_WITHIN_MS = 15_000;
const POLL_MS = 20;
const PLENTY = "10000000";

function environment(port: number, directory: string, connections: number): Record<string, string> {
	const buckets = [
		"CONNECTION",
		"USER",
		"USER_BYTES",
		"USER_REPLY_BYTES",
		"IP",
		"GLOBAL",
		"RECEIVED_BYTES",
		"RECEIVED_BYTES_PER_IP",
	].map((name) => `FRAMEGATE_RATES_${name}`);
	const attempts = ["LOGIN_PER_ACCOUNT", "LOGIN_PER_IP", "REGISTER_PER_IP"];
	return {
		PATH: process.env["PATH"] ?? "",
		HOST: "127.0.0.1",
		PORT: String(port),
		FRAMEGATE_PROFILE: "production",
		// Beside the rest: the bench reads them where it reads everything.
		FRAMEGATE_SERVER_METRICS_PORT: "0",
		FRAMEGATE_DATA_DIR: directory,
		JWT_SECRET: randomBytes(48).toString("hex"),
		// Some for the bench itself, and one more for each ten: see the stalled readers of `chat`.
		FRAMEGATE_LIMITS_MAX_CONNECTIONS: String(connections + Math.ceil(connections / 10) + 1000),
		// All come from one address, and at once.
		FRAMEGATE_LIMITS_MAX_UNAUTHENTICATED: "2000000",
		FRAMEGATE_LIMITS_MAX_UNAUTHENTICATED_PER_IP: "2000000",
		FRAMEGATE_LIMITS_MAX_HTTP_SOCKETS: "100000",
		// One address has a quarter of it, which is what the requests of all stalled readers of `chat` hold.
		FRAMEGATE_LIMITS_MAX_PENDING_BYTES: "1073741824",
		// Those wait for longer than for a database until their client reads again.
		FRAMEGATE_LIMITS_REQUEST_TIMEOUT_MS: "120000",
		FRAMEGATE_LIMITS_MAX_CONNECTIONS_PER_USER: "100000",
		FRAMEGATE_LIMITS_MAX_CONNECTIONS_PER_SESSION: "1000",
		FRAMEGATE_AUTH_MAX_SESSIONS_PER_USER: "1000",
		// Only accounts are made with it; what is measured never hashes.
		FRAMEGATE_AUTH_PASSWORD_HASH_MEMORY_KIB: "8",
		FRAMEGATE_AUTH_PASSWORD_HASH_ITERATIONS: "1",
		FRAMEGATE_AUTH_PASSWORD_HASH_MAX_QUEUED: "10000",
		FRAMEGATE_AUTH_PASSWORD_HASH_MAX_QUEUED_PER_ADDRESS: "10000",
		FRAMEGATE_AUTH_PASSWORD_HASH_MAX_QUEUED_PER_ACCOUNT: "10000",
		...Object.fromEntries(attempts.map((name) => [`FRAMEGATE_AUTH_ATTEMPTS_${name}_POINTS`, "1000000"])),
		FRAMEGATE_CHAT_CONVERSATION_RATE_PER_SECOND: "0",
		// A few users are all clients, and all of them tick ten times a second to warm up.
		...Object.fromEntries(
			["", "_PER_CONNECTION", "_PER_USER"].flatMap((of) => [
				[`FRAMEGATE_EDGE_TELEMETRY_MAX_POINTS${of}`, PLENTY],
				[`FRAMEGATE_EDGE_TELEMETRY_MAX_POINTS_PER_SECOND${of}`, PLENTY],
			]),
		),
		FRAMEGATE_EDGE_TELEMETRY_READ_POINTS_PER_SECOND: PLENTY,
		FRAMEGATE_EDGE_TELEMETRY_READ_POINTS_BURST: PLENTY,
		...Object.fromEntries(
			[...buckets, "FRAMEGATE_RATES_CONNECTS_PER_IP"].flatMap((name) => [
				[`${name}_PER_SECOND`, PLENTY],
				[`${name}_BURST`, PLENTY],
			]),
		),
	};
}

/**
 * Starts a gateway with room for `connections`.
 *
 * @param redisUrl - a Redis of its own: what it holds is not removed.
 * @param settings - further settings, as environment variables.
 *
 * @throws Error with the gateway's log when it does not become ready.
 */
export async function startFramegate(
	connections: number,
	redisUrl?: string,
	settings: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
	const directory = mkdtempSync(join(tmpdir(), "framegate-bench-"));
	const port = await freePort();
	const logFile = join(directory, "framegate.log");
	const log = openSync(logFile, "a");
	const program = fileURLToPath(import.meta.resolve("../../dist/framegate.js"));
	const child = spawn(...tied(process.execPath, ["--max-semi-space-size=8", program, "start"]), {
		cwd: directory,
		env: {
			...environment(port, directory, connections),
			...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }),
			...settings,
		},
		stdio: ["ignore", log, log],
		// Ctrl-C reaches the bench alone, which then ends its servers.
		detached: true,
	});
	const logTail = () => readFileSync(logFile, "utf8").slice(-4000);
	const remove = () => rmSync(directory, { recursive: true, force: true });
	const server = new ServerProcess(child, port, remove, logTail);
	const deadline = performance.now() + READY_WITHIN_MS;
	while (!(await isReady(port))) {
		if (child.exitCode !== null || performance.now() > deadline) {
			const tail = logTail();
			await server.stop();
			throw new Error(`framegate did not become ready:\n${tail}`);
		}
		await new Promise((resolve) => setTimeout(resolve, POLL_MS));
	}
	return server;
}

/** A series of a gateway's metrics, by its name and labels as they stand in the page; 0 where there is none. */
export async function metricOf(port: number, series: string): Promise<number> {
	const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
	const line = page.split("\n").find((candidate) => candidate.startsWith(`${series} `));
	return Number(line?.slice(series.length + 1) ?? 0);
}

async function isReady(port: number): Promise<boolean> {
	try {
		return (await fetch(`http://127.0.0.1:${port}/ready`)).ok;
	} catch {
		return false;
	}
}
