// What backends said of users in channels: that a user may subscribe, or that what entitled the user before counts no more.
// Shared by all nodes. Implementations: memory and Redis; one contract suite.

export interface ChannelStanding {
	/** false: the user was removed. */
	readonly isGranted: boolean;
	/** When the backend said so, in Unix milliseconds. */
	readonly sinceMs: number;
}

export interface StandingQuery {
	readonly userId: string;
	readonly channel: string;
}

/** Every method throws GatewayError UNAVAILABLE when the store does not answer in time. */
export interface ChannelGrantStore {
	/** @param keptMs - after which it counts no more. */
	set(userId: string, channel: string, standing: ChannelStanding, keptMs: number): Promise<void>;
	/** In the order asked; undefined where nothing was said, or not for long enough. */
	get(queries: readonly StandingQuery[]): Promise<readonly (ChannelStanding | undefined)[]>;
}
