// How an HTTP reply is written on a response of uWebSockets.js, and whether its connection is kept.
import type { HttpReply } from "./transport.ts";

/** What is used of a response of uWebSockets.js. */
interface Response {
	writeStatus(status: string): unknown;
	writeHeader(name: string, value: string): unknown;
	end(body: Uint8Array, closeConnection: boolean): unknown;
	endWithoutBody(length: number, closeConnection: boolean): unknown;
	tryEnd(rest: Uint8Array, totalBytes: number): [boolean, boolean];
	onWritable(handler: (offset: number) => boolean): unknown;
}

/** Statuses that the product uses, with their reason phrases (RFC 9110). */
const REASONS: Readonly<Record<number, string>> = {
	200: "OK",
	204: "No Content",
	400: "Bad Request",
	401: "Unauthorized",
	403: "Forbidden",
	404: "Not Found",
	405: "Method Not Allowed",
	409: "Conflict",
	410: "Gone",
	412: "Precondition Failed",
	413: "Content Too Large",
	422: "Unprocessable Content",
	426: "Upgrade Required",
	429: "Too Many Requests",
	500: "Internal Server Error",
	502: "Bad Gateway",
	503: "Service Unavailable",
	504: "Gateway Timeout",
};

export interface ReplyOptions {
	readonly withoutBody?: boolean;
	readonly isLast?: boolean;
	readonly isAsked?: boolean;
}

/** The entries of a header that is a list (RFC 9110 section 5.6.1). */
export function listHeader(value: string): string[] {
	return value === "" ? [] : value.split(",").map((item) => item.trim());
}

export function bodyTooLarge(path: string, maxBytes: number): HttpReply {
	const error = `body is larger than ${maxBytes} bytes`;
	return {
		status: 413,
		headers: { "content-type": "application/json" },
		body: JSON.stringify({ success: false, code: "PAYLOAD_TOO_LARGE", error, endpoint: path }),
	};
}

/** Whether a `Connection` header asks for the connection to be closed after the reply (RFC 9112 section 9.6). */
export function wantsClose(connection: string): boolean {
	return listHeader(connection.toLowerCase()).includes("close");
}

/**
 * Writes a reply. A client that does not read is closed by the library's time limit.
 *
 * @param isLast - closes the connection once the client has read it.
 * @param isAsked - the client has asked for that.
 */
export function writeReply(
	res: Response,
	reply: HttpReply,
	{ withoutBody = false, isLast = false, isAsked = false }: ReplyOptions,
): void {
	res.writeStatus(`${reply.status} ${REASONS[reply.status] ?? "Status"}`);
	const { connection, ...headers } = reply.headers ?? {};
	for (const [key, value] of Object.entries(headers)) res.writeHeader(key, value);
	// The library adds `close` by itself where the client has not asked for it.
	const tokens = [connection, isAsked ? "close" : undefined].filter((token) => token !== undefined);
	if (tokens.length > 0) res.writeHeader("connection", tokens.join(", "));
	const body = reply.body ?? "";
	const bytes = typeof body === "string" ? Buffer.from(body) : body;
	if (withoutBody || bytes.length === 0) res.endWithoutBody(bytes.length, isLast);
	else if (isLast) res.end(bytes, true);
	else writeAsRead(res, bytes);
}

/**
 * Writes as much as the client takes, and the rest as it reads on. Until then the reply is not finished, and a further request
 * closes the connection: a client that does not read costs one reply.
 */
function writeAsRead(res: Response, bytes: Uint8Array): void {
	const [, isDone] = res.tryEnd(bytes, bytes.length);
	if (isDone) return;
	res.onWritable((offset) => res.tryEnd(bytes.subarray(offset), bytes.length)[0]);
}

/** The reply to an address that sends requests faster than `rates.ip` allows. */
export function tooManyRequests(path: string, waitMs: number): HttpReply {
	const error = "too many requests from this address";
	return {
		status: 429,
		headers: { "content-type": "application/json", "retry-after": `${Math.ceil(waitMs / 1000)}` },
		body: JSON.stringify({ success: false, code: "RATE_LIMITED", error, endpoint: path }),
	};
}
