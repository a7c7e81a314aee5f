// Where accounts live. Implementations: stores/sql.

export type UserStatus = "active" | "disabled";

export interface UserRecord {
	/** UUID version 7. */
	readonly id: string;
	/** As the user wrote it. */
	readonly username: string;
	/** What makes names equal: compatibility-normalised and lower-case. Unique. */
	readonly usernameKey: string;
	/** "" when none. Not unique, so that a client cannot find out which addresses are known here. */
	readonly email: string;
	readonly nickname: string;
	/** PHC string. */
	readonly passwordHash: string;
	readonly roles: readonly string[];
	readonly status: UserStatus;
	readonly createdAtMs: number;
	readonly updatedAtMs: number;
	/** "" when none. */
	readonly avatarUrl: string;
	/** What the user, or an application for the user, keeps here. */
	readonly metadata: Readonly<Record<string, string>>;
	/** Counts up with each change, from 1. */
	readonly version: number;
}

export interface UserPage {
	/** Oldest account first, unless they are in the order of their names. */
	readonly users: readonly UserRecord[];
	/** Pass it as `after` for the next page; undefined at the end. */
	readonly nextCursor: string | undefined;
}

export interface ResetCode {
	readonly userId: string;
	readonly codeHash: string;
	/** How long it is good for, by the clock of the store. */
	readonly ttlMs: number;
	readonly attemptsLeft: number;
}

/**
 * Ids and names are found by exactly the text they were written with, and nothing is found by a text that cannot be
 * stored. Every method throws GatewayError UNAVAILABLE when the store does not answer in time.
 */
export interface UserStore {
	/** @returns false, and changes nothing, when the user name is taken or looks like one that is. */
	create(user: UserRecord): Promise<boolean>;
	/** Whether an account has a name that this one could be taken for. */
	hasLookAlike(username: string): Promise<boolean>;
	byId(id: string): Promise<UserRecord | undefined>;
	byUsername(usernameKey: string): Promise<UserRecord | undefined>;
	/** Letter case does not matter. At most `limit` accounts, oldest first. */
	byEmail(email: string, limit: number): Promise<readonly UserRecord[]>;
	list(page: { readonly after?: string | undefined; readonly limit: number }): Promise<UserPage>;

	/** @returns false when there is no such user. */
	setPassword(id: string, passwordHash: string, atMs: number): Promise<boolean>;
	/** Changes the hash only while it is `from`; false when it is not. */
	replacePasswordHash(id: string, from: string, to: string): Promise<boolean>;

	/** Replaces the user's earlier code, if any. */
	putResetCode(code: ResetCode): Promise<void>;
	/**
	 * Takes one attempt from the user's code, atomically.
	 *
	 * @returns the hash to compare with, or undefined when no code is left that is worth comparing.
	 */
	consumeResetAttempt(userId: string): Promise<string | undefined>;
	/** @returns true for exactly one caller per code. */
	deleteResetCode(userId: string, codeHash: string): Promise<boolean>;
	/** @returns how many outdated codes were removed, at most `limit`. */
	deleteExpiredResetCodes(limit: number): Promise<number>;
}
