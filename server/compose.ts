// The composition root: makes every part of a process and joins them, and starts, drains, reloads and closes it. The one module that
// knows all others; `compose/` has a page for each domain and each larger part.
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
import { originPolicy } from "../core/origin.ts";
import { PushSender } from "../core/push-sender.ts";
import { RateLimits, type RateSettings } from "../core/rate-limits.ts";
import { ReplyPace } from "../core/reply-pace.ts";
import { ServedRoutes } from "../core/served-routes.ts";
import { SWEEP_INTERVAL_MS } from "../core/sweep.ts";
import { TickClock } from "../core/tick-clock.ts";
import { UwsTransport } from "../core/transport-uws.ts";
import { ChannelAccess } from "../messaging/channel-access.ts";
import { RequestStats } from "../middleware/request-stats.ts";
import { Presence } from "../services/presence/presence.ts";
import { ServerApi } from "../services/server/server-api.ts";
import { openBackend } from "./compose/backend.ts";
import { openChannels } from "./compose/channels.ts";
import { openChat, openChatBackend } from "./compose/chat.ts";
import { connectionLimits, openConnections, sessionTouches } from "./compose/connections.ts";
import { openEdge } from "./compose/edge.ts";
import { type Foundations, openFoundations } from "./compose/foundations.ts";
import { openGames } from "./compose/games.ts";
import { openHttp } from "./compose/http.ts";
import { openHttpCalls } from "./compose/http-calls.ts";
import { openKafka } from "./compose/kafka.ts";
import { openMetrics } from "./compose/metrics.ts";
import { Modules, moduleServices } from "./compose/modules.ts";
import { subscribeToNodes } from "./compose/node-events.ts";
import { openNotifications } from "./compose/notifications.ts";
import { openOutputs } from "./compose/outputs.ts";
import { Reloads } from "./compose/reloads.ts";
import { openRouteOverrides } from "./compose/route-overrides.ts";
import { routeTable } from "./compose/routes.ts";
import { textDialects } from "./compose/text-dialects.ts";
import { requestTracing } from "./compose/tracing.ts";
import { openConfiguredRoutes } from "./compose/upstreams.ts";
import { openUsers } from "./compose/users.ts";
import type { Config } from "./config/config.ts";
import type { ConfigReload } from "./config/reload.ts";
import { drain } from "./drain.ts";
import type { Gateway, GatewaySurroundings, ProgramParts } from "./gateway.ts";
import { Listeners, type OpenTransport } from "./listeners.ts";
import { oversizedPushLog } from "./logging/oversized-push-log.ts";
import { Readiness } from "./readiness.ts";
import { SchemaUpgrade } from "./schema-upgrade.ts";

export type { Gateway, OpenTransport };

const NO_PROGRAM: ProgramParts = { modules: new Map(), hasModuleFolder: true, httpRoutes: [] };

/**
 * Makes a gateway; nothing is listening yet.
 *
 * @throws Error when a key or a database URL in the configuration cannot be used.
 */
export async function createGateway(
	config: Config,
	logger: Logger,
	surroundings: GatewaySurroundings = {},
): Promise<Gateway> {
	const { openTransport = (options) => new UwsTransport(options), reloadConfig, program = NO_PROGRAM } = surroundings;
	let current = config;
	const foundations = await openFoundations(config, logger);
	const parts = compose({ ...foundations, openTransport, reloadConfig, program, config: () => current });
	return {
		api: parts.api,
		services: parts.services,
		modules: parts.modules,
		metrics: () => parts.metrics.metrics(),
		start: () => start(parts),
		drain: (reason) => drainConnections(parts, reason),
		reload: (next) => {
			current = next;
			reload(parts);
		},
		close: () => close(parts),
	};
}

interface Base extends Foundations {
	/** As it is now: some of it changes while the process runs. */
	readonly config: () => Config;
	readonly openTransport: OpenTransport;
	readonly reloadConfig: (() => ConfigReload) | undefined;
	readonly program: ProgramParts;
}

type Ports = Base & ReturnType<typeof composePorts>;
type Domains = Ports & ReturnType<typeof composeDomains>;
type Requests = Domains & ReturnType<typeof composeRequests>;
type Connected = Requests & ReturnType<typeof composeConnections>;
type Parts = Connected & ReturnType<typeof composeOperation>;

/** Makes every part, in the order in which they need each other: each step has what the steps before it made. Nothing runs yet. */
function compose(base: Base): Parts {
	const ports: Ports = { ...base, ...composePorts(base) };
	const domains: Domains = { ...ports, ...composeDomains(ports) };
	const requests: Requests = { ...domains, ...composeRequests(domains) };
	const connected: Connected = { ...requests, ...composeConnections(requests) };
	return { ...connected, ...composeOperation(connected) };
}

/** The ports, and what sends through them. */
function composePorts({ accounts, tracing, logger, config, openTransport }: Base) {
	const { rates: rateSettings, server, limits, channels } = config();
	const { broker, bus } = accounts.stores;
	// For everything that happens per message; latencies are measured by the system's own clock.
	const ticks = new TickClock(systemClock);
	const now = () => ticks.monotonic();
	const counters = new ConnectionCounters();
	const rates = new RateLimits(rateSettings as RateSettings);
	// Read before any client is there.
	const descriptors = descriptorFacts();
	const shares = descriptorShares(descriptors, limits);
	const { monotonic } = systemClock;
	const listeners = new Listeners({ config, descriptors, shares, rates, openTransport, logger, now: monotonic });
	const { json, dialects } = textDialects(config(), systemClock);
	const onOversized = oversizedPushLog(logger, now);
	const pushes = new PushSender({ topics: listeners.main, dialects, counters, onOversized });
	broker.limitHistory(channels);
	return {
		ticks,
		now,
		pauses: new PauseMonitor({ clock: systemClock, intervalMs: SWEEP_INTERVAL_MS }),
		hub: new Hub(),
		counters,
		rates,
		descriptors,
		listeners,
		json,
		dialects,
		pushes,
		publisher: new ChannelPublisher(broker, bus, channels, tracing?.tracer),
		isOriginAllowed: originPolicy(server.allowedOrigins),
	};
}

/** The domains, each on its stores. */
function composeDomains(parts: Ports) {
	const { accounts, hooks, subscriptionTokens, publisher, pushes, pauses, json, logger, config } = parts;
	const { auth, node, presence: presenceOptions, notifications, chat, games, edge, users, ...rest } = config();
	const { applicationChannels, idempotency } = rest;
	const { stores, passwords, sessions } = accounts;
	const outputs = openOutputs({ stores, json, clock: systemClock, logger }, rest.outputs);
	const tracer = parts.tracing?.tracer;
	const shared = { stores, publisher, hooks, events: outputs.events, tracer, clock: systemClock, logger, pauses };
	const presence = new Presence({ ...shared, store: stores.presence }, node.id, presenceOptions);
	const notified = openNotifications(shared, notifications);
	const kafka = openKafka({ ...shared, tlsFiles: parts.tlsFiles }, config());
	const written = { uplink: kafka.chat, onNotice: kafka.onNotice };
	const conversations = openChat({ ...shared, ...written, ...notified }, chat);
	const history = () => publisher.options;
	const channelParts = { subscriptionTokens, guestRole: auth.guests.role, publishKeptMs: idempotency.publishKeptMs };
	const applications = openChannels({ ...shared, ...channelParts }, applicationChannels);
	kafka.openDownlinks({ publisher, presence, channels: applications.channels, history });
	const backendParts = { ...shared, accounts, presence, ...notified, chat: conversations };
	const playing = openGames({ ...shared, passwords, hub: parts.hub, pushes }, games);
	const field = openEdge({ ...shared, topics: pushes, nodeId: node.id, onAudit: kafka.onAudit }, edge);
	outputs.readTelemetry(field.samples);
	return {
		kafka,
		presence,
		notified,
		chat: conversations,
		chatModule: openChatBackend({ ...parts, ...kafka, chat: conversations, presence, clock: systemClock }),
		backend: openBackend({ ...backendParts, channels: applications.backend, history }, config()),
		games: playing,
		users: openUsers({ ...shared, accounts, rooms: conversations.rooms, games: playing.games }, users),
		edge: field,
		outputs,
		applications,
		api: new ServerApi({ publisher, presence, history: conversations.history, sessions }),
	};
}

/** The path of a request. */
function composeRequests(parts: Domains) {
	const { config, logger, ticks, now, counters, rates, json, dialects, notified } = parts;
	const { limits, log } = config();
	const { monotonic } = systemClock;
	// Half of what a connection may leave unread; the other half is for pushes.
	const pace = new ReplyPace(limits.maxBackpressureBytes / 2, counters);
	const newStats = () => new RequestStats({ logger, now: monotonic, slowRequestMs: log.slowRequestMs });
	const [stats, callStats] = [newStats(), newStats()];
	const services = moduleServices({
		api: parts.api,
		channels: parts.applications.backend,
		notifications: notified.notifications,
		stores: parts.accounts.stores.modules,
	});
	const callTimeoutMs = () => config().limits.requestTimeoutMs;
	const { streams, configured } = openConfiguredRoutes({ ...parts, callTimeoutMs });
	const modules = new Modules({
		options: config().modules,
		services,
		definitions: parts.program.modules,
		hasFolder: parts.program.hasModuleFolder,
		settings: () => config().modules.config,
		sqlDialect: parts.accounts.stores.modules.sqlDialect,
		hooks: parts.hooks,
		callTimeoutMs,
		taken: configured.map(({ name }) => name),
		logger,
		wall: systemClock.now,
		monotonic,
		publish: () => routes.replace(table()),
		bring: (games) => parts.games.games.bring(games),
		...parts.accounts.stores.agreement,
		announce: () => reloads.announceModules(),
		nodeId: config().node.id,
	});
	const overrides = openRouteOverrides({
		...parts,
		served: () => modules.routes(configured).modules,
		onChanged: () => routes.replace(table()),
		announce: () => reloads.announceRoutes(),
	});
	const reloads = new Reloads({ ...parts, modules, overrides, bus: parts.accounts.stores.bus });
	const own = { ...parts, overrides, streams, notifications: notified.notifications, pace, clock: ticks };
	const table = () => routeTable(own, config(), modules.routes(configured));
	const { traces, observing } = requestTracing(parts.tracing, config());
	const framing = { json, dialects, now };
	const routes = new ServedRoutes(table(), [(next) => stats.retain(next), (next) => callStats.retain(next)]);
	const dispatcher = new Dispatcher({ routes, limits, rates, observer: observing(stats), ...framing, ...traces });
	const { credentials } = parts.accounts;
	const observed = { observer: observing(callStats), logger, clock: ticks };
	const calls = openHttpCalls({ dispatcher, credentials, rates, json, ...observed, ...traces });
	return { pace, stats, callStats, streams, services, modules, overrides, reloads, table, routes, dispatcher, calls };
}

/** The path of a publication, and the connections at its end. */
function composeConnections(parts: Requests) {
	const { accounts, logger, config, now, pauses, hub, pushes, descriptors, presence, chat, games, edge, pace } = parts;
	const { limits, channels: options } = config();
	const { authorizers, deltas, presence: users } = parts.applications;
	const all = [...chat.authorizers, games.games.authorizer, ...edge.authorizers, ...authorizers];
	const access = new ChannelAccess(all, {}, parts.hooks);
	const channels = new ChannelHub({
		broker: accounts.stores.broker,
		access,
		pushes,
		hub,
		logger,
		maxPerConnection: options.maxPerConnection,
		// Behind what a connection missed there is room for what is live.
		maxBufferedBytes: limits.maxBackpressureBytes / 2,
		now,
		deliveries: parts.tracing?.deliveries,
		wallNow: () => systemClock.now(),
		deltas,
		users,
	});
	const connections = openConnections({
		...parts,
		channels,
		presence: [presence, games.games],
		listeners: [channels, pace, parts.streams, ...edge.listeners, ...parts.kafka.listeners],
		permissionsOf: (roles) => accounts.permissions.of(roles),
		onPermissionsLost: (connection) => {
			edge.onPermissionsLost(connection);
			parts.streams.revalidate(connection);
			channels.revalidateMemberships();
		},
		limits: connectionLimits(config(), descriptors),
		clock: systemClock,
	});
	const { sessions, credentials } = accounts;
	const { tokens } = parts.calls;
	const { revocation, identities } = connections;
	const touches = sessionTouches({ sessions, credentials, hub, tokens, revocation, identities, logger });
	const sweeps = new PeriodicTask({
		intervalMs: SWEEP_INTERVAL_MS,
		run: () => {
			connections.tick(pauses, logger);
			channels.sweep();
		},
		onError: (error) => logger.error({ err: error }, "the sweep of connections failed; the next round will retry"),
	});
	return { channels, connections, touches, sweeps };
}

/** What operators see, and what the ports serve. */
function composeOperation(parts: Connected) {
	const { accounts, logger, config, now, listeners, connections, edge } = parts;
	const { stores, tokens } = accounts;
	const schema = new SchemaUpgrade(stores.database, logger);
	const readiness = new Readiness([...stores.probes, schema.probe, ...edge.probes, ...parts.kafka.probes], now);
	const metrics = openMetrics({ ...parts, readiness, clock: systemClock });
	const http = openHttp({
		...parts,
		nodeId: config().node.id,
		dataDir: config().dataDir,
		readiness,
		metrics,
		hasMetricsPort: listeners.hasMetricsPort,
		hasPlayground: config().server.playground,
		jwks: () => tokens.jwks(),
		adminTokens: () => config().admin.tokens,
		ownRoutes: parts.program.httpRoutes,
		monotonic: systemClock.monotonic,
	});
	const handlers = { events: connections.events, ...http };
	return { schema, readiness, metrics, handlers };
}

async function start(parts: Parts): Promise<{ readonly host: string; readonly port: number }> {
	const { accounts, schema, touches, readiness } = parts;
	await schema.begin();
	subscribeToNodes(parts);
	accounts.stores.quota.start();
	accounts.start();
	parts.chat.start();
	parts.notified.start();
	parts.applications.start();
	parts.users.erasure.start();
	await Promise.all([parts.presence.start(), parts.games.games.start(), parts.edge.start()]);
	parts.outputs.start();
	await parts.overrides.start();
	parts.upstreams.start();
	await parts.kafka.start();
	await parts.modules.start();
	parts.sweeps.start();
	touches.start();
	const address = await parts.listeners.start(parts.handlers);
	readiness.notReadyBecause = undefined;
	await parts.discovery.start(address, async () => (await readiness.report()).ready);
	return address;
}

async function drainConnections(parts: Parts, reason: string): Promise<void> {
	const { hub, pushes, readiness, listeners } = parts;
	readiness.notReadyBecause = `stopping: ${reason}`;
	// First, so that those who find gateways there send no further clients.
	await parts.discovery.withdraw();
	const { drainWindowMs, requestTimeoutMs } = parts.config().limits;
	const stopListening = () => listeners.main.stopListening();
	const calls = { admission: parts.connections.admission, httpCalls: parts.calls.dispatcher };
	const times = { windowMs: drainWindowMs, graceMs: requestTimeoutMs, now: systemClock.monotonic };
	await drain({ hub, pushes, readiness, stopListening, ...calls, ...times }, reason);
}

/** Applies the configuration as it is now. */
function reload(parts: Parts): void {
	const { accounts, dispatcher, publisher } = parts;
	const config = parts.config();
	parts.rates.apply(config.rates as RateSettings);
	publisher.options = config.channels;
	accounts.stores.broker.limitHistory(config.channels);
	for (const stats of [parts.stats, parts.callStats]) stats.slowRequestMs = config.log.slowRequestMs;
	parts.connections.reload(connectionLimits(config, parts.descriptors));
	dispatcher.messageLimits = config.limits;
	parts.routes.replace(parts.table());
	void parts.modules.reload({ origin: "signal" }).catch((error: unknown) => {
		parts.logger.error({ err: error }, "reloading modules failed");
	});
	parts.listeners.logShares();
	void parts.listeners.renewCertificate();
	parts.tlsFiles.renew();
}

async function close(parts: Parts): Promise<void> {
	const { accounts, presence, notified, chat, games, edge, applications, users } = parts;
	parts.schema.close();
	parts.listeners.close();
	await users.erasure.close();
	parts.streams.close();
	await parts.kafka.closeDownlinks();
	const domains = [presence, notified, chat, games, edge, applications];
	const own = [parts.modules, parts.overrides, parts.upstreams];
	const running = [parts.discovery, ...own, parts.sweeps, parts.touches, ...domains];
	await Promise.all(running.map((part) => part.close()));
	await parts.kafka.close();
	await parts.outputs.close();
	await accounts.stores.quota.close();
	await accounts.close();
	await parts.tracing?.close();
	// prom-client watches collections for as long as the process lives, and its watcher would hold all of this.
	parts.metrics.clear();
}
