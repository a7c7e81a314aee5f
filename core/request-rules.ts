// What makes an HTTP request one that servers and proxies may read differently, and what makes a WebSocket handshake none.
// uWebSockets.js looks at neither.
import { ErrorCode } from "../protocol/codes.ts";
import { GatewayError } from "../protocol/error.ts";
import { type HttpHead, listElement, type ReceivedHead } from "./http-request.ts";

/** uri-host and port (RFC 3986 section 3.2.2), without user information. */
const HOST = /^([A-Za-z0-9._~!$&'()*+,;=%-]*|\[[0-9A-Fa-f:.]+\])(:\d{0,5})?$/;

/**
 * What is wrong with the head of a request. Where a request ends, or whom it is for, must not be anybody's guess: a proxy in
 * front may guess otherwise.
 *
 * @returns a sentence for the client; undefined for a sound one.
 */
export function requestFault({ path, framing }: ReceivedHead): string | undefined {
	const { hosts, lengths, encodings } = framing;
	// RFC 9112 section 3.2.
	if (hosts.length !== 1) return "expected one Host header";
	if (!HOST.test(hosts[0] as string)) return "the Host header is not a host";
	// RFC 9112 section 6.3; one value twice is as suspicious.
	if (lengths.length + encodings.length > 1) return "expected one Content-Length or Transfer-Encoding header";
	if (lengths.some((length) => !/^\d{1,15}$/.test(length))) return "the Content-Length header is not a length";
	if (encodings.some((encoding) => encoding.toLowerCase() !== "chunked")) {
		return "the only Transfer-Encoding taken is chunked";
	}
	// RFC 9112 section 3.2: a fragment is no part of a request target.
	return path.startsWith("/") && !path.includes("#") ? undefined : "the request target is not a path";
}

/**
 * RFC 6455 section 4.2.1 asks more of a handshake than uWebSockets.js looks at, which is a key of the right length.
 *
 * @returns why it is rejected; undefined for a sound one.
 */
export function handshakeError({ headers }: HttpHead): GatewayError | undefined {
	// RFC 6455 section 4.4.
	if (headers.get("sec-websocket-version") !== "13") {
		return new GatewayError(ErrorCode.UPGRADE_REQUIRED, "the WebSocket version must be 13");
	}
	if (!WEBSOCKET.test(headers.get("upgrade") ?? "")) return bad("expected Upgrade: websocket");
	if (!UPGRADE.test(headers.get("connection") ?? "")) return bad("expected Connection: Upgrade");
	return KEY.test(headers.get("sec-websocket-key") ?? "") ? undefined : bad("Sec-WebSocket-Key is no key");
}

const bad = (message: string): GatewayError => new GatewayError(ErrorCode.BAD_REQUEST, message);

const WEBSOCKET = listElement("websocket");
const UPGRADE = listElement("upgrade");
/** 16 bytes as base64. */
const KEY = /^[A-Za-z0-9+/]{22}==$/;
