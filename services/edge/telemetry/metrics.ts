// Metrics of telemetry: what was subscribed to, read, delivered and refused.
import { counter, gauge, labelledCounter, type MetricDefinition } from "../../../common/metrics.ts";

/** Which limit a subscription or a request met. */
export const pointBudgets = ["connection", "user", "process", "box", "reads"] as const;
export type PointBudgetName = (typeof pointBudgets)[number];

/** What has happened since the start, for metrics. */
export class TelemetryCounters {
	/** Points in readings that were taken over because something in them had changed. */
	pointsRead = 0;
	/** Points times subscribers. */
	pointsDelivered = 0;
	/** Batches that a slow client did not get. */
	conflated = 0;
	/** Batches published or sent, each once however many got it. */
	batches = 0;
	/** Bytes of batches encoded. */
	bytesEncoded = 0;
	/** Calls of `BoxPoints.read`, the keys in them, and how long they took in all. */
	reads = 0;
	keysRead = 0;
	readMs = 0;
	maxReadMs = 0;
	failedReads = 0;
	/** Ticks left out because the one before had not ended. */
	skippedTicks = 0;
	/** First data after Subscribe: how many, and milliseconds until they were sent, in all and at most. */
	firstData = 0;
	firstDataMs = 0;
	maxFirstDataMs = 0;
	/** Subscriptions and requests refused, and subscriptions ended, for the points that they would have taken. */
	readonly refused: Record<PointBudgetName, number> = { connection: 0, user: 0, process: 0, box: 0, reads: 0 };
	ended = 0;
	/** Subscriptions that were granted a longer interval than they wanted, for their points a second. */
	slowed = 0;
}

export interface TelemetryFigures {
	readonly counters: TelemetryCounters;
	/** Now. */
	readonly sizes: { readonly views: number; readonly keys: number; readonly subscriptions: number };
	/** Now, of the whole process. */
	readonly loads: {
		readonly points: number;
		readonly pointsPerSecond: number;
		readonly boxPoints: number;
		readonly snapshotBytes: number;
	};
	readonly meter: { readonly refused: number };
}

export function telemetryMetrics(telemetry: TelemetryFigures): readonly MetricDefinition[] {
	return [...subscriptionMetrics(telemetry), ...budgetMetrics(telemetry), ...readMetrics(telemetry)];
}

function subscriptionMetrics(telemetry: TelemetryFigures): readonly MetricDefinition[] {
	return [
		gauge("framegate_telemetry_subscriptions", "Subscriptions to live values.", () => telemetry.sizes.subscriptions),
		gauge(
			"framegate_telemetry_views",
			"Different subscriptions; subscribers that ask for the same share one.",
			() => telemetry.sizes.views,
		),
		gauge(
			"framegate_telemetry_keys",
			"Channels and types of boxes that are read regularly.",
			() => telemetry.sizes.keys,
		),
		counter(
			"framegate_telemetry_points_read_total",
			"Points in readings that had changed.",
			() => telemetry.counters.pointsRead,
		),
		counter(
			"framegate_telemetry_points_delivered_total",
			"Points delivered, counted once for each subscriber.",
			() => telemetry.counters.pointsDelivered,
		),
		counter(
			"framegate_telemetry_batches_total",
			"Batches of values, counted once for any number of subscribers.",
			() => telemetry.counters.batches,
		),
		counter(
			"framegate_telemetry_encoded_bytes_total",
			"Bytes of batches encoded.",
			() => telemetry.counters.bytesEncoded,
		),
		counter(
			"framegate_telemetry_conflated_total",
			"Batches that a client did not get because it read too slowly.",
			() => telemetry.counters.conflated,
		),
	];
}

function budgetMetrics(telemetry: TelemetryFigures): readonly MetricDefinition[] {
	return [
		gauge(
			"framegate_telemetry_points",
			"Points that different subscriptions show (edge.telemetry.maxPoints).",
			() => telemetry.loads.points,
		),
		gauge(
			"framegate_telemetry_points_per_second",
			"The same, divided by their intervals (edge.telemetry.maxPointsPerSecond).",
			() => telemetry.loads.pointsPerSecond,
		),
		gauge(
			"framegate_telemetry_box_points",
			"Points of boxes that are kept (edge.telemetry.maxPointsPerBox, of each box).",
			() => telemetry.loads.boxPoints,
		),
		gauge(
			"framegate_telemetry_snapshot_bytes",
			"Bytes of batches that are kept for new subscribers (edge.telemetry.maxSnapshotBytes).",
			() => telemetry.loads.snapshotBytes,
		),
		labelledCounter(
			"framegate_telemetry_refused_total",
			"Subscriptions and requests refused for their points, by the budget that was exceeded.",
			["budget"],
			() =>
				pointBudgets.map((budget) => {
					const { counters, meter } = telemetry;
					return [{ budget }, budget === "reads" ? meter.refused : counters.refused[budget]] as const;
				}),
		),
		counter(
			"framegate_telemetry_ended_total",
			"Subscriptions ended because their points exceeded a budget.",
			() => telemetry.counters.ended,
		),
		counter(
			"framegate_telemetry_slowed_total",
			"Subscriptions granted a longer interval than requested, because of their points per second.",
			() => telemetry.counters.slowed,
		),
	];
}

function readMetrics(telemetry: TelemetryFigures): readonly MetricDefinition[] {
	return [
		counter("framegate_telemetry_reads_total", "Reads of boxes.", () => telemetry.counters.reads),
		counter(
			"framegate_telemetry_keys_read_total",
			"Channels and types in these reads.",
			() => telemetry.counters.keysRead,
		),
		counter(
			"framegate_telemetry_reads_failed_total",
			"Reads that a box did not answer.",
			() => telemetry.counters.failedReads,
		),
		counter(
			"framegate_telemetry_read_seconds_total",
			"Time that boxes took to answer reads.",
			() => telemetry.counters.readMs / 1000,
		),
		counter(
			"framegate_telemetry_ticks_skipped_total",
			"Ticks skipped because the previous one had not ended.",
			() => telemetry.counters.skippedTicks,
		),
		counter(
			"framegate_telemetry_first_data_total",
			"Subscriptions that got their first data.",
			() => telemetry.counters.firstData,
		),
		counter(
			"framegate_telemetry_first_data_seconds_total",
			"Time from the request for a subscription to its first data.",
			() => telemetry.counters.firstDataMs / 1000,
		),
	];
}
