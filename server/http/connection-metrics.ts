// Metrics of connections and of what they send and receive.
import { counter, gauge, labelledCounter, type MetricDefinition } from "../../common/metrics.ts";
import type { ConnectionCounters } from "../../core/connection-counters.ts";
import type { Hub } from "../../core/hub.ts";

export interface ConnectionFigures {
	readonly hub: Pick<Hub, "size" | "sessionCount" | "userCount">;
	/** Requests that are not answered yet: frames, and calls over HTTP. */
	readonly requestsInFlight: () => number;
	readonly counters: ConnectionCounters;
}

export function connectionMetrics({ hub, requestsInFlight, counters }: ConnectionFigures): readonly MetricDefinition[] {
	return [
		gauge("framegate_connections", "Open WebSocket connections.", () => hub.size),
		gauge("framegate_sessions", "Sessions with a connection to this process.", () => hub.sessionCount),
		gauge("framegate_users", "Users with a connection to this process.", () => hub.userCount),
		gauge("framegate_requests_in_flight", "Requests in flight, of frames and over HTTP.", requestsInFlight),
		counter("framegate_connections_opened_total", "Connections opened.", () => counters.opened),
		counter("framegate_connections_refused_total", "Connections refused.", () => counters.refused),
		counter("framegate_messages_received_total", "Messages received.", () => counters.messagesIn),
		counter("framegate_received_bytes_total", "Payload bytes received.", () => counters.bytesIn),
		counter(
			"framegate_messages_dropped_total",
			"Messages that did not fit into a client's byte budget.",
			() => counters.dropped,
		),
		gauge("framegate_unsent_bytes", "Bytes that were sent to clients and not yet read.", () => counters.unsentBytes),
		counter(
			"framegate_unsent_terminated_total",
			"Connections closed because the unsent bytes of all clients were over the budget.",
			() => counters.overUnsentBudget,
		),
		counter(
			"framegate_requests_held_total",
			"Requests that waited until their client had read earlier replies.",
			() => counters.held,
		),
		counter(
			"framegate_pushes_oversized_total",
			"Pushes larger than the largest message that the gateway sends, which were not sent.",
			() => counters.oversized,
		),
		counter("framegate_drains_total", "Times that a slow client caught up.", () => counters.drained),
		labelledCounter(
			"framegate_connections_closed_total",
			"Connections closed, by WebSocket close code.",
			["code"],
			() => [...counters.closed].map(([code, count]) => [{ code: String(code) }, count]),
		),
	];
}
