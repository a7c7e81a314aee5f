// Metrics of the server API, and of the keys that make its calls repeatable.
import { counter, labelledCounter, labelledGauge, type MetricDefinition } from "../../common/metrics.ts";
import type { KeyBudget } from "../../messaging/key-budget.ts";

export interface BackendFigures {
	readonly counts: { readonly published: number; readonly repeated: number };
	/** Keys by what they are of: publications, and results of other calls. */
	readonly budgets: { readonly publications: KeyBudget; readonly results: KeyBudget };
}

export function backendMetrics({ counts, budgets }: BackendFigures): readonly MetricDefinition[] {
	const kinds = Object.entries(budgets);
	return [
		counter(
			"framegate_backend_publications_total",
			"Publications of backends, inboxes of a broadcast each counted.",
			() => counts.published,
		),
		counter(
			"framegate_backend_repeats_total",
			"Publications of backends that were not published again, since their key was known.",
			() => counts.repeated,
		),
		labelledGauge(
			"framegate_idempotency_bytes",
			"Bytes that keys of callers take, counted by this process.",
			["kind"],
			() => kinds.map(([kind, { bytes }]) => [{ kind }, bytes] as const),
		),
		labelledCounter(
			"framegate_idempotency_refused_total",
			"Calls with a key that were refused because earlier keys took all that there is.",
			["kind"],
			() => kinds.map(([kind, { refused }]) => [{ kind }, refused] as const),
		),
	];
}
