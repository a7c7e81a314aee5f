// Metrics of dependencies (the same probes as /ready), certificates and clocks.
import { counter, gauge, labelledGauge, type MetricDefinition } from "../../common/metrics.ts";
import type { Readiness } from "../readiness.ts";

export interface HealthFigures {
	readonly readiness: Pick<Readiness, "report">;
	readonly maxConnections: () => number;
	/** Unix milliseconds at which the certificate that new connections get ends; undefined if the gateway does not serve TLS. */
	readonly certificateEndsAtMs: () => number | undefined;
	/** Lines of the log that were not written, since the start. */
	readonly droppedLogLines: () => number;
	/** How long the process was paused since its start, in milliseconds. */
	readonly pausedMs: () => number;
	/** Unix milliseconds. */
	readonly now: () => number;
}

export function healthMetrics(health: HealthFigures): readonly MetricDefinition[] {
	const checks = async () => (await health.readiness.report()).checks;
	return [
		gauge("framegate_ready", "1 while requests can be served, as /ready says.", async () => {
			return Number((await health.readiness.report()).ready);
		}),
		labelledGauge("framegate_dependency_up", "1 while a dependency answers its probe.", ["dependency"], async () =>
			(await checks()).map(({ name, ok }) => [{ dependency: name }, Number(ok)]),
		),
		labelledGauge(
			"framegate_dependency_probe_seconds",
			"How long the last probe of a dependency took; one without an answer takes 2 s.",
			["dependency"],
			async () => (await checks()).map(({ name, durationMs }) => [{ dependency: name }, durationMs / 1000]),
		),
		gauge("framegate_connections_limit", "Connections that this process accepts at most.", health.maxConnections),
		gauge("framegate_clock_seconds", "Unix time by the clock of this process.", () => health.now() / 1000),
		...certificateMetric(health.certificateEndsAtMs),
		counter(
			"framegate_log_lines_dropped_total",
			"Log lines that standard output or a log file did not take: its disk is full, or its reader is gone or too slow.",
			health.droppedLogLines,
		),
		counter(
			"framegate_paused_seconds_total",
			"Time in which the process was paused: stopped, frozen, swapped out, suspended, or blocked for over half a second.",
			() => health.pausedMs() / 1000,
		),
	];
}

/** Absent where the gateway does not serve TLS: a 0 would be a certificate that ended long ago. */
function certificateMetric(endsAtMs: () => number | undefined): readonly MetricDefinition[] {
	if (endsAtMs() === undefined) return [];
	return [
		gauge(
			"framegate_certificate_expiry_seconds",
			"Unix time at which the certificate being served ends; absent without TLS.",
			() => (endsAtMs() ?? 0) / 1000,
		),
	];
}
