// When the games of this process tick: one timer for all of them. Games of one rate are spread over its interval, so that none waits for
// all others; what is late is done at once, and what was missed altogether is left out: game time then goes more slowly.

/** What ticks. */
export interface Ticking {
	/** Milliseconds from one tick to the next, as it is now. */
	readonly intervalMs: number;
	/** Must not throw. */
	onTick(): void;
}

export interface TickFigures {
	/** Since the start. */
	ticks: number;
	/** Left out, since the process had no time for them. */
	missed: number;
	/** By `LATENESS_BOUNDS`, in seconds. */
	readonly lateness: { readonly buckets: number[]; sum: number };
}

/** Upper bounds, in seconds. */
export const LATENESS_BOUNDS: readonly number[] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1];

/** Ticks are due at multiples of this: those of a few rooms come together. */
const GRID_MS = 5;
/** After this the rest of the process has its turn before further ticks. */
const ROUND_MS = 5;

interface Entry {
	readonly ticking: Ticking;
	dueMs: number;
}

export class TickScheduler {
	readonly figures: TickFigures = {
		ticks: 0,
		missed: 0,
		lateness: { buckets: new Array<number>(LATENESS_BOUNDS.length + 1).fill(0), sum: 0 },
	};
	private readonly now: () => number;
	/** After a round: what its ticks have to send. */
	private readonly onRound: () => void;
	private readonly entries = new Map<Ticking, Entry>();
	private timer: NodeJS.Timeout | undefined;
	private immediate: NodeJS.Immediate | undefined;
	private added = 0;

	/** @param now - monotonic milliseconds. @param onRound - must not throw. */
	constructor(onRound: () => void, now: () => number = () => performance.now()) {
		this.onRound = onRound;
		this.now = now;
	}

	get size(): number {
		return this.entries.size;
	}

	add(ticking: Ticking): void {
		// Golden ratio: however many there are, they are spread evenly.
		const offset = (this.added++ * 0.618_034) % 1;
		const first = this.now() + ticking.intervalMs * (1 + offset);
		this.entries.set(ticking, { ticking, dueMs: Math.ceil(first / GRID_MS) * GRID_MS });
		this.arm();
	}

	remove(ticking: Ticking): void {
		this.entries.delete(ticking);
	}

	close(): void {
		this.entries.clear();
		clearTimeout(this.timer);
		clearImmediate(this.immediate);
		this.timer = undefined;
		this.immediate = undefined;
	}

	private arm(): void {
		clearTimeout(this.timer);
		this.timer = undefined;
		if (this.immediate !== undefined || this.entries.size === 0) return;
		let nextMs = Number.POSITIVE_INFINITY;
		for (const { dueMs } of this.entries.values()) if (dueMs < nextMs) nextMs = dueMs;
		this.timer = setTimeout(() => this.round(), Math.max(1, Math.ceil(nextMs - this.now()))).unref();
	}

	private round(): void {
		this.immediate = undefined;
		const beganMs = this.now();
		const due = [...this.entries.values()].filter(({ dueMs }) => dueMs <= beganMs);
		due.sort((one, other) => one.dueMs - other.dueMs);
		for (const [index, entry] of due.entries()) {
			// It may have been removed by a tick before.
			if (this.entries.get(entry.ticking) === entry) this.tick(entry);
			if (index + 1 < due.length && this.now() - beganMs > ROUND_MS) {
				this.immediate = setImmediate(() => this.round());
				break;
			}
		}
		this.onRound();
		this.arm();
	}

	private tick(entry: Entry): void {
		const { ticking } = entry;
		const lateMs = Math.max(0, this.now() - entry.dueMs);
		const { figures } = this;
		const bucket = LATENESS_BOUNDS.findIndex((bound) => lateMs <= bound * 1000);
		const index = bucket < 0 ? LATENESS_BOUNDS.length : bucket;
		figures.lateness.buckets[index] = (figures.lateness.buckets[index] ?? 0) + 1;
		figures.lateness.sum += lateMs / 1000;
		figures.ticks++;
		ticking.onTick();
		const { intervalMs } = ticking;
		entry.dueMs += intervalMs;
		const missed = Math.floor((this.now() - entry.dueMs) / intervalMs);
		if (missed > 0) {
			figures.missed += missed;
			entry.dueMs += missed * intervalMs;
		}
	}
}
