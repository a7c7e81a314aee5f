// Who owns rooms, which rooms are public, and who is in which: indexes over the rooms of all processes. They may name a room
// that is gone, or a user who left; what counts is the room itself. Implementations: stores/memory, stores/redis.

export interface OwnerStates {
	/** Processes whose lease is in force. */
	readonly live: ReadonlySet<string>;
	/** Processes whose lease ended and that may have left rooms behind. */
	readonly dead: readonly string[];
}

/** Every method throws GatewayError UNAVAILABLE when the store does not answer in time. */
export interface RoomDirectory {
	/** Renews the lease of a process, which covers all its rooms. @returns false when there was none in force. */
	renew(owner: string, leaseMs: number): Promise<boolean>;
	/** Ends the lease at once; any process may take over the rooms. */
	release(owner: string): Promise<void>;
	owners(): Promise<OwnerStates>;
	isLive(owner: string): Promise<boolean>;
	/** To be called before a process becomes the owner of a room. */
	own(owner: string, roomId: string): Promise<void>;
	disown(owner: string, roomIds: readonly string[]): Promise<void>;
	/** Rooms that a process may own; at most `limit`. */
	ownedBy(owner: string, limit: number): Promise<readonly string[]>;
	/** Forgets a dead process that left no room. */
	forget(owner: string): Promise<void>;

	list(roomId: string, game: string): Promise<void>;
	unlist(roomId: string, game: string): Promise<void>;
	/**
	 * Public rooms, newest first: ids are UUIDs of version 7.
	 *
	 * @param game - "" for all games.
	 * @param before - "" for the newest.
	 */
	listed(game: string, before: string, limit: number): Promise<readonly string[]>;

	/** Records that a user enters a room. @returns false, and records nothing, when the user is in `max` others. */
	enter(userId: string, roomId: string, max: number): Promise<boolean>;
	leave(userId: string, roomIds: readonly string[]): Promise<void>;
	/** In the order of the users asked for. */
	roomsOf(userIds: readonly string[]): Promise<readonly (readonly string[])[]>;
}
