// Metrics of control: commands and the audit trail.
import { counter, type Distribution, gauge, histogram, type MetricDefinition } from "../../../common/metrics.ts";
import { CommandStage } from "../../../protocol/gen/schema.ts";

/** Upper bounds of the control latency's buckets, in milliseconds. */
const CONTROL_BOUNDS_MS = [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000];

/** How long commands took until each stage. */
export class StageTimes {
	private readonly stages = new Map<CommandStage, { readonly buckets: number[]; sumMs: number }>();

	record(stage: CommandStage, elapsedMs: number): void {
		const known = this.stages.get(stage);
		const times = known ?? { buckets: new Array<number>(CONTROL_BOUNDS_MS.length + 1).fill(0), sumMs: 0 };
		if (known === undefined) this.stages.set(stage, times);
		const at = CONTROL_BOUNDS_MS.findIndex((bound) => elapsedMs <= bound);
		const bucket = at === -1 ? CONTROL_BOUNDS_MS.length : at;
		times.buckets[bucket] = (times.buckets[bucket] ?? 0) + 1;
		times.sumMs += elapsedMs;
	}

	/** One series for each stage, in seconds. */
	read(): readonly Distribution[] {
		return [...this.stages].map(([stage, { buckets, sumMs }]) => ({
			labels: { stage: stageName(stage) },
			bounds: CONTROL_BOUNDS_MS.map((bound) => bound / 1000),
			buckets,
			sum: sumMs / 1000,
			count: buckets.reduce((sum, count) => sum + count, 0),
		}));
	}
}

function stageName(stage: CommandStage): string {
	const name = Object.entries(CommandStage).find(([, value]) => value === stage)?.[0] ?? String(stage);
	return name.toLowerCase();
}

export interface ControlFigures {
	readonly controls: { readonly openCommands: number; readonly selectedPoints: number };
	readonly stageTimes: StageTimes;
	readonly audit: { readonly failures: number };
}

export function controlMetrics({ controls, stageTimes, audit }: ControlFigures): readonly MetricDefinition[] {
	return [
		gauge("framegate_control_commands_open", "Commands that are not finished.", () => controls.openCommands),
		gauge("framegate_control_points_selected", "Points that are selected.", () => controls.selectedPoints),
		histogram(
			"framegate_control_stage_seconds",
			"Time from the request for a command to each stage that it reached.",
			() => stageTimes.read(),
		),
		counter(
			"framegate_audit_entries_failed_total",
			"Entries that could not be added to the audit trail; the log has each.",
			() => audit.failures,
		),
	];
}
