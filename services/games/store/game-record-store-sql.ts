// Finished games in SQL. A game and what it adds to its players' counts are one transaction, idempotent by the game's id: the
// second of two that record the same game finds it there and does nothing.

import { type Kysely, type Selectable, sql, type Transaction } from "kysely";
import { v7 as uuidv7 } from "uuid";
import type { Age } from "../../../common/age.ts";
import { batches } from "../../../common/batches.ts";
import { GameResult } from "../../../protocol/gen/schema.ts";
import { readWithin, rowsWithin } from "../../../stores/sql/byte-limit.ts";
import type { Database } from "../../../stores/sql/database.ts";
import { deleteFound, idsOf } from "../../../stores/sql/delete-found.ts";
import { insertBatches } from "../../../stores/sql/insert-batches.ts";
import { ignoringDuplicates } from "../../../stores/sql/insert-missing.ts";
import { keptSince } from "../../../stores/sql/retention.ts";
import type { GamePlayersTable, GamesTable, Tables } from "../../../stores/sql/schema.ts";
import { transact } from "../../../stores/sql/transaction.ts";
import type { FinishedGame, GameCounts, GamePoint, GameRecordStore, RecordedMove } from "../game-record-store.ts";

/** Rows of one INSERT, well below every dialect's limit of parameters. */
const INSERT_ROWS = 500;
const FIRST_OF_ITS_TIME = new Uint8Array(16);
const payloadLength = sql<number | string>`length(payload)`.as("bytes");

/** Where each result counts, besides in `played`. */
const countedIn = [
	[GameResult.WON, "won"],
	[GameResult.LOST, "lost"],
	[GameResult.DRAWN, "drawn"],
	[GameResult.ABANDONED, "abandoned"],
] as const;

export class SqlGameRecordStore implements GameRecordStore {
	private readonly database: Database;

	constructor(database: Database) {
		this.database = database;
	}

	record(game: FinishedGame, actions: readonly RecordedMove[]): Promise<void> {
		return transact(this.database, async (trx) => {
			if (!(await this.insertGame(trx, game))) return;
			for (const rows of insertBatches(playerRows(game))) {
				await trx.insertInto("game_players").values(rows).execute();
			}
			for (const rows of insertBatches(actions.map((action) => actionRow(game.id, action)))) {
				await trx.insertInto("game_actions").values(rows).execute();
			}
			if (game.players.length > 1) await this.count(trx, game);
		});
	}

	game(id: string): Promise<FinishedGame | undefined> {
		return this.database.run(async (db) => {
			const row = await db.selectFrom("games").selectAll().where("id", "=", id).executeTakeFirst();
			return row && (await withPlayers(db, [row]))[0];
		});
	}

	actions(gameId: string, after: number, limit: number, maxBytes?: number): Promise<readonly RecordedMove[]> {
		return this.database.run(async (db) => {
			const query = db
				.selectFrom("game_actions")
				.where("game_id", "=", gameId)
				.where("action_number", ">", after)
				.orderBy("action_number");
			const read = (count: number) => query.selectAll().limit(count).execute();
			const lengthsOf = async () =>
				(await query.select(payloadLength).limit(limit).execute()).map(({ bytes }) => bytes);
			const rows =
				maxBytes === undefined ? await read(limit) : await readWithin(this.database, await lengthsOf(), maxBytes, read);
			return rows.map((row) => ({
				actionNumber: row.action_number,
				userId: row.user_id,
				payload: row.payload,
				atMs: Number(row.at_ms),
			}));
		});
	}

	gamesOf(
		userId: string,
		onlyPublic: boolean,
		before: GamePoint | undefined,
		limit: number,
		maxPlayers = Number.MAX_SAFE_INTEGER,
	): Promise<readonly FinishedGame[]> {
		return this.database.run(async (db) => {
			let query = db
				.selectFrom("game_players")
				.innerJoin("games", "games.id", "game_players.game_id")
				.selectAll("games")
				.where("game_players.user_id", "=", userId)
				.orderBy("game_players.finished_at_ms", "desc")
				.orderBy("game_players.game_id", "desc")
				.limit(limit);
			if (onlyPublic) query = query.where("games.is_public", "=", 1);
			if (before !== undefined) {
				query = query.where((eb) =>
					eb.or([
						eb("game_players.finished_at_ms", "<", before.finishedAtMs),
						eb.and([
							eb("game_players.finished_at_ms", "=", before.finishedAtMs),
							eb("game_players.game_id", "<", before.id),
						]),
					]),
				);
			}
			return await withPlayers(db, await query.execute(), maxPlayers);
		});
	}

	counts(userId: string, game: string): Promise<GameCounts> {
		return this.database.run(async (db) => {
			const { sum } = db.fn;
			let query = db
				.selectFrom("game_counts")
				.select([
					sum<number | string | null>("played").as("played"),
					sum<number | string | null>("won").as("won"),
					sum<number | string | null>("lost").as("lost"),
					sum<number | string | null>("drawn").as("drawn"),
					sum<number | string | null>("abandoned").as("abandoned"),
				])
				.where("user_id", "=", userId);
			if (game !== "") query = query.where("game", "=", game);
			const { played, won, lost, drawn, abandoned } = await query.executeTakeFirstOrThrow();
			return {
				played: Number(played),
				won: Number(won),
				lost: Number(lost),
				drawn: Number(drawn),
				abandoned: Number(abandoned),
			};
		});
	}

	deleteOld(age: Age, limit: number): Promise<number> {
		return transact(this.database, async (trx) => {
			const since = await keptSince(trx, this.database.dialect, age);
			// Ids of version 7 begin with the time of the start, and have an index.
			const firstKept = uuidv7({ msecs: since, random: FIRST_OF_ITS_TIME, seq: 0 });
			const query = trx.selectFrom("games").select("id").where("id", "<", firstKept);
			const found = query.where("finished_at_ms", "<", since).orderBy("id").limit(limit);
			return await deleteFound(found, (keys) => trx.deleteFrom("games").where("id", "in", idsOf(keys)));
		});
	}

	/** @returns false when the game has been recorded before. */
	private async insertGame(trx: Transaction<Tables>, game: FinishedGame): Promise<boolean> {
		const insert = trx.insertInto("games").values({
			id: game.id,
			room_id: game.roomId,
			game: game.game,
			started_at_ms: game.startedAtMs,
			finished_at_ms: game.finishedAtMs,
			is_public: game.isPublic ? 1 : 0,
			is_open: game.isOpen ? 1 : 0,
			is_truncated: game.isTruncated ? 1 : 0,
		});
		const { numInsertedOrUpdatedRows } = await ignoringDuplicates(this.database, insert).executeTakeFirst();
		return (numInsertedOrUpdatedRows ?? 0n) > 0n;
	}

	private async count(trx: Transaction<Tables>, { game, players }: FinishedGame): Promise<void> {
		// In one order everywhere, so that two games of the same players seldom wait for each other in a circle.
		// Those without a name have no account any more.
		const counted = players.filter(({ username }) => username !== "");
		const sorted = counted.sort((a, b) => (a.userId < b.userId ? -1 : 1));
		for (const some of batches(sorted, INSERT_ROWS)) {
			const none = { game, played: 0, won: 0, lost: 0, drawn: 0, abandoned: 0 };
			const insert = trx.insertInto("game_counts").values(some.map(({ userId }) => ({ user_id: userId, ...none })));
			await ignoringDuplicates(this.database, insert).execute();
			for (const [result, column] of countedIn) {
				const userIds = some.filter((player) => player.result === result).map((player) => player.userId);
				if (userIds.length === 0) continue;
				await trx
					.updateTable("game_counts")
					.set((eb) => ({ played: eb("played", "+", 1), [column]: eb(column, "+", 1) }))
					.where("game", "=", game)
					.where("user_id", "in", userIds)
					.execute();
			}
		}
	}
}

async function withPlayers(
	db: Kysely<Tables>,
	all: readonly Selectable<GamesTable>[],
	maxPlayers = Number.MAX_SAFE_INTEGER,
): Promise<FinishedGame[]> {
	const games = all.length > 1 ? await firstGames(db, all, maxPlayers) : all;
	if (games.length === 0) return [];
	const ids = games.map((game) => game.id);
	const players = await db
		.selectFrom("game_players")
		.selectAll()
		.where("game_id", "in", ids)
		.orderBy("place")
		.execute();
	const byGame = new Map<string, Selectable<GamePlayersTable>[]>(ids.map((id) => [id, []]));
	for (const player of players) byGame.get(player.game_id)?.push(player);
	return games.map((game) => gameOf(game, byGame.get(game.id) ?? []));
}

/** Games up to the one with whose players there are `maxPlayers`. */
async function firstGames(db: Kysely<Tables>, games: readonly Selectable<GamesTable>[], maxPlayers: number) {
	const ids = games.map((game) => game.id);
	const rows = await db
		.selectFrom("game_players")
		.select(["game_id", (eb) => eb.fn.countAll<number | string>().as("players")])
		.where("game_id", "in", ids)
		.groupBy("game_id")
		.execute();
	const counts = new Map(rows.map((row) => [row.game_id, row.players]));
	const wanted = rowsWithin(
		ids.map((id) => counts.get(id) ?? 0),
		maxPlayers,
	);
	return games.slice(0, wanted);
}

function gameOf(row: Selectable<GamesTable>, players: readonly Selectable<GamePlayersTable>[]): FinishedGame {
	return {
		id: row.id,
		roomId: row.room_id,
		game: row.game,
		startedAtMs: Number(row.started_at_ms),
		finishedAtMs: Number(row.finished_at_ms),
		isPublic: row.is_public === 1,
		isOpen: row.is_open === 1,
		isTruncated: row.is_truncated === 1,
		players: players.map(({ user_id: userId, username, result }) => ({
			userId,
			username,
			result: result as GameResult,
		})),
	};
}

function playerRows(game: FinishedGame) {
	return game.players.map(({ userId, username, result }, place) => ({
		game_id: game.id,
		user_id: userId,
		place,
		username,
		result,
		finished_at_ms: game.finishedAtMs,
	}));
}

function actionRow(gameId: string, { actionNumber, userId, payload, atMs }: RecordedMove) {
	return {
		game_id: gameId,
		action_number: actionNumber,
		user_id: userId,
		// The drivers take Buffers only.
		payload: Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength),
		at_ms: atMs,
	};
}
