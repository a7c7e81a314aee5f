// Starts the servers that framegate is compared with.
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { tiedFork } from "../../test/support/tied-process.ts";
import { ServerProcess } from "./server-process.ts";

const START_WITHIN_MS = 10_000;

/** @param which - `uws` and `relay` are bare uWebSockets.js, the others are packages. @param settings - as environment variables. */
export async function startControl(
	which: "uws" | "ws" | "socketio" | "fastify" | "relay",
	settings: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
	const child = fork(fileURLToPath(import.meta.resolve(`./control-${which}.ts`)), {
		...tiedFork(),
		env: { ...process.env, ...settings },
		stdio: ["ignore", 2, 2, "ipc"],
	});
	const [{ port }] = (await once(child, "message", { signal: AbortSignal.timeout(START_WITHIN_MS) })) as [
		{ port: number },
	];
	return new ServerProcess(child, port);
}
