// Which users are in which channels, over all processes. A process holds a lease on each channel in which it has users; when it
// ends, whichever process renews its own lease on that channel next removes them. Implementations: memory and Redis; one contract suite.

export interface PresentUser {
	readonly userId: string;
	/** When the user came, in Unix milliseconds. */
	readonly sinceMs: number;
}

export interface ChannelPresencePage {
	/** In no order; a user who comes or goes between two pages may be on none or on both. */
	readonly users: readonly PresentUser[];
	/** Of all pages. Users of a process that died count until its lease has ended. */
	readonly count: number;
	/** Empty: this was the last page. */
	readonly nextCursor: string;
}

/** What became of a join. `full`: the channel has too many users, and the user was not recorded. */
export type JoinResult = "joined" | "present" | "full";

/** Every method throws GatewayError UNAVAILABLE when the store does not answer in time. */
export interface ChannelPresenceStore {
	/**
	 * Records that a user is in a channel by a process, and renews the process's lease.
	 *
	 * @param node - unique for the lifetime of the process.
	 * @returns `isKnown`: false when the process had no lease on the channel: what it recorded before is lost.
	 */
	join(
		channel: string,
		userId: string,
		node: string,
	): Promise<{ readonly result: JoinResult; readonly isKnown: boolean }>;
	/** @returns whether the user is in the channel no more, by any process. */
	leave(channel: string, userId: string, node: string): Promise<boolean>;
	/**
	 * Renews the lease of a process on a channel, and removes what processes left whose leases have ended.
	 *
	 * @returns `isKnown` as `join`; `gone`: the users who left by it. Of several callers one gets each.
	 */
	renew(channel: string, node: string): Promise<{ readonly isKnown: boolean; readonly gone: readonly string[] }>;
	/** @param cursor - "" for the first page. */
	list(channel: string, cursor: string, limit: number): Promise<ChannelPresencePage>;
}

export interface ChannelPresenceStoreOptions {
	readonly leaseMs: number;
	/** Users of one channel. */
	readonly maxUsers: number;
}
