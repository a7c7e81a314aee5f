// What `/metrics` reads: the counters of every part.
import type { Clock } from "../../common/clock.ts";
import type { Logger } from "../../common/logger.ts";
import type { PauseMonitor } from "../../common/pause-monitor.ts";
import type { ChannelHub } from "../../core/channels/channel-hub.ts";
import type { ConnectionCounters } from "../../core/connection-counters.ts";
import type { Dispatcher } from "../../core/dispatcher.ts";
import type { Hub } from "../../core/hub.ts";
import type { RequestStats } from "../../middleware/request-stats.ts";
import type { Streams } from "../../upstreams/streams.ts";
import { createMetrics } from "../http/metrics.ts";
import type { Listeners } from "../listeners.ts";
import type { Readiness } from "../readiness.ts";
import type { AccountServices } from "./accounts.ts";
import type { OpenBackend } from "./backend.ts";
import type { OpenChannels } from "./channels.ts";
import type { Chat } from "./chat.ts";
import type { ClientConnections } from "./connections.ts";
import type { Discovery } from "./discovery.ts";
import type { Edge } from "./edge.ts";
import type { OpenGames } from "./games.ts";
import type { HttpCalls } from "./http-calls.ts";
import type { OpenKafka } from "./kafka.ts";
import type { Modules } from "./modules.ts";
import type { Outputs } from "./outputs.ts";
import type { OpenTracing } from "./tracing.ts";
import type { OpenUpstreams } from "./upstreams.ts";

export interface MetricParts {
	readonly hub: Hub;
	readonly dispatcher: Dispatcher;
	readonly calls: Pick<HttpCalls, "requestsInFlight">;
	readonly counters: ConnectionCounters;
	readonly stats: RequestStats;
	/** Of requests over HTTP. */
	readonly callStats: RequestStats;
	readonly channels: ChannelHub;
	readonly accounts: AccountServices;
	readonly chat: Chat;
	readonly backend: OpenBackend;
	readonly games: OpenGames;
	readonly edge: Edge;
	readonly discovery: Discovery;
	readonly modules: Modules;
	readonly outputs: Outputs;
	readonly upstreams: OpenUpstreams;
	readonly streams: Streams;
	readonly kafka: OpenKafka;
	readonly tracing: OpenTracing | undefined;
	readonly applications: OpenChannels;
	readonly connections: ClientConnections;
	readonly listeners: Listeners;
	readonly readiness: Readiness;
	readonly pauses: PauseMonitor;
	readonly clock: Clock;
	readonly logger: Logger;
}

export function openMetrics(parts: MetricParts): ReturnType<typeof createMetrics> {
	const { accounts, connections, listeners, clock, logger } = parts;
	const { broker, database, quota } = accounts.stores;
	const { monitor } = listeners;
	return createMetrics({
		...parts,
		accounts: { passwords: accounts.passwords, ...accounts.identity },
		requestsInFlight: parts.calls.requestsInFlight,
		history: () => broker.historyUsage(),
		chat: parts.chat.messages,
		games: parts.games.games,
		modules: parts.modules.host,
		registries: () => parts.discovery.registries,
		outputs: { outputs: () => parts.outputs.figures(), now: clock.now },
		upstreams: { services: parts.upstreams.services, streams: parts.streams, nowMs: clock.monotonic },
		kafka: parts.kafka.figures,
		tracing: { queue: parts.tracing?.queue },
		backend: parts.backend.figures,
		applicationChannels: parts.applications.figures,
		storage: { space: database.storage, quota, sqlite: () => database.sqlite },
		sockets: {
			unauthenticated: () => connections.admission.unauthenticated.size,
			figures: () => monitor.figures(),
			pauses: () => monitor.pauses,
			pausedMs: () => monitor.pausedMs,
		},
		health: {
			readiness: parts.readiness,
			now: clock.now,
			maxConnections: () => connections.admission.limits.maxConnections,
			certificateEndsAtMs: () => listeners.certificateEndsAtMs,
			droppedLogLines: () => logger.droppedLines ?? 0,
			pausedMs: () => parts.pauses.pausedMs,
		},
	});
}
