// Real Redis Clusters and Sentinels for tests.
import net from "node:net";
import { freePort, type RealServer } from "./real-server.ts";
import { startRedis } from "./redis-server.ts";
import { until } from "./until.ts";

export interface RedisGroup {
	readonly url: string;
	readonly servers: readonly RealServer[];
	stop(): Promise<void>;
}

const SLOTS = 16_384;
/** How far above a server's port the bus between cluster nodes listens. */
const BUS = 10_000;

/** Three masters without replicas. */
export async function startRedisCluster(): Promise<RedisGroup> {
	const args = ["--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--cluster-node-timeout", "2000"];
	const servers = await Promise.all([1, 2, 3].map(async () => startRedis({ args, port: await freePort(BUS) })));
	const share = Math.ceil(SLOTS / servers.length);
	for (const [index, server] of servers.entries()) {
		const last = Math.min(SLOTS, (index + 1) * share) - 1;
		await inline(server.port, `CLUSTER ADDSLOTSRANGE ${index * share} ${last}`);
		await inline(server.port, `CLUSTER SET-CONFIG-EPOCH ${index + 1}`);
		await inline(server.port, `CLUSTER MEET 127.0.0.1 ${(servers[0] as RealServer).port}`);
	}
	for (const server of servers) {
		await until(async () => {
			const info = await inline(server.port, "CLUSTER INFO");
			return info.includes("cluster_state:ok") && info.includes(`cluster_known_nodes:${servers.length}`);
		});
	}
	return {
		url: `redis+cluster://${servers.map((server) => `127.0.0.1:${server.port}`).join(",")}`,
		servers,
		stop: async () => void (await Promise.all(servers.map((server) => server.stop()))),
	};
}

/** One master that one Sentinel knows as `main`. `servers` begins with the master. */
export async function startRedisSentinel(): Promise<RedisGroup> {
	const master = await startRedis();
	const port = await freePort();
	const sentinel = await startRedis({ port, sentinel: `sentinel monitor main 127.0.0.1 ${master.port} 1` });
	return {
		url: `redis+sentinel://127.0.0.1:${port}/main`,
		servers: [master, sentinel],
		stop: async () => void (await Promise.all([master.stop(), sentinel.stop()])),
	};
}

/** One inline command, for servers that no client library could connect to yet. */
function inline(port: number, command: string): Promise<string> {
	return new Promise((resolve, reject) => {
		const socket = net.connect(port, "127.0.0.1", () => socket.end(`${command}\r\nQUIT\r\n`));
		let reply = "";
		socket.on("data", (chunk) => {
			reply += chunk.toString();
		});
		socket.once("close", () => (reply.startsWith("-") ? reject(new Error(reply)) : resolve(reply)));
		socket.once("error", reject);
	});
}
