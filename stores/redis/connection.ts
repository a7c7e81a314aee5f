// The one place that makes Redis clients. A client here never queues for an unavailable server: a command fails at once or
// within its timeout, and the client reconnects by itself. A server that is down at boot is no different. Nothing
// is sent on a connection before its handshake is complete, and no client subscribes again by itself.
import { isIP } from "node:net";
import { Cluster, Redis } from "ioredis";
import { tlsClientOptions } from "../../common/address-tls.ts";
import type { Logger } from "../../common/logger.ts";
import type { Probe } from "../../common/probe.ts";
import type { Tracer } from "../../common/tracing.ts";
import { GatewayError, unavailable } from "../../protocol/error.ts";
import { recordCommands } from "./command-spans.ts";
import { HandshakeError, requireHandshake } from "./handshake.ts";
import { MasterTags } from "./hash-slots.ts";
import { OutageLog } from "./outage-log.ts";
import type { RedisClient } from "./redis-client.ts";
import { parseRedisUrl, type RedisNode, type RedisTarget } from "./redis-url.ts";
import { retryDelayMs } from "./retry-timer.ts";
import { RedisScript } from "./script.ts";

export interface RedisOptions {
	/** See `parseRedisUrl`. */
	readonly url: string;
	/** Put before every key and every pub/sub name: `framegate:`. */
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

/** `retryAfterMs` of a refused request. */
const RETRY_AFTER_MS = 1000;

/** KEYS[1]: the probe; ARGV[1]: how long it is kept, in milliseconds. */
const probeScript = new RedisScript(`redis.call('SET', KEYS[1], '1', 'PX', ARGV[1]) return 1`);
const PROBE_KEPT_MS = 60_000;

export interface RedisConnection {
	/** For rate-limiter-flexible; everything else goes through `run`. */
	readonly client: RedisClient;
	readonly keyPrefix: string;
	/**
	 * Put before every pub/sub name, as Redis delivers a message to the subscribers in all databases:
	 * https://redis.io/docs/latest/develop/pubsub/#database--scoping. In database 0 it is `keyPrefix`.
	 */
	readonly channelPrefix: string;
	/** Of the URL; 0 in a Cluster. */
	readonly database: number;
	readonly maxReconnectDelayMs: number;
	/** Of its servers, or of the Sentinels that know them, as the URL has it; for log lines. */
	readonly address: string;
	/** A script that writes, on every server that owns slots. */
	readonly probe: Probe;
	readonly isReady: boolean;
	/**
	 * Runs commands.
	 *
	 * @throws GatewayError UNAVAILABLE when they fail, or too many wait already.
	 */
	run<T>(commands: (client: RedisClient) => Promise<T>): Promise<T>;
	/**
	 * Opens a further connection to one server, which does not come back once it has ended. Closed with this one.
	 *
	 * @param node - of a Cluster; without it any of its masters.
	 * @returns undefined while no master of a Cluster is known.
	 */
	open(node?: RedisNode): Redis | undefined;
	close(): Promise<void>;
}

/**
 * Opens a connection; does not wait for it, and does not throw when the server is down.
 *
 * @param tracer - records commands of calls that are recorded.
 * @throws Error when the URL is malformed.
 */
export function openRedis(options: RedisOptions, logger: Logger, tracer?: Tracer): RedisConnection {
	return new IoredisConnection(parseRedisUrl(options.url), { ...defaults, ...options }, logger, tracer);
}

class IoredisConnection implements RedisConnection {
	readonly client: RedisClient;
	readonly keyPrefix: string;
	readonly channelPrefix: string;
	readonly database: number;
	readonly maxReconnectDelayMs: number;
	readonly address: string;
	readonly probe: Probe;
	private readonly target: RedisTarget;
	private readonly options: Required<RedisOptions>;
	private readonly logger: Logger;
	private readonly tracer: Tracer | undefined;
	private readonly opened = new Set<Redis>();
	private readonly probeTags = new MasterTags();
	private inFlight = 0;
	/** The end of connections is no outage. */
	private isClosed = false;

	constructor(target: RedisTarget, options: Required<RedisOptions>, logger: Logger, tracer: Tracer | undefined) {
		this.target = target;
		this.options = options;
		this.logger = logger;
		this.tracer = tracer;
		this.keyPrefix = options.keyPrefix;
		this.channelPrefix = target.db === 0 ? options.keyPrefix : `${options.keyPrefix}db${target.db}:`;
		this.database = target.db;
		this.maxReconnectDelayMs = options.maxReconnectDelayMs;
		this.address = target.nodes.map(({ host, port }) => `${isIP(host) === 6 ? `[${host}]` : host}:${port}`).join(",");
		this.client = this.makeClient();
		this.probe = { name: "redis", check: () => this.check() };
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

	open(node?: RedisNode): Redis | undefined {
		const at = this.target.kind === "cluster" ? (node ?? this.anyMaster()) : undefined;
		if (this.target.kind === "cluster" && at === undefined) return undefined;
		// The caller that opened it opens the next one.
		const redis = this.makeRedis({ at, retryStrategy: () => null });
		this.opened.add(redis);
		redis.on("end", () => this.opened.delete(redis));
		return redis;
	}

	async close(): Promise<void> {
		this.isClosed = true;
		for (const client of [this.client, ...this.opened]) client.disconnect();
	}

	/**
	 * Goes the way of all that matters: a script, and a write, so that neither a replica nor a full server nor one that refuses
	 * scripts is taken for a working one.
	 */
	private async check(): Promise<void> {
		const { client } = this;
		const keys = client instanceof Cluster ? this.probeKeys(client) : [`${this.keyPrefix}probe`];
		await this.run(async () => {
			if (keys.length === 0) throw new Error("no server of the Cluster is known");
			await Promise.all(keys.map((key) => probeScript.run(client, key, [PROBE_KEPT_MS])));
		});
	}

	/** One for each master. */
	private probeKeys(cluster: Cluster): readonly string[] {
		return [...this.probeTags.of(cluster.slots).values()].map((tag) => `${this.keyPrefix}probe:{${tag}}`);
	}

	private anyMaster(): RedisNode | undefined {
		const masters = (this.client as Cluster).nodes("master");
		const { host, port } = masters[Math.floor(Math.random() * masters.length)]?.options ?? {};
		return host === undefined || port === undefined ? undefined : { host, port };
	}

	private makeClient(): RedisClient {
		const { maxReconnectDelayMs } = this.options;
		const retryStrategy = (attempt: number) => retryDelayMs(attempt, maxReconnectDelayMs);
		const client = this.target.kind === "cluster" ? this.makeCluster() : this.makeRedis({ retryStrategy });
		logStateChanges(client, this.logger.child({ redis: "commands", address: this.address }), () => this.isClosed);
		return client;
	}

	private makeRedis(how: { at?: RedisNode | undefined; retryStrategy: (attempt: number) => number | null }): Redis {
		const { at, retryStrategy } = how;
		const redis = new Redis({ ...this.nodeOptions(), ...this.addressOptions(at, retryStrategy), retryStrategy });
		requireHandshake(redis, this.logger);
		if (this.tracer !== undefined) recordCommands(redis, this.tracer);
		// An error event without a listener would end the process.
		redis.on("error", () => {});
		if (this.target.kind === "sentinel") reportSentinelRejections(redis);
		return redis;
	}

	private addressOptions(at: RedisNode | undefined, retryStrategy: (attempt: number) => number | null) {
		const { target } = this;
		const common = {
			db: target.db,
			enableOfflineQueue: false,
			// A replica that took over a master's address refuses writes: look for the master again.
			reconnectOnError: (error: Error) => error.message.startsWith("READONLY"),
		};
		if (target.kind === "sentinel") {
			return {
				...common,
				sentinels: shuffled(target.nodes),
				name: target.masterName as string,
				sentinelRetryStrategy: retryStrategy,
				sentinelCommandTimeout: this.options.commandTimeoutMs,
				enableTLSForSentinelMode: target.tls !== undefined,
				...(target.sentinel?.tls && { sentinelTLS: tlsClientOptions(target.sentinel.tls) }),
				...(target.sentinel?.username !== undefined && { sentinelUsername: target.sentinel.username }),
				...(target.sentinel?.password !== undefined && { sentinelPassword: target.sentinel.password }),
			};
		}
		const { host, port } = at ?? (target.nodes[0] as RedisNode);
		// Hosts that share an address need it; an IP address must not be sent (RFC 6066, section 3).
		const named = target.tls !== undefined && target.kind === "single" && isIP(host) === 0;
		return { ...common, host, port, ...(named && { tls: { ...tlsClientOptions(target.tls), servername: host } }) };
	}

	private makeCluster(): Cluster {
		const cluster = new Cluster(
			this.target.nodes.map((node) => ({ ...node })),
			{
				enableOfflineQueue: false,
				clusterRetryStrategy: (attempt) => retryDelayMs(attempt, this.options.maxReconnectDelayMs),
				slotsRefreshTimeout: this.options.commandTimeoutMs,
				// Together below a command's timeout, so that a fail-over that takes longer is refused, not waited for.
				maxRedirections: 8,
				retryDelayOnFailover: 100,
				retryDelayOnClusterDown: 100,
				redisOptions: this.nodeOptions(),
				...(this.target.tls && { dnsLookup: (address, callback) => callback(null, address) }),
			},
		);
		cluster.on("+node", (node: Redis) => {
			requireHandshake(node, this.logger);
			ignoreAskingFailures(node);
			if (this.tracer !== undefined) recordCommands(node, this.tracer);
		});
		return cluster;
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
			// Nothing would handle an error of the client's own subscribe command: the unhandled rejection would end the process.
			autoResubscribe: false,
			connectionName: "framegate",
			disableClientInfo: true,
			enableReadyCheck: options.waitsForLoading,
			...(target.username !== undefined && { username: target.username }),
			...(target.password !== undefined && { password: target.password }),
			...(target.family !== undefined && { family: target.family }),
			...(target.tls && { tls: tlsClientOptions(target.tls) }),
		};
	}
}

function shuffled(nodes: readonly RedisNode[]): RedisNode[] {
	const keyed = nodes.map((node) => ({ node: { ...node }, order: Math.random() }));
	return keyed.sort((a, b) => a.order - b.order).map(({ node }) => node);
}

/** Without this the log would report that Sentinels are unreachable when they require a password. */
function reportSentinelRejections(redis: Redis): void {
	redis.on("sentinelError", ({ message }: Error) => {
		const rejection = /sentinel (\S+) because ((?:NOAUTH|WRONGPASS|NOPERM)\b.*)/s.exec(message);
		if (rejection !== null)
			redis.emit("error", new HandshakeError(`Sentinel ${rejection[1]}`, new Error(rejection[2])));
	});
}

/** A Cluster client sends ASKING ahead of a command and does not await its reply; the command itself fails as well. */
function ignoreAskingFailures(node: Redis): void {
	const asking = node.asking.bind(node) as () => Promise<"OK">;
	node.asking = () => {
		const reply = asking();
		reply.catch(() => {});
		return reply;
	};
}

/** One line when the server goes and one when it comes, however often the client tries in between. */
function logStateChanges(client: RedisClient, logger: Logger, isClosed: () => boolean): void {
	const log = new OutageLog(logger, { lost: "Redis is unavailable; reconnecting", restored: "Redis is available" });
	let isReady = false;
	client.on("error", (error: Error) => {
		if (!isClosed()) log.lost(error);
	});
	// Of one server of a Cluster, the rest of which may do.
	client.on("node error", (error: Error) => {
		if (isClosed()) return;
		if (!isReady) log.lost(error);
		else logger.debug({ err: error }, "a server of the Redis Cluster is unavailable");
	});
	client.on("close", () => {
		if (isReady && !isClosed()) log.lost();
		isReady = false;
	});
	client.on("ready", () => {
		isReady = true;
		log.restored();
	});
}
