// `framegate probe URL`: uses a gateway as clients do, over HTTP and WebSocket, and reports each step as JSON. For monitoring, and to
// see after an installation whether everything works.
import { randomBytes } from "node:crypto";
import process from "node:process";
import { CommandError, exitCodes } from "./failure.ts";
import { knownPassword } from "./password-input.ts";
import { probeHttp } from "./probe/http-probe.ts";
import { ProbeRun, type ProbeStep } from "./probe/probe-run.ts";
import { addressesOf, type ProbeTarget } from "./probe/probe-target.ts";
import { probeWebSocket } from "./probe/web-socket-probe.ts";

export interface ProbeFlags {
	readonly username?: string;
	readonly passwordStdin?: boolean;
	readonly register?: boolean;
	readonly channel: number;
	/** false with --no-edge. */
	readonly edge: boolean;
	readonly ack?: boolean;
	readonly timeoutMs: number;
}

/** What is printed. */
export interface ProbeReport {
	readonly url: string;
	readonly ok: boolean;
	readonly durationMs: number;
	readonly steps: readonly ProbeStep[];
}

const NAME_BYTES = 6;
const PASSWORD_BYTES = 18;

/**
 * Runs the steps. Parts do not depend on each other: WebSockets are tried when HTTP failed, too.
 *
 * @param timeoutMs - of all steps together.
 */
export async function probe(target: ProbeTarget, timeoutMs: number): Promise<ProbeReport> {
	const startedAtMs = performance.now();
	const run = new ProbeRun(timeoutMs);
	// The account that is registered there logs in by HTTP then.
	const parts = [() => probeHttp(run, target), () => probeWebSocket(run, target)];
	for (const part of target.registers ? parts.reverse() : parts) await run.part(part);
	return {
		url: target.httpUrl,
		ok: run.isOk,
		durationMs: Math.round(performance.now() - startedAtMs),
		steps: run.steps,
	};
}

/**
 * Prints the report.
 *
 * @returns the exit code: 0 when every step was done.
 * @throws CommandError when the address or the options make no sense.
 */
export async function runProbe(url: string, flags: ProbeFlags): Promise<number> {
	const addresses = addressesOf(url);
	if (addresses === undefined) {
		throw new CommandError(`${url} is no address such as http://localhost:8080 or wss://host/ws`, exitCodes.usage);
	}
	const target: ProbeTarget = {
		...addresses,
		credentials: await credentialsOf(flags),
		registers: flags.register === true,
		hasEdge: flags.edge,
		channel: flags.channel,
		acknowledges: flags.ack === true,
	};
	const report = await probe(target, flags.timeoutMs);
	process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
	return report.ok ? exitCodes.ok : exitCodes.failure;
}

async function credentialsOf({ username, register, passwordStdin }: ProbeFlags): Promise<ProbeTarget["credentials"]> {
	if (register && !passwordStdin) {
		const name = username ?? `probe-${randomBytes(NAME_BYTES).toString("hex")}`;
		return { username: name, password: randomBytes(PASSWORD_BYTES).toString("base64url") };
	}
	if (username === undefined) {
		if (register || passwordStdin) throw new CommandError("--password-stdin needs --username", exitCodes.usage);
		return undefined;
	}
	return { username, password: await knownPassword(passwordStdin === true) };
}
