// Errors of accounts that are not found, or may not be changed.
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import type { UserRejection } from "./user-directory.ts";

export function userNotFound(): GatewayError {
	return new GatewayError(ErrorCode.NOT_FOUND, "no such user");
}

export function rejectionError({ kind }: UserRejection): GatewayError {
	switch (kind) {
		case "missing":
			return userNotFound();
		case "conflict":
			return new GatewayError(ErrorCode.CONFLICT, "the account has another version: read it again");
		case "last-administrator":
			return new GatewayError(ErrorCode.PRECONDITION_FAILED, "the last active administrator has to stay one");
		default:
			return kind satisfies never;
	}
}
