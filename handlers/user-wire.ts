// Accounts as messages of the protocol.
import { type UserProperties, UserStatus } from "../protocol/gen/schema.ts";
import type { UserRecord } from "../services/accounts/user-store.ts";

/** What everybody may see. */
export function publicUser(user: UserRecord): UserProperties {
	const { id, username, nickname, avatarUrl, createdAtMs } = user;
	return { id, username, nickname, avatarUrl, createdAtMs };
}

/** What users see of themselves, and administrators of everybody. */
export function fullUser(user: UserRecord): UserProperties {
	const { email, roles, metadata, updatedAtMs, version } = user;
	const status = user.status === "active" ? UserStatus.ACTIVE : UserStatus.DISABLED;
	return { ...publicUser(user), email, roles: [...roles], metadata: { ...metadata }, status, updatedAtMs, version };
}
