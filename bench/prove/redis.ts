// The Redis installations that scenarios need, with the faults that a scenario can cause.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { freeze } from "../../test/support/freeze.ts";
import { freePort, type RealServer } from "../../test/support/real-server.ts";
import { type RedisGroup, startRedisCluster } from "../../test/support/redis-cluster.ts";
import { startRedis } from "../../test/support/redis-server.ts";
import { until } from "../../test/support/until.ts";

export interface StandaloneRedis {
	readonly url: string;
	/** As `systemctl stop` would: it writes its data, and exits. */
	shutDown(): Promise<void>;
	/** Ends it at once, with what it had not written yet. */
	kill9(): Promise<void>;
	/** With the data that it had. */
	startAgain(): Promise<void>;
	/** Halts the process, which keeps its connections. Returns a function that continues it. */
	pause(): Promise<() => void>;
	/** Answers no client for so long, by its own command; resolves at once. */
	pauseClients(ms: number): Promise<void>;
	stop(): Promise<void>;
}

export interface SentinelRedis {
	readonly url: string;
	/** Ends the master at once; resolves when the Sentinel has made the replica master. */
	killMaster(): Promise<void>;
	stop(): Promise<void>;
}

/** Nodes without a shared Redis. */
export interface NoRedis {
	readonly url: "";
	stop(): Promise<void>;
}

/** What a scenario may ask for. `box` is the Redis of a field box, not of the nodes; `full` refuses to grow beyond 64 MB. */
export interface RedisKinds {
	readonly none: NoRedis;
	readonly box: StandaloneRedis;
	readonly full: StandaloneRedis;
	readonly standalone: StandaloneRedis;
	readonly cluster: RedisGroup;
	readonly sentinel: SentinelRedis;
}

export const redisStarters: { readonly [Kind in keyof RedisKinds]: () => Promise<RedisKinds[Kind]> } = {
	none: async () => ({ url: "", stop: async () => {} }),
	// Database 0 is another plant's.
	box: async () => {
		const server = await startStandalone();
		return { ...server, url: `${server.url}/1` };
	},
	full: () => startStandalone("--maxmemory", "64mb", "--maxmemory-policy", "noeviction"),
	standalone: () => startStandalone(),
	cluster: startRedisCluster,
	sentinel: startSentinel,
};

async function startStandalone(...more: string[]): Promise<StandaloneRedis> {
	const directory = mkdtempSync(join(tmpdir(), "framegate-prove-redis-"));
	const args = ["--appendonly", "yes", "--appendfsync", "everysec", "--dir", directory, ...more];
	let server = await startRedis({ args });
	const { url, port } = server;
	const shutDown = async (): Promise<void> => {
		const exited = new Promise((resolve) => server.process.once("exit", resolve));
		server.process.kill("SIGTERM");
		await exited;
		await server.stop();
	};
	return {
		url,
		shutDown,
		kill9: () => server.stop(),
		startAgain: async () => {
			server = await startRedis({ args, port });
		},
		pause: () => freeze(server.pid),
		pauseClients: (ms) => withClient(port, async (client) => void (await client.call("CLIENT", "PAUSE", ms, "ALL"))),
		stop: async () => {
			await server.stop();
			rmSync(directory, { recursive: true, force: true });
		},
	};
}

/** A master, its replica, and one Sentinel, whose word is enough. */
async function startSentinel(): Promise<SentinelRedis> {
	const started: RealServer[] = [];
	const keep = (server: RealServer): RealServer => {
		started.push(server);
		return server;
	};
	const stop = async (): Promise<void> => void (await Promise.all(started.map((server) => server.stop())));
	try {
		const master = keep(await startRedis());
		const replica = keep(await startRedis({ args: ["--replicaof", "127.0.0.1", String(master.port)] }));
		await withClient(replica.port, (client) =>
			until(async () => (await client.info("replication")).includes("master_link_status:up")),
		);
		const port = await freePort();
		const configuration = [
			`sentinel monitor main 127.0.0.1 ${master.port} 1`,
			"sentinel down-after-milliseconds main 1000",
			"sentinel failover-timeout main 5000",
		];
		keep(await startRedis({ port, sentinel: configuration.join("\n") }));
		await withClient(port, (client) =>
			until(async () => ((await client.call("SENTINEL", "REPLICAS", "main")) as unknown[]).length === 1),
		);
		return {
			url: `redis+sentinel://127.0.0.1:${port}/main`,
			killMaster: async () => {
				await master.stop();
				await withClient(replica.port, (client) =>
					until(async () => (await client.info("replication")).includes("role:master")),
				);
			},
			stop,
		};
	} catch (error) {
		await stop();
		throw error;
	}
}

async function withClient(port: number, task: (client: Redis) => Promise<void>): Promise<void> {
	const client = new Redis(port);
	client.on("error", () => {});
	try {
		await task(client);
	} finally {
		client.disconnect();
	}
}
