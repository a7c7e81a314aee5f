// Short HTTP requests to a discovery server. `fetch` takes no certificate authority of one's own without a further package, so this
// is node:http and node:https, with what both lack: a deadline for the whole, and a bound for what comes back.
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { ServerAddress } from "./server-address.ts";
import type { TlsMaterial } from "./tls-files.ts";

export interface HttpCall {
	readonly method: "GET" | "POST" | "PUT" | "DELETE";
	readonly path: string;
	readonly headers?: Readonly<Record<string, string>>;
	/** Sent as a form; a DELETE, as a query. */
	readonly form?: Readonly<Record<string, string>>;
	readonly timeoutMs: number;
}

export interface HttpAnswer {
	readonly status: number;
	readonly text: string;
}

/** A longer answer is an error. */
export const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/** Sends one request. @throws Error when there is no whole answer within the time. */
export function callHttp(server: ServerAddress, tls: TlsMaterial, call: HttpCall): Promise<HttpAnswer> {
	const form = new URLSearchParams(call.form).toString();
	const inQuery = call.method === "GET" || call.method === "DELETE";
	const path = inQuery && form !== "" ? `${call.path}?${form}` : call.path;
	const content = inQuery ? undefined : Buffer.from(form);
	return new Promise((resolve, reject) => {
		const signal = AbortSignal.timeout(call.timeoutMs);
		const fail = (error: Error) => {
			reject(signal.aborted ? new Error(`no answer within ${call.timeoutMs} ms`) : error);
		};
		const request = (server.isTls ? httpsRequest : httpRequest)(
			{
				host: server.host,
				port: server.port,
				method: call.method,
				path,
				signal,
				agent: false,
				headers: {
					...call.headers,
					...(content === undefined
						? {}
						: { "content-type": "application/x-www-form-urlencoded", "content-length": `${content.length}` }),
				},
				...(server.isTls
					? { ca: tls.ca, cert: tls.cert, key: tls.key, servername: tls.serverName ?? server.host }
					: {}),
			},
			(response) => {
				const chunks: Buffer[] = [];
				let length = 0;
				response.on("data", (chunk: Buffer) => {
					length += chunk.length;
					if (length > MAX_ANSWER_BYTES)
						response.destroy(new Error(`an answer of more than ${MAX_ANSWER_BYTES} bytes`));
					else chunks.push(chunk);
				});
				response.on("end", () => {
					resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
				});
				response.on("error", fail);
			},
		);
		request.on("error", fail);
		request.end(content);
	});
}
