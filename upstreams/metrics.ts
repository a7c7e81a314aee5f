// Metrics of upstreams.
import {
	counter,
	gauge,
	labelledCounter,
	labelledGauge,
	type MetricDefinition,
	type Sample,
} from "../common/metrics.ts";
import type { Streams } from "./streams.ts";
import type { ServiceFigures, UpstreamService } from "./upstream-service.ts";

export interface UpstreamFigures {
	readonly services: readonly UpstreamService[];
	readonly streams: Pick<Streams, "size" | "figures">;
	/** Monotonic. */
	readonly nowMs: () => number;
}

export function upstreamMetrics({ services, streams, nowMs }: UpstreamFigures): readonly MetricDefinition[] {
	const each = (read: (service: UpstreamService) => number) => (): Sample[] =>
		services.map((service) => [{ service: service.name }, read(service)] as const);
	const counts = (name: string, help: string, key: keyof ServiceFigures) =>
		labelledCounter(
			`framegate_upstream_${name}_total`,
			help,
			["service"],
			each(({ figures }) => figures[key]),
		);
	return [
		counts("calls", "Calls of routes to a service of the operator.", "calls"),
		counts("attempts", "Attempts of calls and streams on endpoints of a service.", "attempts"),
		counts("retries", "Calls that were repeated.", "retries"),
		counts("retries_refused", "Repeats that the retry budget did not allow.", "retriesRefused"),
		counts("calls_refused", "Calls refused at once: all endpoints are kept out, or too many calls wait.", "refused"),
		counts("waits_expired", "Calls that waited for an endpoint in vain.", "expired"),
		labelledGauge(
			"framegate_upstream_calls_waiting",
			"Calls that wait for an endpoint.",
			["service"],
			each((service) => service.waitingCount),
		),
		labelledGauge(
			"framegate_upstream_endpoints",
			"Endpoints of a service by state: available, connecting (also: says that it does not serve), ejected, open (its circuit breaker), full.",
			["service", "state"],
			() =>
				services.flatMap((service) =>
					[...service.census()].map(([state, count]) => [{ service: service.name, state }, count] as const),
				),
		),
		labelledGauge(
			"framegate_upstream_endpoints_protected",
			"Endpoints that the source does not name any more and that are still used.",
			["service"],
			each(({ list }) => list.protectedCount),
		),
		labelledGauge(
			"framegate_upstream_endpoints_refused",
			"Endpoints of the source that are outside of the allowed networks.",
			["service"],
			each(({ list }) => list.refusedCount),
		),
		labelledCounter(
			"framegate_upstream_ejections_total",
			"Endpoints ejected for failures in a row.",
			["service"],
			each(({ pool }) => pool.ejections),
		),
		...endpointMetrics(services, nowMs),
		...streamMetrics(streams),
	];
}

function streamMetrics(streams: UpstreamFigures["streams"]): readonly MetricDefinition[] {
	return [
		counter(
			"framegate_upstream_streams_opened_total",
			"Streams of upstreams that were opened.",
			() => streams.figures.opened,
		),
		gauge("framegate_upstream_streams", "Streams of upstreams that are open on connections.", () => streams.size),
		counter(
			"framegate_upstream_stream_messages_total",
			"Messages of streams sent to clients.",
			() => streams.figures.messages,
		),
		counter(
			"framegate_upstream_stream_pauses_total",
			"Times that a stream was paused because its client read too slowly.",
			() => streams.figures.pauses,
		),
		counter(
			"framegate_upstream_streams_refused_total",
			"Streams refused because too many were open.",
			() => streams.figures.refused,
		),
	];
}

/** At most `maxEndpoints` series for each service; those of endpoints that are gone end. */
function endpointMetrics(services: readonly UpstreamService[], nowMs: () => number): readonly MetricDefinition[] {
	const labels = ["service", "endpoint"];
	const each = (read: (state: UpstreamService["pool"]["endpoints"][number]) => number) => (): Sample[] =>
		services.flatMap((service) =>
			service.pool.endpoints.map((state) => [{ service: service.name, endpoint: state.address }, read(state)] as const),
		);
	return [
		labelledCounter(
			"framegate_upstream_endpoint_calls_total",
			"Attempts on an endpoint that are over.",
			labels,
			each(({ calls }) => calls),
		),
		labelledCounter(
			"framegate_upstream_endpoint_failures_total",
			"Attempts that failed by the endpoint's fault.",
			labels,
			each(({ failures }) => failures),
		),
		labelledGauge(
			"framegate_upstream_endpoint_in_flight",
			"Calls in flight on an endpoint.",
			labels,
			each(({ inFlight }) => inFlight.size),
		),
		labelledGauge(
			"framegate_upstream_endpoint_latency_seconds",
			"Latency that the balancer expects of an endpoint: a moving average that jumps up and sinks slowly.",
			labels,
			each((state) => state.latencyMs(nowMs()) / 1000),
		),
	];
}
