// Which users are connected to which processes. A process announces itself by a heartbeat; when the heartbeats end, its
// users count as offline. Implementations: stores/memory, stores/redis; one contract suite.

export interface PresenceRecord {
	readonly userId: string;
	readonly isOnline: boolean;
	/** Unix milliseconds; 0 when never seen. For those online: when they came. */
	readonly lastSeenMs: number;
}

/**
 * Times are the caller's own, in Unix milliseconds; a store of several processes makes up for clocks that differ. Every
 * method throws GatewayError UNAVAILABLE when the store does not answer in time.
 */
export interface PresenceStore {
	/**
	 * Reports that a process is alive.
	 *
	 * @param node - unique for the lifetime of the process, so that a successor does not revive its users.
	 * @param untilMs - when it counts as dead unless another heartbeat comes.
	 * @returns false when the store had not known the process: it lost its data, and the process's users are to be
	 *   announced again.
	 */
	heartbeat(node: string, nowMs: number, untilMs: number): Promise<boolean>;
	/** @returns whether the user was offline before. */
	setOnline(node: string, userId: string, nowMs: number): Promise<boolean>;
	/** @returns whether the user is offline now. */
	setOffline(node: string, userId: string, nowMs: number): Promise<boolean>;
	/** In the order asked. */
	get(userIds: readonly string[], nowMs: number): Promise<readonly PresenceRecord[]>;
	/** Everybody online, in batches, some perhaps twice. */
	online(nowMs: number): AsyncIterable<readonly string[]>;
	/**
	 * Removes what dead processes left behind, at most `limit` users a call.
	 *
	 * @returns the users who went offline by it; of several callers one gets each.
	 */
	expire(nowMs: number, limit: number): Promise<readonly string[]>;
	/** Forgets when a user was last seen, who is gone for good. */
	forget(userId: string): Promise<void>;
	close(): Promise<void>;
}
