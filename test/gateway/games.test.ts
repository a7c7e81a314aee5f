// A game of gomoku between clients of two nodes, one of whom loses the connection in the middle and comes back elsewhere.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import {
	authRoutes,
	GameEvent,
	GomokuMove,
	GomokuState,
	gameRoutes,
	pushes,
	RoomAction,
	RoomEvent,
	RoomEvent_Kind,
} from "../../protocol/gen/schema.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import type { RealServer } from "../support/real-server.ts";
import { startRedis } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { WireClient } from "../support/wire-client.ts";

const { createRoom, joinRoom, gameAction, getGameState, getPlayerStats } = gameRoutes;

describe("gomoku on two nodes", () => {
	const directory = mkdtempSync(join(tmpdir(), "framegate-games-"));
	let redis: RealServer;
	const nodes: GatewayProcess[] = [];
	before(async () => {
		redis = await startRedis();
		const env = { REDIS_URL: redis.url, DATABASE_URL: `sqlite:${directory}/shared.db` };
		for (let i = 0; i < 2; i++) nodes.push(await startGateway({ env, dataDirectory: directory }));
	});
	after(async () => {
		for (const node of nodes) await node.kill9();
		await redis.stop();
		rmSync(directory, { recursive: true, force: true });
	});

	it("is played to its end, out-of-turn moves refused, the result kept", async () => {
		const [first, second] = nodes as [GatewayProcess, GatewayProcess];
		const { client: ada, login: adaLogin } = await WireClient.member(first.url, "ada");
		const { client: bob, login: bobLogin } = await WireClient.member(second.url, "bob");
		const created = await ada.ask(createRoom, { name: "duel", game: "gomoku" });
		assert.equal(created.code ?? 0, 0, created.error?.message);
		const roomId = createRoom.reply.decode(created.body ?? new Uint8Array()).room?.id ?? "";
		const act = async (client: WireClient, action: RoomAction, payload?: Uint8Array) => {
			const reply = await client.ask(gameAction, { roomId, action, ...(payload && { payload }) });
			return reply.code ?? 0;
		};
		const move = (client: WireClient, row: number, column: number) =>
			act(client, RoomAction.MOVE, GomokuMove.encode({ row, column }).finish());
		assert.equal((await bob.ask(joinRoom, { roomId })).code ?? 0, 0);
		for (const client of [ada, bob]) assert.equal(await act(client, RoomAction.READY), 0);
		assert.equal(await act(ada, RoomAction.START), 0);

		const state = async (client: WireClient) => {
			const reply = await client.ask(getGameState, { roomId });
			return GomokuState.decode(getGameState.reply.decode(reply.body ?? new Uint8Array()).state ?? new Uint8Array());
		};
		const isAdaBlack = (await state(bob)).blackUserId === adaLogin.user?.id;
		let black = isAdaBlack ? ada : bob;
		const white = isAdaBlack ? bob : ada;
		assert.notEqual(await move(white, 0, 0), 0, "white does not begin");
		for (let i = 0; i < 2; i++) {
			assert.equal(await move(black, 7, i), 0);
			assert.equal(await move(white, 8, i), 0);
		}
		assert.notEqual(await move(black, 8, 0), 0, "the place is taken");

		// Black loses the connection and comes back on the other node.
		const token = (isAdaBlack ? adaLogin : bobLogin).tokens?.accessToken;
		black.socket.terminate();
		await black.closed;
		black = await WireClient.open(isAdaBlack ? second.url : first.url);
		const positions = [{ channel: `room:${roomId}`, offset: 0, epoch: "before" }];
		assert.equal((await black.ask(authRoutes.connect, { accessToken: token ?? "", positions })).code ?? 0, 0);
		for (let i = 2; i < 4; i++) {
			assert.equal(await move(black, 7, i), 0);
			assert.equal(await move(white, 8, i), 0);
		}
		assert.equal(await move(black, 7, 4), 0);
		const over = await state(white);
		assert.deepEqual([over.isOver, over.winnerUserId === over.blackUserId], [true, true]);

		// Each client that stayed received every move, in one order, and the end.
		const finished = () => white.pushes.some((push) => isFinish(push.protocol ?? 0, push.body ?? new Uint8Array()));
		await until(finished);
		const moves = white.pushes.filter(({ protocol }) => protocol === pushes.gameEvent.number);
		const numbers = moves.map(({ body }) => GameEvent.decode(body ?? new Uint8Array()).actionNumber);
		assert.deepEqual(numbers, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
		await until(async () => {
			const reply = await black.ask(getPlayerStats, {});
			return getPlayerStats.reply.decode(reply.body ?? new Uint8Array()).won === 1;
		});
		await Promise.all([black.close(), white.close()]);
	});
});

function isFinish(protocol: number, body: Uint8Array): boolean {
	return protocol === pushes.roomEvent.number && RoomEvent.decode(body).kind === RoomEvent_Kind.FINISHED;
}
