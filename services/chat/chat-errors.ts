// The errors of chat. One sentence each; they reveal nothing that is not public anyway.

import { canonicalName, problemOfLine, problemOfName } from "../../common/text.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { fieldError, GatewayError } from "../../protocol/error.ts";

export function denied(message: string, retryAfterMs = 0): GatewayError {
	return new GatewayError(ErrorCode.PERMISSION_DENIED, message, { retryAfterMs });
}

/** Also when there is no such room: whether one exists is its members' business. */
export function notMember(): GatewayError {
	return denied("not a member of this conversation");
}

export function banned(): GatewayError {
	return denied("banned from this room");
}

export function blocked(): GatewayError {
	return denied("this user does not accept messages from you");
}

export function precondition(message: string): GatewayError {
	return new GatewayError(ErrorCode.PRECONDITION_FAILED, message);
}

export function notFound(what: string): GatewayError {
	return new GatewayError(ErrorCode.NOT_FOUND, `no such ${what}`);
}

/** A logic service owns chat. */
export function notServedHere(): GatewayError {
	return precondition("another service has these messages");
}

/**
 * What ids look like. Databases refuse strings with a NUL or half a surrogate pair, and a batch that holds one would
 * fail with everybody's messages.
 */
export function isPlainId(text: string): boolean {
	return /^[\x21-\x7e]{1,64}$/.test(text);
}

/**
 * A line that others read, as it is kept; may be empty.
 *
 * @param maxLength - in code points: composing may lengthen a text.
 * @throws GatewayError VALIDATION_FAILED naming the field.
 */
export function keptLine(field: string, text: string, maxLength: number): string {
	return kept(field, text, maxLength, problemOfLine(text));
}

/** The same for what has to be a name. */
export function keptName(field: string, text: string, maxLength: number): string {
	return kept(field, text, maxLength, problemOfName(text));
}

function kept(field: string, text: string, maxLength: number, problem: string | undefined): string {
	if (problem !== undefined) throw fieldError(field, problem);
	const line = canonicalName(text);
	if ([...line].length > maxLength) throw fieldError(field, `must be at most ${maxLength} characters`);
	return line;
}
