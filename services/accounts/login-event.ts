// What the operator's own code is asked about when a session is about to be opened.
import type { LoginHookEvent } from "../../common/hooks.ts";
import type { SessionRecord } from "./session-store.ts";
import type { UserRecord } from "./user-store.ts";

export type NamedUser = Pick<UserRecord, "username" | "roles">;

export function loginEventOf(session: SessionRecord, user: NamedUser): LoginHookEvent {
	const { id: sessionId, userId, profile, deviceId, deviceName, ip } = session;
	const { username, roles } = user;
	return { userId, username, roles: profile.roles ?? roles, sessionId, deviceId, deviceName, ip };
}
