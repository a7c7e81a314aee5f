// Which users have blocked which others. Implementation: stores/sql.

export interface BlockQuery {
	readonly userId: string;
	readonly blockedId: string;
}

/** Every method throws GatewayError UNAVAILABLE when the store does not answer in time. */
export interface ChatBlockStore {
	/**
	 * Adds and removes at once.
	 *
	 * @returns false, and changes nothing, when the list would grow beyond `maxBlocked`.
	 */
	change(
		userId: string,
		block: readonly string[],
		unblock: readonly string[],
		limits: { readonly maxBlocked: number; readonly nowMs: number },
	): Promise<boolean>;
	/** Whether the user has blocked the other, in the order asked; a few hundred at most. */
	areBlocked(pairs: readonly BlockQuery[]): Promise<readonly boolean[]>;
	/** Those of `userIds` who have blocked `blockedId`. */
	blockersAmong(userIds: readonly string[], blockedId: string): Promise<ReadonlySet<string>>;
}
