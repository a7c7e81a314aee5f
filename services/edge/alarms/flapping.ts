// Limits how often one flapping alarm is published, so that it does not displace the others: a number of pushes within
// a window, then one at the end of the window with the state at that time.

import { type AlarmsOptions, alarmsDefaults } from "./options.ts";

export type FlappingOptions = Pick<AlarmsOptions, "maxPublished" | "windowMs">;

interface FlapWindow {
	readonly sinceMs: number;
	published: number;
	/** Changes that were not published one by one. */
	suppressed: number;
}

export class Flapping {
	private readonly options: FlappingOptions;
	/** Alarms published in the last window, oldest window first. */
	private readonly windows = new Map<string, FlapWindow>();

	constructor(options: Partial<FlappingOptions> = {}) {
		this.options = { ...alarmsDefaults, ...options };
	}

	/**
	 * Whether a change may be published now. If not, the caller asks again at `dueAtMs`.
	 *
	 * @param nowMs - monotonic.
	 */
	mayPublish(id: string, nowMs: number): boolean {
		const window = this.windows.get(id);
		if (window === undefined || nowMs - window.sinceMs >= this.options.windowMs) return true;
		return window.published < this.options.maxPublished;
	}

	/** When an alarm that may not be published now may be published, monotonic milliseconds. */
	dueAtMs(id: string): number {
		return (this.windows.get(id)?.sinceMs ?? 0) + this.options.windowMs;
	}

	/** A change was not published. */
	suppress(id: string): void {
		const window = this.windows.get(id);
		if (window !== undefined) window.suppressed++;
	}

	/** How many changes were suppressed since the last push. */
	suppressed(id: string): number {
		return this.windows.get(id)?.suppressed ?? 0;
	}

	/** No change of it is pending any more. */
	forget(id: string): void {
		const window = this.windows.get(id);
		if (window !== undefined) window.suppressed = 0;
	}

	/** An alarm was published. */
	recordPublished(id: string, nowMs: number): void {
		const window = this.windows.get(id);
		if (window !== undefined && nowMs - window.sinceMs < this.options.windowMs) {
			window.published++;
			window.suppressed = 0;
			return;
		}
		this.windows.delete(id);
		this.windows.set(id, { sinceMs: nowMs, published: 1, suppressed: 0 });
		this.expire(nowMs);
	}

	/** Removes windows that have ended and have no suppressed changes. */
	private expire(nowMs: number): void {
		for (const [id, window] of this.windows) {
			if (nowMs - window.sinceMs < this.options.windowMs) return;
			if (window.suppressed === 0) this.windows.delete(id);
		}
	}
}
