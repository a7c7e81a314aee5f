// Where the state of a game room is kept, so that it outlives the process that owns the room. A room belongs to one process
// at a time; each change of hands raises its token, and what a former owner still writes is refused by it.
// Implementations: stores/memory, stores/redis; one contract suite.

/** The right to write a room. */
export interface RoomClaim {
	/** Identifies the process, uniquely for its lifetime. */
	readonly owner: string;
	/** Fencing token: counts up each time that the room changes hands. */
	readonly token: number;
}

/** What is written of a room in one atomic step. */
export interface RoomWrite {
	/** Fields set; the others stay. */
	readonly set: ReadonlyMap<string, string>;
	readonly remove: readonly string[];
	/** Removes the room's log first. */
	readonly clearsLog: boolean;
	/** Appended to the room's log. */
	readonly log: readonly string[];
	/** How long the room is kept from now on unless written again. */
	readonly ttlMs: number;
}

/**
 * - `fenced`: the room has another owner by now, or was closed; nothing was written.
 * - `missing`: the store knows nothing of the room, as after it lost its data; nothing was written. `restore` writes it whole.
 */
export type SaveResult = "saved" | "fenced" | "missing";

export interface RoomPlace extends RoomClaim {
	readonly isClosed: boolean;
}

export interface ClaimedRoom {
	readonly claim: RoomClaim;
	readonly fields: ReadonlyMap<string, string>;
}

/** Every method throws GatewayError UNAVAILABLE when the store does not answer in time; a write may then have happened. */
export interface RoomStore {
	/** Writes a room under a token of one's own. @returns what is there then: `fenced` when a later claim exists. */
	restore(roomId: string, claim: RoomClaim, write: RoomWrite): Promise<SaveResult>;
	locate(roomId: string): Promise<RoomPlace | undefined>;
	/**
	 * Makes a process the owner, if the token is still the one that it has seen.
	 *
	 * @returns undefined when it is not, or there is no such room.
	 */
	claim(roomId: string, owner: string, seenToken: number, ttlMs: number): Promise<ClaimedRoom | undefined>;
	save(roomId: string, claim: RoomClaim, write: RoomWrite): Promise<SaveResult>;
	/** Removes a room, except for a mark that keeps former owners from writing it again. */
	close(roomId: string, claim: RoomClaim, rememberMs: number): Promise<SaveResult>;
	/** Single fields of rooms, in the order asked; undefined for what is not there. */
	peek(roomIds: readonly string[], field: string): Promise<readonly (string | undefined)[]>;
	readLog(roomId: string, start: number, count: number): Promise<readonly string[]>;
}
