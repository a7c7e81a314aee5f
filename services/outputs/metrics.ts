// Metrics of outputs.
import { labelledCounter, labelledGauge, type MetricDefinition, type Sample } from "../../common/metrics.ts";
import type { RelayCounters } from "./output-relay.ts";
import type { OutputUsage } from "./output-store.ts";

export interface OutputFigures {
	readonly name: string;
	readonly counters: RelayCounters;
	/** Events that no room was left for. */
	readonly dropped: number;
	/** Events that are larger than the output sends. */
	readonly oversized: number;
	/** Undefined while it is not known. */
	readonly usage: OutputUsage | undefined;
	/** This node delivers. */
	readonly isHeld: boolean;
	readonly isUp: boolean;
}

export interface OutputsFigures {
	/** None when no output is configured. */
	readonly outputs: () => readonly OutputFigures[];
	/** Unix milliseconds. */
	readonly now: () => number;
}

export function outputMetrics({ outputs, now }: OutputsFigures): readonly MetricDefinition[] {
	/** Of the node that delivers, so that a sum over nodes counts nothing twice. */
	const held = (value: (figures: OutputFigures, usage: OutputUsage) => number): readonly Sample[] =>
		outputs().flatMap((figures) => {
			const { name, isHeld, usage } = figures;
			if (!isHeld || usage === undefined) return [];
			return [[{ output: name }, value(figures, usage)] as const];
		});
	return [
		labelledCounter(
			"framegate_output_events_total",
			"Events of outputs by what became of them: delivered, failed (one attempt), buried (given up), dropped (no room), oversized (larger than the output sends).",
			["output", "outcome"],
			() =>
				outputs().flatMap(({ name, counters, dropped, oversized }) =>
					Object.entries({ ...counters, dropped, oversized }).map(
						([outcome, count]) => [{ output: name, outcome }, count] as const,
					),
				),
		),
		labelledGauge("framegate_output_up", "1 while the receiver of an output takes events.", ["output"], () =>
			held(({ isUp }) => (isUp ? 1 : 0)),
		),
		labelledGauge("framegate_output_pending_events", "Events that wait to be delivered.", ["output"], () =>
			held((_, { pending }) => pending),
		),
		labelledGauge("framegate_output_pending_bytes", "Bytes of events that wait to be delivered.", ["output"], () =>
			held((_, { pendingBytes }) => pendingBytes),
		),
		labelledGauge(
			"framegate_output_oldest_seconds",
			"Age of the oldest event that waits to be delivered; 0 when there is none.",
			["output"],
			() => held((_, { oldestAtMs }) => (oldestAtMs === 0 ? 0 : Math.max(0, now() - oldestAtMs) / 1000)),
		),
		labelledGauge("framegate_output_dead_letters", "Events that are not tried any more.", ["output"], () =>
			held((_, { deadLetters }) => deadLetters),
		),
	];
}
