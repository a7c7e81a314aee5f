// The composition root: makes every part and joins them. The one module that knows all others.
import { AlignedInterval } from "../common/aligned-interval.ts";
import { systemClock } from "../common/clock.ts";
import type { Logger } from "../common/logger.ts";
import { PauseMonitor } from "../common/pause-monitor.ts";
import { PeriodicTask } from "../common/periodic-task.ts";
import { ChannelHub } from "../core/channels/channel-hub.ts";
import { ChannelPublisher } from "../core/channels/channel-publisher.ts";
import { ConnectionCounters } from "../core/connection-counters.ts";
import { descriptorFacts, descriptorShares } from "../core/descriptors.ts";
import { Dispatcher } from "../core/dispatcher.ts";
import { Hub } from "../core/hub.ts";
import { type OriginPolicy, originPolicy } from "../core/origin.ts";
import { PushSender } from "../core/push-sender.ts";
import { RateLimits, type RateSettings } from "../core/rate-limits.ts";
import { ReplyPace } from "../core/reply-pace.ts";
import { bindModule, RouteTable } from "../core/route-table.ts";
import { SWEEP_INTERVAL_MS } from "../core/sweep.ts";
import type { TextDialect } from "../core/text-dialect.ts";
import { TickClock } from "../core/tick-clock.ts";
import { UwsTransport } from "../core/transport-uws.ts";
import { authModule } from "../handlers/auth.ts";
import { chatModule } from "../handlers/chat.ts";
import { gameModule } from "../handlers/game.ts";
import { notificationModule } from "../handlers/notification.ts";
import { ChannelAccess } from "../messaging/channel-access.ts";
import { RequestStats } from "../middleware/request-stats.ts";
import packageJson from "../package.json" with { type: "json" };
import type { JsonTranscoder } from "../protocol/json.ts";
import type { ServerApi } from "../services/server/server-api.ts";
import { type AccountServices, openAccounts } from "./compose/accounts.ts";
import { type ClientConnections, connectionLimits, openConnections } from "./compose/connections.ts";
import { type Conversations, openConversations } from "./compose/conversations.ts";
import { type Edge, openEdge } from "./compose/edge.ts";
import { openGames } from "./compose/game-rooms.ts";
import { type HttpCalls, openHttpCalls } from "./compose/http-calls.ts";
import { Listeners, type ListenersHandlers, type OpenTransport, WEBSOCKET_PATH } from "./compose/listeners.ts";
import { oversizedLog } from "./compose/oversized-log.ts";
import { newTraceId, requestChain } from "./compose/request-chain.ts";
import { SchemaUpgrade } from "./compose/schema-upgrade.ts";
import { textDialects } from "./compose/text-dialects.ts";
import type { Config } from "./config/config.ts";
import { drain } from "./drain.ts";
import { httpRouter } from "./http/http-router.ts";
import { createMetrics } from "./http/metrics.ts";
import { metricsRoute, systemRoutes } from "./http/system-routes.ts";
import { Readiness } from "./readiness.ts";

export type { OpenTransport };

/** A running gateway process. */
export interface Gateway {
	/** What the operator's own code does through the gateway: publish, push to users, query who is online. */
	readonly api: ServerApi;
	/**
	 * Opens stores, upgrades the SQL schema, listens.
	 *
	 * @throws Error when the port is taken or a file is not usable; never because Redis or an SQL server is down.
	 */
	start(): Promise<{ readonly host: string; readonly port: number }>;
	/** Asks clients to reconnect to other nodes and finishes the calls in flight; `close` afterwards. */
	drain(reason: string): Promise<void>;
	/** Applies what can change while running: limits, rates, log level. */
	reload(config: Config): void;
	close(): Promise<void>;
}

const TOUCH_INTERVAL_MS = 60_000;

/**
 * Makes a gateway; nothing is listening yet.
 *
 * @param openTransport - what moves the bytes; tests bring their own.
 * @throws Error when a key or a database URL in the configuration cannot be used.
 */
export async function createGateway(
	config: Config,
	logger: Logger,
	openTransport: OpenTransport = (options) => new UwsTransport(options),
): Promise<Gateway> {
	const services = await openAccounts(config, logger);
	return new ComposedGateway(config, logger, services, openTransport);
}

class ComposedGateway implements Gateway {
	readonly api: ServerApi;
	private config: Config;
	/** For everything that happens per message; latencies are measured by the system's own clock. */
	private readonly clock = new TickClock(systemClock);
	private readonly logger: Logger;
	private readonly services: AccountServices;
	private readonly schema: SchemaUpgrade;
	private readonly readiness: Readiness;
	private readonly hub = new Hub();
	private readonly counters = new ConnectionCounters();
	private readonly rates: RateLimits;
	private readonly pace: ReplyPace;
	private readonly stats: RequestStats;
	private readonly dispatcher: Dispatcher;
	private readonly pushes: PushSender;
	private readonly connections: ClientConnections;
	private readonly access: ChannelAccess;
	private readonly channels: ChannelHub;
	private readonly publisher: ChannelPublisher;
	private readonly conversations: Conversations;
	private readonly rooms: ReturnType<typeof openGames>;
	private readonly edge: Edge;
	/** Read before any client is there. */
	private readonly descriptors = descriptorFacts();
	private readonly listeners: Listeners;
	private readonly calls: HttpCalls;
	/** Requests over HTTP; those in frames are counted by `stats`. */
	private readonly callStats: RequestStats;
	private readonly handlers: ListenersHandlers;
	private readonly metrics: ReturnType<typeof createMetrics>;
	private readonly pauses = new PauseMonitor({ clock: systemClock, intervalMs: SWEEP_INTERVAL_MS });
	private sweeps: AlignedInterval | undefined;
	/** Also finds revocations that this process did not receive while Redis was unavailable. */
	private readonly touches = new PeriodicTask({
		intervalMs: TOUCH_INTERVAL_MS,
		run: async () => {
			const used = new Set([...this.hub.sessionIds(), ...this.calls.tokens.takeUsedSessions()]);
			const sessionIds = await this.services.sessions.touch([...used]);
			this.connections.revocation.revoke(sessionIds, "administrative");
			this.calls.tokens.revoke(sessionIds);
		},
		onError: (error) => {
			this.logger.debug({ err: error }, "recording the sessions in use failed; the next round will retry");
		},
	});

	constructor(config: Config, logger: Logger, services: AccountServices, openTransport: OpenTransport) {
		this.config = config;
		this.logger = logger;
		this.services = services;
		const { clock } = this;
		const now = () => clock.monotonic();
		const { stores } = services;
		const isOriginAllowed = originPolicy(config.server.allowedOrigins);
		const { json, dialects } = textDialects(config.edge, systemClock);
		this.rates = new RateLimits(config.rates as RateSettings);
		this.listeners = this.openListeners(openTransport);
		const { hub, counters, rates } = this;
		this.pushes = new PushSender({
			topics: this.listeners.main,
			dialects,
			counters,
			onOversized: oversizedLog(logger, now),
		});
		this.publisher = new ChannelPublisher(stores.broker, stores.bus, config.channels);
		stores.broker.limitHistory(config.channels);
		this.conversations = openConversations({
			stores,
			publisher: this.publisher,
			sessions: services.sessions,
			nodeId: config.node.id,
			options: config,
			clock: systemClock,
			logger,
		});
		this.rooms = this.openRooms();
		this.edge = openEdge({
			options: config.edge,
			stores,
			publisher: this.publisher,
			clock: systemClock,
			logger,
			pauses: this.pauses,
			nodeId: config.node.id,
			topics: this.pushes,
		});
		this.api = this.conversations.api;
		this.schema = new SchemaUpgrade(stores.database, logger);
		this.readiness = new Readiness([...stores.probes, this.schema.probe, ...this.edge.probes], now);
		// The other half is for pushes.
		this.pace = new ReplyPace(config.limits.maxBackpressureBytes / 2, this.counters);
		const statsOptions = { logger, now: systemClock.monotonic, slowRequestMs: config.log.slowRequestMs };
		this.stats = new RequestStats(statsOptions);
		this.callStats = new RequestStats(statsOptions);
		this.dispatcher = this.openDispatcher(json, dialects);
		this.calls = this.openCalls(json);
		this.access = new ChannelAccess([
			...this.conversations.authorizers,
			this.rooms.games.authorizer,
			...this.edge.authorizers,
		]);
		this.channels = this.channelHub(now);
		this.connections = openConnections({
			hub,
			counters,
			rates,
			pushes: this.pushes,
			channels: this.channels,
			dispatcher: this.dispatcher,
			dialects,
			presence: [this.conversations.presence, this.rooms.games],
			listeners: [this.channels, this.pace, ...this.edge.listeners],
			isOriginAllowed,
			limits: connectionLimits(config, this.descriptors),
			now,
			clock: systemClock,
		});
		this.metrics = this.openMetrics();
		this.handlers = this.openHandlers(isOriginAllowed, now);
	}

	async start(): Promise<{ readonly host: string; readonly port: number }> {
		await this.schema.begin();
		this.services.stores.bus.subscribe(
			(event) => {
				this.connections.onNodeEvent(event);
				if (event.type === "sessions-revoked") this.calls.tokens.revoke(event.sessionIds);
			},
			() => {
				this.channels.revalidateMemberships();
				void this.touches.runAgain();
			},
		);
		await Promise.all([this.conversations.start(), this.rooms.games.start(), this.edge.start()]);
		this.startRounds();
		const address = await this.listeners.start(this.handlers);
		this.readiness.notReadyBecause = undefined;
		return address;
	}

	async drain(reason: string): Promise<void> {
		const { hub, pushes, readiness } = this;
		const { drainWindowMs, requestTimeoutMs } = this.config.limits;
		await drain(
			{
				hub,
				admission: this.connections.admission,
				pushes,
				readiness,
				windowMs: drainWindowMs,
				graceMs: requestTimeoutMs,
				stopListening: () => this.listeners.main.stopListening(),
				now: () => systemClock.monotonic(),
			},
			reason,
		);
	}

	reload(config: Config): void {
		this.config = config;
		this.rates.apply(config.rates as RateSettings);
		this.publisher.options = config.channels;
		this.services.stores.broker.limitHistory(config.channels);
		this.stats.slowRequestMs = config.log.slowRequestMs;
		this.callStats.slowRequestMs = config.log.slowRequestMs;
		this.connections.reload(connectionLimits(config, this.descriptors));
		this.dispatcher.messageLimits = config.limits;
		// The request log is part of the chain only at debug level.
		this.dispatcher.table = this.routeTable();
		this.listeners.logShares();
		void this.listeners.renewCertificate();
	}

	async close(): Promise<void> {
		this.sweeps?.stop();
		this.schema.close();
		this.listeners.close();
		await Promise.all([this.touches.close(), this.conversations.close(), this.rooms.close(), this.edge.close()]);
		await this.services.close();
		// prom-client watches collections for as long as the process lives, and its watcher would hold all of this.
		this.metrics.clear();
	}

	private openListeners(openTransport: OpenTransport): Listeners {
		return new Listeners({
			rates: this.rates,
			config: () => this.config,
			descriptors: this.descriptors,
			shares: descriptorShares(this.descriptors, this.config.limits),
			openTransport,
			logger: this.logger,
			now: systemClock.monotonic,
		});
	}

	private openHandlers(isOriginAllowed: OriginPolicy, now: () => number): ListenersHandlers {
		const { config, logger, hub, dispatcher, counters, stats, readiness, services } = this;
		const metrics = metricsRoute(this.metrics, systemClock.monotonic);
		const system = systemRoutes({
			version: packageJson.version,
			nodeId: config.node.id,
			webSocketPath: WEBSOCKET_PATH,
			hub,
			dispatcher,
			counters,
			stats,
			readiness,
			jwks: () => services.tokens.jwks(),
			now,
		});
		const routes = this.listeners.hasMetricsPort ? system : [...system, metrics];
		const { styles: calls, maxCallBytes } = this.calls;
		return {
			events: this.connections.events,
			http: httpRouter({ routes, webSocketPath: WEBSOCKET_PATH, isOriginAllowed, logger, calls, maxCallBytes }),
			metricsHttp: httpRouter({ routes: [metrics], isOriginAllowed, logger }),
		};
	}

	private openDispatcher(json: () => JsonTranscoder, dialects: readonly TextDialect[]): Dispatcher {
		const { config, clock } = this;
		return new Dispatcher({
			table: this.routeTable(),
			limits: config.limits,
			rates: this.rates,
			observer: this.stats,
			json,
			dialects,
			now: () => clock.monotonic(),
			newTraceId: newTraceId(config),
		});
	}

	private openCalls(json: () => JsonTranscoder): HttpCalls {
		const { config, clock, dispatcher, rates, services, callStats: observer } = this;
		const { sessions } = services;
		return openHttpCalls({ dispatcher, sessions, rates, observer, json, clock, newTraceId: newTraceId(config) });
	}

	private openRooms(): ReturnType<typeof openGames> {
		const { publisher, logger, services, pauses } = this;
		const { stores, passwords } = services;
		return openGames({ stores, publisher, passwords, options: this.config.games, clock: systemClock, logger, pauses });
	}

	private openMetrics(): ReturnType<typeof createMetrics> {
		const { hub, dispatcher, counters, stats, callStats, channels } = this;
		const { messages: chat } = this.conversations;
		return createMetrics({
			hub,
			dispatcher,
			counters,
			stats,
			callStats,
			channels,
			history: () => this.services.stores.broker.historyUsage(),
			chat,
			games: this.rooms.games,
			accounts: this.services,
			storage: { space: this.services.stores.database.storage, quota: this.services.stores.quota },
			edge: this.edge,
			sockets: {
				unauthenticated: () => this.connections.admission.unauthenticated.size,
				figures: () => this.listeners.monitor.figures(),
				pauses: () => this.listeners.monitor.pauses,
				pausedMs: () => this.listeners.monitor.pausedMs,
			},
			health: {
				readiness: this.readiness,
				now: systemClock.now,
				maxConnections: () => this.connections.admission.limits.maxConnections,
				certificateEndsAtMs: () => this.listeners.certificateEndsAtMs,
				droppedLogLines: () => this.logger.droppedLines ?? 0,
				pausedMs: () => this.pauses.pausedMs,
			},
		});
	}

	private channelHub(now: () => number): ChannelHub {
		const { broker } = this.services.stores;
		const { access, pushes, hub, logger } = this;
		const { maxPerConnection } = this.config.channels;
		// Half of what a connection may hold: behind what it missed there is room for what is live.
		const maxBufferedBytes = this.config.limits.maxBackpressureBytes / 2;
		return new ChannelHub({ broker, access, pushes, hub, logger, maxPerConnection, maxBufferedBytes, now });
	}

	private routeTable(): RouteTable {
		const { limits, node } = this.config;
		const settings = {
			nodeId: node.id,
			heartbeatIntervalMs: limits.heartbeatIntervalMs,
			maxMessageBytes: limits.maxMessageBytes,
		};
		const { accounts, sessions } = this.services;
		const { conversations } = this;
		const modules = [
			bindModule(chatModule, conversations),
			bindModule(gameModule, this.rooms),
			bindModule(notificationModule, conversations),
			...this.edge.modules(),
			bindModule(authModule, { accounts, sessions, clock: this.clock, settings }),
		];
		return new RouteTable(modules, requestChain(this.edge.rejectedAudit, this.logger, this.pace));
	}

	private startRounds(): void {
		this.sweeps = new AlignedInterval(() => {
			this.connections.tick(this.pauses, this.logger);
			this.channels.sweep();
		}, SWEEP_INTERVAL_MS);
		this.touches.start();
	}
}
