// Metrics of storage: disk space and the quotas of members.
import { counter, gauge, labelledCounter, type MetricDefinition } from "../../common/metrics.ts";

export interface SqliteFigures {
	readonly queuedBytes: number;
	readonly waitMs: number;
	readonly rejections: number;
	readonly restarts: number;
}

export interface StorageFigures {
	/** Disk space. */
	readonly space: {
		readonly freeBytes: number | undefined;
		readonly failures: Readonly<Record<string, number>>;
		readonly rejections: number;
	};
	/** What waits for the threads of SQLite; undefined with another database. */
	readonly sqlite: () => SqliteFigures | undefined;
	/** Bytes that are stored for members. */
	readonly quota: {
		readonly totalBytes: number;
		readonly rejections: { readonly user: number; readonly all: number };
	};
}

export function storageMetrics({ space, quota, sqlite }: StorageFigures): readonly MetricDefinition[] {
	return [
		...sqliteMetrics(sqlite),
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

function sqliteMetrics(figures: StorageFigures["sqlite"]): readonly MetricDefinition[] {
	return [
		gauge(
			"framegate_sqlite_queued_bytes",
			"Bytes of statements that wait for SQLite's threads or are being run; 0 with another database.",
			() => figures()?.queuedBytes ?? 0,
		),
		gauge(
			"framegate_sqlite_wait_seconds",
			"How long the oldest statement waits for SQLite's threads or is being run; 0 when there is none.",
			() => (figures()?.waitMs ?? 0) / 1000,
		),
		counter(
			"framegate_sqlite_refused_total",
			"Statements refused because too many bytes waited for SQLite's threads.",
			() => figures()?.rejections ?? 0,
		),
		counter(
			"framegate_sqlite_thread_restarts_total",
			"Threads of SQLite that ended unexpectedly and were started again.",
			() => figures()?.restarts ?? 0,
		),
	];
}
