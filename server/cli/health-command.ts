// `framegate health`: asks the gateway of this configuration, on this machine, how it is. For health checks in images that
// hold no curl, and for people.
import { get as getHttp } from "node:http";
import { get as getHttps } from "node:https";
import { text } from "node:stream/consumers";
import { loadConfig } from "../config/load.ts";
import type { ReadinessReport } from "../readiness.ts";
import { CommandError } from "./failure.ts";
import type { CommonFlags } from "./flags.ts";

interface HealthFlags extends CommonFlags {
	/** Query readiness instead of liveness. */
	readonly ready?: boolean;
	readonly port?: number;
}

const TIMEOUT_MS = 5000;
/** Where a gateway that listens on all addresses is reached from its own machine. */
const LOOPBACK: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "[::1]" };

interface Answer {
	readonly status: number;
	readonly body: string;
}

function ask(url: URL): Promise<Answer> {
	return new Promise((resolve, reject) => {
		const signal = AbortSignal.timeout(TIMEOUT_MS);
		// The certificate names the public host, and we are on this side of the network.
		const options = { signal, rejectUnauthorized: false, headers: { connection: "close" } };
		const request = url.protocol === "https:" ? getHttps(url, options) : getHttp(url, options);
		request.on("error", (error: NodeJS.ErrnoException) => {
			const reason = signal.aborted ? `no answer within ${TIMEOUT_MS} ms` : (error.code ?? error.message);
			reject(new CommandError(`${url.href} does not answer: ${reason}`));
		});
		request.on("response", (response) => {
			text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
		});
	});
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
export async function printHealth({ config: file, ready, port: given }: HealthFlags): Promise<void> {
	const { server } = loadConfig({ file });
	const scheme = server.tls.certFile === undefined ? "http" : "https";
	const host = LOOPBACK[server.host] ?? (server.host.includes(":") ? `[${server.host}]` : server.host);
	const port = given ?? server.port;
	if (port === 0) throw new CommandError("port 0 was a free one of the gateway's choice: say which, with --port");
	const { status, body } = await ask(new URL(`${scheme}://${host}:${port}${ready ? "/ready" : "/health"}`));
	const lines = ready && (status === 200 || status === 503) ? checkLines(body) : [];
	for (const line of lines) process.stdout.write(`${line}\n`);
	if (status !== 200) throw new CommandError(ready && lines.length > 0 ? "not ready" : `answered with ${status}`);
	process.stdout.write(ready ? "ready\n" : "alive\n");
}
