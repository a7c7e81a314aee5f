// The one place that makes Redis clients. A client here never queues for a server that is away: a command fails at
// once or within its timeout, and the client comes back by itself. A server that is down at boot is no different.
import { Cluster, Redis } from "ioredis";
import type { Logger } from "../../ports/logger.ts";
import type { Probe } from "../../ports/probe.ts";
import { GatewayError, unavailable } from "../../protocol/error.ts";
import { parseRedisUrl, type RedisTarget } from "./redis-url.ts";

export interface RedisOptions {
	/** See `parseRedisUrl`. */
	readonly url: string;
	/** Put before every key and channel: `framegate:`. */
	readonly keyPrefix?: string;
	/** Longest wait for one reply. */
	readonly commandTimeoutMs?: number;
	readonly connectTimeoutMs?: number;
	/** Commands that may wait for a reply; beyond it a command is refused at once. */
	readonly maxInFlight?: number;
	/** Longest pause between two attempts to reconnect. */
	readonly maxReconnectDelayMs?: number;
	/** false: usable as soon as it is connected, for who watches itself whether the server is still loading its data. */
	readonly waitsForLoading?: boolean;
}

const defaults = {
	keyPrefix: "framegate:",
	commandTimeoutMs: 2000,
	connectTimeoutMs: 3000,
	maxInFlight: 20_000,
	maxReconnectDelayMs: 2000,
	waitsForLoading: true,
};

/** What a refused request is told to wait. */
const RETRY_AFTER_MS = 1000;

export type RedisClient = Redis | Cluster;

export interface RedisConnection {
	/** For rate-limiter-flexible and subscriptions; everything else goes through `run`. */
	readonly client: RedisClient;
	readonly keyPrefix: string;
	readonly probe: Probe;
	readonly isReady: boolean;
	/**
	 * Runs commands.
	 *
	 * @throws GatewayError UNAVAILABLE when they fail, or too many wait already.
	 */
	run<T>(commands: (client: RedisClient) => Promise<T>): Promise<T>;
	/** A further connection, for subscriptions only. Closed with this one. */
	subscriber(): RedisClient;
	close(): Promise<void>;
}

/**
 * Opens a connection; does not wait for it, and does not throw when the server is down.
 *
 * @throws Error when the URL is malformed.
 */
export function openRedis(options: RedisOptions, logger: Logger): RedisConnection {
	return new IoredisConnection(parseRedisUrl(options.url), { ...defaults, ...options }, logger);
}

class IoredisConnection implements RedisConnection {
	readonly client: RedisClient;
	readonly keyPrefix: string;
	readonly probe: Probe;
	private readonly target: RedisTarget;
	private readonly options: Required<RedisOptions>;
	private readonly logger: Logger;
	private readonly subscribers: RedisClient[] = [];
	private inFlight = 0;

	constructor(target: RedisTarget, options: Required<RedisOptions>, logger: Logger) {
		this.target = target;
		this.options = options;
		this.logger = logger;
		this.keyPrefix = options.keyPrefix;
		this.client = this.makeClient("commands");
		this.probe = {
			name: "redis",
			// A write, so that a replica or a full server is not taken for a working one.
			check: () =>
				this.run(async (client) => {
					const key = `${this.keyPrefix}probe`;
					const reply = await client.set(key, "1", "PX", 60_000);
					if (reply !== "OK") throw new Error("Redis probe got a wrong answer");
				}),
		};
	}

	get isReady(): boolean {
		return this.client.status === "ready";
	}

	async run<T>(commands: (client: RedisClient) => Promise<T>): Promise<T> {
		if (this.inFlight >= this.options.maxInFlight) throw unavailable("Redis", RETRY_AFTER_MS);
		this.inFlight++;
		try {
			return await commands(this.client);
		} catch (error) {
			if (error instanceof GatewayError) throw error;
			throw unavailable("Redis", RETRY_AFTER_MS, error);
		} finally {
			this.inFlight--;
		}
	}

	subscriber(): RedisClient {
		const client = this.makeClient("subscriptions");
		this.subscribers.push(client);
		return client;
	}

	async close(): Promise<void> {
		for (const client of [this.client, ...this.subscribers]) client.disconnect();
	}

	private makeClient(purpose: "commands" | "subscriptions"): RedisClient {
		const client = this.target.kind === "cluster" ? this.makeCluster() : this.makeRedis();
		logStateChanges(client, this.logger.child({ redis: purpose }));
		return client;
	}

	private makeRedis(): Redis {
		const { target } = this;
		const retryStrategy = (attempt: number) => reconnectDelayMs(attempt, this.options.maxReconnectDelayMs);
		const common = {
			...this.nodeOptions(),
			db: target.db,
			enableOfflineQueue: false,
			retryStrategy,
			// A replica that took over a master's address refuses writes: look for the master again.
			reconnectOnError: (error: Error) => error.message.startsWith("READONLY"),
		};
		if (target.kind === "sentinel") {
			return new Redis({
				...common,
				sentinels: target.nodes.map((node) => ({ ...node })),
				name: target.masterName as string,
				sentinelRetryStrategy: retryStrategy,
				sentinelCommandTimeout: this.options.commandTimeoutMs,
				enableTLSForSentinelMode: target.tls,
				...(target.tls && { sentinelTLS: {} }),
			});
		}
		const node = target.nodes[0] as { host: string; port: number };
		return new Redis({ ...common, host: node.host, port: node.port });
	}

	private makeCluster(): Cluster {
		return new Cluster(
			this.target.nodes.map((node) => ({ ...node })),
			{
				enableOfflineQueue: false,
				clusterRetryStrategy: (attempt) => reconnectDelayMs(attempt, this.options.maxReconnectDelayMs),
				slotsRefreshTimeout: this.options.commandTimeoutMs,
				// Together below a command's timeout, so that a fail-over that takes longer is refused, not waited for.
				maxRedirections: 8,
				retryDelayOnFailover: 100,
				retryDelayOnClusterDown: 100,
				redisOptions: this.nodeOptions(),
				...(this.target.tls && { dnsLookup: (address, callback) => callback(null, address) }),
			},
		);
	}

	private nodeOptions() {
		const { target, options } = this;
		return {
			connectTimeout: options.connectTimeoutMs,
			commandTimeout: options.commandTimeoutMs,
			// A server that holds its connections but answers nothing: drop the connection, and with it the commands that
			// were given up but would still be sent.
			socketTimeout: options.commandTimeoutMs + 1000,
			maxRetriesPerRequest: 0,
			autoResendUnfulfilledCommands: false,
			connectionName: "framegate",
			enableReadyCheck: options.waitsForLoading,
			...(target.username !== undefined && { username: target.username }),
			...(target.password !== undefined && { password: target.password }),
			...(target.tls && { tls: {} }),
		};
	}
}

/** Grows to the cap, with half of it at random, so that many processes do not come back in step. */
function reconnectDelayMs(attempt: number, maxDelayMs: number): number {
	const ceiling = Math.min(maxDelayMs, 50 * 2 ** Math.min(attempt, 10));
	return ceiling / 2 + (Math.random() * ceiling) / 2;
}

/** One line when the server goes and one when it comes, however often the client tries in between. */
function logStateChanges(client: RedisClient, logger: Logger): void {
	let isUp: boolean | undefined;
	client.on("error", (error: Error) => {
		if (isUp === false) return;
		isUp = false;
		logger.warn({ err: error }, "Redis is unavailable; reconnecting");
	});
	client.on("close", () => {
		if (isUp !== true) return;
		isUp = false;
		logger.warn({}, "Redis connection lost; reconnecting");
	});
	client.on("ready", () => {
		if (isUp !== true) logger.info({}, "Redis is available");
		isUp = true;
	});
}
