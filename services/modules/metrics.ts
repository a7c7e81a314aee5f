// Metrics of modules.
import { counter, labelledCounter, labelledGauge, type MetricDefinition } from "../../common/metrics.ts";
import type { ModuleHost } from "./module-host.ts";

export type ModuleFigures = Pick<
	ModuleHost,
	"generations" | "retirement" | "census" | "outcomes" | "loader" | "metrics" | "hookTable" | "canaries" | "canaryHost"
>;

/** Of generations that serve, as canaries too, and of those whose calls still run: a bounded number of series. */
function byGeneration(host: ModuleFigures, figure: "calls" | "faults") {
	const all = [
		...host.generations,
		...host.canaries.all().map(({ parts }) => parts.generation),
		...host.retirement.all(),
	];
	return all.map((generation) => {
		const labels = { module: generation.name, generation: `${generation.parts.number}` };
		return [labels, generation[figure]] as const;
	});
}

/** Of both generations of each module that has a canary. */
function bySide(host: ModuleFigures, figure: "calls" | "faults") {
	return host.canaries.all().flatMap(({ name: module, parts, ledgers }) =>
		(["canary", "beside"] as const).map((side) => {
			const generation = side === "canary" ? parts.generation : parts.beside;
			return [{ module, generation: `${generation.parts.number}`, side }, ledgers[side][figure]] as const;
		}),
	);
}

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
		labelledCounter(
			"framegate_module_calls_total",
			"Calls of functions and hooks of a module, by generation; a series ends when its generation has.",
			["module", "generation"],
			() => byGeneration(host, "calls"),
		),
		labelledCounter(
			"framegate_module_faults_total",
			"Of these, those that the code failed: INTERNAL for the caller.",
			["module", "generation"],
			() => byGeneration(host, "faults"),
		),
		labelledGauge(
			"framegate_module_calls_in_flight",
			"Calls of the serving generation of a module that are not answered yet.",
			["module"],
			() => host.generations.map(({ name, inFlight }) => [{ module: name }, inFlight] as const),
		),
		labelledGauge(
			"framegate_module_threads",
			"Worker threads that the serving generation of a module runs in; 0 in the gateway's own thread.",
			["module"],
			() => host.generations.map(({ name, threads }) => [{ module: name }, threads] as const),
		),
		labelledCounter(
			"framegate_module_thread_ends_total",
			"Worker threads of modules that ended unasked, by reason: crashed, memory, stalled, exited.",
			["reason"],
			() => Object.entries(host.loader.threadEnds).map(([reason, count]) => [{ reason }, count] as const),
		),
		counter(
			"framegate_module_loop_holds_total",
			"Times that the synchronous work of a module held the event loop for modules.holdReportMs or longer.",
			() => host.loader.watchdog.holds,
		),
		...canaryMetrics(host),
		labelledCounter(
			"framegate_module_reloads_total",
			"Modules that were reloaded, by outcome: loaded, refused, removed.",
			["outcome"],
			() => Object.entries(host.outcomes).map(([outcome, count]) => [{ outcome }, count] as const),
		),
		labelledCounter(
			"framegate_module_hooks_total",
			"Runs of hooks of modules, by point and outcome: passed, refused, failed, dropped (after an event, when too many run).",
			["point", "outcome"],
			() =>
				[...host.hookTable.counts].flatMap(([point, counts]) =>
					Object.entries(counts).map(([outcome, count]) => [{ point, outcome }, count] as const),
				),
		),
		...host.metrics.definitions(),
	];
}

function canaryMetrics(host: ModuleFigures): readonly MetricDefinition[] {
	return [
		labelledGauge(
			"framegate_module_canary_share",
			"Share of users that a canary answers, by module and generation; none while a module has no canary.",
			["module", "generation"],
			() =>
				host.canaries.all().map(({ name: module, parts }) => {
					return [{ module, generation: `${parts.generation.parts.number}` }, parts.plan.share] as const;
				}),
		),
		labelledGauge(
			"framegate_module_canary_calls",
			"Calls of this process since a canary began, by module, generation and side: canary, beside.",
			["module", "generation", "side"],
			() => bySide(host, "calls"),
		),
		labelledGauge(
			"framegate_module_canary_faults",
			"Of these, those that failed by an error that is not the caller's.",
			["module", "generation", "side"],
			() => bySide(host, "faults"),
		),
		labelledCounter(
			"framegate_module_canaries_total",
			"Canaries that ended on this process, by outcome: promoted, withdrawn.",
			["outcome"],
			() => Object.entries(host.canaryHost.ends).map(([outcome, count]) => [{ outcome }, count] as const),
		),
	];
}
