// `framegate health`: asks the gateway of this configuration, on this machine, how it is. For health checks in images that
// hold no curl, and for people.
import { loadConfig } from "../config/load.ts";
import type { ReadinessReport } from "../readiness.ts";
import { CommandError } from "./failure.ts";
import type { CommonFlags } from "./flags.ts";
import { askLocalGateway } from "./local-gateway.ts";

interface HealthFlags extends CommonFlags {
	/** Query readiness instead of liveness. */
	readonly ready?: boolean;
	readonly port?: number;
}

function checkLines(body: string): string[] {
	const { checks } = JSON.parse(body) as Pick<ReadinessReport, "checks">;
	return checks.map(({ name, ok, error }) => `${name}: ${ok ? "ok" : (error ?? "failed")}`);
}

/**
 * Prints one line, and with `ready` one for each dependency.
 *
 * @throws CommandError when the gateway does not answer, or is not ready.
 */
export async function printHealth({ config: file, ready, port }: HealthFlags): Promise<void> {
	const { status, body } = await askLocalGateway(loadConfig({ file }), { path: ready ? "/ready" : "/health", port });
	const lines = ready && (status === 200 || status === 503) ? checkLines(body) : [];
	for (const line of lines) process.stdout.write(`${line}\n`);
	if (status !== 200) throw new CommandError(ready && lines.length > 0 ? "not ready" : `answered with ${status}`);
	process.stdout.write(ready ? "ready\n" : "alive\n");
}
