// Finished games and statistics, on SQLite and on real PostgreSQL and MariaDB servers.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { v7 as uuidv7 } from "uuid";
import { ErrorCode } from "../../../protocol/codes.ts";
import { GatewayError } from "../../../protocol/error.ts";
import { GameResult } from "../../../protocol/gen/schema.ts";
import { GameHistory } from "../../../services/games/game-history.ts";
import type { FinishedGame, RecordedMove } from "../../../services/games/game-record-store.ts";
import { SqlGameRecordStore } from "../../../services/games/store/game-record-store-sql.ts";
import { type Database, openDatabase } from "../../../stores/sql/database.ts";
import { startMariadb } from "../../support/mariadb-server.ts";
import { startPostgres } from "../../support/postgres-server.ts";
import { quietLogger } from "../../support/quiet-logger.ts";

interface Backend {
	readonly url: string;
	stop(): Promise<void>;
}

const backends: Record<string, () => Promise<Backend>> = {
	SQLite: async () => ({ url: "sqlite::memory:", stop: async () => {} }),
	PostgreSQL: startPostgres,
	MariaDB: startMariadb,
};

const { WON, LOST, DRAWN, ABANDONED } = GameResult;
let finishedAtMs = 1_767_225_600_000;

function game(players: readonly (readonly [string, GameResult])[], fields: Partial<FinishedGame> = {}): FinishedGame {
	finishedAtMs += 1;
	return {
		...{ id: uuidv7(), roomId: uuidv7(), game: "gomoku", startedAtMs: finishedAtMs - 5, finishedAtMs },
		...{ isPublic: true, isOpen: true, isTruncated: false },
		players: players.map(([userId, result]) => ({ userId, username: `Zoë ${userId}`, result })),
		...fields,
	};
}

function moves(count: number, userId = "u"): RecordedMove[] {
	return Array.from({ length: count }, (_, index) => ({
		actionNumber: index + 1,
		userId,
		payload: Uint8Array.of(index % 256, 0, 255),
		atMs: finishedAtMs,
	}));
}

for (const [name, start] of Object.entries(backends)) {
	describe(`game records on ${name}`, () => {
		let backend: Backend;
		let database: Database;
		let store: SqlGameRecordStore;
		let history: GameHistory;
		before(async () => {
			backend = await start();
			database = openDatabase({ url: backend.url }, quietLogger());
			await database.migrate();
			store = new SqlGameRecordStore(database);
			history = new GameHistory(store);
		});
		after(async () => {
			await database.close();
			await backend.stop();
		});

		test("a game is found as it was recorded, and replays page by page", async () => {
			const [one, two] = [uuidv7(), uuidv7()];
			const finished = game(
				[
					[two, WON],
					[one, LOST],
				],
				{ isTruncated: true },
			);
			const actions = moves(1203, one);
			await store.record(finished, actions);
			assert.deepEqual(await store.game(finished.id), finished);
			assert.equal(await store.game(uuidv7()), undefined);
			const replayed: number[] = [];
			let cursor = "";
			do {
				const page = await history.game(finished.id, one, 100, cursor);
				const [record] = page.games;
				for (const action of record?.actions ?? []) {
					replayed.push(action.actionNumber ?? 0);
					assert.deepEqual([...(action.payload ?? [])], [((action.actionNumber ?? 0) - 1) % 256, 0, 255]);
				}
				cursor = page.nextCursor;
			} while (cursor !== "");
			assert.deepEqual(
				replayed,
				actions.map((action) => action.actionNumber),
			);
		});

		test("a game counts once, however often and from however many it is recorded", async () => {
			const [one, two] = [uuidv7(), uuidv7()];
			const first = game([
				[one, WON],
				[two, LOST],
			]);
			await Promise.all(Array.from({ length: 5 }, () => store.record(first, moves(3))));
			await store.record({ ...first, players: [] }, []);
			await Promise.all([
				store.record(
					game([
						[two, DRAWN],
						[one, DRAWN],
					]),
					[],
				),
				store.record(
					game([
						[one, ABANDONED],
						[two, WON],
					]),
					[],
				),
				store.record(
					game(
						[
							[one, LOST],
							[uuidv7(), WON],
						],
						{ game: "relay" },
					),
					[],
				),
				// Alone, one neither wins nor loses.
				store.record(game([[one, DRAWN]], { game: "relay" }), []),
			]);
			assert.deepEqual(await store.counts(one, "gomoku"), { played: 3, won: 1, lost: 0, drawn: 1, abandoned: 1 });
			assert.deepEqual(await store.counts(one, ""), { played: 4, won: 1, lost: 1, drawn: 1, abandoned: 1 });
			assert.deepEqual(await store.counts(two, ""), { played: 3, won: 1, lost: 1, drawn: 1, abandoned: 0 });
			assert.deepEqual(await store.counts(uuidv7(), ""), { played: 0, won: 0, lost: 0, drawn: 0, abandoned: 0 });
			assert.equal((await store.actions(first.id, 0, 10)).length, 3);
		});

		test("games of a user come latest first, page by page, and others see the public ones", async () => {
			const [one, two, other] = [uuidv7(), uuidv7(), uuidv7()];
			const made: FinishedGame[] = [];
			for (let count = 0; count < 5; count++) {
				const players = [
					[one, WON],
					[two, LOST],
				] as const;
				// Two end in the same millisecond.
				const atMs = count === 3 ? (made[0] as FinishedGame).finishedAtMs : undefined;
				const made1 = game(players, { isPublic: count !== 1, ...(atMs !== undefined && { finishedAtMs: atMs }) });
				await store.record(made1, []);
				made.unshift(made1);
			}
			const expected = [...made].sort((a, b) => b.finishedAtMs - a.finishedAtMs || (a.id < b.id ? 1 : -1));
			const idsSeenBy = async (viewer: string) => {
				const ids: string[] = [];
				let cursor = "";
				do {
					const page = await history.gamesOf(one, viewer, 2, cursor);
					ids.push(...page.games.map((record) => record.gameId ?? ""));
					cursor = page.nextCursor;
				} while (cursor !== "");
				return ids;
			};
			assert.deepEqual(
				await idsSeenBy(one),
				expected.map((entry) => entry.id),
			);
			assert.deepEqual(
				await idsSeenBy(other),
				expected.filter((entry) => entry.isPublic).map((entry) => entry.id),
			);
			const { nextCursor } = await history.gamesOf(one, one, 2, "");
			await assert.rejects(history.gamesOf(two, two, 2, nextCursor), (error: GatewayError) => {
				return error.code === ErrorCode.VALIDATION_FAILED && error.violations[0]?.field === "cursor";
			});
		});

		test("old games go with their actions, some at a time; counts stay", async () => {
			const [one, two] = [uuidv7(), uuidv7()];
			const players = [
				[one, WON],
				[two, LOST],
			] as const;
			const dayMs = 86_400_000;
			const old = [1, 2, 3].map((n) => {
				const startedAtMs = n * dayMs;
				const id = uuidv7({ msecs: startedAtMs });
				return game(players, { id, startedAtMs, finishedAtMs: startedAtMs + 1000 });
			});
			// Begun before the time, and finished after it.
			const late = game(players, { id: uuidv7({ msecs: 4 * dayMs - 1000 }), finishedAtMs: 4 * dayMs + 1000 });
			for (const finished of [...old, late]) await store.record(finished, moves(5));
			assert.equal(await store.deleteOld({ keptMs: dayMs, nowMs: 5 * dayMs }, 2), 2);
			assert.deepEqual(
				(await store.gamesOf(one, false, undefined, 10)).map((entry) => entry.id),
				[late.id, old[2]?.id],
			);
			assert.equal(await store.deleteOld({ keptMs: dayMs, nowMs: 5 * dayMs }, 2), 1);
			assert.equal(await store.deleteOld({ keptMs: dayMs, nowMs: 5 * dayMs }, 2), 0);
			assert.deepEqual(await store.actions(old[0]?.id ?? "", 0, 10), []);
			assert.equal((await store.actions(late.id, 0, 10)).length, 5);
			assert.equal((await store.counts(one, "")).played, 4);
		});

		test("non-participants cannot read private games, and no actions of those that were not to be watched", async () => {
			const [one, other] = [uuidv7(), uuidv7()];
			const secret = game([[one, WON]], { isPublic: false, isOpen: false });
			const shut = game([[one, WON]], { isOpen: false });
			for (const finished of [secret, shut]) await store.record(finished, moves(2));
			const codeOf = (id: string) =>
				history.game(id, other, 0, "").catch((error: unknown) => GatewayError.from(error).code);
			assert.equal(await codeOf(secret.id), ErrorCode.NOT_FOUND);
			assert.equal(await codeOf(uuidv7()), ErrorCode.NOT_FOUND);
			const { games } = await history.game(shut.id, other, 0, "");
			assert.deepEqual(games[0]?.actions, []);
			assert.equal((await history.game(secret.id, one, 0, "")).games[0]?.actions?.length, 2);
		});
	});
}
