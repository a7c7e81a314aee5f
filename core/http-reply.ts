// How an HTTP reply is written on a response of uWebSockets.js, and how its connection is closed or kept.
import type { HttpReply } from "./transport.ts";

/** What is used of a response of uWebSockets.js. */
export interface ReplyTarget {
	/** What is written by the callback goes out in one piece. */
	cork(write: () => void): unknown;
	writeStatus(status: string): unknown;
	writeHeader(name: string, value: string): unknown;
	/** A string is written as UTF-8. */
	end(content: string | Uint8Array, closeConnection: boolean): unknown;
	/** Ends a reply that has a header section only, without a Content-Length of the library's. */
	endWithoutBody(): unknown;
	tryEnd(rest: string | Uint8Array, totalBytes: number): [boolean, boolean];
	onWritable(handler: (offset: number) => boolean): unknown;
	/** Closes the connection at once. */
	close(): unknown;
}

/** Statuses that the product uses, with their reason phrases (RFC 9110). */
const REASONS: Readonly<Record<number, string>> = {
	200: "OK",
	204: "No Content",
	304: "Not Modified",
	400: "Bad Request",
	401: "Unauthorized",
	403: "Forbidden",
	404: "Not Found",
	405: "Method Not Allowed",
	409: "Conflict",
	410: "Gone",
	412: "Precondition Failed",
	413: "Content Too Large",
	415: "Unsupported Media Type",
	422: "Unprocessable Content",
	426: "Upgrade Required",
	429: "Too Many Requests",
	431: "Request Header Fields Too Large",
	499: "Client Closed Request",
	500: "Internal Server Error",
	501: "Not Implemented",
	502: "Bad Gateway",
	503: "Service Unavailable",
	504: "Gateway Timeout",
};

/** Replies with these have no content, and no length either (RFC 9110 sections 8.6, 15.3.5 and 15.4.5). */
const WITHOUT_CONTENT: ReadonlySet<number> = new Set([204, 304]);

/**
 * How long a client may count on a kept connection, in seconds. The library closes one without a request after 8 to 12 s (10 s,
 * rounded up to its steps of 4 s, of which the first is never whole); a second is for the network.
 */
const KEEP_ALIVE_S = 7;
const KEEP_ALIVE = `timeout=${KEEP_ALIVE_S}`;

const withToken = (list: string, token: string): string => (list === "" ? token : `${list}, ${token}`);

export interface ReplyOptions {
	/** The request is HEAD: the header section of GET, and no content (RFC 9110 section 9.3.2). */
	readonly isHead: boolean;
	/** The connection is closed when the client has read the reply. */
	readonly isLast: boolean;
	/** The library closes the connection after the reply by itself, and does not say so in the reply. */
	readonly isClosedByLibrary: boolean;
}

/** Writes a reply. A client that does not read is closed by the library's time limit. */
export function sendReply(res: ReplyTarget, reply: HttpReply, options: ReplyOptions): void {
	const { status } = reply;
	const content = reply.body ?? "";
	const length = typeof content === "string" ? Buffer.byteLength(content) : content.length;
	const hasContent = !options.isHead && length > 0;
	const isClosedHere = !hasContent && options.isLast && !options.isClosedByLibrary;
	res.cork(() => {
		res.writeStatus(`${status} ${REASONS[status] ?? "Status"}`);
		let connection = "";
		const { headers } = reply;
		for (const name in headers) {
			if (name === "connection") connection = headers[name] as string;
			else res.writeHeader(name, headers[name] as string);
		}
		if (!options.isLast) res.writeHeader("keep-alive", KEEP_ALIVE);
		if (!hasContent && !WITHOUT_CONTENT.has(status)) res.writeHeader("content-length", String(length));
		// RFC 9110 section 7.6.1: a field for this connection only is named there.
		if (!options.isLast) connection = withToken(connection, "keep-alive");
		// RFC 9112 section 9.6. Behind content, the library adds it where it was not going to close anyway.
		if (options.isClosedByLibrary || isClosedHere) connection = withToken(connection, "close");
		if (connection !== "") res.writeHeader("connection", connection);
		if (isClosedHere) endSection(res);
		else if (!hasContent) res.endWithoutBody();
		else if (options.isLast) res.end(content, true);
		else writeAsRead(res, content, length);
	});
	if (isClosedHere) res.close();
}

/**
 * Ends the header section of a reply without content whose connection is then closed. The library's own way writes a
 * Content-Length that is not the one of GET, or, with the right one, waits for that many bytes and never closes.
 */
function endSection(res: ReplyTarget): void {
	res.writeHeader("date", `${new Date().toUTCString()}\r\n`);
}

/**
 * Writes as much as the client takes, and the rest as it reads on. Until then the reply is not finished, and a further request
 * closes the connection: a client that does not read costs one reply.
 */
function writeAsRead(res: ReplyTarget, content: string | Uint8Array, length: number): void {
	const [, isDone] = res.tryEnd(content, length);
	if (isDone) return;
	const bytes = typeof content === "string" ? Buffer.from(content) : content;
	res.onWritable((offset) => res.tryEnd(bytes.subarray(offset), length)[0]);
}
