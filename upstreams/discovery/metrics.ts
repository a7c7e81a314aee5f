// Metrics of discovery.
import { labelledCounter, labelledGauge, type MetricDefinition } from "../../common/metrics.ts";
import type { ServiceFigures } from "./guarded-source.ts";
import type { RegistrationCounts, RegistrationStatus } from "./registrar.ts";

/** Of one kind of discovery server. */
export interface RegistryFigures {
	readonly kind: string;
	/** Undefined where the gateway does not register. */
	readonly registrar: { readonly status: RegistrationStatus; readonly counts: RegistrationCounts } | undefined;
	readonly source: {
		readonly counts: { readonly lists: number; readonly rejected: number };
		figures(): readonly ServiceFigures[];
	};
}

export function discoveryMetrics(registries: () => readonly RegistryFigures[]): readonly MetricDefinition[] {
	const ofServices = (read: (figures: ServiceFigures) => number) => () =>
		registries().flatMap(({ kind, source }) =>
			source.figures().map((figures) => [{ registry: kind, service: figures.service }, read(figures)] as const),
		);
	return [
		labelledGauge(
			"framegate_discovery_registered",
			"1 while the discovery server has confirmed the gateway's record within its term; 0 while it should and has not.",
			["registry"],
			() =>
				registries().flatMap(({ kind, registrar }) => {
					if (registrar?.status.isWanted !== true) return [];
					return [[{ registry: kind }, Number(registrar.status.isRegistered)] as const];
				}),
		),
		labelledCounter(
			"framegate_discovery_registrations_total",
			"Attempts to register, by outcome: published, renewed, withdrawn, failed.",
			["registry", "outcome"],
			() =>
				registries().flatMap(({ kind, registrar }) =>
					Object.entries(registrar?.counts ?? {}).map(
						([outcome, count]) => [{ registry: kind, outcome }, count as number] as const,
					),
				),
		),
		labelledGauge(
			"framegate_discovery_endpoints",
			"Endpoints of a service that are in use.",
			["registry", "service"],
			ofServices(({ endpoints }) => endpoints),
		),
		labelledGauge(
			"framegate_discovery_withheld_endpoints",
			"Endpoints that are in use although the discovery server no longer lists them: its list has shrunk too much at once.",
			["registry", "service"],
			ofServices(({ withheld }) => withheld),
		),
		labelledGauge(
			"framegate_discovery_stale_seconds",
			"Time for which the discovery server has not been reachable and the last endpoints have been in use; 0 while it is.",
			["registry", "service"],
			ofServices(({ staleMs }) => staleMs / 1000),
		),
		labelledCounter("framegate_discovery_lists_total", "Lists of endpoints received.", ["registry"], () =>
			registries().map(({ kind, source }) => [{ registry: kind }, source.counts.lists] as const),
		),
		labelledCounter(
			"framegate_discovery_rejected_endpoints_total",
			"Endpoints left out of lists: malformed, not allowed, or too many.",
			["registry"],
			() => registries().map(({ kind, source }) => [{ registry: kind }, source.counts.rejected] as const),
		),
	];
}
