// Accounts as rows and back.
import type { Insertable, Selectable } from "kysely";
import type { UsersTable } from "../../../stores/sql/schema.ts";
import type { UserRecord } from "../user-store.ts";

/**
 * Whether a row could have this key at all. MySQL's binary collation compares `ada ` equal to `ada`, so a key with
 * spaces at its end would find somebody else's row; PostgreSQL fails on U+0000. No key that is ever written has either.
 */
export function mayBeKey(key: string): boolean {
	return !key.endsWith(" ") && !key.includes("\0");
}

/** Mailboxes may be case-sensitive by RFC 5321, section 2.4, but people type them as they please. */
export function emailKey(email: string): string {
	return email.trim().toLowerCase();
}

export function rowOf(user: UserRecord): Insertable<UsersTable> {
	return {
		id: user.id,
		username: user.username,
		username_key: user.usernameKey,
		email: user.email,
		email_key: emailKey(user.email),
		nickname: user.nickname,
		password_hash: user.passwordHash,
		roles: JSON.stringify(user.roles),
		status: user.status,
		created_at_ms: user.createdAtMs,
		updated_at_ms: user.updatedAtMs,
		avatar_url: user.avatarUrl,
		metadata: JSON.stringify(user.metadata),
		version: user.version,
	};
}

/** The roles of a user as rows. */
export function roleRows({ id, roles }: Pick<UserRecord, "id" | "roles">) {
	return [...new Set(roles)].map((role) => ({ role, user_id: id }));
}

export function recordOf(row: Selectable<UsersTable>): UserRecord {
	return {
		id: row.id,
		username: row.username,
		usernameKey: row.username_key,
		email: row.email,
		nickname: row.nickname,
		passwordHash: row.password_hash,
		roles: rolesOf(row.roles),
		// Anything that is not plainly active must not log in.
		status: row.status === "active" ? "active" : "disabled",
		createdAtMs: Number(row.created_at_ms),
		updatedAtMs: Number(row.updated_at_ms),
		avatarUrl: row.avatar_url,
		metadata: metadataOf(row.metadata),
		version: row.version,
	};
}

export function rolesOf(json: string): readonly string[] {
	const roles: unknown = JSON.parse(json);
	return Array.isArray(roles) ? roles.filter((role) => typeof role === "string") : [];
}

function metadataOf(json: string): Readonly<Record<string, string>> {
	return JSON.parse(json) as Record<string, string>;
}
