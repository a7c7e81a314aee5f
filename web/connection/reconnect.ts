// Whether and when a client connects again after a close.
import { CloseCode, retryAfterOfReason } from "../../protocol/close-codes.ts";

/** From here on a close is final: the client would have to change something first. */
const FIRST_TERMINAL = 4500;
const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 15_000;

export interface CloseFacts {
	readonly code: number;
	readonly reason: string;
}

/**
 * Milliseconds until the next attempt; undefined when there should be none.
 *
 * @param attempt - attempts since the last connection that was open.
 * @param random - from 0 to 1.
 */
export function reconnectDelayMs(close: CloseFacts, attempt: number, random: number): number | undefined {
	if (close.code >= FIRST_TERMINAL && close.code < 5000) return undefined;
	if (close.code === CloseCode.REPLACED) return undefined;
	const asked = retryAfterOfReason(close.reason);
	if (asked !== undefined) return asked;
	const step = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(attempt, 10));
	return Math.round(step * (0.5 + random / 2));
}

/** The name of a close code of the gateway, or of RFC 6455 section 7.4.1. */
export function closeCodeName(code: number): CloseCodeName | undefined {
	const own = (Object.keys(CloseCode) as (keyof typeof CloseCode)[]).find((name) => CloseCode[name] === code);
	return own ?? STANDARD[code];
}

const STANDARD: Readonly<Record<number, StandardName>> = {
	1000: "NORMAL",
	1001: "GOING_AWAY",
	1002: "PROTOCOL_ERROR",
	1005: "NO_STATUS",
	1006: "ABNORMAL",
	1009: "TOO_BIG",
	1011: "SERVER_ERROR",
	3000: "DROPPED_HERE",
};

type StandardName =
	| "NORMAL"
	| "GOING_AWAY"
	| "PROTOCOL_ERROR"
	| "NO_STATUS"
	| "ABNORMAL"
	| "TOO_BIG"
	| "SERVER_ERROR"
	| "DROPPED_HERE";
export type CloseCodeName = keyof typeof CloseCode | StandardName;
