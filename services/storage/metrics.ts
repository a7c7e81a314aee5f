// Metrics of storage: disk space and the quotas of members.
import { gauge, labelledCounter, type MetricDefinition } from "../../common/metrics.ts";

export interface StorageFigures {
	/** Disk space. */
	readonly space: {
		readonly freeBytes: number | undefined;
		readonly failures: Readonly<Record<string, number>>;
		readonly rejections: number;
	};
	/** Bytes that are stored for members. */
	readonly quota: {
		readonly totalBytes: number;
		readonly rejections: { readonly user: number; readonly all: number };
	};
}

export function storageMetrics({ space, quota }: StorageFigures): readonly MetricDefinition[] {
	return [
		gauge(
			"framegate_storage_free_bytes",
			"Free bytes on the disk of an SQLite file; -1 with another database.",
			() => space.freeBytes ?? -1,
		),
		gauge(
			"framegate_storage_member_bytes",
			"Bytes that are stored for members, as storage.maxBytes counts them.",
			() => quota.totalBytes,
		),
		labelledCounter(
			"framegate_storage_failures_total",
			"Writes that the database could not store, by what was wrong: full, read-only, failing.",
			["problem"],
			() => Object.entries(space.failures).map(([problem, count]) => [{ problem }, count]),
		),
		labelledCounter(
			"framegate_storage_refused_total",
			"Members' writes refused: no disk space, or the bytes of a user or of all users are used up.",
			["reason"],
			() => [
				[{ reason: "space" }, space.rejections],
				[{ reason: "user" }, quota.rejections.user],
				[{ reason: "all" }, quota.rejections.all],
			],
		),
	];
}
