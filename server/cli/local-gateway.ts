// The gateway of this configuration, on this machine, for commands that ask it something.
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { text } from "node:stream/consumers";
import type { Config } from "../config/config.ts";
import { CommandError } from "./failure.ts";

const TIMEOUT_MS = 5000;
/** Where a gateway that listens on all addresses is reached from its own machine. */
const LOOPBACK: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "[::1]" };

export interface LocalAnswer {
	readonly status: number;
	readonly body: string;
}

export interface LocalRequest {
	readonly path: string;
	/** Where it listens, if that is not configured. */
	readonly port?: number | undefined;
	/** Bearer token. */
	readonly token?: string;
	/** Sent as JSON by POST; undefined: a GET. */
	readonly content?: object;
	readonly timeoutMs?: number;
}

/** @throws CommandError when the gateway does not answer. */
export function askLocalGateway({ server }: Config, asked: LocalRequest): Promise<LocalAnswer> {
	const { path, token, content, timeoutMs = TIMEOUT_MS } = asked;
	const scheme = server.tls.certFile === undefined ? "http" : "https";
	const host = LOOPBACK[server.host] ?? (server.host.includes(":") ? `[${server.host}]` : server.host);
	const port = asked.port ?? server.port;
	if (port === 0) throw new CommandError("port 0 was a free one of the gateway's choice: say which, with --port");
	const url = new URL(`${scheme}://${host}:${port}${path}`);
	return new Promise((resolve, reject) => {
		const signal = AbortSignal.timeout(timeoutMs);
		const headers = {
			connection: "close",
			...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
			...(content === undefined ? {} : { "content-type": "application/json" }),
		};
		// The certificate names the public host, and we are on this side of the network.
		const options = { signal, rejectUnauthorized: false, headers, method: content === undefined ? "GET" : "POST" };
		const request = url.protocol === "https:" ? requestHttps(url, options) : requestHttp(url, options);
		request.on("error", (error: NodeJS.ErrnoException) => {
			const reason = signal.aborted ? `no answer within ${timeoutMs} ms` : (error.code ?? error.message);
			reject(new CommandError(`${url.href} does not answer: ${reason}`));
		});
		request.on("response", (response) => {
			text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
		});
		request.end(content === undefined ? undefined : JSON.stringify(content));
	});
}
