// Metrics of modules.
import { labelledCounter, labelledGauge, type MetricDefinition } from "../../common/metrics.ts";
import type { ModuleHost } from "./module-host.ts";

export type ModuleFigures = Pick<ModuleHost, "generations" | "census" | "outcomes">;

export function moduleMetrics(host: ModuleFigures): readonly MetricDefinition[] {
	return [
		labelledGauge(
			"framegate_module_generation",
			"The generation of a module that serves, counted from 1.",
			["module"],
			() => host.generations.map(({ name, parts }) => [{ module: name }, parts.number] as const),
		),
		labelledGauge(
			"framegate_module_generations_held",
			"Generations of a module in memory: one that serves, those whose calls run, and those that are not collected yet.",
			["module"],
			() => [...host.census.held()].map(([module, count]) => [{ module }, count] as const),
		),
		labelledGauge(
			"framegate_module_calls_in_flight",
			"Calls of the serving generation of a module that are not answered yet.",
			["module"],
			() => host.generations.map(({ name, inFlight }) => [{ module: name }, inFlight] as const),
		),
		labelledCounter(
			"framegate_module_reloads_total",
			"Modules that were reloaded, by outcome: loaded, refused, removed.",
			["outcome"],
			() => Object.entries(host.outcomes).map(([outcome, count]) => [{ outcome }, count] as const),
		),
	];
}
