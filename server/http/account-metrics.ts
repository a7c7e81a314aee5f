// Metrics of accounts.
import type { Registry } from "prom-client";
import { counter, gauge } from "./exported-metrics.ts";

export interface AccountFigures {
	readonly passwords: { readonly queued: number; readonly rejections: number };
}

export function accountMetrics(registry: Registry, { passwords }: AccountFigures): void {
	gauge(registry, "framegate_password_checks_waiting", "Password checks that wait.", () => passwords.queued);
	counter(
		registry,
		"framegate_password_checks_refused_total",
		"Password checks refused because too many waited.",
		() => passwords.rejections,
	);
}
