// Metrics of sockets: how many there are, which were refused, evicted or closed as floods.
import { counter, gauge, labelledCounter, type MetricDefinition } from "../../common/metrics.ts";
import type { ConnectionCounters } from "../../core/connection-counters.ts";
import type { SocketFigures as TransportFigures } from "../../core/transport.ts";

export interface SocketFigures {
	readonly counters: ConnectionCounters;
	readonly unauthenticated: () => number;
	readonly figures: () => TransportFigures;
	readonly pauses: () => number;
	/** Milliseconds. */
	readonly pausedMs: () => number;
}

export function socketMetrics(sources: SocketFigures): readonly MetricDefinition[] {
	const { counters, figures } = sources;
	return [
		gauge(
			"framegate_connections_unauthenticated",
			"Open WebSocket connections that have not logged in.",
			sources.unauthenticated,
		),
		counter(
			"framegate_connections_evicted_total",
			"Connections that had not logged in, closed for others that needed the place.",
			() => counters.evicted,
		),
		gauge(
			"framegate_http_sockets",
			"Open TCP connections that are no WebSocket: HTTP requests, handshakes, silent ones.",
			() => figures().httpSockets,
		),
		labelledCounter(
			"framegate_sockets_refused_total",
			"TCP connections closed as soon as they were accepted: too many of the address, of the process, or too few descriptors.",
			["reason"],
			() => Object.entries(figures().refused).map(([reason, count]) => [{ reason }, count]),
		),
		gauge("framegate_listening", "1 while connections are accepted; 0 while descriptors are short.", () =>
			Number(!figures().isPaused),
		),
		counter("framegate_listening_pauses_total", "Times that listening was paused.", sources.pauses),
		counter(
			"framegate_listening_paused_seconds_total",
			"Time for which listening was paused.",
			() => sources.pausedMs() / 1000,
		),
		...floodMetrics(counters),
	];
}

function floodMetrics(counters: ConnectionCounters): readonly MetricDefinition[] {
	return [
		counter(
			"framegate_control_frames_total",
			"Pings, pongs, and messages behind a close.",
			() => counters.controlFrames,
		),
		counter(
			"framegate_control_floods_total",
			"Connections closed for too many pings and pongs.",
			() => counters.controlFloods,
		),
		counter(
			"framegate_messages_over_byte_budget_total",
			"Messages refused because too many bytes came from the connection or its address.",
			() => counters.overByteBudget,
		),
	];
}
