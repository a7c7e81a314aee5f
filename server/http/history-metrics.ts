// Metrics of what the logs of channels take.
import type { Registry } from "prom-client";
import type { HistoryUsage } from "../../messaging/broker.ts";
import { counter, gauge, labelledGauge } from "./exported-metrics.ts";

export function historyMetrics(registry: Registry, usage: () => HistoryUsage): void {
	labelledGauge(
		registry,
		"framegate_channel_history_bytes",
		"Bytes that the logs of channels take, by kind of channel, over all processes that share them, as this process saw it last.",
		["kind"],
		() => [...usage().bytesByKind].map(([kind, bytes]) => [{ kind }, bytes] as const),
	);
	gauge(
		registry,
		"framegate_channel_history_budget_bytes",
		"Bytes that the logs of all channels may take.",
		() => usage().budgetBytes,
	);
	counter(
		registry,
		"framegate_channel_histories_shortened_total",
		"Logs of channels that were shortened to keep within the budget.",
		() => usage().shortened,
	);
	counter(
		registry,
		"framegate_publications_unkept_total",
		"Publications that were sent and not kept, as Redis had no memory for logs.",
		() => usage().unkept,
	);
	gauge(
		registry,
		"framegate_channel_history_suspended",
		"1 while logs of channels are not written, in all of Redis or on one of its servers, for want of memory.",
		() => (usage().isSuspended ? 1 : 0),
	);
}
