// Views that tick together: FULL batches and changes by interval, or reads for changes in between.
import { phaseMs } from "./intervals.ts";
import type { Tick, Ticker } from "./ticker.ts";
import type { View } from "./view.ts";

export type TickKind = "interval" | "changes";

export interface ViewGroup {
	readonly kind: TickKind;
	readonly periodMs: number;
	readonly views: Set<View>;
	readonly tick: Tick;
	isBusy: boolean;
}

/** Points after which a tick yields to the event loop. */
const POINTS_PER_TURN = 20_000;

export class ViewGroups {
	private readonly ticker: Ticker;
	private readonly due: (group: ViewGroup) => void;
	private readonly groups = new Map<string, ViewGroup>();

	/** @param due - called when a group ticks. */
	constructor(ticker: Ticker, due: (group: ViewGroup) => void) {
		this.ticker = ticker;
		this.due = due;
	}

	enter(view: View, kind: TickKind): void {
		const periodMs = periodOf(view, kind);
		const name = `${kind}:${periodMs}`;
		const known = this.groups.get(name);
		if (known !== undefined) {
			known.views.add(view);
			return;
		}
		const group: ViewGroup = {
			kind,
			periodMs,
			views: new Set([view]),
			isBusy: false,
			tick: this.ticker.every(periodMs, phaseMs(periodMs), () => this.due(group)),
		};
		this.groups.set(name, group);
	}

	leave(view: View, kind: TickKind): void {
		const name = `${kind}:${periodOf(view, kind)}`;
		const group = this.groups.get(name);
		if (!group?.views.delete(view) || group.views.size > 0) return;
		group.tick.stop();
		this.groups.delete(name);
	}
}

function periodOf({ spec }: View, kind: TickKind): number {
	return kind === "interval" ? spec.intervalMs : spec.sampleMs;
}

/** Calls the action for each view, and yields to the event loop after every `POINTS_PER_TURN` points. */
export async function inTurns(views: readonly View[], action: (view: View) => void): Promise<void> {
	let points = 0;
	for (const view of views) {
		if (points >= POINTS_PER_TURN) {
			points = 0;
			await new Promise<void>((resolve) => setImmediate(resolve));
		}
		points += view.load.points;
		action(view);
	}
}
