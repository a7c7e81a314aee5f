// Metrics of field boxes.
import { labelledGauge, type MetricDefinition } from "../../../common/metrics.ts";

/** One box as this process sees it. */
export interface BoxFigures {
	readonly name: string;
	readonly isUp: boolean;
	/** This process publishes its alarms and rules. */
	readonly isLeaseHeld: boolean;
}

export function boxMetrics(boxes: () => readonly BoxFigures[]): readonly MetricDefinition[] {
	return [
		labelledGauge("framegate_box_up", "1 while a field box answers.", ["box"], () =>
			boxes().map(({ name, isUp }) => [{ box: name }, Number(isUp)]),
		),
		labelledGauge(
			"framegate_box_lease_held",
			"1 in the process that publishes the alarms and rules of a box.",
			["box"],
			() => boxes().map(({ name, isLeaseHeld }) => [{ box: name }, Number(isLeaseHeld)]),
		),
	];
}
