// What a user can log in with beside a name and a password: an account at an issuer, or the secret of a guest's device. Found by issuer
// and subject as a pair, never by an address or a name. Implementation: SQL.
import { createHash } from "node:crypto";
import type { UserRecord } from "./user-store.ts";

/** `joined`: a device whose guest has joined an account; it logs in no more. */
export type IdentityKind = "issuer" | "device" | "joined";

export interface IdentityRecord {
	/** As `identityKey` makes it. */
	readonly key: string;
	readonly kind: IdentityKind;
	/** The `iss` of an issuer; "" for a device. */
	readonly issuer: string;
	/** "" for a device, of which only the key is kept. */
	readonly subject: string;
	readonly userId: string;
	readonly createdAtMs: number;
}

/** `name-taken`: the user name is, or looks like one that is. `identity-taken`: the identity has a user. Nothing was changed then. */
export type CreateResult = "created" | "name-taken" | "identity-taken";

/** How a guest becomes an account. */
export interface AccountChange {
	/** A name and a password; undefined: those of the guest stay, which are made up and none. */
	readonly credentials?: Pick<UserRecord, "username" | "usernameKey" | "email" | "nickname" | "passwordHash">;
	/** An identity that logs in from now on. */
	readonly identity?: IdentityRecord;
	/** Take the place of the guest's role; those that were granted beside it stay. */
	readonly roles: readonly string[];
	readonly guestRole: string;
	readonly atMs: number;
}

/** `no-guest`: the user is none, or not any more. */
export type JoinResult = "joined" | "no-guest" | Exclude<CreateResult, "created">;

/** Every method throws GatewayError UNAVAILABLE when the store does not answer in time. */
export interface IdentityStore {
	find(key: string): Promise<IdentityRecord | undefined>;
	/** Oldest first. */
	ofUser(userId: string, limit: number): Promise<readonly IdentityRecord[]>;
	/** Creates a user and the identity that logs in to it, both or neither. */
	createUser(user: UserRecord, identity: IdentityRecord): Promise<CreateResult>;
	/** Makes a guest an account, as a whole or not at all; of several calls at once, one does. */
	joinAccount(userId: string, change: AccountChange): Promise<JoinResult>;
}

/**
 * The key of an identity, 43 characters. Databases compare texts in ways of their own, with spaces at the end and letters in two
 * spellings; digests are equal or not. Each part stands with its length, so that no two lists of parts are one text.
 */
export function identityKey(...parts: readonly [kind: string, ...rest: string[]]): string {
	const hash = createHash("sha256");
	for (const part of parts) hash.update(`${Buffer.byteLength(part)}:${part}`);
	return hash.digest("base64url");
}

/** The identity that an issuer's tokens are about. */
export function issuerIdentityKey(iss: string, subject: string): string {
	return identityKey("issuer", iss, subject);
}
