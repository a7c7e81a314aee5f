// Keeps an alarm that comes and goes all the time from drowning the others: so many tellings in a window, then one at
// its end with the state that it has by then.

export interface FlappingOptions {
	/** Times that one alarm is told of within a window. */
	readonly maxPublished: number;
	/** Milliseconds. */
	readonly windowMs: number;
}

export const flappingDefaults: FlappingOptions = { maxPublished: 6, windowMs: 60_000 };

interface FlapWindow {
	readonly sinceMs: number;
	told: number;
	/** Changes that were not told one by one. */
	suppressed: number;
}

export class Flapping {
	private readonly options: FlappingOptions;
	/** Alarms told of in the last window, oldest spell first. */
	private readonly spells = new Map<string, FlapWindow>();

	constructor(options: Partial<FlappingOptions> = {}) {
		this.options = { ...flappingDefaults, ...options };
	}

	/**
	 * Whether a change may be told now. If not, ask again at `dueAtMs`.
	 *
	 * @param nowMs - monotonic.
	 */
	mayPublish(id: string, nowMs: number): boolean {
		const spell = this.spells.get(id);
		if (spell === undefined || nowMs - spell.sinceMs >= this.options.windowMs) return true;
		return spell.told < this.options.maxPublished;
	}

	/** When an alarm that may not be told of now may be, monotonic milliseconds. */
	dueAtMs(id: string): number {
		return (this.spells.get(id)?.sinceMs ?? 0) + this.options.windowMs;
	}

	/** A change was left out. */
	suppress(id: string): void {
		const spell = this.spells.get(id);
		if (spell !== undefined) spell.suppressed++;
	}

	/** How many changes were left out since the last telling. */
	suppressed(id: string): number {
		return this.spells.get(id)?.suppressed ?? 0;
	}

	/** There is nothing to tell of it any more. */
	forget(id: string): void {
		const spell = this.spells.get(id);
		if (spell !== undefined) spell.suppressed = 0;
	}

	/** An alarm was told of. */
	recordPublished(id: string, nowMs: number): void {
		const spell = this.spells.get(id);
		if (spell !== undefined && nowMs - spell.sinceMs < this.options.windowMs) {
			spell.told++;
			spell.suppressed = 0;
			return;
		}
		this.spells.delete(id);
		this.spells.set(id, { sinceMs: nowMs, told: 1, suppressed: 0 });
		this.expire(nowMs);
	}

	/** Spells that are over, and of which nothing is left to tell. */
	private expire(nowMs: number): void {
		for (const [id, spell] of this.spells) {
			if (nowMs - spell.sinceMs < this.options.windowMs) return;
			if (spell.suppressed === 0) this.spells.delete(id);
		}
	}
}
