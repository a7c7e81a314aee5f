// Metrics of channel history.
import type { Registry } from "prom-client";
import type { HistoryUsage } from "../../messaging/broker.ts";
import { counter, gauge, labelledGauge } from "./exported-metrics.ts";

export function historyMetrics(registry: Registry, usage: () => HistoryUsage): void {
	labelledGauge(
		registry,
		"framegate_channel_history_bytes",
		"Bytes of channel history, by kind of channel, of all processes that share it, as last read by this process.",
		["kind"],
		() => [...usage().bytesByKind].map(([kind, bytes]) => [{ kind }, bytes] as const),
	);
	gauge(
		registry,
		"framegate_channel_history_budget_bytes",
		"Limit of the bytes of history of all channels.",
		() => usage().budgetBytes,
	);
	counter(
		registry,
		"framegate_channel_histories_shortened_total",
		"Channel histories that were shortened to stay within the limit.",
		() => usage().shortened,
	);
	counter(
		registry,
		"framegate_publications_unkept_total",
		"Publications that were sent and not kept in history because Redis had no memory.",
		() => usage().unkept,
	);
	gauge(
		registry,
		"framegate_channel_history_suspended",
		"1 while channel history is not written because Redis, or one of its servers, has no memory.",
		() => (usage().isSuspended ? 1 : 0),
	);
}
