// Rooms and chat of the client on two nodes, one of which is killed in the middle: clients move to the other node and
// subscribe to their channels again, and their listeners receive everything once, in order.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { type Client, createClient, pushes, type Recovery } from "../../client/index.ts";
import { RoomAction, RoomEvent_Kind, RoomStatus } from "../../protocol/gen/schema.ts";
import { type GatewayProcess, startGateway } from "../support/gateway.ts";
import type { RealServer } from "../support/real-server.ts";
import { startRedis } from "../support/redis-server.ts";
import { until } from "../support/until.ts";

const PASSWORD = "correct horse battery";
const MESSAGES = 150;
const MOVES = 60;
/** Longer than a room stays with a node that died. */
const FLUSH_TIMEOUT_MS = 30_000;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

describe("clients of two nodes, one of which is killed", () => {
	const directory = mkdtempSync(join(tmpdir(), "framegate-client-nodes-"));
	let redis: RealServer;
	let dying: GatewayProcess;
	let staying: GatewayProcess;
	const clients: Client[] = [];
	const node = (port?: number): Promise<GatewayProcess> => {
		const env = {
			REDIS_URL: redis.url,
			DATABASE_URL: `sqlite:${directory}/shared.db`,
			FRAMEGATE_CHAT_USER_RATE_PER_SECOND: "100000",
			FRAMEGATE_CHAT_USER_RATE_BURST: "100000",
			FRAMEGATE_CHAT_CONVERSATION_RATE_PER_SECOND: "100000",
			FRAMEGATE_CHAT_CONVERSATION_RATE_BURST: "100000",
			FRAMEGATE_RATES_CONNECTION_PER_SECOND: "0",
			FRAMEGATE_RATES_USER_PER_SECOND: "0",
			FRAMEGATE_RATES_IP_PER_SECOND: "0",
		};
		return startGateway({ env, dataDirectory: directory, ...(port === undefined ? {} : { port }) });
	};

	before(async () => {
		redis = await startRedis();
		dying = await node();
		staying = await node();
	});

	afterEach(async () => {
		for (const client of clients.splice(0)) client.close();
		if (dying.process.signalCode !== null) dying = await node(dying.port);
	});

	after(async () => {
		for (const each of [dying, staying]) await each.kill9();
		await redis.stop();
		rmSync(directory, { recursive: true, force: true });
	});

	/** A client of both nodes, with the recoveries of its channels. */
	async function member(username: string, first: GatewayProcess, second: GatewayProcess) {
		const client = createClient({ url: [first.url, second.url], backoff: { minMs: 5, maxMs: 100 } });
		clients.push(client);
		await client.connect();
		await client.auth.register({ username, password: PASSWORD });
		await client.login({ username, password: PASSWORD, deviceId: "phone" });
		const recoveries: Recovery[] = [];
		client.onRecovery((recovery) => recoveries.push(recovery));
		return { client, recoveries, nodeId: client.sessionInfo?.nodeId };
	}

	type Member = Awaited<ReturnType<typeof member>>;

	/** The clients of the killed node are on the other one, and missed nothing. */
	function assertMoved(moved: readonly Member[], stayed: Member): void {
		for (const { client, recoveries } of moved) {
			assert.equal(client.sessionInfo?.nodeId, stayed.nodeId);
			assert.ok(recoveries.length >= 2, "room and inbox");
			assert.deepEqual(
				recoveries.filter(({ recovered }) => !recovered),
				[],
			);
		}
		assert.equal(stayed.client.sessionInfo?.nodeId, stayed.nodeId);
		assert.deepEqual(stayed.recoveries, []);
	}

	it("receive every message of a chat room once, in order, and lose nothing they send", {
		timeout: 120_000,
	}, async () => {
		const ann = await member("ann", dying, staying);
		const bob = await member("bob", dying, staying);
		const cat = await member("cat", staying, dying);
		assert.notEqual(ann.nodeId, cat.nodeId);
		const members = [ann, bob, cat];
		const { room } = await ann.client.chat.createRoom({ name: "tea", isPublic: true });
		const roomId = room?.id ?? "";
		const received = members.map(({ client }) => {
			const log: (readonly [sequence: number, text: string])[] = [];
			client.chat.on(roomId, pushes.messagePosted, ({ message }) =>
				log.push([message?.sequence ?? 0, message?.content?.text ?? ""]),
			);
			return log;
		});
		for (const { client } of [bob, cat]) await client.chat.joinRoom({ roomId });
		// The subscription to the room is reported as a recovery as well.
		for (const { recoveries } of members) recoveries.length = 0;

		let sent = 0;
		let killed: Promise<unknown> | undefined;
		// The sender waits for each answer, so that its own messages have an order that the room's must keep.
		const talk = async ({ client }: Member, name: string): Promise<void> => {
			for (let i = 0; i < MESSAGES; i++) {
				await client.chat.send(roomId, `${name} ${i}`, { timeoutMs: FLUSH_TIMEOUT_MS });
				if (++sent === MESSAGES) killed = dying.kill9();
			}
		};
		await Promise.all([talk(ann, "ann"), talk(cat, "cat")]);
		await killed;
		const total = 2 * MESSAGES;
		await until(() => received.every((log) => log.length >= total));
		const [first = []] = received;
		assert.deepEqual(
			first.map(([sequence]) => sequence),
			Array.from({ length: total }, (_, index) => index + 1),
		);
		for (const name of ["ann", "cat"]) {
			const texts = first.map(([, text]) => text).filter((text) => text.startsWith(name));
			assert.deepEqual(
				texts,
				Array.from({ length: MESSAGES }, (_, index) => `${name} ${index}`),
			);
		}
		for (const log of received) assert.deepEqual(log, first);
		assertMoved([ann, bob], cat);
	});

	it("continue a game in a room that moves with them, and receive every event once, in order", {
		timeout: 120_000,
	}, async () => {
		// The room lives where it was made, on the node that is killed.
		const dan = await member("dan", dying, staying);
		const eve = await member("eve", staying, dying);
		const { rooms } = dan.client;
		const created = await rooms.create({ name: "duel", game: "relay" });
		const roomId = created.room?.id ?? "";
		const logs = [dan, eve].map(({ client }) => {
			const events: number[] = [];
			const moves: string[] = [];
			const kinds: (RoomEvent_Kind | undefined)[] = [];
			client.rooms.on(roomId, pushes.roomEvent, ({ eventNumber, kind }) => {
				events.push(eventNumber ?? 0);
				kinds.push(kind);
			});
			client.rooms.on(roomId, pushes.gameEvent, ({ eventNumber, payload, actionNumber }) => {
				events.push(eventNumber ?? 0);
				moves.push(`${actionNumber} ${decoder.decode(payload)}`);
			});
			return { events, moves, kinds };
		});
		await eve.client.rooms.join({ roomId });
		await eve.client.rooms.action({ roomId, action: RoomAction.READY });
		await rooms.action({ roomId, action: RoomAction.START });

		const expected: string[] = [];
		for (let i = 0; i < MOVES; i++) {
			const { client } = i % 2 === 0 ? dan : eve;
			const killed = i === MOVES / 2 ? dying.kill9() : undefined;
			const move = { roomId, action: RoomAction.MOVE, payload: encoder.encode(`move ${i}`) };
			const { actionNumber } = await client.rooms.action(move, { timeoutMs: FLUSH_TIMEOUT_MS });
			assert.equal(actionNumber, i + 1);
			expected.push(`${i + 1} move ${i}`);
			await killed;
		}
		await rooms.action({ roomId, action: RoomAction.FINISH }, { timeoutMs: FLUSH_TIMEOUT_MS });
		await until(() => logs.every(({ kinds }) => kinds.includes(RoomEvent_Kind.FINISHED)));
		const { eventNumber = 0, room } = await rooms.state({ roomId });
		assert.equal(room?.status, RoomStatus.FINISHED);
		for (const { events, moves } of logs) {
			assert.deepEqual(moves, expected);
			await until(() => events.at(-1) === eventNumber);
			const [from = 0] = events;
			const gapless = Array.from({ length: eventNumber - from + 1 }, (_, index) => from + index);
			assert.deepEqual(events, gapless);
		}
		assert.ok((logs[0]?.events[0] ?? 0) <= Number(created.eventNumber ?? 0) + 1);
		assertMoved([dan], eve);
	});
});
