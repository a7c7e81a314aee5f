// Finding, changing and deleting accounts, as their owners and administrators do. Implementation: store/.
import type { UserPage, UserRecord, UserStatus } from "./user-store.ts";

export interface UserQuery {
	/** Which list: all users, those whose name begins with a text, or those who have an address. */
	readonly by: { readonly all: true } | { readonly namePrefix: string } | { readonly email: string };
	/** Only users who have this role; "" for all. */
	readonly role: string;
	/** Only users of this status. */
	readonly status: UserStatus | undefined;
	/** A place of the same list; "" for its beginning. */
	readonly after: string;
	readonly limit: number;
}

/** What is to be different. */
export interface UserChange {
	readonly nickname?: string;
	readonly email?: string;
	readonly avatarUrl?: string;
	readonly metadata?: Readonly<Record<string, string>>;
	readonly passwordHash?: string;
	readonly roles?: readonly string[];
	readonly status?: UserStatus;
}

export interface ChangeCondition {
	/** The version that the record has to have; 0: any. */
	readonly expectedVersion?: number;
	readonly atMs: number;
}

/** Why an account stays as it is. */
export type UserRejection =
	| { readonly kind: "missing" }
	/** It has another version. */
	| { readonly kind: "conflict" }
	/** It is the last active account with a role that grants everything. */
	| { readonly kind: "last-administrator" };

export type ChangeResult =
	| { readonly kind: "changed"; readonly before: UserRecord; readonly user: UserRecord }
	| UserRejection;

export type RemovalResult = { readonly kind: "removed"; readonly user: UserRecord } | UserRejection;

/** Every method throws GatewayError UNAVAILABLE when the store does not answer in time. */
export interface UserDirectory {
	/**
	 * Looks at a bounded number of accounts: a page may have few users or none, and yet a cursor. By name where names are
	 * searched, else oldest first.
	 */
	find(query: UserQuery): Promise<UserPage>;
	/**
	 * Changes an account under its lock, and counts its version up. Of several processes that take the role from the last
	 * administrators at once, one is refused.
	 *
	 * @param decide - synchronous; what it throws changes nothing, and no more does an empty change.
	 */
	change(id: string, decide: (user: UserRecord) => UserChange, condition: ChangeCondition): Promise<ChangeResult>;
	/** Those of the users who have an account; a thousand at most. */
	existing(ids: readonly string[]): Promise<ReadonlySet<string>>;
	/** Deletes an account, and records in the same transaction that what else is stored of the user is to be erased. */
	remove(id: string, condition: ChangeCondition): Promise<RemovalResult>;
}

/** The place of a user in the list of a query. */
export function placeOf(user: UserRecord, { by }: Pick<UserQuery, "by">): string {
	return "namePrefix" in by ? user.usernameKey : user.id;
}
