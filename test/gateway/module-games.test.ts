// Games of modules in running gateways: the examples and the game of the page are played to their ends, and a room goes on with its state
// when its node is killed.
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import {
	authRoutes,
	type Client,
	createClient,
	GameResult,
	gamePushes,
	RoomEvent_Kind as Kind,
	RoomAction,
	type RoomEvent,
	RoomStatus,
} from "../../client/index.ts";
import { codeBlocks, page, section } from "../docs/markdown.ts";
import { UNLIMITED } from "../security/raw-peer.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import type { RealServer } from "../support/real-server.ts";
import { startRedis } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { PASSWORD } from "../support/wire-client.ts";

const examples = fileURLToPath(new URL("../../examples/modules", import.meta.url));

describe("games of modules", { timeout: 180_000 }, () => {
	const shared = mkdtempSync(join(tmpdir(), "framegate-games-"));
	const modules = join(shared, "modules");
	let redis: RealServer;
	let nodes: GatewayProcess[] = [];
	const clients: Client[] = [];

	before(async () => {
		cpSync(examples, modules, { recursive: true });
		writeFileSync(
			join(modules, "dots.ts"),
			codeBlocks(section(page("docs/games.md"), "Ten minutes to a game in real time"), "ts")[0] ?? "",
		);
		redis = await startRedis();
		const env = {
			...UNLIMITED,
			REDIS_URL: redis.url,
			DATABASE_URL: `sqlite:${shared}/shared.db`,
			FRAMEGATE_MODULES_DIR: modules,
			FRAMEGATE_GAMES_START_RATE_BURST: "100",
			FRAMEGATE_GAMES_LEASE_MS: "1500",
			FRAMEGATE_GAMES_TICK_INTERVAL_MS: "100",
			FRAMEGATE_GAMES_REALTIME_SNAPSHOT_INTERVAL_MS: "100",
		};
		// One after the other: two processes that start at once on a new file would both find it empty.
		const first = await startGateway({ env, dataDirectory: shared });
		nodes = [first, await startGateway({ env, dataDirectory: shared })];
	});
	after(async () => {
		for (const client of clients) client.close();
		for (const node of nodes) await node.kill9();
		await redis.stop();
		rmSync(shared, { recursive: true, force: true });
	});

	async function player(username: string, node: number): Promise<{ readonly client: Client; readonly id: string }> {
		const client = createClient({ url: nodes[node]?.url ?? "", backoff: { minMs: 10, maxMs: 100 } });
		clients.push(client);
		await client.connect();
		await client.request(authRoutes.register, { username, password: PASSWORD });
		const { user } = await client.login({ username, password: PASSWORD });
		return { client, id: user?.id ?? "" };
	}

	it("cards are shuffled by the server, and a hand is shown to its player alone", async () => {
		const players = await Promise.all([player("ann", 0), player("ben", 1)]);
		const [ann, ben] = players as [(typeof players)[0], (typeof players)[0]];
		const { room } = await ann.client.rooms.create({ name: "cards", game: "tricks" });
		const roomId = room?.id ?? "";
		const events: string[] = [];
		ben.client.rooms.on(roomId, gamePushes.gameEvent, ({ payload }) => events.push(Buffer.from(payload).toString()));
		await ben.client.rooms.join({ roomId });
		await ben.client.rooms.action({ roomId, action: RoomAction.READY });
		await ann.client.rooms.action({ roomId, action: RoomAction.START });
		interface Hand {
			readonly hand: number[];
			readonly turn: string;
			readonly left: Record<string, number>;
		}
		const look = async ({ client }: typeof ann) => {
			const { state, room: seen } = await client.rooms.state({ roomId });
			const text = Buffer.from(state ?? []).toString();
			return { text, view: JSON.parse(text) as Hand, isOver: seen?.status === RoomStatus.FINISHED };
		};
		const hands = new Map<string, readonly number[]>();
		for (const one of players) hands.set(one.id, (await look(one)).view.hand);
		assert.equal(new Set([...hands.values()].flat()).size, 10, "ten different cards");
		for (let moves = 0; moves < 10; moves++) {
			const { view } = await look(ann);
			assert.equal(view.hand.length, view.left[ann.id]);
			const turn = view.turn === ann.id ? ann : ben;
			const waits = turn === ann ? ben : ann;
			const { view: own, text } = await look(turn);
			const foreign = (await look(waits)).view.hand.filter((card) => !own.hand.includes(card));
			const shown = JSON.parse(text) as Hand;
			assert.ok(
				foreign.every((card) => !shown.hand.includes(card)),
				"no card of the other",
			);
			assert.deepEqual(Object.keys(shown).sort(), ["hand", "left", "table", "taken", "turn"]);
			await assert.rejects(waits.client.rooms.input(roomId, { card: foreign[0] ?? 0 }), /not your turn/);
			await turn.client.rooms.input(roomId, { card: own.hand[0] });
		}
		await until(async () => (await look(ann)).isOver);
		await until(() => events.length === 15);
		for (const event of events) assert.match(event, /^\{"(playerId|takenBy)":"[^"]+"(,"card":\d+)?\}$/);
	});

	it("pong is played to its end by two who came into one room", async () => {
		interface Pong {
			readonly ball: { readonly x: number; readonly y: number };
			readonly sides: readonly { readonly id: string; readonly y: number; readonly score: number }[];
		}
		const [ann, ben] = [await player("cat", 0), await player("dan", 1)];
		const rooms = [await ann.client.rooms.joinOrCreate({ name: "pong", game: "pong" })];
		rooms.push(await ben.client.rooms.joinOrCreate({ name: "pong", game: "pong" }));
		assert.deepEqual(
			rooms.map(({ joined }) => joined === true),
			[false, true],
		);
		const roomId = rooms[0]?.room?.id ?? "";
		assert.equal(rooms[1]?.room?.id, roomId);
		const seen: Pong[] = [];
		let over: RoomEvent | undefined;
		ann.client.rooms.on(roomId, gamePushes.roomEvent, (event) => {
			if (event.kind === Kind.FINISHED) over = event;
		});
		ann.client.rooms.onState<Pong>(roomId, ({ state }) => {
			seen[0] = state;
		});
		ben.client.rooms.onState<Pong>(roomId, ({ state }) => {
			seen[1] = state;
			// Ben follows the ball, Ann goes out of its way.
			const own = state.sides.find(({ id }) => id === ben.id);
			const move = own === undefined ? 0 : Math.sign(Math.round((state.ball.y - own.y) / 3));
			if (move !== last) ben.client.rooms.input(roomId, { move }).catch(() => {});
			last = move;
		});
		let last = 0;
		await ann.client.rooms.input(roomId, { move: 1 }).catch(() => {});
		await until(() => over !== undefined);
		const won = over?.results?.find(({ result }) => result === GameResult.WON)?.userId;
		assert.ok(won === ann.id || won === ben.id);
		const top = (state: Pong | undefined) => Math.max(...(state?.sides.map(({ score }) => score) ?? [0]));
		await until(() => top(seen[0]) >= 2 && top(seen[1]) >= 2);
		assert.ok(!JSON.stringify(seen).includes("dx"), "where the ball goes is not shown");
	});

	it("a room goes on elsewhere from its last snapshot when its node is killed, and its players are notified", async () => {
		interface Dots {
			readonly dots: Record<string, { readonly x: number; readonly y: number }>;
		}
		const [ann, ben] = [await player("eve", 0), await player("fay", 1)];
		const { room } = await ann.client.rooms.joinOrCreate({ name: "dots", game: "dots" });
		const roomId = room?.id ?? "";
		await ben.client.rooms.joinOrCreate({ name: "dots", game: "dots" });
		let [state, version, starts] = [undefined as Dots | undefined, 0, 0];
		const kinds: number[] = [];
		ben.client.rooms.on(roomId, gamePushes.roomEvent, ({ kind }) => kinds.push(kind ?? 0));
		ben.client.rooms.onState<Dots>(roomId, (view) => {
			[state, version] = [view.state, view.version];
			if (view.isNew) starts++;
		});
		await ann.client.rooms.input(roomId, { dx: 0.5, dy: 0 });
		await until(() => (state?.dots[ann.id]?.x ?? 0) > 70);
		const [before, ticks] = [state?.dots[ann.id]?.x ?? 0, version];
		await nodes[0]?.kill9();
		await until(() => kinds.includes(Kind.RESUMED) && starts > 1);
		// Not from the beginning: at most what a snapshot may lack, and the time until the kill, on a busy machine.
		assert.ok((state?.dots[ann.id]?.x ?? 0) > 50, `${state?.dots[ann.id]?.x} after ${before}`);
		await ben.client.rooms.input(roomId, { dx: 0, dy: 1 });
		await until(() => version > ticks && state?.dots[ben.id]?.y === 100);
		assert.ok(!JSON.stringify(state).includes("secret"));
		nodes.shift();
	});
});
