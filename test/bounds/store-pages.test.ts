// Stores read no more than a reply may carry, on SQLite and on real PostgreSQL and MariaDB servers.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { v7 as uuidv7 } from "uuid";
import { GameResult } from "../../protocol/gen/schema.ts";
import { SqlGameRecordStore } from "../../services/games/store/game-record-store-sql.ts";
import { SqlNotificationStore } from "../../services/notifications/store/notification-store-sql.ts";
import { type ChatFixture, chatFixture, draft } from "../services/chat/fixture.ts";
import { startMariadb } from "../support/mariadb-server.ts";
import { startPostgres } from "../support/postgres-server.ts";

interface Backend {
	readonly url: string;
	stop(): Promise<void>;
}

const backends: Record<string, () => Promise<Backend>> = {
	SQLite: async () => ({ url: "sqlite::memory:", stop: async () => {} }),
	PostgreSQL: startPostgres,
	MariaDB: startMariadb,
};

for (const [name, start] of Object.entries(backends)) {
	describe(`${name} reads`, () => {
		let backend: Backend;
		let fixture: ChatFixture;

		before(async () => {
			backend = await start();
			fixture = await chatFixture({ url: backend.url });
		});
		after(async () => {
			await fixture?.close();
			await backend?.stop();
		});

		test("messages of a conversation, in either direction, until their content is as much as wanted", async () => {
			const alice = await fixture.user("alice");
			const roomId = await fixture.room(alice);
			for (let number = 1; number <= 6; number++) {
				await fixture.services.messages.sendToRoom(alice, roomId, draft("x".repeat(9000)));
			}
			const range = { conversationId: roomId, from: 1, to: 100, limit: 50 };
			const sequences = async (backwards: boolean, maxBytes: number) => {
				const found = await fixture.stores.messages.range({ ...range, backwards, maxBytes });
				return found.map(({ sequence }) => sequence);
			};
			assert.deepEqual(await sequences(false, 20_000), [1, 2, 3]);
			assert.deepEqual(await sequences(true, 20_000), [6, 5, 4]);
			assert.deepEqual(await sequences(false, 1), [1]);
			assert.deepEqual(await sequences(false, 1_000_000), [1, 2, 3, 4, 5, 6]);
			const others = [await fixture.room(alice), await fixture.room(alice), await fixture.room(alice)];
			for (const other of others) await fixture.services.messages.sendToRoom(alice, other, draft("x".repeat(9000)));
			const places = [{ id: roomId, sequence: 0 }, ...others.map((id) => ({ id, sequence: 1 }))];
			const found = await fixture.stores.messages.at(places, 10_000);
			assert.deepEqual(
				[found.places, found.messages.map(({ conversationId }) => conversationId).sort()],
				[3, others.slice(0, 2).sort()],
			);
		});

		test("notifications until their texts are as much as wanted", async () => {
			const store = new SqlNotificationStore(fixture.database);
			const userId = uuidv7();
			const ids = Array.from({ length: 5 }, () => uuidv7());
			await store.add(
				ids.map((id) => ({
					...{ id, userId, type: "t", title: "t", text: "x".repeat(1000), data: {}, createdAtMs: 1, readAtMs: 0 },
					aboutUserId: "",
				})),
			);
			const list = (maxBytes: number) => store.list({ userId, onlyUnread: false, before: "", limit: 10, maxBytes });
			assert.deepEqual(
				(await list(2500)).map(({ id }) => id),
				[ids[4], ids[3], ids[2]],
			);
			assert.equal((await list(100_000)).length, 5);
		});

		test("games until their players, and actions until their payloads, are as much as wanted", async () => {
			const store = new SqlGameRecordStore(fixture.database);
			const userId = uuidv7();
			const players = [userId, ...Array.from({ length: 9 }, () => uuidv7())].map((id) => ({
				...{ userId: id, username: "u", result: GameResult.DRAWN },
			}));
			const ids: string[] = [];
			for (let number = 0; number < 4; number++) {
				const id = uuidv7();
				ids.unshift(id);
				const game = { id, roomId: id, game: "relay", startedAtMs: number, finishedAtMs: number + 1, players };
				const actions = [1, 2, 3, 4].map((actionNumber) => ({
					...{ actionNumber, userId, payload: new Uint8Array(1000), atMs: 1 },
				}));
				await store.record({ ...game, isPublic: true, isOpen: true, isTruncated: false }, actions);
			}
			const games = await store.gamesOf(userId, false, undefined, 10, 15);
			assert.deepEqual(
				games.map(({ id, players: { length } }) => [id, length]),
				[
					[ids[0], 10],
					[ids[1], 10],
				],
			);
			const numbers = async (maxBytes: number) =>
				(await store.actions(ids[0] as string, 0, 10, maxBytes)).map(({ actionNumber }) => actionNumber);
			assert.deepEqual(await numbers(1500), [1, 2]);
			assert.deepEqual(await numbers(100_000), [1, 2, 3, 4]);
		});
	});
}
