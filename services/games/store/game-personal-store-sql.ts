// What records of games store of a user, in SQL.
import type { ExportedRecord } from "../../../common/personal-data.ts";
import type { Database } from "../../../stores/sql/database.ts";
import { transact } from "../../../stores/sql/transaction.ts";
import type { GamePersonalStore } from "../game-personal-store.ts";

const GAMES_AT_ONCE = 100;
const COUNTS_AT_ONCE = 1000;

export class SqlGamePersonalStore implements GamePersonalStore {
	private readonly database: Database;

	constructor(database: Database) {
		this.database = database;
	}

	erase(userId: string, place: string): Promise<string | undefined> {
		return transact(this.database, async (trx) => {
			const found = await this.page(trx, userId, place);
			const ids = found.map((row) => row.game_id);
			if (ids.length > 0) {
				const own = trx.updateTable("game_players").set({ username: "" }).where("user_id", "=", userId);
				await own.where("game_id", "in", ids).execute();
				const named = trx.selectFrom("game_players").select("game_id").where("game_id", "in", ids);
				const kept = new Set((await named.where("username", "<>", "").execute()).map((row) => row.game_id));
				const unnamed = ids.filter((id) => !kept.has(id));
				// With their players and actions.
				if (unnamed.length > 0) await trx.deleteFrom("games").where("id", "in", unnamed).execute();
			}
			if (found.length >= GAMES_AT_ONCE) return placeOf(found.at(-1));
			await trx.deleteFrom("game_counts").where("user_id", "=", userId).execute();
			return undefined;
		});
	}

	export(userId: string, place: string) {
		return this.database.run(async (db) => {
			const found = await this.page(db, userId, place);
			const ids = found.map((row) => row.game_id);
			const games = ids.length === 0 ? [] : await db.selectFrom("games").selectAll().where("id", "in", ids).execute();
			const byId = new Map(games.map((game) => [game.id, game]));
			const records: ExportedRecord[] = found.map((row) => {
				const game = byId.get(row.game_id);
				const data = {
					...{ gameId: row.game_id, roomId: game?.room_id, game: game?.game, username: row.username },
					...{ result: row.result, startedAtMs: Number(game?.started_at_ms ?? 0) },
					finishedAtMs: Number(row.finished_at_ms),
				};
				return { kind: "game", data, place: placeOf(row) };
			});
			if (found.length >= GAMES_AT_ONCE) return { records, next: placeOf(found.at(-1)) };
			const counts = await db
				.selectFrom("game_counts")
				.selectAll()
				.where("user_id", "=", userId)
				.limit(COUNTS_AT_ONCE)
				.execute();
			// A page that ends among them begins again with them.
			const behindGames = placeOf(found.at(-1)) || place;
			for (const { user_id: _, ...data } of counts) {
				records.push({ kind: "game.statistics", data, place: behindGames });
			}
			return { records, next: undefined };
		});
	}

	/** Latest first. */
	private page(db: Parameters<Parameters<Database["run"]>[0]>[0], userId: string, place: string) {
		const [finishedAtMs = "", id = ""] = place.split("|");
		let query = db.selectFrom("game_players").selectAll().where("user_id", "=", userId);
		if (id !== "") {
			query = query.where((eb) =>
				eb.or([
					eb("finished_at_ms", "<", Number(finishedAtMs)),
					eb.and([eb("finished_at_ms", "=", Number(finishedAtMs)), eb("game_id", "<", id)]),
				]),
			);
		}
		return query.orderBy("finished_at_ms", "desc").orderBy("game_id", "desc").limit(GAMES_AT_ONCE).execute();
	}
}

function placeOf(row: { readonly finished_at_ms: number | string; readonly game_id: string } | undefined): string {
	return row === undefined ? "" : `${row.finished_at_ms}|${row.game_id}`;
}
