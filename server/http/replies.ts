// Replies of the HTTP pages and of calls by module and function: JSON, and errors of one shape.
import type { HttpHead } from "../../core/http-request.ts";
import type { HttpReply } from "../../core/transport.ts";
import { ErrorCode, replyCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import { jsonText } from "../../protocol/json-message.ts";
import { MAX_PLAIN_CHARACTERS } from "../../protocol/message-bounds.ts";

/** Of a reply that no cache may keep. */
export const NO_STORE = { "cache-control": "no-store" };

export const JSON_TYPE = "application/json; charset=utf-8";

/** A JSON reply. */
export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): HttpReply {
	return { status, headers: { "content-type": JSON_TYPE, ...headers }, body: `${JSON.stringify(value)}\n` };
}

/**
 * The text of a reply to a call in plain JSON.
 *
 * @throws Error when it is longer than any may be, which is a fault of the gateway's.
 */
export function plainText(value: object): string {
	const text = jsonText(value);
	if (text.length > MAX_PLAIN_CHARACTERS) throw new Error(`a reply of more than ${MAX_PLAIN_CHARACTERS} characters`);
	return `${text}\n`;
}

/** The one shape of an HTTP error: `{success, code, error, endpoint, retry_after_ms?, violations?}`. */
export function errorReply(
	{ path }: Pick<HttpHead, "path">,
	thrown: unknown,
	headers: Readonly<Record<string, string>> = {},
): HttpReply {
	const error = GatewayError.from(thrown);
	const { name, httpStatus } = replyCode(error.code);
	const body = {
		success: false,
		code: name,
		error: error.message,
		endpoint: path.slice(0, MAX_SHOWN_PATH),
		...(error.retryAfterMs > 0 ? { retry_after_ms: Math.ceil(error.retryAfterMs) } : {}),
		...(error.violations.length > 0 ? { violations: error.violations } : {}),
	};
	const ofCode: Record<string, string> = {};
	// RFC 9110 section 10.2.3 counts in seconds.
	if (error.retryAfterMs > 0) ofCode["retry-after"] = String(Math.ceil(error.retryAfterMs / 1000));
	if (error.code === ErrorCode.UPGRADE_REQUIRED) Object.assign(ofCode, UPGRADE);
	// RFC 9110 section 15.5.2.
	if (httpStatus === 401) ofCode["www-authenticate"] = "Bearer";
	return json(httpStatus, body, { ...ofCode, ...headers });
}

/** RFC 9110 section 15.5.22 and RFC 6455 section 4.4: what a client has to upgrade to. */
const UPGRADE = { upgrade: "websocket", connection: "upgrade", "sec-websocket-version": "13" };
/** Characters of a path that an error repeats. */
export const MAX_SHOWN_PATH = 200;
