// Prometheus metrics. Nothing is counted here: at each scrape the counters of the message path are read and shown.
// docs/reference/metrics.md lists the same names; a test compares them.
import { Counter, collectDefaultMetrics, Gauge, type Metric, Registry } from "prom-client";
import { LATENCY_BOUNDS_MS, type RequestStats, type RouteStats } from "../../middleware/request-stats.ts";
import { replyCodes } from "../../protocol/codes.ts";
import type { ConnectionCounters } from "../core/connection-counters.ts";
import type { Dispatcher } from "../core/dispatcher.ts";
import type { Hub } from "../core/hub.ts";

export interface MetricsSources {
	readonly hub: Hub;
	readonly dispatcher: Dispatcher;
	readonly counters: ConnectionCounters;
	readonly stats: RequestStats;
}

/** A registry that shows the process and the gateway. */
export function createMetrics(sources: MetricsSources): Registry {
	const registry = new Registry();
	collectDefaultMetrics({ register: registry });
	connectionMetrics(registry, sources);
	requestMetrics(registry, sources);
	return registry;
}

function gauge(registry: Registry, name: string, help: string, read: () => number): void {
	new Gauge({
		name,
		help,
		registers: [registry],
		collect() {
			this.set(read());
		},
	});
}

/** A counter that is kept elsewhere: set anew at each scrape. */
function counter(registry: Registry, name: string, help: string, read: () => number): void {
	new Counter({
		name,
		help,
		registers: [registry],
		collect() {
			this.reset();
			this.inc(read());
		},
	});
}

function connectionMetrics(registry: Registry, { hub, dispatcher, counters }: MetricsSources): void {
	gauge(registry, "framegate_connections", "Open WebSocket connections.", () => hub.size);
	gauge(registry, "framegate_sessions", "Sessions with a connection to this process.", () => hub.sessionCount);
	gauge(registry, "framegate_users", "Users with a connection to this process.", () => hub.userCount);
	gauge(registry, "framegate_requests_in_flight", "Requests under way.", () => dispatcher.inFlight);
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
	counter(registry, "framegate_drains_total", "Times that a slow client caught up.", () => counters.drained);
	new Counter({
		name: "framegate_connections_closed_total",
		help: "Connections closed, by WebSocket close code.",
		labelNames: ["code"],
		registers: [registry],
		collect() {
			this.reset();
			for (const [code, count] of counters.closed) this.inc({ code: String(code) }, count);
		},
	});
}

function requestMetrics(registry: Registry, { stats }: MetricsSources): void {
	new Counter({
		name: "framegate_requests_total",
		help: "Requests answered, by route and reply code.",
		labelNames: ["route", "code"],
		registers: [registry],
		collect() {
			this.reset();
			for (const route of stats.all()) {
				for (const { code, name } of replyCodes) {
					const count = route.byCode[code] as number;
					if (count > 0) this.inc({ route: route.name, code: name }, count);
				}
			}
		},
	});
	new Counter({
		name: "framegate_frames_refused_total",
		help: "Frames refused before they became a request, by reply code.",
		labelNames: ["code"],
		registers: [registry],
		collect() {
			this.reset();
			for (const { code, name } of replyCodes) {
				const count = stats.refusedByCode[code] as number;
				if (count > 0) this.inc({ code: name }, count);
			}
		},
	});
	latencyMetrics(registry, stats);
}

const LATENCY = "framegate_request_duration_seconds";

/**
 * A histogram over counts that are kept elsewhere. prom-client can only fill its own, one observation at a time; it
 * serialises anything that has a name and gives values, and that is what this is.
 */
function latencyMetrics(registry: Registry, stats: RequestStats): void {
	const histogram = {
		name: LATENCY,
		get: async () => ({
			name: LATENCY,
			help: "Duration of measured requests, by route; requests answered at once are sampled, one in 64.",
			type: "histogram",
			aggregator: "sum",
			values: [...stats.all()].flatMap(latencySeries),
		}),
		reset: () => {},
	};
	registry.registerMetric(histogram as unknown as Metric);
}

function latencySeries(route: RouteStats) {
	let cumulative = 0;
	const buckets = [...route.buckets].map((count, index) => {
		cumulative += count;
		const bound = LATENCY_BOUNDS_MS[index];
		const le = bound === undefined ? "+Inf" : String(bound / 1000);
		return { metricName: `${LATENCY}_bucket`, labels: { route: route.name, le }, value: cumulative };
	});
	return [
		...buckets,
		{ metricName: `${LATENCY}_sum`, labels: { route: route.name }, value: route.totalMs / 1000 },
		{ metricName: `${LATENCY}_count`, labels: { route: route.name }, value: route.measured },
	];
}
