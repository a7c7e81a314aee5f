// Prometheus metrics. Nothing is counted here: each scrape reads the counters of the message path.
// docs/reference/metrics.md lists the same names; a test compares them.
import { collectDefaultMetrics, Registry } from "prom-client";
import type { ConnectionCounters } from "../../core/connection-counters.ts";
import type { Dispatcher } from "../../core/dispatcher.ts";
import type { Hub } from "../../core/hub.ts";
import type { HistoryUsage } from "../../messaging/broker.ts";
import { LATENCY_BOUNDS_MS, type RequestStats, type RouteStats } from "../../middleware/request-stats.ts";
import { replyCodes } from "../../protocol/codes.ts";
import { type AppendCounters, BATCH_BOUNDS } from "../../services/chat/append-queue.ts";
import { type AccountFigures, accountMetrics } from "./account-metrics.ts";
import { type EdgeFigures, edgeMetrics } from "./edge-metrics.ts";
import { counter, type Distribution, gauge, histogram, type Labels, labelledCounter } from "./exported-metrics.ts";
import { type HealthFigures, healthMetrics } from "./health-metrics.ts";
import { historyMetrics } from "./history-metrics.ts";
import { type SocketMetricsSources, socketMetrics } from "./socket-metrics.ts";
import { type StorageFigures, storageMetrics } from "./storage-metrics.ts";

export interface MetricsSources {
	readonly hub: Hub;
	readonly dispatcher: Dispatcher;
	readonly counters: ConnectionCounters;
	readonly stats: RequestStats;
	readonly channels: ChannelFigures;
	readonly history: () => HistoryUsage;
	readonly chat: { readonly counters: AppendCounters };
	readonly games: GameFigures;
	readonly accounts: AccountFigures;
	readonly storage: StorageFigures;
	readonly edge: EdgeFigures;
	readonly health: HealthFigures;
	readonly sockets: Omit<SocketMetricsSources, "counters">;
}

/**
 * How often the loop's delay is sampled; `nodejs_eventloop_lag_*` contain this time. Each sample wakes the process: with
 * prom-client's own 10 ms, an idle gateway spent half of its CPU on that.
 */
const LOOP_SAMPLE_MS = 100;

/** What happened to recoverable channels since the start. */
export interface ChannelFigures {
	/** Channels that have a subscriber in this process now. */
	readonly size: number;
	readonly gaps: number;
	readonly resets: number;
	readonly recovered: number;
	readonly unrecovered: number;
}

export interface GameFigures {
	/** Now. */
	readonly heldRooms: number;
	readonly takeovers: number;
}

/** A registry that shows the process and the gateway. */
export function createMetrics(sources: MetricsSources): Registry {
	const registry = new Registry();
	collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LOOP_SAMPLE_MS });
	connectionMetrics(registry, sources);
	socketMetrics(registry, { ...sources.sockets, counters: sources.counters });
	requestMetrics(registry, sources);
	channelMetrics(registry, sources);
	historyMetrics(registry, sources.history);
	chatMetrics(registry, sources);
	gameMetrics(registry, sources);
	accountMetrics(registry, sources.accounts);
	storageMetrics(registry, sources.storage);
	edgeMetrics(registry, sources.edge);
	healthMetrics(registry, sources.health);
	return registry;
}

function connectionMetrics(registry: Registry, { hub, dispatcher, counters }: MetricsSources): void {
	gauge(registry, "framegate_connections", "Open WebSocket connections.", () => hub.size);
	gauge(registry, "framegate_sessions", "Sessions with a connection to this process.", () => hub.sessionCount);
	gauge(registry, "framegate_users", "Users with a connection to this process.", () => hub.userCount);
	gauge(registry, "framegate_requests_in_flight", "Requests in flight.", () => dispatcher.inFlight);
	counter(registry, "framegate_connections_opened_total", "Connections opened.", () => counters.opened);
	counter(registry, "framegate_connections_refused_total", "Connections refused.", () => counters.refused);
	counter(registry, "framegate_messages_received_total", "Messages received.", () => counters.messagesIn);
	counter(registry, "framegate_received_bytes_total", "Payload bytes received.", () => counters.bytesIn);
	counter(
		registry,
		"framegate_messages_dropped_total",
		"Messages that did not fit into a client's byte budget.",
		() => counters.dropped,
	);
	gauge(
		registry,
		"framegate_unsent_bytes",
		"Bytes that were sent to clients and not yet read.",
		() => counters.unsentBytes,
	);
	counter(
		registry,
		"framegate_unsent_terminated_total",
		"Connections closed because the unsent bytes of all clients were over the budget.",
		() => counters.overUnsentBudget,
	);
	counter(
		registry,
		"framegate_requests_held_total",
		"Requests that waited until their client had read earlier replies.",
		() => counters.held,
	);
	counter(
		registry,
		"framegate_pushes_oversized_total",
		"Pushes larger than the largest message that the gateway sends, which were not sent.",
		() => counters.oversized,
	);
	counter(registry, "framegate_drains_total", "Times that a slow client caught up.", () => counters.drained);
	labelledCounter(
		registry,
		"framegate_connections_closed_total",
		"Connections closed, by WebSocket close code.",
		["code"],
		() => [...counters.closed].map(([code, count]) => [{ code: String(code) }, count]),
	);
}

function requestMetrics(registry: Registry, { stats, dispatcher }: MetricsSources): void {
	const { budget } = dispatcher;
	labelledCounter(
		registry,
		"framegate_requests_total",
		"Requests answered, by route and reply code.",
		["route", "code"],
		() => [...stats.all()].flatMap((route) => byCode(route.byCode, { route: route.name })),
	);
	labelledCounter(
		registry,
		"framegate_frames_refused_total",
		"Frames refused before they became a request, by reply code.",
		["code"],
		() => byCode(stats.refusedByCode, {}),
	);
	gauge(registry, "framegate_pending_request_bytes", "Bytes held by requests that run or wait.", () => budget.bytes);
	labelledCounter(
		registry,
		"framegate_pending_requests_refused_total",
		"Requests refused because too much was in flight, by the bound that was reached.",
		["bound"],
		() => [...budget.refused].map(([bound, count]) => [{ bound }, count]),
	);
	histogram(
		registry,
		"framegate_request_duration_seconds",
		"Duration of measured requests, by route; requests answered at once are sampled, one in 64.",
		() => [...stats.all()].map(latencyOf),
	);
}

/** The reply codes that occurred. */
function byCode(counts: ArrayLike<number>, labels: Labels): [Labels, number][] {
	return replyCodes.flatMap(({ code, name }): [Labels, number][] => {
		const count = counts[code] ?? 0;
		return count > 0 ? [[{ ...labels, code: name }, count]] : [];
	});
}

function latencyOf({ name, buckets, totalMs, measured }: RouteStats): Distribution {
	const bounds = LATENCY_BOUNDS_MS.map((bound) => bound / 1000);
	return { labels: { route: name }, bounds, buckets, sum: totalMs / 1000, count: measured };
}

function channelMetrics(registry: Registry, { channels }: MetricsSources): void {
	gauge(registry, "framegate_channels", "Channels that have a subscriber in this process.", () => channels.size);
	labelledCounter(
		registry,
		"framegate_channel_recoveries_total",
		"Recoveries that clients requested, by result: unrecovered means that the missed publications are no longer kept.",
		["result"],
		() => [
			[{ result: "recovered" }, channels.recovered],
			[{ result: "unrecovered" }, channels.unrecovered],
		],
	);
	counter(registry, "framegate_channel_gaps_total", "Gaps found in live publications.", () => channels.gaps);
	counter(
		registry,
		"framegate_channel_resets_total",
		"Channel resets: subscribers were notified (1504) that publications are lost.",
		() => channels.resets,
	);
}

function chatMetrics(registry: Registry, { chat }: MetricsSources): void {
	gauge(
		registry,
		"framegate_chat_messages_waiting",
		"Chat messages that wait to be committed.",
		() => chat.counters.waiting,
	);
	counter(
		registry,
		"framegate_chat_messages_committed_total",
		"Chat messages committed.",
		() => chat.counters.committed,
	);
	counter(
		registry,
		"framegate_chat_messages_failed_total",
		"Chat messages that could not be committed, or were refused because too many waited.",
		() => chat.counters.failed,
	);
	histogram(registry, "framegate_chat_commit_messages", "Chat messages in one transaction.", () => {
		const { buckets, messages: sum, batches: count } = chat.counters;
		return [{ labels: {}, bounds: BATCH_BOUNDS, buckets, sum, count }];
	});
}

function gameMetrics(registry: Registry, { games }: MetricsSources): void {
	gauge(registry, "framegate_game_rooms", "Game rooms that this process owns.", () => games.heldRooms);
	counter(
		registry,
		"framegate_game_room_takeovers_total",
		"Game rooms taken over from processes that died or released them.",
		() => games.takeovers,
	);
}
