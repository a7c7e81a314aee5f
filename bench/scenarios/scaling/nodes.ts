// What a second node costs: CPU per delivery, of both nodes together, in a room whose members are all on one node and in
// one whose members are half on each. Both nodes share a Redis and a PostgreSQL of their own.
import { randomBytes } from "node:crypto";
import { startPostgres } from "../../../test/support/postgres-server.ts";
import type { RealServer } from "../../../test/support/real-server.ts";
import { startRedis } from "../../../test/support/redis-server.ts";
import { measureIdle } from "../../closed-loop.ts";
import type { PublishFigures } from "../../load/fleet.ts";
import { type Context, pause } from "../../scenario.ts";
import { type ChatMemberEntry, chatMembers } from "../../servers/chat-rooms.ts";
import type { ServerProcess } from "../../servers/server-process.ts";
import { ROUNDS } from "./connections.ts";

const SUBSCRIBERS = 2000;
const DELIVERIES_PER_SECOND = 40_000;
/** Few logins, as PostgreSQL takes its time for thousands at once. */
const CONNECTIONS_PER_SESSION = 10;
const SESSIONS_PER_USER = 10;
const WARM_UP_SECONDS = 1;
const SETTLE_MS = 1000;
/** Members of the load processes alternate, so pairs of them alternate between the nodes. */
const MEMBERS_IN_A_ROW = 2;

export interface NodesPoint {
	/** On how many nodes the members are. */
	readonly nodes: 1 | 2;
	readonly subscribers: number;
	readonly round: number;
	readonly messages: number;
	readonly deliveries: number;
	/** Of both nodes together. */
	readonly cpuUsPerDelivery: number;
	/** Of each node alone. */
	readonly cpuUsPerDeliveryOfNodes: readonly number[];
	readonly p50Us: number;
	readonly p99Us: number;
}

interface Node {
	readonly server: ServerProcess;
	idleUsPerSecond: number;
}

interface Room {
	readonly nodes: 1 | 2;
	readonly group: string;
	readonly message: Uint8Array;
	readonly subscribers: number;
}

export const STEPS_OF_NODES = 2;

export async function scaleNodes(context: Context): Promise<NodesPoint[]> {
	context.progress.step("two nodes, Redis and PostgreSQL");
	const stores: RealServer[] = [];
	try {
		const redis = await startRedis();
		stores.push(redis);
		const postgres = await startPostgres();
		stores.push(postgres);
		const settings = {
			REDIS_URL: redis.url,
			DATABASE_URL: postgres.url,
			JWT_SECRET: randomBytes(48).toString("hex"),
		};
		const nodes: Node[] = [];
		// One after the other: the first one makes the tables.
		for (let index = 0; index < 2; index++) {
			nodes.push({ server: await context.start("framegate", settings), idleUsPerSecond: 0 });
		}
		const points = await compareRooms(context, nodes);
		for (const { server } of nodes) await context.stop(server);
		return points;
	} finally {
		for (const store of stores) await store.stop();
	}
}

async function compareRooms(context: Context, nodes: readonly Node[]): Promise<NodesPoint[]> {
	const rooms = await fillRooms(context, nodes);
	for (const room of rooms) await publish(context, room, WARM_UP_SECONDS);
	await pause(SETTLE_MS);
	await measureIdle(nodes);
	context.progress.step("a room on one node, and one on two");
	const points: NodesPoint[] = [];
	for (let round = 1; round <= ROUNDS; round++) {
		for (const room of rooms) points.push(await measure(context, nodes, room, round));
	}
	for (const { group } of rooms) await context.fleet.disconnect(group);
	return points;
}

async function fillRooms(context: Context, nodes: readonly Node[]): Promise<Room[]> {
	const sessions = Math.ceil(Math.min(SUBSCRIBERS, context.settings.connections) / CONNECTIONS_PER_SESSION);
	const subscribers = sessions * CONNECTIONS_PER_SESSION;
	const [port = 0, other = 0] = nodes.map(({ server }) => server.port);
	const plan = { rooms: 2, membersPerRoom: sessions, sessionsPerUser: SESSIONS_PER_USER };
	const members = await chatMembers(port, plan);
	const room = async (group: string, nodes: 1 | 2, inRoom: readonly ChatMemberEntry[]): Promise<Room> => {
		const placed = Array.from({ length: subscribers }, (_, index) => {
			const { room, first } = inRoom[index % sessions] as ChatMemberEntry;
			const isElsewhere = nodes === 2 && Math.floor(index / MEMBERS_IN_A_ROW) % 2 === 1;
			return { room, first, ...(isElsewhere ? { port: other } : {}) };
		});
		await context.fleet.connect(group, { port, dialect: "framegate", members: placed });
		return { nodes, group, subscribers, message: inRoom[0]?.message ?? new Uint8Array(0) };
	};
	return [await room("one-node", 1, members.slice(0, sessions)), await room("two-nodes", 2, members.slice(sessions))];
}

function publish(context: Context, { group, message, subscribers }: Room, seconds: number): Promise<PublishFigures> {
	return context.fleet.publish(group, {
		publishers: [0],
		messages: [message],
		perSecond: DELIVERIES_PER_SECOND / subscribers,
		seconds,
		membersPerRoom: subscribers,
	});
}

async function measure(context: Context, nodes: readonly Node[], room: Room, round: number): Promise<NodesPoint> {
	const before = nodes.map(({ server }) => server.cpuUs());
	const startMs = performance.now();
	const { sent, delivered, latency } = await publish(context, room, context.settings.seconds);
	const elapsedSeconds = (performance.now() - startMs) / 1000;
	const used = nodes.map(({ server, idleUsPerSecond }, index) => {
		return (server.cpuUs() - (before[index] as number) - idleUsPerSecond * elapsedSeconds) / delivered;
	});
	return {
		nodes: room.nodes,
		subscribers: room.subscribers,
		round,
		messages: sent,
		deliveries: delivered,
		cpuUsPerDelivery: used.reduce((sum, cpuUs) => sum + cpuUs, 0),
		cpuUsPerDeliveryOfNodes: used,
		p50Us: latency.getValueAtPercentile(50),
		p99Us: latency.getValueAtPercentile(99),
	};
}
