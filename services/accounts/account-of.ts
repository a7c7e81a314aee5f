// Whose account a request is about.
import type { Identity } from "../../common/identity.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";

/**
 * @param userId - "" for the caller's own account.
 * @throws GatewayError PERMISSION_DENIED when the caller is an API key, which has no account.
 */
export function accountOf(identity: Identity, userId: string): string {
	if (userId !== "") return userId;
	if (identity.key !== undefined) {
		throw new GatewayError(ErrorCode.PERMISSION_DENIED, "an API key has no account: say which user, by user_id");
	}
	return identity.userId;
}
