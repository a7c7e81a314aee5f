// The heartbeat over HTTP: the request of each style, and what the controls do for it. They read the token, the content and the
// query, decode and encode with the same code as the gateway, and send the header fields that the gateway sent.
import { hash } from "node:crypto";
import { connect } from "node:net";
import { authRoutes, HeartbeatRequest, HeartbeatResponse } from "../../protocol/gen/schema.ts";

export const HTTP_STYLES = ["connect_proto", "connect_json", "rest"] as const;
export type HttpStyle = (typeof HTTP_STYLES)[number];

export const CONNECT_PATH = authRoutes.heartbeat.rpcPath;
export const REST_PATH = "/api/v1/heartbeat";
const ANSWERED_WITHIN_MS = 5000;

/** Header fields of a reply, by name as they were sent. */
export type HeaderFields = Readonly<Record<string, string>>;

/** A request as a client sends it: head and content. */
export function heartbeatRequest(style: HttpStyle, port: number, token: string): Buffer {
	const clientTimeMs = Date.now();
	const head = (line: string, fields: readonly string[]) =>
		Buffer.from(
			[`${line} HTTP/1.1`, `host: 127.0.0.1:${port}`, `authorization: Bearer ${token}`, ...fields, "", ""].join("\r\n"),
		);
	if (style === "rest") return head(`GET ${REST_PATH}?client_time_ms=${clientTimeMs}`, []);
	const isJson = style === "connect_json";
	const content = isJson
		? Buffer.from(JSON.stringify({ clientTimeMs: String(clientTimeMs) }))
		: Buffer.from(HeartbeatRequest.encode({ clientTimeMs }).finish());
	const fields = [
		`content-type: application/${isJson ? "json" : "proto"}`,
		"connect-protocol-version: 1",
		`content-length: ${content.length}`,
	];
	return Buffer.concat([head(`POST ${CONNECT_PATH}`, fields), content]);
}

export function answerProto(content: Uint8Array): Uint8Array {
	const { clientTimeMs } = HeartbeatRequest.decode(content);
	return HeartbeatResponse.encode({ clientTimeMs: clientTimeMs ?? 0, serverTimeMs: Date.now() }).finish();
}

/** @param request - the content, parsed. */
export function answerJson(request: unknown): object {
	const { clientTimeMs } = request as { clientTimeMs: string };
	if (!Number.isSafeInteger(Number(clientTimeMs))) throw new Error("no time");
	return { clientTimeMs, serverTimeMs: String(Date.now()) };
}

/** @param time - the parameter of the query. */
export function answerRest(time: string): object {
	const clientTimeMs = Number(time);
	if (!Number.isSafeInteger(clientTimeMs)) throw new Error("no time");
	return { client_time_ms: clientTimeMs, server_time_ms: Date.now() };
}

/** Of the content of a reply to GET. */
export function etagOf(text: string): string {
	return `"${hash("sha256", text, "base64url").slice(0, 27)}"`;
}

/** The header fields that the gateway sent, in the environment of a control. */
export function headerFieldsFrom(env: NodeJS.ProcessEnv): Readonly<Record<HttpStyle, HeaderFields>> {
	return JSON.parse(env["BENCH_HEADER_FIELDS"] ?? "{}") as Readonly<Record<HttpStyle, HeaderFields>>;
}

export function headerFieldsFor(fields: Readonly<Record<HttpStyle, HeaderFields>>): Record<string, string> {
	return { BENCH_HEADER_FIELDS: JSON.stringify(fields) };
}

/** Sessions of a control: who presents a token is known from then on. */
export class KnownTokens {
	private readonly byToken = new Map<string, { readonly user: number }>();

	/** @throws Error when there is no bearer token. */
	find(authorization: string): { readonly user: number } {
		if (!authorization.startsWith("Bearer ")) throw new Error("no token");
		const token = authorization.slice("Bearer ".length);
		const known = this.byToken.get(token) ?? { user: this.byToken.size };
		this.byToken.set(token, known);
		return known;
	}
}

/** What a library writes by itself. */
const OF_LIBRARIES = new Set(["content-length", "date", "uwebsockets", "transfer-encoding"]);

/**
 * Sends one request. @returns the header fields of its reply.
 *
 * @throws Error when the status is not 200.
 */
export async function sampleHeaderFields(port: number, request: Buffer): Promise<HeaderFields> {
	const socket = connect({ host: "127.0.0.1", port });
	socket.setTimeout(ANSWERED_WITHIN_MS, () => socket.destroy(new Error("no reply")));
	socket.write(request);
	let head = "";
	for await (const chunk of socket) {
		head += (chunk as Buffer).toString("latin1");
		if (head.includes("\r\n\r\n")) break;
	}
	const [status = "", ...lines] = (head.split("\r\n\r\n", 1)[0] ?? "").split("\r\n");
	if (!status.startsWith("HTTP/1.1 200 ")) throw new Error(`not answered: ${head.slice(0, 400)}`);
	const fields = lines.map((line): [string, string] => {
		const colon = line.indexOf(":");
		return [line.slice(0, colon), line.slice(colon + 1).trim()];
	});
	return Object.fromEntries(fields.filter(([name]) => !OF_LIBRARIES.has(name.toLowerCase())));
}
