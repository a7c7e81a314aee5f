// Accounts that were deleted and of whose users something may still be stored. Implementation: store/.

export interface UserDeletion {
	readonly userId: string;
	/** What the account was found by; "" when none. */
	readonly usernameKey: string;
	readonly emailKey: string;
	/** 1, and 2 for what was in flight in the first round. */
	readonly round: number;
	/** How far the round is; "" at its beginning. */
	readonly place: string;
}

/** Every method throws GatewayError UNAVAILABLE when the store does not answer in time. */
export interface UserDeletionStore {
	/**
	 * Takes one that is due for the caller, who has to renew it within `heldMs`, by the clock of the store.
	 *
	 * @param holder - identifies the caller.
	 */
	acquire(holder: string, heldMs: number): Promise<UserDeletion | undefined>;
	/** Records progress. @returns false when another process has taken it over. */
	renew(deletion: UserDeletion, holder: string, heldMs: number): Promise<boolean>;
	/** Begins the next round after a time. */
	postpone(deletion: UserDeletion, holder: string, delayMs: number): Promise<void>;
	/** Nothing is left. */
	finish(userId: string, holder: string): Promise<void>;
	/** How many there are, up to a limit. */
	count(limit: number): Promise<number>;
}
