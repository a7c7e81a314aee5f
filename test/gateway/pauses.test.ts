// Gateway processes that are stopped for a while, as a paused machine, a frozen group of processes or a debugger does it: no
// client pays for that time, and what others took over meanwhile stays theirs.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { ErrorCode } from "../../protocol/codes.ts";
import {
	authRoutes,
	chatRoutes,
	type Envelope,
	GameEvent,
	GomokuMove,
	GomokuState,
	gameRoutes,
	MessageKind,
	MessagePosted,
	pushes,
	RoomAction,
} from "../../protocol/gen/schema.ts";
import { freeze } from "../support/freeze.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import type { RealServer } from "../support/real-server.ts";
import { startRedis } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { PASSWORD, WireClient } from "../support/wire-client.ts";

const { heartbeat, login, register } = authRoutes;
const { createRoom, joinRoom, gameAction, getGameState } = gameRoutes;
const { createChatRoom, joinChatRoom, sendMessage } = chatRoutes;
const { OK } = ErrorCode;
const codeOf = ({ code }: Envelope) => code ?? OK;

/** The time that passes is what is tested: there is nothing to wait for but it. */
function pass(ms: number): Promise<void> {
	const endMs = performance.now() + ms;
	return until(() => performance.now() >= endMs);
}

async function pausedSeconds({ httpUrl }: GatewayProcess): Promise<number> {
	const text = await (await fetch(`${httpUrl}/metrics`)).text();
	return Number(/^framegate_paused_seconds_total (\S+)$/m.exec(text)?.[1]);
}

describe("a gateway that was stopped for longer than its timeouts", () => {
	const IDLE_MS = 8000;
	let gateway: GatewayProcess;
	before(async () => {
		const limits = { IDLE_TIMEOUT: IDLE_MS, HEARTBEAT_INTERVAL: 5000, AUTH_TIMEOUT: 4000 };
		const env = Object.entries(limits).map(([name, ms]) => [`FRAMEGATE_LIMITS_${name}_MS`, String(ms)]);
		gateway = await startGateway({ env: Object.fromEntries(env) });
	});
	after(() => gateway.kill9());

	it("closes nobody: who spoke meanwhile, who was silent, who has not logged in yet", async () => {
		const { client: speaker } = await WireClient.member(gateway.url, "ann");
		const { client: silent } = await WireClient.member(gateway.url, "bob");
		const early = await WireClient.open(gateway.url);
		const late = await WireClient.open(gateway.url);
		await late.ask(register, { username: "cat", password: PASSWORD });
		const thaw = await freeze(gateway.pid);
		const spoken = speaker.ask(heartbeat, {});
		const loggedIn = early.ask(login, { username: "ann", password: PASSWORD });
		await pass(IDLE_MS + 1500);
		thaw();
		assert.equal(codeOf(await spoken), OK);
		assert.equal(codeOf(await loggedIn), OK);
		await until(async () => (await pausedSeconds(gateway)) >= IDLE_MS / 1000);
		assert.equal(codeOf(await late.ask(login, { username: "cat", password: PASSWORD })), OK);
		for (const client of [speaker, silent, early, late]) {
			assert.equal(codeOf(await client.ask(heartbeat, {})), OK);
			await client.close();
		}
	});
});

describe("a node that was stopped for longer than its leases", () => {
	const CLAIM_MS = 1000;
	const directory = mkdtempSync(join(tmpdir(), "framegate-pauses-"));
	let redis: RealServer;
	const nodes: GatewayProcess[] = [];
	before(async () => {
		redis = await startRedis();
		const env = {
			REDIS_URL: redis.url,
			DATABASE_URL: `sqlite:${directory}/shared.db`,
			FRAMEGATE_GAMES_LEASE_MS: "1500",
			FRAMEGATE_GAMES_TICK_INTERVAL_MS: "200",
			FRAMEGATE_CHAT_RELAY_CLAIM_MS: String(CLAIM_MS),
		};
		for (let i = 0; i < 2; i++) nodes.push(await startGateway({ env, dataDirectory: directory }));
	});
	after(async () => {
		for (const node of nodes) await node.kill9();
		await redis.stop();
		rmSync(directory, { recursive: true, force: true });
	});

	it("writes nothing into a room that another node has taken over", async () => {
		const [first, second] = nodes as [GatewayProcess, GatewayProcess];
		const { client: ada, login: adaLogin } = await WireClient.member(first.url, "ada");
		const { client: bob } = await WireClient.member(second.url, "bob");
		const created = await ada.ask(createRoom, { name: "duel", game: "gomoku" });
		const roomId = createRoom.reply.decode(created.body ?? new Uint8Array()).room?.id ?? "";
		const act = async (client: WireClient, action: RoomAction, payload?: Uint8Array) =>
			codeOf(await client.ask(gameAction, { roomId, action, ...(payload && { payload }) }));
		const move = (client: WireClient, row: number, column: number) =>
			act(client, RoomAction.MOVE, GomokuMove.encode({ row, column }).finish());
		const state = async (client: WireClient) => {
			const reply = await client.ask(getGameState, { roomId });
			return GomokuState.decode(getGameState.reply.decode(reply.body ?? new Uint8Array()).state ?? new Uint8Array());
		};
		assert.equal(codeOf(await bob.ask(joinRoom, { roomId })), OK);
		for (const client of [ada, bob]) assert.equal(await act(client, RoomAction.READY), OK);
		assert.equal(await act(ada, RoomAction.START), OK);
		// It is Bob's turn when Ada's node, which owns the room, stops.
		const isAdaBlack = (await state(bob)).blackUserId === adaLogin.user?.id;
		if (isAdaBlack) assert.equal(await move(ada, 0, 0), OK);
		const thaw = await freeze(first.pid);
		// On its way to the stopped node, which has the room as it was.
		const answer = move(ada, 8, 8);
		await until(async () => (await move(bob, 7, 7)) === OK);
		thaw();
		await answer;
		await until(async () => (await state(ada)).moves === (await state(bob)).moves);
		if ((await state(bob)).moves === Number(isAdaBlack) + 1) assert.equal(await move(ada, 8, 8), OK);
		assert.equal(await move(bob, 6, 6), OK);
		assert.deepEqual(await state(ada), await state(bob));
		const events = bob.pushes.filter(({ protocol }) => protocol === pushes.gameEvent.number);
		const actions = events.map(({ body }) => GameEvent.decode(body ?? new Uint8Array()));
		// The next owner publishes again what the stopped one had not recorded as published; clients know it by its number.
		const places = new Map<number, Set<string>>();
		for (const { actionNumber, payload } of actions) {
			places.set(actionNumber, (places.get(actionNumber) ?? new Set()).add(payload.toString()));
		}
		assert.deepEqual(
			[...places].map(([number, { size }]) => [number, size]),
			[...places].map((_, index) => [index + 1, 1]),
			"one history, in its order",
		);
		await Promise.all([ada.close(), bob.close()]);
	});

	it("leaves the publishing of a conversation to the node that has taken it over", async () => {
		const [first, second] = nodes as [GatewayProcess, GatewayProcess];
		const { client: eve } = await WireClient.member(first.url, "eve");
		const { client: fay } = await WireClient.member(second.url, "fay");
		const made = await eve.ask(createChatRoom, { name: "room", isPublic: true });
		const roomId = createChatRoom.reply.decode(made.body ?? new Uint8Array()).room?.id ?? "";
		assert.equal(codeOf(await fay.ask(joinChatRoom, { roomId })), OK);
		let sent = 0;
		const send = (client: WireClient) =>
			client.ask(sendMessage, {
				roomId,
				clientMsgId: `m${++sent}`,
				content: { kind: MessageKind.TEXT, text: String(sent) },
			});
		// Some of these are committed and not published when it stops, some not even read.
		const answers = Array.from({ length: 30 }, () => send(eve));
		await answers[0];
		const thaw = await freeze(first.pid);
		// It may wait for a transaction that the stopped node is in the middle of.
		const other = send(fay);
		const seen = () => {
			const posted = fay.pushes.filter(({ protocol }) => protocol === pushes.messagePosted.number);
			const sequences = posted.map(({ body }) =>
				Number(MessagePosted.decode(body ?? new Uint8Array()).message?.sequence),
			);
			return [...new Set(sequences)];
		};
		await pass(2 * CLAIM_MS);
		thaw();
		for (const answer of [...answers, other]) assert.equal(codeOf(await answer), OK);
		assert.equal(codeOf(await send(fay)), OK);
		await until(() => seen().length === sent);
		assert.deepEqual(
			seen(),
			Array.from({ length: sent }, (_, index) => index + 1),
		);
		await Promise.all([eve.close(), fay.close()]);
	});
});
