// A user is deleted while connected to two nodes: on each database nothing of the person is left but what is decided to stay, and
// before that the export had all of it.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Redis } from "ioredis";
import { sql } from "kysely";
import { CloseCode } from "../../protocol/codes.ts";
import { gameRoutes, pushes, RoomAction, SessionRevoked, SessionRevoked_Reason } from "../../protocol/gen/schema.ts";
import { type Database, openDatabase } from "../../stores/sql/database.ts";
import { tableNames } from "../../stores/sql/schema.ts";
import { columns, redisKeys } from "../security/personal-data.ts";
import { quietLogger } from "../support/quiet-logger.ts";
import { until } from "../support/until.ts";
import { PASSWORD, type WireClient } from "../support/wire-client.ts";
import {
	backends,
	connected,
	loggedIn,
	type Member,
	member,
	pushOf,
	rest,
	startTwoNodes,
	type TwoNodes,
} from "./users-fixture.ts";

/** In everything that the deleted user is called, or has written. */
const MARK = /zqx7/i;
const NAME = "zqx7marie";

interface Cell {
	readonly table: string;
	readonly column: string;
	readonly text: string;
}

for (const [name, start] of Object.entries(backends)) {
	describe(`deletion of a user on ${name}`, () => {
		let shared: TwoNodes;
		let database: Database;
		let redis: Redis;
		let admin: Member;
		let marie: Member;
		let ben: Member;
		const clients: WireClient[] = [];
		before(async () => {
			shared = await startTwoNodes(start);
			database = openDatabase({ url: shared.databaseUrl }, quietLogger());
			redis = new Redis(shared.redisUrl);
			admin = await loggedIn(shared.nodes[0], "admin", PASSWORD);
			await fill();
		});
		after(async () => {
			redis.disconnect();
			await database.close();
			await shared.stop();
		});

		/** Has something of the user stored everywhere. */
		async function fill(): Promise<void> {
			const [one, two] = shared.nodes;
			marie = await member(one, NAME, "zqx7desk");
			ben = await member(two, "ben");
			const cleo = await member(two, "cleo");
			const done = async (...[node, method, path, token, body, headers]: Parameters<typeof rest>) => {
				const answer = await rest(node, method, path, token, body, headers);
				assert.equal(answer.status, 200, `${path} ${JSON.stringify(answer.body)}`);
				return answer.body;
			};
			await done(one, "PUT", "/me", marie.token, {
				...{ nickname: "Zqx7nick", email: "zqx7marie@example.org", avatar_url: "https://zqx7.example.org/a" },
				...{ metadata: { zqx7key: "zqx7value" }, old_password: PASSWORD },
			});
			await rest(one, "POST", "/auth/forgot-password", "", { request_code: { account: NAME } });
			clients.push(await connected(one, NAME, "zqx7phone"), await connected(two, NAME, "zqx7tablet"));
			const text = (word: string) => ({ content: { kind: "TEXT", text: word } });
			const { room } = await done(
				one,
				"POST",
				"/groups",
				marie.token,
				{ name: "tea", member_ids: [cleo.id] },
				{
					"idempotency-key": "zqx7-1",
				},
			);
			await done(two, "POST", `/groups/${room.id}/join`, cleo.token, {});
			const own = await done(one, "POST", "/groups", ben.token, { name: "cake", member_ids: [marie.id] });
			await done(one, "POST", `/groups/${own.room.id}/join`, marie.token, {});
			for (const [path, token, client] of [
				[`/groups/${room.id}/messages`, marie.token, "zqx7-a"],
				[`/groups/${own.room.id}/messages`, marie.token, "zqx7-b"],
				[`/groups/${own.room.id}/messages`, ben.token, "b"],
				[`/users/${ben.id}/messages`, marie.token, "zqx7-c"],
				[`/users/${marie.id}/messages`, ben.token, "c"],
			] as const) {
				await done(one, "POST", path, token, {
					client_msg_id: client,
					...text(client.startsWith("zqx7") ? "zqx7text" : "hello"),
				});
			}
			await play();
			await database.run(async (db) => {
				const blocks = [
					{ user_id: marie.id, blocked_id: cleo.id },
					{ user_id: cleo.id, blocked_id: marie.id },
				];
				await db
					.insertInto("chat_blocks")
					.values(blocks.map((row) => ({ ...row, created_at_ms: 1 })))
					.execute();
				const texts = { target: "", value: "", command_id: "", reason: "", outcome: "", detail: "" };
				const entry = {
					id: "audit-1",
					at_ms: 1,
					user_id: marie.id,
					username: NAME,
					ip: "",
					operation: "control.write",
				};
				await db
					.insertInto("audit_entries")
					.values({ ...entry, ...texts })
					.execute();
				await db.insertInto("storage_usage").values({ day: 1, user_id: marie.id, bytes: 7 }).execute();
			});
		}

		/** A game of two that the user leaves, and so loses; another one of the user alone. */
		async function play(): Promise<void> {
			const [client] = clients as [WireClient];
			const rival = await connected(shared.nodes[1], "ben", "game");
			const asked = await client.ask(gameRoutes.createRoom, { name: "board", game: "gomoku" });
			const { room } = gameRoutes.createRoom.reply.decode(asked.body ?? new Uint8Array());
			const roomId = room?.id ?? "";
			const act = async (who: WireClient, action: RoomAction) => {
				const { code, error } = await who.ask(gameRoutes.gameAction, { roomId, action });
				assert.equal(code ?? 0, 0, error?.message);
			};
			assert.equal((await rival.ask(gameRoutes.joinRoom, { roomId })).code ?? 0, 0);
			await act(client, RoomAction.READY);
			await act(rival, RoomAction.READY);
			await act(client, RoomAction.START);
			await client.ask(gameRoutes.leaveRoom, { roomId });
			await until(
				async () => (await database.run((db) => db.selectFrom("game_players").selectAll().execute())).length === 2,
			);
			await rival.close();
		}

		async function cells(): Promise<Cell[]> {
			const found: Cell[] = [];
			for (const table of tableNames) {
				const { rows } = await database.run((db) =>
					sql<Record<string, unknown>>`select * from ${sql.table(table)}`.execute(db),
				);
				for (const row of rows) {
					for (const [column, value] of Object.entries(row)) {
						const text = value instanceof Uint8Array ? Buffer.from(value).toString() : String(value);
						found.push({ table, column, text });
					}
				}
			}
			return found;
		}

		/** Every key with what is in it. */
		async function keys(): Promise<{ key: string; text: string; ttlMs: number }[]> {
			const found: { key: string; text: string; ttlMs: number }[] = [];
			for (const key of await redis.keys("*")) {
				const read: Readonly<Record<string, () => Promise<unknown>>> = {
					string: () => redis.get(key),
					hash: () => redis.hgetall(key),
					list: () => redis.lrange(key, 0, -1),
					set: () => redis.smembers(key),
					zset: () => redis.zrange(key, "0", "-1"),
					stream: () => redis.xrange(key, "-", "+"),
				};
				const [type, ttlMs] = [await redis.type(key), await redis.pttl(key)];
				found.push({ key, text: JSON.stringify(await read[type]?.()), ttlMs });
			}
			return found;
		}

		const placesOf = (found: readonly Cell[]) =>
			[...new Set(found.map(({ table, column }) => `${table}.${column}`))].sort();

		it("the export has every kind of record, in pages, and nothing of others", async () => {
			const kinds = new Set<string>();
			const records: string[] = [];
			let cursor = "";
			do {
				const { status, body } = await rest(shared.nodes[1], "GET", `/me/export?cursor=${cursor}`, marie.token);
				assert.equal(status, 200, JSON.stringify(body));
				for (const { kind, json } of body.records) {
					kinds.add(kind);
					records.push(json);
				}
				cursor = body.next_cursor;
			} while (cursor !== "");
			const expected = ["account", "account.session", "audit", "chat.block", "chat.membership", "chat.message"];
			assert.deepEqual([...kinds].sort(), [...expected, "game", "game.statistics", "notification", "presence"]);
			const all = records.join("\n");
			for (const word of ["zqx7marie@example.org", "Zqx7nick", "zqx7value", "zqx7text", "zqx7desk"])
				assert.ok(all.includes(word), word);
			assert.ok(!all.includes("hello") && !all.includes("argon2"), all);
			const denied = await rest(shared.nodes[0], "GET", `/users/${marie.id}/export`, ben.token);
			assert.equal(denied.status, 403);
			assert.equal((await rest(shared.nodes[0], "GET", `/users/${marie.id}/export`, admin.token)).status, 200);
		});

		it("needs the password, and ends the connections on both nodes with the reason", async () => {
			const [one, two] = shared.nodes;
			for (const body of [undefined, { password: "wrong password" }]) {
				const refused = await rest(one, "DELETE", `/users/${marie.id}`, marie.token, body);
				assert.ok([403, 422].includes(refused.status), JSON.stringify(refused.body));
			}
			assert.equal((await rest(one, "GET", "/me", marie.token)).status, 200);
			const marked = placesOf((await cells()).filter(({ text }) => MARK.test(text)));
			assert.ok(marked.length >= 12, `there is something to erase: ${marked.join(", ")}`);
			const deleted = await rest(two, "DELETE", "/me", marie.token, { password: PASSWORD });
			assert.deepEqual([deleted.status, deleted.body], [200, { sessions_ended: 3 }]);
			for (const client of clients) {
				const push = await pushOf(client, pushes.sessionRevoked.number);
				assert.equal(
					SessionRevoked.decode(push.body ?? new Uint8Array()).reason,
					SessionRevoked_Reason.ACCOUNT_DELETED,
				);
				assert.equal((await client.closed).code, CloseCode.REVOKED);
			}
			await until(async () => (await rest(one, "GET", "/me", marie.token)).status === 401);
			await assert.rejects(loggedIn(one, NAME, PASSWORD));
			assert.equal((await rest(one, "GET", `/users/${marie.id}`, admin.token)).status, 404);
		});

		it("leaves in SQL only what is decided to stay", async () => {
			const round = () => database.run((db) => db.selectFrom("user_deletions").select("round").executeTakeFirst());
			await until(async () => (await round())?.round === 2);
			const found = await cells();
			const stays = (place: string, ...decisions: string[]) => {
				const [table = "", column = ""] = place.split(".");
				return decisions.includes(columns[table]?.[column] ?? "");
			};
			const marked = placesOf(found.filter(({ text }) => MARK.test(text)));
			assert.deepEqual(
				marked.filter((place) => !stays(place, "kept", "pending")),
				[],
			);
			const named = placesOf(found.filter(({ text }) => text.includes(marie.id)));
			assert.deepEqual(
				named.filter((place) => !stays(place, "kept", "pending", "id")),
				[],
			);
			assert.ok(named.includes("game_players.user_id") && named.includes("audit_entries.user_id"), named.join(", "));
			const counted = await database.run((db) =>
				db.selectFrom("storage_usage").selectAll().where("day", "=", 1).execute(),
			);
			assert.deepEqual(
				counted.map((row) => [row.user_id, Number(row.bytes)]),
				[["", 7]],
			);
		});

		it("leaves in Redis only what expires", async () => {
			const prefix = "framegate:";
			const left = async () => {
				const found = (await keys()).filter(
					({ key, text }) => MARK.test(key + text) || (key + text).includes(marie.id),
				);
				return found.map((one) => {
					const kind = Object.keys(redisKeys).find((name) => one.key.startsWith(prefix + name)) ?? one.key;
					return { ...one, decision: redisKeys[kind] };
				});
			};
			// The other node reports the end of its connection in its own time.
			await until(async () => !(await left()).some(({ decision }) => decision === "deleted"));
			for (const { key, text, ttlMs, decision } of await left()) {
				assert.ok(decision === "expires" || decision === "id", `${key} ${text}`);
				if (decision === "expires") assert.ok(ttlMs > 0, `${key} has a time to live`);
				else assert.ok(!MARK.test(key + text), `${key} ${text}`);
			}
		});

		it("keeps rooms, messages and games of others, without a word of the user", async () => {
			const [one] = shared.nodes;
			const { body } = await rest(one, "GET", "/groups?only_mine=true", ben.token);
			assert.deepEqual(
				body.rooms.map((room: { name: string; member_count: number }) => [room.name, room.member_count]),
				[["cake", 1]],
			);
			const { messages } = (await rest(one, "GET", `/groups/${body.rooms[0].id}/messages`, ben.token)).body;
			const shown = messages.map((message: { sender_name: string; is_recalled: boolean }) => [
				message.sender_name,
				message.is_recalled,
			]);
			assert.deepEqual(shown.sort(), [
				["", true],
				["ben", false],
			]);
			const cleo = await loggedIn(one, "cleo", PASSWORD);
			const tea = (await rest(one, "GET", "/groups?only_mine=true", cleo.token)).body.rooms[0];
			assert.deepEqual([tea.name, tea.owner_id], ["tea", cleo.id], "somebody else owns the room");
			const sent = await rest(one, "POST", `/users/${marie.id}/messages`, ben.token, {
				client_msg_id: "late",
				content: { kind: "TEXT", text: "hello?" },
			});
			assert.equal(sent.status, 404, JSON.stringify(sent.body));
		});

		it("is gone over a second time, and then forgotten; the name is free", async () => {
			const [one, two] = shared.nodes;
			// What was in flight when the account was deleted arrives behind the first round.
			await database.run((db) =>
				db
					.insertInto("game_counts")
					.values({ user_id: marie.id, game: "gomoku", played: 1, won: 0, lost: 1, drawn: 0, abandoned: 0 })
					.execute(),
			);
			await database.run((db) => db.updateTable("user_deletions").set({ due_at_ms: 0 }).execute());
			const next = await member(two, "next");
			const removed = await rest(one, "DELETE", `/users/${next.id}`, admin.token);
			assert.equal(removed.status, 200, JSON.stringify(removed.body));
			const left = () => database.run((db) => db.selectFrom("user_deletions").select("user_id").execute());
			await until(async () => !(await left()).some((row) => row.user_id === marie.id));
			const counts = await database.run((db) =>
				db.selectFrom("game_counts").selectAll().where("user_id", "=", marie.id).execute(),
			);
			assert.deepEqual(counts, []);
			assert.notEqual((await member(two, NAME)).id, marie.id);
		});
	});
}
