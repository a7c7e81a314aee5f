// What the services keep their things in: Redis if there is one, else memory; SQL for accounts; a notifier.
import { getHeapStatistics } from "node:v8";
import type { Clock } from "../../common/clock.ts";
import type { Logger } from "../../common/logger.ts";
import type { Probe } from "../../common/probe.ts";
import type { Tracer } from "../../common/tracing.ts";
import type { Broker } from "../../messaging/broker.ts";
import { MemoryBroker } from "../../messaging/broker-memory.ts";
import { RedisBroker } from "../../messaging/broker-redis.ts";
import type { LeaseStore } from "../../messaging/lease.ts";
import { MemoryLeaseStore } from "../../messaging/lease-store-memory.ts";
import { RedisLeaseStore } from "../../messaging/lease-store-redis.ts";
import type { NodeBus } from "../../messaging/node-bus.ts";
import { MemoryNodeBus } from "../../messaging/node-bus-memory.ts";
import { RedisNodeBus } from "../../messaging/node-bus-redis.ts";
import type { NodeRpc } from "../../messaging/node-rpc.ts";
import { MemoryNodeRpc } from "../../messaging/node-rpc-memory.ts";
import { RedisNodeRpc } from "../../messaging/node-rpc-redis.ts";
import type { ResultStore } from "../../messaging/result-store.ts";
import { MemoryResultStore } from "../../messaging/result-store-memory.ts";
import { RedisResultStore } from "../../messaging/result-store-redis.ts";
import type { AttemptLimit, AttemptLimiter } from "../../services/accounts/attempt-limiter.ts";
import { BoundedRateLimiterMemory, MemoryAttemptLimiter } from "../../services/accounts/attempt-limiter-memory.ts";
import { RedisAttemptLimiter } from "../../services/accounts/attempt-limiter-redis.ts";
import type { IdentityStore } from "../../services/accounts/identity-store.ts";
import type { KnownOrigins } from "../../services/accounts/known-origins.ts";
import { MemoryKnownOrigins } from "../../services/accounts/known-origins-memory.ts";
import { RedisKnownOrigins } from "../../services/accounts/known-origins-redis.ts";
import type { Notifier } from "../../services/accounts/notifier.ts";
import type { SessionStore } from "../../services/accounts/session-store.ts";
import { MemorySessionStore } from "../../services/accounts/session-store-memory.ts";
import { RedisSessionStore } from "../../services/accounts/session-store-redis.ts";
import { SqlIdentityStore } from "../../services/accounts/store/identity-store-sql.ts";
import { SqlUserDirectory } from "../../services/accounts/store/user-directory-sql.ts";
import { SqlUserStore } from "../../services/accounts/store/user-store-sql.ts";
import type { TokenRevocations } from "../../services/accounts/token-revocations.ts";
import { MemoryTokenRevocations } from "../../services/accounts/token-revocations-memory.ts";
import { RedisTokenRevocations } from "../../services/accounts/token-revocations-redis.ts";
import type { UserDirectory } from "../../services/accounts/user-directory.ts";
import type { UserStore } from "../../services/accounts/user-store.ts";
import type { ChannelPresenceStore } from "../../services/channels/channel-presence-store.ts";
import { MemoryChannelPresenceStore } from "../../services/channels/channel-presence-store-memory.ts";
import { RedisChannelPresenceStore } from "../../services/channels/channel-presence-store-redis.ts";
import type { ChannelGrantStore } from "../../services/channels/grant-store.ts";
import { MemoryChannelGrantStore } from "../../services/channels/grant-store-memory.ts";
import { RedisChannelGrantStore } from "../../services/channels/grant-store-redis.ts";
import type { AlarmLedger } from "../../services/edge/alarms/alarm-ledger.ts";
import { MemoryAlarmLedger } from "../../services/edge/alarms/alarm-ledger-memory.ts";
import { RedisAlarmLedger } from "../../services/edge/alarms/alarm-ledger-redis.ts";
import type { RoomDirectory } from "../../services/games/room-directory.ts";
import { MemoryRoomDirectory } from "../../services/games/room-directory-memory.ts";
import { RedisRoomDirectory } from "../../services/games/room-directory-redis.ts";
import type { RoomStore } from "../../services/games/room-store.ts";
import { MemoryRoomStore } from "../../services/games/room-store-memory.ts";
import { RedisRoomStore } from "../../services/games/room-store-redis.ts";
import type { CanaryBoard } from "../../services/modules/canary-board.ts";
import { MemoryCanaryBoard } from "../../services/modules/canary-board-memory.ts";
import { RedisCanaryBoard } from "../../services/modules/canary-board-redis.ts";
import type { ReloadBarrier } from "../../services/modules/reload-barrier.ts";
import { MemoryReloadBarrier } from "../../services/modules/reload-barrier-memory.ts";
import { RedisReloadBarrier } from "../../services/modules/reload-barrier-redis.ts";
import type { PresenceStore } from "../../services/presence/presence-store.ts";
import { MemoryPresenceStore } from "../../services/presence/presence-store-memory.ts";
import { RedisPresenceStore } from "../../services/presence/presence-store-redis.ts";
import type { RouteOverrideStore } from "../../services/routes/route-override-store.ts";
import { SqlRouteOverrideStore } from "../../services/routes/store/route-override-store-sql.ts";
import type { StorageQuota } from "../../services/storage/storage-quota.ts";
import { openRedis, type RedisConnection } from "../../stores/redis/connection.ts";
import { type Database, openDatabase } from "../../stores/sql/database.ts";
import type { Config } from "../config/config.ts";
import { type ModuleStores, memoryValues, openModuleStores, redisValues } from "./module-stores.ts";
import { openNotifier } from "./notifier.ts";
import { openStorageQuota } from "./storage.ts";

export interface Stores {
	readonly sessions: SessionStore;
	readonly users: UserStore;
	readonly directory: UserDirectory;
	readonly bus: NodeBus;
	readonly broker: Broker;
	readonly presence: PresenceStore;
	readonly channelPresence: ChannelPresenceStore;
	readonly channelGrants: ChannelGrantStore;
	readonly roomStore: RoomStore;
	readonly roomDirectory: RoomDirectory;
	readonly nodeRpc: (nodeId: string) => NodeRpc;
	readonly leases: LeaseStore;
	readonly results: ResultStore;
	/** What processes agree through when modules switch. */
	/** Through which the processes agree on modules. */
	readonly agreement: { readonly barrier: ReloadBarrier; readonly board: CanaryBoard };
	readonly alarmLedger: AlarmLedger;
	readonly notifier: Notifier;
	readonly routeOverrides: RouteOverrideStore;
	readonly database: Database;
	/** What members may have stored. */
	readonly quota: StorageQuota;
	readonly limiter: (name: string, limit: AttemptLimit) => AttemptLimiter;
	readonly known: KnownOrigins;
	/** What users log in with beside a password. */
	readonly identities: IdentityStore;
	/** Of the operator's modules. */
	readonly modules: ModuleStores;
	/** @param keptMs - how long revocations are kept. */
	readonly revocations: (keptMs: number) => TokenRevocations;
	/** One per dependency that can be down; the calls between nodes are one once `nodeRpc` was called. */
	readonly probes: readonly Probe[];
	close(): Promise<void>;
}

/** Opens everything; what is down is not waited for. */
export function openStores(config: Config, clock: Clock, logger: Logger, tracer?: Tracer): Stores {
	const database = openDatabase(
		{
			url: config.database.url,
			maxConnections: config.database.poolSize,
			statementTimeoutMs: config.database.timeoutMs,
			connectTimeoutMs: Math.min(config.database.timeoutMs, 2000),
			reserveBytes: config.storage.reserveBytes,
			ballastBytes: config.storage.ballastBytes,
			probeIntervalMs: config.storage.probeIntervalMs,
		},
		logger,
		tracer,
	);
	const shared =
		config.redis.url === undefined
			? memoryStores(config, clock, logger)
			: redisStores(config, config.redis.url, { clock, logger, tracer });
	const notifier = openNotifier(config, clock, logger);
	const users = new SqlUserStore(database);
	const modules = openModuleStores(config, config.database.url, shared.values, logger);
	return {
		...shared,
		modules,
		users,
		identities: new SqlIdentityStore(database, users),
		routeOverrides: new SqlRouteOverrideStore(database),
		directory: new SqlUserDirectory(database, administratorRoles(config)),
		notifier,
		database,
		get probes() {
			return [database.probe, ...shared.probes];
		},
		quota: openStorageQuota(config, database, clock, logger),
		close: async () => {
			await notifier.close();
			await modules.statements.close();
			await shared.close();
			await database.close();
		},
	};
}

/** Those that grant everything. */
function administratorRoles({ auth }: Config): readonly string[] {
	return Object.entries(auth.roles).flatMap(([role, permissions]) => (permissions.includes("*") ? role : []));
}

type OwnStores =
	| "users"
	| "identities"
	| "routeOverrides"
	| "directory"
	| "notifier"
	| "database"
	| "quota"
	| "modules";
type SharedStores = Omit<Stores, OwnStores> & Pick<ModuleStores, "values">;

/** Part of the heap that the logs of channels may take. */
const HISTORY_HEAP_SHARE = 1 / 4;
/** Between two lines about logs that are shortened. */
const QUIET_MS = 60_000;

function memoryStores(config: Config, clock: Clock, logger: Logger): SharedStores {
	const sessions = new MemorySessionStore(() => clock.now());
	const bus = new MemoryNodeBus();
	let quietUntilMs = Number.NEGATIVE_INFINITY;
	const broker = new MemoryBroker(() => clock.monotonic(), {
		maxTotalBytes: getHeapStatistics().heap_size_limit * HISTORY_HEAP_SHARE,
		onShortened: (logs) => {
			if (clock.monotonic() < quietUntilMs) return;
			quietUntilMs = clock.monotonic() + QUIET_MS;
			const { budgetBytes } = broker.historyUsage();
			logger.warn({ logs, budgetBytes }, "channel logs exceed their budget; the longest are shortened");
		},
	});
	const roomStore = new MemoryRoomStore(() => clock.monotonic());
	return {
		sessions,
		bus,
		broker,
		presence: new MemoryPresenceStore(),
		channelPresence: new MemoryChannelPresenceStore(config.applicationChannels.presence, () => clock.now()),
		channelGrants: new MemoryChannelGrantStore(() => clock.monotonic()),
		roomStore,
		roomDirectory: new MemoryRoomDirectory(() => clock.monotonic()),
		nodeRpc: (nodeId) => new MemoryNodeRpc(nodeId),
		leases: new MemoryLeaseStore(() => clock.monotonic()),
		results: new MemoryResultStore(
			() => clock.monotonic(),
			() => clock.now(),
		),
		agreement: {
			barrier: new MemoryReloadBarrier(() => clock.monotonic()),
			board: new MemoryCanaryBoard(() => clock.monotonic()),
		},
		alarmLedger: new MemoryAlarmLedger(),
		limiter: (_name, limit) => new MemoryAttemptLimiter(limit),
		known: new MemoryKnownOrigins(() => clock.now()),
		values: memoryValues(clock),
		revocations: (keptMs) => new MemoryTokenRevocations(() => clock.now(), keptMs),
		probes: [],
		close: async () => {
			await broker.close();
			await bus.close();
			await sessions.close();
			await roomStore.dispose();
		},
	};
}

interface SharedParts {
	readonly clock: Clock;
	readonly logger: Logger;
	readonly tracer: Tracer | undefined;
}

function redisStores(
	{ redis, applicationChannels }: Config,
	url: string,
	{ clock, logger, tracer }: SharedParts,
): SharedStores {
	const { keyPrefix, commandTimeoutMs, connectTimeoutMs } = redis;
	const connection: RedisConnection = openRedis({ url, keyPrefix, commandTimeoutMs, connectTimeoutMs }, logger, tracer);
	const sessions = new RedisSessionStore(connection);
	const bus = new RedisNodeBus(connection, logger);
	// Subscribers of channels live where the channels do; the bus stays with the sessions that its events are about.
	const channels =
		redis.channelsUrl === undefined
			? connection
			: openRedis({ url: redis.channelsUrl, keyPrefix, commandTimeoutMs, connectTimeoutMs }, logger, tracer);
	const broker = new RedisBroker(channels, logger);
	const probes = [connection.probe, broker.probe, bus.probe];
	return {
		sessions,
		bus,
		broker,
		presence: new RedisPresenceStore(connection, () => clock.now()),
		channelPresence: new RedisChannelPresenceStore(connection, applicationChannels.presence),
		channelGrants: new RedisChannelGrantStore(connection),
		roomStore: new RedisRoomStore(connection),
		roomDirectory: new RedisRoomDirectory(connection),
		nodeRpc: (nodeId) => {
			const rpc = new RedisNodeRpc(nodeId, connection, logger, { tracer });
			probes.push(rpc.probe);
			return rpc;
		},
		leases: new RedisLeaseStore(connection),
		results: new RedisResultStore(connection),
		agreement: { barrier: new RedisReloadBarrier(connection), board: new RedisCanaryBoard(connection) },
		alarmLedger: new RedisAlarmLedger(connection),
		limiter: (name, limit) => {
			const insurance = new BoundedRateLimiterMemory({
				points: limit.points,
				duration: Math.max(1, Math.round(limit.windowMs / 1000)),
			});
			return new RedisAttemptLimiter(connection, name, limit, insurance);
		},
		known: new RedisKnownOrigins(connection, logger),
		values: redisValues(connection),
		revocations: (keptMs) => new RedisTokenRevocations(connection, keptMs),
		probes,
		close: async () => {
			await broker.close();
			await bus.close();
			await sessions.close();
			if (channels !== connection) await channels.close();
			await connection.close();
		},
	};
}
