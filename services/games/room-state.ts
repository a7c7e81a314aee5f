// A room as its owner holds it: immutable, so that what was not saved can simply be dropped, and in parts that change
// for different reasons, so that a move does not write a thousand members.
import type { GameResult, RoomStatus } from "../../protocol/gen/schema.ts";

export interface RoomMember {
	readonly userId: string;
	readonly username: string;
	readonly isReady: boolean;
	readonly isSpectator: boolean;
	readonly joinedAtMs: number;
	/** Counts up with each who joins: members of one millisecond have an order too. */
	readonly joinNumber: number;
	/** Processes that hold a connection of the user. */
	readonly nodes: readonly string[];
	/** Since when there is none; 0 while connected. */
	readonly disconnectedAtMs: number;
}

export interface Participant {
	readonly userId: string;
	readonly username: string;
	/** UNSPECIFIED while the user plays. */
	readonly result: GameResult;
}

/** What is settled when a room is opened. */
export interface RoomSettings {
	readonly name: string;
	readonly game: string;
	readonly capacity: number;
	readonly isPublic: boolean;
	/** "" when none is needed. */
	readonly passwordHash: string;
	readonly allowsSpectators: boolean;
	readonly metadata: Readonly<Record<string, string>>;
	readonly createdAtMs: number;
	/** Players may join while a game runs. Not there in rooms of an earlier version. */
	readonly joinsRunning?: boolean;
}

export interface RoomInfo extends RoomSettings {
	readonly status: RoomStatus;
	readonly hostId: string;
	/** Users who were removed and may not come back, latest last. */
	readonly banned: readonly string[];
	/** Users who left, latest last: when one joins again, the unsubscription may still be in flight. */
	readonly departed: readonly string[];
	readonly playerCount: number;
	readonly spectatorCount: number;
	readonly joins: number;
	/** Of the game that is on, or the last one. */
	readonly gameId: string;
	/** Games that were started here. */
	readonly rounds: number;
	readonly startedAtMs: number;
	readonly finishedAtMs: number;
	readonly participants: readonly Participant[];
	/** The last game is finished but not yet in the history. */
	readonly isUnrecorded: boolean;
}

/** What changes with every move. */
export interface RoomProgress {
	readonly eventNumber: number;
	readonly actionNumber: number;
	/** Entries that were ever put into the outbox. */
	readonly outboxed: number;
	readonly lastActiveAtMs: number;
	readonly recordedActions: number;
	readonly recordedBytes: number;
	/** The game module's; undefined before the first start. */
	readonly game: Uint8Array | undefined;
}

/** A request that a member's `client_action_id` names, and what it was answered. */
export interface RecentAction {
	readonly id: string;
	readonly contentHash: string;
	readonly actionNumber: number;
	readonly eventNumber: number;
}

/** Something to be done once the state is saved, in order, and again if it is not known to have happened. */
export type OutboxEntry =
	| {
			readonly kind: "publish";
			readonly channel: string;
			readonly push: "roomEvent" | "gameEvent";
			/** The encoded push. */
			readonly message: Uint8Array;
			/** The entries of a room's outbox count 1, 2, 3, … over its life. */
			readonly order: number;
	  }
	| { readonly kind: "remove-user" | "add-user"; readonly userId: string; readonly order: number };

export interface LogEntry {
	readonly actionNumber: number;
	readonly userId: string;
	readonly payload: Uint8Array;
	readonly atMs: number;
}

export interface RoomState {
	readonly id: string;
	readonly info: RoomInfo;
	readonly progress: RoomProgress;
	/** By user id. */
	readonly members: ReadonlyMap<string, RoomMember>;
	/** By user id. */
	readonly recent: ReadonlyMap<string, readonly RecentAction[]>;
	readonly outbox: readonly OutboxEntry[];
}

export function roomChannel(roomId: string): string {
	return `room:${roomId}`;
}

/**
 * A room that was read from its store: what times out begins again now. The times in it were written by the clock of another
 * process, which may be hours from this one's: a room would be closed, and members be removed, or neither ever.
 */
export function withTimeoutsRestarted(state: RoomState, nowMs: number): RoomState {
	const members = [...state.members].map(([userId, member]): [string, RoomMember] => [
		userId,
		member.disconnectedAtMs === 0 ? member : { ...member, disconnectedAtMs: nowMs },
	]);
	return { ...state, progress: { ...state.progress, lastActiveAtMs: nowMs }, members: new Map(members) };
}

/** Longest in the room first. */
export function playersOf(state: RoomState): RoomMember[] {
	return [...state.members.values()]
		.filter((member) => !member.isSpectator)
		.sort((a, b) => a.joinNumber - b.joinNumber);
}
