// What a backend may reach: the prefixes of channels of its API key. Users who call the server API by a permission of their role, such
// as admins, may reach everything.
import type { Identity } from "../../common/identity.ts";
import { coversScope } from "../../common/key-scope.ts";
import { userChannel } from "../../common/user-channels.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { fieldError } from "../../protocol/error.ts";

/** @throws GatewayError PERMISSION_DENIED naming `field`. */
export function checkChannel({ key }: Identity, channel: string, field: string): void {
	if (key === undefined || coversScope(key.channels, channel)) return;
	throw fieldError(field, "is outside of the channels of this API key", { code: ErrorCode.PERMISSION_DENIED });
}

/** @throws GatewayError as `checkChannel`. */
export function checkUsers(caller: Identity, userIds: readonly string[], field: string): void {
	if (caller.key === undefined || coversScope(caller.key.channels, userChannel(""))) return;
	for (const userId of userIds) checkChannel(caller, userChannel(userId), field);
}

/** What reaches everybody needs every inbox. @throws GatewayError as `checkChannel`. */
export function checkAllUsers(caller: Identity, field: string): void {
	checkChannel(caller, userChannel(""), field);
}
