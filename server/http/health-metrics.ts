// Metrics of dependencies (the same probes as /ready), certificates and clocks.
import type { Registry } from "prom-client";
import type { Readiness } from "../readiness.ts";
import { counter, gauge, labelledGauge } from "./exported-metrics.ts";

/** One box as this process sees it. */
export interface BoxFigures {
	readonly name: string;
	readonly isUp: boolean;
	/** This process publishes its alarms and rules. */
	readonly isLeaseHeld: boolean;
}

export interface HealthFigures {
	readonly readiness: Pick<Readiness, "report">;
	readonly maxConnections: () => number;
	readonly boxes: () => readonly BoxFigures[];
	readonly audit: { readonly failures: number };
	/** Unix milliseconds at which the certificate that is being served ends; undefined if the gateway does not serve TLS. */
	readonly certificateEndsAtMs: number | undefined;
	/** Unix milliseconds. */
	readonly now: () => number;
}

export function healthMetrics(registry: Registry, health: HealthFigures): void {
	const checks = async () => (await health.readiness.report()).checks;
	gauge(registry, "framegate_ready", "1 while requests can be served, as /ready says.", async () => {
		return Number((await health.readiness.report()).ready);
	});
	labelledGauge(
		registry,
		"framegate_dependency_up",
		"1 while a dependency answers its probe.",
		["dependency"],
		async () => (await checks()).map(({ name, ok }) => [{ dependency: name }, Number(ok)]),
	);
	labelledGauge(
		registry,
		"framegate_dependency_probe_seconds",
		"How long the last probe of a dependency took; one without an answer takes 2 s.",
		["dependency"],
		async () => (await checks()).map(({ name, durationMs }) => [{ dependency: name }, durationMs / 1000]),
	);
	gauge(
		registry,
		"framegate_connections_limit",
		"Connections that this process accepts at most.",
		health.maxConnections,
	);
	gauge(registry, "framegate_clock_seconds", "Unix time by the clock of this process.", () => health.now() / 1000);
	certificateMetric(registry, health.certificateEndsAtMs);
	boxMetrics(registry, health);
}

/** Absent where the gateway does not serve TLS: a 0 would be a certificate that ended long ago. */
function certificateMetric(registry: Registry, endsAtMs: number | undefined): void {
	if (endsAtMs === undefined) return;
	gauge(
		registry,
		"framegate_certificate_expiry_seconds",
		"Unix time at which the certificate being served ends; absent without TLS.",
		() => endsAtMs / 1000,
	);
}

function boxMetrics(registry: Registry, { boxes, audit }: HealthFigures): void {
	labelledGauge(registry, "framegate_box_up", "1 while a field box answers.", ["box"], () =>
		boxes().map(({ name, isUp }) => [{ box: name }, Number(isUp)]),
	);
	labelledGauge(
		registry,
		"framegate_box_lease_held",
		"1 in the process that publishes the alarms and rules of a box.",
		["box"],
		() => boxes().map(({ name, isLeaseHeld }) => [{ box: name }, Number(isLeaseHeld)]),
	);
	counter(
		registry,
		"framegate_audit_entries_failed_total",
		"Entries that could not be added to the audit trail; the log has each.",
		() => audit.failures,
	);
}
