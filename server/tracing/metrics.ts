// Metrics of tracing. Where it is off, none has a series.
import { labelledCounter, labelledGauge, type MetricDefinition } from "../../common/metrics.ts";
import type { SpanQueue } from "./span-queue.ts";

export interface TracingFigures {
	/** Undefined where tracing is off. */
	readonly queue: Pick<SpanQueue, "counts" | "size"> | undefined;
}

export function tracingMetrics({ queue }: TracingFigures): readonly MetricDefinition[] {
	return [
		labelledCounter(
			"framegate_trace_spans_total",
			"Spans by what became of them: exported, dropped (no room in the queue), failed (the collector did not take them), omitted (their request had too many).",
			["outcome"],
			() => Object.entries(queue?.counts ?? {}).map(([outcome, count]) => [{ outcome }, count]),
		),
		labelledGauge("framegate_trace_queue_spans", "Spans that wait for the collector, or are being sent.", [], () =>
			queue === undefined ? [] : [[{}, queue.size]],
		),
	];
}
