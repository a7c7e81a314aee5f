// Metrics of alarms.
import { counter, gauge, type MetricDefinition } from "../../../common/metrics.ts";

export interface AlarmFigures {
	/** Alarms that this process holds now. */
	readonly size: number;
	/** Changes, since the start. */
	readonly published: number;
}

export function alarmMetrics(alarms: AlarmFigures): readonly MetricDefinition[] {
	return [
		gauge("framegate_alarms", "Alarms that this process holds.", () => alarms.size),
		counter("framegate_alarms_published_total", "Alarm changes that this process published.", () => alarms.published),
	];
}
