// Metrics of accounts.
import { counter, gauge, type MetricDefinition } from "../../common/metrics.ts";

export interface AccountFigures {
	/** Password checks that wait now, and those refused since the start because too many waited. */
	readonly passwords: { readonly queued: number; readonly rejections: number };
}

export function accountMetrics({ passwords }: AccountFigures): readonly MetricDefinition[] {
	return [
		gauge("framegate_password_checks_waiting", "Password checks that wait.", () => passwords.queued),
		counter(
			"framegate_password_checks_refused_total",
			"Password checks refused because too many waited.",
			() => passwords.rejections,
		),
	];
}
