// The limits of rooms and how long things take there.
import type { BucketRate } from "../../common/token-bucket.ts";

export interface GamesOptions {
	/** Rooms that a user may be in at a time. */
	readonly maxRoomsPerUser: number;
	/** Rooms that this process holds at most; beyond it rooms are refused or stay where they are. */
	readonly maxRoomsPerNode: number;
	readonly maxPlayers: number;
	readonly maxSpectators: number;
	/** Bytes of keys and values of a room's metadata together. */
	readonly maxMetadataBytes: number;
	readonly maxPayloadBytes: number;
	/**
	 * Actions of players per second in one room, and how many may come at once; joins and what spectators do have as much
	 * again. 0 turns the limit off.
	 */
	readonly actionsPerSecond: number;
	readonly actionsBurst: number;
	/** Games that one user may start; more is RATE_LIMITED. Per process. */
	readonly startRate: BucketRate;
	/** Requests that may wait for one room. */
	readonly maxQueued: number;
	/** Events of a room that may wait to be published; then nothing more happens in the room. */
	readonly maxUnpublished: number;
	/** The same in bytes, of one room and of all rooms of this process. */
	readonly maxUnpublishedBytes: number;
	readonly maxTotalUnpublishedBytes: number;
	/** How much of a game is recorded; longer ones are marked as truncated. */
	readonly maxRecordedActions: number;
	readonly maxRecordedBytes: number;
	/** Of all games of this process that are on, or wait to be recorded. */
	readonly maxTotalRecordedBytes: number;
	/** How long the records of games are kept; 0: for ever. Statistics stay. */
	readonly recordKeptMs: number;
	/** How long the place of a member without a connection is held. */
	readonly reconnectGraceMs: number;
	/** A room in which nothing happened for so long is closed. */
	readonly idleTimeoutMs: number;
	/** How long a process owns its rooms without a renewal of its lease. */
	readonly leaseMs: number;
	/** How often leases are renewed and deadlines looked at. */
	readonly tickIntervalMs: number;
	/** Longest wait for the process that owns a room. */
	readonly forwardTimeoutMs: number;
}

export const gamesDefaults: GamesOptions = {
	maxRoomsPerUser: 20,
	maxRoomsPerNode: 10_000,
	maxPlayers: 1000,
	maxSpectators: 1000,
	maxMetadataBytes: 8192,
	maxPayloadBytes: 16_384,
	actionsPerSecond: 200,
	actionsBurst: 400,
	startRate: { perSecond: 0.1, burst: 20 },
	maxQueued: 1000,
	maxUnpublished: 1000,
	maxUnpublishedBytes: 1_048_576,
	maxTotalUnpublishedBytes: 67_108_864,
	maxRecordedActions: 10_000,
	maxRecordedBytes: 1_048_576,
	maxTotalRecordedBytes: 134_217_728,
	recordKeptMs: 0,
	reconnectGraceMs: 60_000,
	idleTimeoutMs: 1_800_000,
	leaseMs: 6000,
	tickIntervalMs: 1000,
	forwardTimeoutMs: 3000,
};

/** Long enough for another process to find a room after its owner died, and to see its deadlines through. */
export function roomTtlMs({ idleTimeoutMs, reconnectGraceMs, leaseMs }: GamesOptions): number {
	return 2 * (idleTimeoutMs + reconnectGraceMs + leaseMs);
}
