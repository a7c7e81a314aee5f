// Finished games and statistics. How often somebody won is for everybody to see. A game in a public room is known to all,
// its actions only if the room let anybody watch; a game in a private room is known to its players.

import { cursorNumber, decodeCursor, encodeCursor, numberAt } from "../../common/cursor.ts";
import { fillPage, type PageFill, wholePage } from "../../common/page-fill.ts";
import { ErrorCode } from "../../protocol/codes.ts";
import { GatewayError } from "../../protocol/error.ts";
import type { GameRecordProperties } from "../../protocol/gen/schema.ts";
import type { FinishedGame, GameCounts, GameRecordStore, RecordedMove } from "./game-record-store.ts";

const DEFAULT_LIMIT = 20;
/** Least that a player takes in a reply. */
const MIN_PLAYER_BYTES = 40;

export interface HistoryPage {
	readonly games: readonly GameRecordProperties[];
	readonly nextCursor: string;
}

export class GameHistory {
	private readonly records: GameRecordStore;

	constructor(records: GameRecordStore) {
		this.records = records;
	}

	/**
	 * Finished games of a user, latest first.
	 *
	 * @param viewerId - who asks; of other users only games in public rooms are shown.
	 * @param limit - 0 for as many as usual.
	 * @throws GatewayError VALIDATION_FAILED (cursor), UNAVAILABLE.
	 */
	async gamesOf(
		userId: string,
		viewerId: string,
		limit: number,
		cursor: string,
		page: PageFill<GameRecordProperties> = wholePage,
	): Promise<HistoryPage> {
		const list = `games:${userId}`;
		const count = limit === 0 ? DEFAULT_LIMIT : limit;
		const place = decodeCursor(list, cursor, 2);
		const before = place && { finishedAtMs: cursorNumber(place[0]), id: place[1] ?? "" };
		const maxPlayers = Math.ceil(page.maxBytes / MIN_PLAYER_BYTES);
		const found = await this.records.gamesOf(userId, userId !== viewerId, before, count + 1, maxPlayers);
		const views = found.map((game) => recordView(game, []));
		const { shown: games, nextCursor } = fillPage(page, {
			...{ found: views, limit: count },
			cursorBehind: ({ finishedAtMs = 0, gameId = "" }) => encodeCursor(list, finishedAtMs, gameId),
		});
		return { games, nextCursor };
	}

	/**
	 * One game, with a page of its actions if the viewer may see them.
	 *
	 * @param onGame - gets the game without its actions before these take room.
	 * @throws GatewayError NOT_FOUND (also when the viewer may not know of it), VALIDATION_FAILED (cursor), UNAVAILABLE.
	 */
	async game(
		gameId: string,
		viewerId: string,
		limit: number,
		cursor: string,
		page: PageFill<RecordedMove> = wholePage,
		onGame: (game: GameRecordProperties) => void = () => {},
	): Promise<HistoryPage> {
		const list = `actions:${gameId}`;
		const count = limit === 0 ? DEFAULT_LIMIT : limit;
		const after = numberAt(list, cursor);
		const game = await this.records.game(gameId);
		const hasPlayed = game?.players.some((player) => player.userId === viewerId) ?? false;
		if (game === undefined || !(hasPlayed || game.isPublic)) {
			throw new GatewayError(ErrorCode.NOT_FOUND, "there is no such game");
		}
		if (!hasPlayed && !game.isOpen) return { games: [recordView(game, [])], nextCursor: "" };
		onGame(recordView(game, []));
		const found = await this.records.actions(gameId, after, count + 1, page.maxBytes);
		const cursorBehind = ({ actionNumber }: RecordedMove) => encodeCursor(list, actionNumber);
		const { shown, nextCursor } = fillPage(page, { found, limit: count, cursorBehind });
		return { games: [recordView(game, shown)], nextCursor };
	}

	/** @param game - "" for all games together. @throws GatewayError UNAVAILABLE. */
	counts(userId: string, game: string): Promise<GameCounts> {
		return this.records.counts(userId, game);
	}
}

function recordView(game: FinishedGame, actions: readonly RecordedMove[]): GameRecordProperties {
	const { id, roomId, startedAtMs, finishedAtMs, isTruncated, isPublic, players } = game;
	return {
		gameId: id,
		roomId,
		game: game.game,
		startedAtMs,
		finishedAtMs,
		isTruncated,
		isPublic,
		players: players.map((player) => ({ ...player })),
		actions: [...actions],
	};
}
