// Points that subscriptions show, and points a second: counted for each connection, each user and the process, so that
// a limit bounds memory and work, whatever the size of a subscription.
import { SubscriptionMode } from "../../../protocol/gen/schema.ts";
import { nextIntervalMs } from "./intervals.ts";
import type { ViewSpec } from "./view-spec.ts";

export interface PointLoad {
	readonly points: number;
	readonly perSecond: number;
}

export const NO_LOAD: PointLoad = { points: 0, perSecond: 0 };

export class PointBudget {
	points = 0;
	perSecond = 0;
	readonly maxPoints: number;
	readonly maxPerSecond: number;

	constructor(maxPoints: number, maxPerSecond: number) {
		this.maxPoints = maxPoints;
		this.maxPerSecond = maxPerSecond;
	}

	add({ points, perSecond }: PointLoad): void {
		this.points += points;
		this.perSecond += perSecond;
	}

	remove({ points, perSecond }: PointLoad): void {
		this.points -= points;
		this.perSecond -= perSecond;
	}

	get isOverPoints(): boolean {
		return this.points > this.maxPoints;
	}

	get isOverRate(): boolean {
		// Sums of fractions.
		return this.perSecond > this.maxPerSecond + 1e-6;
	}
}

type Pace = Pick<ViewSpec, "mode" | "intervalMs" | "sampleMs">;

/** What a view of so many points is at most: all of them change all the time. */
export function loadOf({ mode, intervalMs, sampleMs }: Pace, points: number): PointLoad {
	const samples = mode === SubscriptionMode.BOTH ? 1 / Math.min(sampleMs, intervalMs) : 0;
	return { points, perSecond: points * 1000 * (1 / intervalMs + samples) };
}

/**
 * The shortest interval, not below the wanted one, at which so many points are no more than so many a second. For BOTH,
 * the interval of reads for changes is raised before the interval of FULL batches.
 *
 * @returns undefined when no interval is long enough.
 */
export function slowedPace(pace: Pace, points: number, perSecond: number): Pace | undefined {
	const { mode } = pace;
	for (let intervalMs = pace.intervalMs; ; ) {
		const slowest = { mode, intervalMs, sampleMs: Math.max(pace.sampleMs, intervalMs) };
		if (loadOf(slowest, points).perSecond <= perSecond) {
			if (mode !== SubscriptionMode.BOTH) return { mode, intervalMs, sampleMs: pace.sampleMs };
			const left = perSecond - (points * 1000) / intervalMs;
			const sampleMs = Math.max(pace.sampleMs, Math.ceil((points * 1000) / left / SAMPLE_STEP_MS) * SAMPLE_STEP_MS);
			return { mode, intervalMs, sampleMs: Math.min(sampleMs, slowest.sampleMs) };
		}
		const next = nextIntervalMs(intervalMs);
		if (next === undefined) return undefined;
		intervalMs = next;
	}
}

const SAMPLE_STEP_MS = 50;
