// Where the contract of the broker runs: in memory, and with two processes on a real Redis, Redis Cluster and Sentinel.
import type { Publication } from "../../../messaging/broker.ts";
import { MemoryBroker } from "../../../messaging/broker-memory.ts";
import { ChannelReset, Envelope } from "../../../protocol/gen/schema.ts";
import { startRedisCluster, startRedisSentinel } from "../../support/redis-cluster.ts";
import { startRedis } from "../../support/redis-server.ts";
import { ListeningNode, readyRedisNode } from "./listening-node.ts";

export interface Backend {
	/** Two processes; in memory both are the same one. */
	readonly nodes: readonly [ListeningNode, ListeningNode];
	stop(): Promise<void>;
}

/** Positions expire as soon as logs do, otherwise the test would need a day. */
const options = { positionKeptMs: 0 };

async function redisBackend(starter: () => Promise<{ url: string; stop(): Promise<void> }>): Promise<Backend> {
	const server = await starter();
	const nodes = [await readyRedisNode(server.url, options), await readyRedisNode(server.url, options)] as const;
	return {
		nodes,
		stop: async () => {
			await Promise.all(nodes.map((node) => node.close()));
			await server.stop();
		},
	};
}

export const backends: Record<string, () => Promise<Backend>> = {
	memory: async () => {
		const node = new ListeningNode(new MemoryBroker(() => performance.now(), options));
		return { nodes: [node, node], stop: () => node.broker.close() };
	},
	Redis: () => redisBackend(startRedis),
	"Redis Cluster": () => redisBackend(startRedisCluster),
	"Redis by Sentinel": () => redisBackend(startRedisSentinel),
};

export function textOf({ frame }: Publication): string {
	return ChannelReset.decode(Envelope.decode(frame).body ?? new Uint8Array()).channel ?? "";
}
