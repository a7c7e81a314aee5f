// Where finished games and what became of their players are kept. Implementation: stores/sql.
import type { Age } from "../../common/age.ts";
import type { GameResult } from "../../protocol/gen/schema.ts";

export interface RecordedPlayer {
	readonly userId: string;
	readonly username: string;
	readonly result: GameResult;
}

export interface RecordedMove {
	readonly actionNumber: number;
	readonly userId: string;
	readonly payload: Uint8Array;
	readonly atMs: number;
}

export interface FinishedGame {
	/** UUID version 7. */
	readonly id: string;
	readonly roomId: string;
	readonly game: string;
	readonly startedAtMs: number;
	readonly finishedAtMs: number;
	/** The room was public: anybody may know that the game took place. */
	readonly isPublic: boolean;
	/** The room let anybody watch: anybody may see the actions. */
	readonly isOpen: boolean;
	/** Not all actions were recorded. */
	readonly isTruncated: boolean;
	readonly players: readonly RecordedPlayer[];
}

export interface GameCounts {
	readonly played: number;
	readonly won: number;
	readonly lost: number;
	readonly drawn: number;
	readonly abandoned: number;
}

/** A point in the order "latest first". */
export interface GamePoint {
	readonly finishedAtMs: number;
	readonly id: string;
}

/** Every method throws GatewayError UNAVAILABLE when the store does not answer in time. */
export interface GameRecordStore {
	/**
	 * Writes a game and counts it for its players, in one transaction; nothing happens when it has been written before. A
	 * game of a single player is not counted: it had no opponent.
	 */
	record(game: FinishedGame, actions: readonly RecordedMove[]): Promise<void>;
	game(id: string): Promise<FinishedGame | undefined>;
	/**
	 * @param after - the last action number that one has.
	 * @param maxBytes - of payloads: no action is read behind the one with which this is reached.
	 */
	actions(gameId: string, after: number, limit: number, maxBytes?: number): Promise<readonly RecordedMove[]>;
	/**
	 * Latest first.
	 *
	 * @param maxPlayers - no game is read behind the one with whose players this is reached.
	 */
	gamesOf(
		userId: string,
		onlyPublic: boolean,
		before: GamePoint | undefined,
		limit: number,
		maxPlayers?: number,
	): Promise<readonly FinishedGame[]>;
	/** @param game - "" for all games together. */
	counts(userId: string, game: string): Promise<GameCounts>;
	/** Deletes games that finished long enough ago, with their actions; counts stay. @returns how many, at most `limit`. */
	deleteOld(age: Age, limit: number): Promise<number>;
}
