// Metrics of rule executions.
import { counter, type MetricDefinition } from "../../../common/metrics.ts";

export interface RuleFigures {
	/** Since the start. */
	readonly dropped: number;
}

export function ruleMetrics(rules: RuleFigures): readonly MetricDefinition[] {
	return [
		counter(
			"framegate_rule_executions_dropped_total",
			"Rule executions that were not published because the broker did not keep up.",
			() => rules.dropped,
		),
	];
}
