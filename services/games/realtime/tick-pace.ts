// Whether a game has the time that it takes: how often its ticks took longer than they may, and what follows from that.

/** `late`: this tick; `slowed`: from now on fewer ticks; `hopeless`: that did not help. */
export type Verdict = "fine" | "late" | "slowed" | "hopeless";

/** So many late ticks, more than are made up for, and the game is slowed; once more, and it is ended. */
const LATE_TICKS = 10;
/** A tick in time makes up for a part of a late one. */
const REGAINED = 0.05;
/** A single tick of this many times its budget counts as so many. */
const MAX_WEIGHT = 10;
const SLOWEST = 4;

export class TickPace {
	/** Times as long from one tick to the next as the game declares. */
	factor = 1;
	private readonly maxTickMs: number;
	private late = 0;

	constructor(maxTickMs: number) {
		this.maxTickMs = maxTickMs;
	}

	judge(tookMs: number): Verdict {
		if (tookMs <= this.maxTickMs) {
			if (this.late > 0) this.late = Math.max(0, this.late - REGAINED);
			if (this.late === 0 && this.factor > 1) this.factor /= 2;
			return "fine";
		}
		this.late += Math.min(MAX_WEIGHT, tookMs / this.maxTickMs);
		if (this.late < LATE_TICKS) return "late";
		this.late = LATE_TICKS / 2;
		if (this.factor >= SLOWEST) return "hopeless";
		this.factor *= 2;
		return "slowed";
	}
}
