// Where sessions live. A session is what a refresh token continues and a revocation ends; it outlives connections and,
// in a shared store, processes. Implementations: stores/memory, stores/redis.

/** What a client is shown of its own account whenever it connects, kept here so that a reconnect costs no SQL. */
export interface SessionProfile {
	readonly nickname: string;
	readonly email: string;
	readonly avatarUrl: string;
	/** Those that count, whatever an access token says; undefined until a session of an older version is refreshed. */
	readonly roles: readonly string[] | undefined;
	/** Of the account; 0 in a session of an older version. */
	readonly version: number;
	/** When the account was created, Unix milliseconds; 0, and the others "", until a session of an older version is refreshed. */
	readonly registeredAtMs: number;
	/** Only of sessions that a token of an issuer has opened. */
	readonly issued?: IssuedProfile;
}

/** What such a session is known by beside its id. */
export interface IssuedProfile {
	/** Name of the issuer in the configuration. */
	readonly issuer: string;
	readonly username: string;
	/** Key of the identity that its tokens are about. */
	readonly identityKey: string;
	/** Name of its last token; "" when that has no id. */
	readonly tokenName: string;
}

export interface SessionRecord {
	/** UUID version 7, or a name that the token of an issuer gives. */
	readonly id: string;
	readonly userId: string;
	/** "" when the client named none. */
	readonly deviceId: string;
	readonly deviceName: string;
	/** Address of the login. */
	readonly ip: string;
	readonly createdAtMs: number;
	readonly lastSeenAtMs: number;
	readonly expiresAtMs: number;
	/** Which refresh token of the session is the current one; counts up with each rotation. */
	readonly generation: number;
	/** When the generation last changed, by the clock of the store. */
	readonly rotatedAtMs: number;
	readonly profile: SessionProfile;
}

/**
 * Unless `rotated`, nothing changed. `reused`: the expected generation is not the current one; `repeated`: it is the one before, and
 * was rotated within the leeway, as when the reply to a refresh was lost.
 */
export type RotateResult = "rotated" | "repeated" | "reused" | "missing";

export interface Rotation {
	readonly id: string;
	readonly userId: string;
	readonly expectedGeneration: number;
	readonly expiresAtMs: number;
	/** Replaces the session's, unless that is of a later version of the account. */
	readonly profile: SessionProfile;
	/** How long after a rotation its expected generation counts as repeated, by the clock of the store; 0: never. */
	readonly leewayMs: number;
}

/** What orders sessions. */
export type SessionAge = Pick<SessionRecord, "createdAtMs" | "id">;

/** Negative when the first of two sessions is the older one: the order is the same for all processes. */
export function byAge(one: SessionAge, other: SessionAge): number {
	return one.createdAtMs - other.createdAtMs || (one.id < other.id ? -1 : 1);
}

/** What `touch` found. */
export interface TouchedSessions {
	/**
	 * Those of the ids that `delete` ended within the last hour, so that a process that missed the revocation event can still
	 * act on it. A session that is gone for another reason, such as a store that lost its data, is not among them.
	 */
	readonly ended: readonly string[];
	/** Of the others that are there: the version of the account that their profile is of. */
	readonly versions: ReadonlyMap<string, number>;
}

/** How long a store remembers that a session was ended, in milliseconds. */
export const ENDED_KEPT_MS = 3_600_000;

/**
 * Expired sessions are as good as absent. Every method throws GatewayError UNAVAILABLE when the store does not answer
 * in time or is full.
 */
export interface SessionStore {
	create(session: SessionRecord): Promise<void>;
	get(id: string): Promise<SessionRecord | undefined>;
	/** Oldest first. */
	listByUser(userId: string): Promise<readonly SessionRecord[]>;
	/** Moves the session on to the next generation, atomically: of several callers one sees `rotated`. */
	rotate(rotation: Rotation): Promise<RotateResult>;
	/** Replaces the profiles of sessions, but for those of a later version of the account; ids without a session are skipped. */
	setProfile(ids: readonly string[], profile: SessionProfile): Promise<void>;
	/** Sets when the sessions were last seen; ids without a session are skipped. */
	touch(ids: readonly string[], lastSeenAtMs: number): Promise<TouchedSessions>;
	/** @returns the ids that this call ended, which excludes those that were gone before. */
	delete(userId: string, ids: readonly string[]): Promise<readonly string[]>;
	close(): Promise<void>;
}
