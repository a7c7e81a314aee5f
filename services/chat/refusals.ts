// What chat says no with. One sentence each; nothing that a stranger could not know anyway.
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import { problemOfName, problemOfText } from "../text.ts";

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

/**
 * What ids look like. Databases refuse strings with a NUL or half a surrogate pair, and a batch that holds one would
 * fail with everybody's messages.
 */
export function isPlainId(text: string): boolean {
	return /^[\x21-\x7e]{1,64}$/.test(text);
}

/** @throws GatewayError VALIDATION_FAILED naming the field, for text that a database would not take. */
export function checkText(field: string, text: string): void {
	const problem = problemOfText(text);
	if (problem !== undefined) throw violation(field, problem);
}

/** @throws GatewayError VALIDATION_FAILED naming the field, for what is no name. */
export function checkName(field: string, name: string): void {
	const problem = problemOfName(name);
	if (problem !== undefined) throw violation(field, problem);
}

/** The client's own id names something else already. */
export function conflict(field: string, description: string): GatewayError {
	return new GatewayError(ErrorCode.CONFLICT, `${field}: ${description}`, { violations: [{ field, description }] });
}

export function violation(field: string, description: string): GatewayError {
	return new GatewayError(ErrorCode.VALIDATION_FAILED, `${field}: ${description}`, {
		violations: [{ field, description }],
	});
}
