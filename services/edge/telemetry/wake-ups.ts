// Changes that the box publishes: views that wait for changes are updated sooner than by their tick.

import type { Clock } from "../../../common/clock.ts";
import { SubscriptionMode } from "../../../protocol/gen/schema.ts";
import type { BoxPoints, PointKey } from "../boxes/box-points.ts";
import type { CachedKey } from "./point-cache.ts";
import type { Ticker } from "./ticker.ts";
import type { View } from "./view.ts";

/** Notifications within this time are handled together. */
const COALESCE_MS = 20;
/**
 * A view of mode BOTH gets changes no more often than this, and no more often than twice for each of its regular reads.
 */
const MIN_GAP_MS = 100;

export class WakeUps {
	private readonly points: BoxPoints;
	private readonly clock: Clock;
	private readonly ticker: Ticker;
	private readonly refresh: (view: View, keys: readonly CachedKey[]) => Promise<void>;
	private readonly viewsByKey = new Map<string, Map<View, CachedKey>>();
	private readonly changed = new Set<string>();
	private isPending = false;
	private isWatchDue = false;
	private readonly busy = new Set<View>();

	constructor(
		points: BoxPoints,
		clock: Clock,
		ticker: Ticker,
		refresh: (view: View, keys: readonly CachedKey[]) => Promise<void>,
	) {
		this.points = points;
		this.clock = clock;
		this.ticker = ticker;
		this.refresh = refresh;
		points.onChange((text) => this.recordChange(text));
	}

	add(view: View): void {
		for (const cached of view.keys) {
			const views = this.viewsByKey.get(cached.text) ?? new Map();
			this.viewsByKey.set(cached.text, views.set(view, cached));
		}
		this.watchSoon();
	}

	remove(view: View): void {
		for (const { text } of view.keys) {
			const views = this.viewsByKey.get(text);
			if (views?.delete(view) && views.size === 0) this.viewsByKey.delete(text);
		}
		this.watchSoon();
	}

	private recordChange(text: string): void {
		if (!this.viewsByKey.has(text)) return;
		this.changed.add(text);
		if (this.isPending) return;
		this.isPending = true;
		this.ticker.after(COALESCE_MS, () => {
			this.isPending = false;
			this.wake();
		});
	}

	private wake(): void {
		const nowMs = this.clock.monotonic();
		const keysOf = new Map<View, CachedKey[]>();
		for (const text of this.changed) {
			for (const [view, cached] of this.viewsByKey.get(text) ?? []) {
				const { mode, intervalMs, sampleMs } = view.spec;
				const gapMs = mode === SubscriptionMode.BOTH ? Math.max(MIN_GAP_MS, sampleMs / 2) : intervalMs;
				// Too soon for another batch: the tick will find it.
				if (this.busy.has(view) || nowMs - view.batchAtMs < gapMs) continue;
				const keys = keysOf.get(view) ?? [];
				keysOf.set(view, keys);
				keys.push(cached);
			}
		}
		this.changed.clear();
		for (const [view, keys] of keysOf) {
			this.busy.add(view);
			void this.refresh(view, keys).finally(() => this.busy.delete(view));
		}
	}

	/** Many subscriptions begin and end at the same time. */
	private watchSoon(): void {
		if (this.isWatchDue) return;
		this.isWatchDue = true;
		this.ticker.after(COALESCE_MS, () => {
			this.isWatchDue = false;
			const watched: PointKey[] = [];
			for (const views of this.viewsByKey.values()) {
				for (const { key } of views.values()) {
					watched.push(key);
					break;
				}
			}
			this.points.watch(watched);
		});
	}
}
