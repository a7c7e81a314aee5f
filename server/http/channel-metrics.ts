// Metrics of recoverable channels and their history.
import { counter, gauge, labelledCounter, labelledGauge, type MetricDefinition } from "../../common/metrics.ts";
import type { HistoryUsage } from "../../messaging/broker.ts";

/** What happened to recoverable channels since the start. */
export interface ChannelFigures {
	readonly channels: {
		/** Channels that have a subscriber in this process now. */
		readonly size: number;
		readonly gaps: number;
		readonly resets: number;
		readonly recovered: number;
		readonly unrecovered: number;
	};
	readonly history: () => HistoryUsage;
}

export function channelMetrics({ channels, history: usage }: ChannelFigures): readonly MetricDefinition[] {
	return [
		gauge("framegate_channels", "Channels that have a subscriber in this process.", () => channels.size),
		labelledCounter(
			"framegate_channel_recoveries_total",
			"Recoveries that clients requested, by result: unrecovered means that the missed publications are no longer kept.",
			["result"],
			() => [
				[{ result: "recovered" }, channels.recovered],
				[{ result: "unrecovered" }, channels.unrecovered],
			],
		),
		counter("framegate_channel_gaps_total", "Gaps found in live publications.", () => channels.gaps),
		counter(
			"framegate_channel_resets_total",
			"Channel resets: subscribers were notified (1504) that publications are lost.",
			() => channels.resets,
		),
		labelledGauge(
			"framegate_channel_history_bytes",
			"Bytes of channel history, by kind of channel, of all processes that share it, as last read by this process.",
			["kind"],
			() => [...usage().bytesByKind].map(([kind, bytes]) => [{ kind }, bytes] as const),
		),
		gauge(
			"framegate_channel_history_budget_bytes",
			"Limit of the bytes of history of all channels.",
			() => usage().budgetBytes,
		),
		counter(
			"framegate_channel_histories_shortened_total",
			"Channel histories that were shortened to stay within the limit.",
			() => usage().shortened,
		),
		counter(
			"framegate_publications_unkept_total",
			"Publications that were sent and not kept in history because Redis had no memory.",
			() => usage().unkept,
		),
		gauge(
			"framegate_channel_history_suspended",
			"1 while channel history is not written because Redis, or one of its servers, has no memory.",
			() => (usage().isSuspended ? 1 : 0),
		),
	];
}
