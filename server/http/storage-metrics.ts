// Metrics of what the database keeps, and of the room for it.
import type { Registry } from "prom-client";
import { gauge, labelledCounter } from "./exported-metrics.ts";

export interface StorageFigures {
	/** The room that there is. */
	readonly space: {
		readonly freeBytes: number | undefined;
		readonly failures: Readonly<Record<string, number>>;
		readonly refusals: number;
	};
	/** What members have had stored. */
	readonly quota: {
		readonly totalBytes: number;
		readonly refusals: { readonly user: number; readonly all: number };
	};
}

export function storageMetrics(registry: Registry, { space, quota }: StorageFigures): void {
	gauge(
		registry,
		"framegate_storage_free_bytes",
		"Free bytes on the disk of an SQLite file; -1 with another database.",
		() => space.freeBytes ?? -1,
	);
	gauge(
		registry,
		"framegate_storage_member_bytes",
		"Bytes that members have had stored and that are kept, as storage.maxBytes counts them.",
		() => quota.totalBytes,
	);
	labelledCounter(
		registry,
		"framegate_storage_failures_total",
		"Writes that the database could not store, by what was wrong: full, read-only, failing.",
		["problem"],
		() => Object.entries(space.failures).map(([problem, count]) => [{ problem }, count]),
	);
	labelledCounter(
		registry,
		"framegate_storage_refused_total",
		"Members' writes refused: for want of space, or because a user or all have had their bytes.",
		["reason"],
		() => [
			[{ reason: "space" }, space.refusals],
			[{ reason: "user" }, quota.refusals.user],
			[{ reason: "all" }, quota.refusals.all],
		],
	);
}
