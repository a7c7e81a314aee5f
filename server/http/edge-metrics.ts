// Metrics of field boxes: telemetry, commands, alarms.
import type { Registry } from "prom-client";
import { CommandStage } from "../../protocol/gen/schema.ts";
import { pointBudgets, type TelemetryCounters } from "../../services/edge/telemetry/telemetry-options.ts";
import { counter, type Distribution, gauge, histogram, labelledCounter } from "./exported-metrics.ts";

export interface EdgeFigures {
	readonly telemetry: {
		readonly counters: TelemetryCounters;
		readonly sizes: { readonly views: number; readonly keys: number; readonly subscriptions: number };
		readonly loads: {
			readonly points: number;
			readonly pointsPerSecond: number;
			readonly boxPoints: number;
			readonly snapshotBytes: number;
		};
		readonly meter: { readonly refused: number };
	};
	readonly controls: { readonly openCommands: number; readonly selectedPoints: number };
	readonly alarms: { readonly size: number; readonly published: number };
	readonly rules: { readonly dropped: number };
	readonly stageTimes: StageTimes;
}

/** Upper bounds of the control latency's buckets, in milliseconds. */
const CONTROL_BOUNDS_MS = [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000];

/** How long commands took until each stage. */
export class StageTimes {
	private readonly stages = new Map<CommandStage, { readonly buckets: number[]; sumMs: number }>();

	record(stage: CommandStage, elapsedMs: number): void {
		const known = this.stages.get(stage);
		const times = known ?? { buckets: new Array<number>(CONTROL_BOUNDS_MS.length + 1).fill(0), sumMs: 0 };
		if (known === undefined) this.stages.set(stage, times);
		const at = CONTROL_BOUNDS_MS.findIndex((bound) => elapsedMs <= bound);
		const bucket = at === -1 ? CONTROL_BOUNDS_MS.length : at;
		times.buckets[bucket] = (times.buckets[bucket] ?? 0) + 1;
		times.sumMs += elapsedMs;
	}

	/** One series for each stage, in seconds. */
	read(): readonly Distribution[] {
		return [...this.stages].map(([stage, { buckets, sumMs }]) => ({
			labels: { stage: stageName(stage) },
			bounds: CONTROL_BOUNDS_MS.map((bound) => bound / 1000),
			buckets,
			sum: sumMs / 1000,
			count: buckets.reduce((sum, count) => sum + count, 0),
		}));
	}
}

function stageName(stage: CommandStage): string {
	const name = Object.entries(CommandStage).find(([, value]) => value === stage)?.[0] ?? String(stage);
	return name.toLowerCase();
}

export function edgeMetrics(registry: Registry, figures: EdgeFigures): void {
	telemetryMetrics(registry, figures);
	budgetMetrics(registry, figures);
	readMetrics(registry, figures);
	const { controls, alarms, rules, stageTimes } = figures;
	gauge(registry, "framegate_control_commands_open", "Commands that are not finished.", () => controls.openCommands);
	gauge(registry, "framegate_control_points_selected", "Points that are selected.", () => controls.selectedPoints);
	gauge(registry, "framegate_alarms", "Alarms that this process holds.", () => alarms.size);
	counter(
		registry,
		"framegate_alarms_published_total",
		"Alarm changes that this process published.",
		() => alarms.published,
	);
	counter(
		registry,
		"framegate_rule_executions_dropped_total",
		"Rule executions that were not published because the broker did not keep up.",
		() => rules.dropped,
	);
	histogram(
		registry,
		"framegate_control_stage_seconds",
		"Time from the request for a command to each stage that it reached.",
		() => stageTimes.read(),
	);
}

function telemetryMetrics(registry: Registry, { telemetry }: EdgeFigures): void {
	gauge(
		registry,
		"framegate_telemetry_subscriptions",
		"Subscriptions to live values.",
		() => telemetry.sizes.subscriptions,
	);
	gauge(
		registry,
		"framegate_telemetry_views",
		"Different subscriptions; subscribers that ask for the same share one.",
		() => telemetry.sizes.views,
	);
	gauge(
		registry,
		"framegate_telemetry_keys",
		"Channels and types of boxes that are read regularly.",
		() => telemetry.sizes.keys,
	);
	counter(
		registry,
		"framegate_telemetry_points_read_total",
		"Points in readings that had changed.",
		() => telemetry.counters.pointsRead,
	);
	counter(
		registry,
		"framegate_telemetry_points_delivered_total",
		"Points delivered, counted once for each subscriber.",
		() => telemetry.counters.pointsDelivered,
	);
	counter(
		registry,
		"framegate_telemetry_batches_total",
		"Batches of values, counted once for any number of subscribers.",
		() => telemetry.counters.batches,
	);
	counter(
		registry,
		"framegate_telemetry_encoded_bytes_total",
		"Bytes of batches encoded.",
		() => telemetry.counters.bytesEncoded,
	);
	counter(
		registry,
		"framegate_telemetry_conflated_total",
		"Batches that a client did not get because it read too slowly.",
		() => telemetry.counters.conflated,
	);
}

function budgetMetrics(registry: Registry, { telemetry }: EdgeFigures): void {
	gauge(
		registry,
		"framegate_telemetry_points",
		"Points that different subscriptions show (edge.telemetry.maxPoints).",
		() => telemetry.loads.points,
	);
	gauge(
		registry,
		"framegate_telemetry_points_per_second",
		"The same, divided by their intervals (edge.telemetry.maxPointsPerSecond).",
		() => telemetry.loads.pointsPerSecond,
	);
	gauge(
		registry,
		"framegate_telemetry_box_points",
		"Points of boxes that are kept (edge.telemetry.maxPointsPerBox, of each box).",
		() => telemetry.loads.boxPoints,
	);
	gauge(
		registry,
		"framegate_telemetry_snapshot_bytes",
		"Bytes of batches that are kept for new subscribers (edge.telemetry.maxSnapshotBytes).",
		() => telemetry.loads.snapshotBytes,
	);
	labelledCounter(
		registry,
		"framegate_telemetry_refused_total",
		"Subscriptions and requests refused for their points, by the budget that was exceeded.",
		["budget"],
		() =>
			pointBudgets.map((budget) => {
				const { counters, meter } = telemetry;
				return [{ budget }, budget === "reads" ? meter.refused : counters.refused[budget]] as const;
			}),
	);
	counter(
		registry,
		"framegate_telemetry_ended_total",
		"Subscriptions ended because their points exceeded a budget.",
		() => telemetry.counters.ended,
	);
	counter(
		registry,
		"framegate_telemetry_slowed_total",
		"Subscriptions granted a longer interval than requested, because of their points per second.",
		() => telemetry.counters.slowed,
	);
}

function readMetrics(registry: Registry, { telemetry }: EdgeFigures): void {
	counter(registry, "framegate_telemetry_reads_total", "Reads of boxes.", () => telemetry.counters.reads);
	counter(
		registry,
		"framegate_telemetry_keys_read_total",
		"Channels and types in these reads.",
		() => telemetry.counters.keysRead,
	);
	counter(
		registry,
		"framegate_telemetry_reads_failed_total",
		"Reads that a box did not answer.",
		() => telemetry.counters.failedReads,
	);
	counter(
		registry,
		"framegate_telemetry_read_seconds_total",
		"Time that boxes took to answer reads.",
		() => telemetry.counters.readMs / 1000,
	);
	counter(
		registry,
		"framegate_telemetry_ticks_skipped_total",
		"Ticks skipped because the previous one had not ended.",
		() => telemetry.counters.skippedTicks,
	);
	counter(
		registry,
		"framegate_telemetry_first_data_total",
		"Subscriptions that got their first data.",
		() => telemetry.counters.firstData,
	);
	counter(
		registry,
		"framegate_telemetry_first_data_seconds_total",
		"Time from the request for a subscription to its first data.",
		() => telemetry.counters.firstDataMs / 1000,
	);
}
