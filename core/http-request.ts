// The head of an HTTP request: read once, with every line of every field. uWebSockets.js hands out the first line of a name only.

/** What is used of a request of uWebSockets.js. Header names are lower case. */
export interface RawRequest {
	getCaseSensitiveMethod(): string;
	getUrl(): string;
	/** Undefined without a question mark. */
	getQuery(): string | undefined;
	forEach(each: (name: string, value: string) => void): void;
}

/** What a client sends before the content of a request. */
export interface HttpHead {
	/** As it was sent: methods are case-sensitive (RFC 9110 section 9.1). */
	readonly method: string;
	/** Without the query. */
	readonly path: string;
	/** Without the question mark. */
	readonly query: string;
	/** By lower-case name. Lines of one name are joined to one list (RFC 9110 section 5.3). */
	readonly headers: ReadonlyMap<string, string>;
}

/** A head as it was received, and what the transport has to know of it. */
export interface ReceivedHead extends HttpHead {
	/** Bytes of the request line and the header section. */
	readonly bytes: number;
	/** How many lines `host`, `content-length` and `transfer-encoding` have together with their values: see request-rules.ts. */
	readonly framing: FramingLines;
	/** uWebSockets.js closes the connection after the reply to this request: it does for any `Connection` of five characters. */
	readonly isClosedByLibrary: boolean;
}

/** The lines that say for whom a request is and where it ends. */
export interface FramingLines {
	readonly hosts: readonly string[];
	readonly lengths: readonly string[];
	readonly encodings: readonly string[];
}

/** What a line takes beside its name and value, `: ` and the line end; and a request line, beside method and target. */
const LINE_BYTES = 4;
const REQUEST_LINE_BYTES = "  HTTP/1.1\r\n".length;

/** Reads the head of a request, in the callback of uWebSockets.js only: the request is dead afterwards. */
export function readHead(req: RawRequest): ReceivedHead {
	const method = req.getCaseSensitiveMethod();
	const path = req.getUrl();
	const query = req.getQuery();
	const headers = new Map<string, string>();
	const hosts: string[] = [];
	let lengths = NO_LINES;
	let encodings = NO_LINES;
	let firstConnection = "";
	const queryBytes = query === undefined ? 0 : query.length + "?".length;
	let bytes = method.length + path.length + queryBytes + REQUEST_LINE_BYTES;
	req.forEach((name, value) => {
		bytes += name.length + value.length + LINE_BYTES;
		const before = headers.get(name);
		// RFC 6265 section 5.4: pairs of a cookie are separated by semicolons.
		headers.set(name, before === undefined ? value : `${before}${name === "cookie" ? "; " : ", "}${value}`);
		if (name === "host") hosts.push(value);
		else if (name === "content-length") lengths = [...lengths, value];
		else if (name === "transfer-encoding") encodings = [...encodings, value];
		else if (name === "connection" && before === undefined) firstConnection = value;
	});
	const framing = { hosts, lengths, encodings };
	const isClosedByLibrary = firstConnection.length === "close".length;
	return { method, path, query: query ?? "", headers, bytes, framing, isClosedByLibrary };
}

const NO_LINES: readonly string[] = [];

/** Elements that are read of a list: a field of 16 KiB may have thousands, and no client that means it. */
const MAX_ELEMENTS = 100;

/** The first elements of a field that is a list, empty ones left out (RFC 9110 section 5.6.1). */
export function listHeader(value: string | undefined): string[] {
	if (value === undefined || value === "") return [];
	return value
		.split(",", MAX_ELEMENTS)
		.map((item) => item.trim())
		.filter((item) => item !== "");
}

/** The last element of a list that is not empty, and the list before it; undefined for a list without elements. */
export function lastOfList(list: string): { readonly element: string; readonly rest: string } | undefined {
	let end = list.length;
	while (end > 0) {
		const comma = list.lastIndexOf(",", end - 1);
		const element = list.slice(comma + 1, end).trim();
		if (element !== "") return { element, rest: list.slice(0, Math.max(0, comma)) };
		end = comma;
	}
	return undefined;
}

/** A pattern that finds a token among the elements of a list, in any case. */
export function listElement(token: string): RegExp {
	return new RegExp(`(?:^|,)[ \\t]*${token}[ \\t]*(?:,|$)`, "i");
}

const CLOSE = listElement("close");

/** Whether the client wants the connection to be closed after the reply (RFC 9112 section 9.6). */
export function wantsClose({ headers }: HttpHead): boolean {
	const connection = headers.get("connection");
	return connection !== undefined && CLOSE.test(connection);
}

const BEARER = "Bearer ";

/**
 * The token of an Authorization header (RFC 6750 section 2.1), or "": another scheme is somebody else's, such as a proxy's.
 */
export function bearerToken({ headers }: HttpHead): string {
	const authorization = headers.get("authorization");
	if (authorization === undefined) return "";
	// As nearly all clients write it.
	const end = BEARER.length;
	if (authorization.startsWith(BEARER) && authorization.indexOf(" ", end) < 0 && authorization.indexOf("\t", end) < 0) {
		return authorization.slice(end);
	}
	return /^bearer\s+(\S+)\s*$/i.exec(authorization)?.[1] ?? "";
}

/** Whether a request has content (RFC 9112 section 6). */
export function hasContent(head: HttpHead): boolean {
	return isChunked(head) || contentLength(head.headers) > 0;
}

/** Whether the content comes in chunks (RFC 9112 section 7.1), with trailers behind them if its sender likes. */
export function isChunked({ headers }: HttpHead): boolean {
	return headers.has("transfer-encoding");
}

/** The length that a client announces, in bytes; 0 when it announces none. */
export function contentLength(headers: HttpHead["headers"]): number {
	return Number(headers.get("content-length") ?? 0);
}
