// The table of close codes, and the reasons that go with them. It imports nothing, so that pages in a browser can have it without
// the codec of every message. docs/reference/codes.md lists the same rows; a test compares them.

/**
 * WebSocket close codes of the gateway (RFC 6455 section 7.4.2, private use range). 4000–4499: reconnect, after the
 * back-off that the reason carries. 4500–4999: terminal, do not reconnect unchanged.
 */
export const CloseCode = {
	/** The node stops or restarts. */
	DRAIN: 4000,
	/** The access token ran out and was not refreshed in time. */
	SESSION_EXPIRED: 4001,
	/** The client did not read fast enough for messages that must not be lost. */
	SLOW_CONSUMER: 4002,
	/** Nothing was received from the client for too long. */
	NO_PONG: 4003,
	/** The gateway lost what it needs to continue this connection. */
	INSUFFICIENT_STATE: 4004,
	/** Sent by versions before 0.2 for TAKEN_OVER. Clients do not come back by themselves. */
	REPLACED: 4005,
	/** The node has no room for another connection; another node may. */
	TOO_MANY_CONNECTIONS: 4006,
	/** More came at once than is served, before the client could know; or the gateway asked for a long wait before a login. */
	TRY_LATER: 4007,
	/** A frame that is not an envelope, or is too large. */
	BAD_FRAME: 4500,
	/** No login within the time allowed, though the client was connected, and nothing kept it from logging in. */
	AUTH_TIMEOUT: 4501,
	/** The session was ended: logout, password change, newer login, administrator. */
	REVOKED: 4502,
	/** Too many errors, made after the client could have read of the first of them. */
	LIMIT: 4503,
	/** The origin, or the address, is not allowed. */
	FORBIDDEN: 4504,
	/** None of the sub-protocols that the client offered is supported. */
	SUB_PROTOCOL: 4505,
	/**
	 * A newer connection of the same session, or of the same user, took the place beyond the limit. Terminal: clients that came back
	 * by themselves would close each other for ever.
	 */
	TAKEN_OVER: 4506,
} as const;
export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];

const closeNames = new Map<number, string>(
	Object.entries(CloseCode).map(([name, code]) => [code, name.toLowerCase().replaceAll("_", " ")]),
);

export interface CloseDetail {
	/** How long the client should wait before it reconnects. */
	readonly retryAfterMs?: number;
	/** What exactly was wrong; ASCII, short. */
	readonly text?: string;
}

/** RFC 6455 section 5.5: a control frame carries 125 bytes, two of which are the code. */
const MAX_REASON_BYTES = 123;

/**
 * The close reason for a code: its name, what was wrong, and after a semicolon how long to wait before reconnecting:
 * `drain; retry_after_ms=1500`, `bad frame: message larger than 65536 bytes`.
 */
export function closeReason(code: CloseCode, detail: CloseDetail = {}): string {
	const name = closeNames.get(code) ?? "closed";
	const back = detail.retryAfterMs === undefined ? "" : `; retry_after_ms=${Math.ceil(detail.retryAfterMs)}`;
	const text = detail.text === undefined ? "" : `: ${detail.text}`;
	return `${name}${text}`.slice(0, MAX_REASON_BYTES - back.length) + back;
}

/** The back-off in a close reason, in milliseconds, or undefined when it carries none. */
export function retryAfterOfReason(reason: string): number | undefined {
	const match = /; retry_after_ms=(\d{1,9})$/.exec(reason);
	return match ? Number(match[1]) : undefined;
}
