// What rooms answer when they do not do what was asked.
import { ErrorCode } from "../../protocol/codes.ts";
import { fieldError, GatewayError } from "../../protocol/error.ts";

export function noSuchRoom(): GatewayError {
	return new GatewayError(ErrorCode.NOT_FOUND, "there is no such room");
}

export function notMember(): GatewayError {
	return new GatewayError(ErrorCode.PERMISSION_DENIED, "you are not in this room");
}

/** The state of the room does not allow it. */
export function notNow(message: string): GatewayError {
	return new GatewayError(ErrorCode.PRECONDITION_FAILED, message);
}

export function forbidden(message: string): GatewayError {
	return new GatewayError(ErrorCode.PERMISSION_DENIED, message);
}

export function wrongPassword(): GatewayError {
	return fieldError("password", "is not the password of this room", { code: ErrorCode.PERMISSION_DENIED });
}

/** @param field - in the request, by its name in the .proto file. */
export function invalid(field: string, description: string): GatewayError {
	return fieldError(field, description);
}

/** Thrown inside and between processes, never at a client: the request belongs to another process. */
export class NotOwner extends Error {
	constructor() {
		super("another process owns this room");
		this.name = "NotOwner";
	}
}
