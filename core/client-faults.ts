// Counts the errors that a client causes, by the minute; too many of them close its connection. A close code that forbids to
// come back is only for errors that the client made after it could have read of the first one: what it had sent before is not
// counted. A ping behind an error reply, and the pong that answers it, show that the reply has arrived (RFC 6455 section 5.5.3).
import { CloseCode, type CloseDetail, ErrorCode } from "../protocol/codes.ts";
import type { GatewayError } from "../protocol/error.ts";

/**
 * Codes of errors that the client causes. TOKEN_EXPIRED is none of them: while the store of accounts is unavailable a client
 * cannot refresh its token, and the connection is closed anyway when the time for that is over.
 */
const CLIENT_FAULTS = new Set<ErrorCode>([
	ErrorCode.UNAUTHENTICATED,
	ErrorCode.PERMISSION_DENIED,
	ErrorCode.UNKNOWN_PROTOCOL,
	ErrorCode.BAD_REQUEST,
	ErrorCode.VALIDATION_FAILED,
	ErrorCode.RATE_LIMITED,
	ErrorCode.PAYLOAD_TOO_LARGE,
]);
const ERROR_WINDOW_MS = 60_000;
/** A client that answers no ping for this long is taken to have read what was sent before it. */
const UNREAD_MAX_MS = 5_000;
/** Errors within a minute that the client could not know of, unless more may be known; one more closes its connection. */
const MAX_UNREAD_FAULTS = 1_000;

/** What a client should wait whose connection was closed for too many errors, or control frames, at once. */
export const FLOOD_RETRY_MS = 5_000;

/** What follows from an error. */
const FaultOutcome = {
	NOTHING: 0,
	/** Send a ping behind the error reply. */
	PING: 1,
	/** The client does not stop, though it could know. */
	LIMIT: 2,
	/** More than is served at once, before the client could know. */
	TRY_LATER: 3,
} as const;
type FaultOutcome = (typeof FaultOutcome)[keyof typeof FaultOutcome];

/** A connection, as far as its errors are concerned. */
interface FaultyPeer {
	faults: ClientFaults | undefined;
	readonly socket: { ping(): void };
	close(code: CloseCode, nowMs: number, detail?: CloseDetail): void;
}

/**
 * Records an error, and closes the connection of a client that makes too many.
 *
 * @param isReported - an error reply was sent: there is none for a request with seq 0.
 * @param maxPerMinute - errors that do not close it.
 */
export function countFault(
	connection: FaultyPeer,
	error: Pick<GatewayError, "code" | "retryAfterMs">,
	isReported: boolean,
	nowMs: number,
	maxPerMinute: number,
): void {
	if (!CLIENT_FAULTS.has(error.code)) return;
	connection.faults ??= new ClientFaults(nowMs);
	const outcome = connection.faults.record(error, isReported, nowMs, maxPerMinute);
	if (outcome === FaultOutcome.PING) connection.socket.ping();
	else if (outcome === FaultOutcome.LIMIT) connection.close(CloseCode.LIMIT, nowMs);
	else if (outcome === FaultOutcome.TRY_LATER) {
		const retryAfterMs = Math.max(FLOOD_RETRY_MS, error.retryAfterMs);
		connection.close(CloseCode.TRY_LATER, nowMs, { text: "too many errors at once", retryAfterMs });
	}
}

/** The errors of one client. */
export class ClientFaults {
	private sinceMs: number;
	private count = 0;
	private unread = 0;
	/** When the last RATE_LIMITED error asked the client to wait until. */
	private limitedUntilMs = 0;
	/** Bytes of messages over the byte budgets since then. */
	private refusedBytes = 0;
	/** When the ping was sent that the client has not answered; 0: it has answered all. */
	private pingSentMs = 0;

	constructor(nowMs: number) {
		this.sinceMs = nowMs;
	}

	record(
		{ code, retryAfterMs }: Pick<GatewayError, "code" | "retryAfterMs">,
		isReported: boolean,
		nowMs: number,
		maxPerMinute: number,
	): FaultOutcome {
		if (nowMs - this.sinceMs > ERROR_WINDOW_MS) {
			this.sinceMs = nowMs;
			this.count = 0;
			this.unread = 0;
		}
		// A client that waited for `retryAfterMs` made no error, however often it reaches the limit.
		const hasWaited = code === ErrorCode.RATE_LIMITED && nowMs >= this.limitedUntilMs;
		if (code === ErrorCode.RATE_LIMITED) this.limitedUntilMs = nowMs + retryAfterMs;
		const isUnread = this.pingSentMs > 0 && nowMs - this.pingSentMs < UNREAD_MAX_MS;
		if (!isReported || isUnread) {
			const max = Math.max(MAX_UNREAD_FAULTS, maxPerMinute);
			return ++this.unread > max ? FaultOutcome.TRY_LATER : FaultOutcome.NOTHING;
		}
		if (!hasWaited && ++this.count > maxPerMinute) return FaultOutcome.LIMIT;
		if (this.pingSentMs > 0) return FaultOutcome.NOTHING;
		this.pingSentMs = nowMs;
		return FaultOutcome.PING;
	}

	/**
	 * A message was refused because of its bytes; `record` comes after it.
	 *
	 * @returns the bytes refused since the client last waited as it was asked to.
	 */
	refuseBytes(bytes: number, nowMs: number): number {
		if (nowMs >= this.limitedUntilMs) this.refusedBytes = 0;
		this.refusedBytes += bytes;
		return this.refusedBytes;
	}

	/** A pong came. @returns whether it answers a ping that was sent behind an error reply. */
	onPong(): boolean {
		const isAwaited = this.pingSentMs > 0;
		this.pingSentMs = 0;
		return isAwaited;
	}
}
