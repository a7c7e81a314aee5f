// What makes an HTTP request one that servers and proxies may read differently, and what makes a WebSocket handshake none.
// uWebSockets.js looks at neither.

/** What is used of a request of uWebSockets.js. Header names are lower case. */
export interface RequestHead {
	getUrl(): string;
	getHeader(name: string): string;
	forEach(each: (name: string, value: string) => void): void;
}

/** uri-host and port (RFC 3986 section 3.2.2), without user information. */
const HOST = /^([A-Za-z0-9._~!$&'()*+,;=%-]*|\[[0-9A-Fa-f:.]+\])(:\d{0,5})?$/;

/**
 * What is wrong with the head of a request. Where a request ends, or whom it is for, must not be anybody's guess: a proxy in
 * front may guess otherwise.
 *
 * @returns a sentence for the client; undefined for a sound one.
 */
export function requestFault(req: RequestHead): string | undefined {
	let hosts = 0;
	let lengths = 0;
	let encodings = 0;
	let fault: string | undefined;
	req.forEach((name, value) => {
		if (name === "host") {
			// RFC 9112 section 3.2.
			hosts++;
			if (!HOST.test(value)) fault = "the Host header is not a host";
		} else if (name === "content-length") {
			// RFC 9112 section 6.3; one value twice is as suspicious.
			lengths++;
			if (!/^\d{1,15}$/.test(value)) fault = "the Content-Length header is not a length";
		} else if (name === "transfer-encoding") {
			encodings++;
			if (value.toLowerCase() !== "chunked") fault = "the only Transfer-Encoding taken is chunked";
		}
	});
	if (fault !== undefined) return fault;
	if (hosts !== 1) return "expected one Host header";
	if (lengths + encodings > 1) return "expected one Content-Length or Transfer-Encoding header";
	// RFC 9112 section 3.2: a fragment is no part of a request target.
	return /^\/[^#]*$/.test(req.getUrl()) ? undefined : "the request target is not a path";
}

/**
 * RFC 6455 section 4.2.1 asks more of a handshake than uWebSockets.js looks at, which is a key of the right length.
 *
 * @returns the HTTP status to refuse it with.
 */
export function handshakeError(req: RequestHead): string | undefined {
	if (req.getHeader("sec-websocket-version") !== "13") return "426 Upgrade Required";
	const isUpgrade =
		req.getHeader("upgrade").toLowerCase() === "websocket" &&
		/(^|[\s,])upgrade($|[\s,])/i.test(req.getHeader("connection")) &&
		KEY.test(req.getHeader("sec-websocket-key"));
	return isUpgrade ? undefined : "400 Bad Request";
}

/** 16 bytes as base64. */
const KEY = /^[A-Za-z0-9+/]{22}==$/;
