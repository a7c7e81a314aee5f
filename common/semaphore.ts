// Lets so many pieces of work run at a time; the others wait for them, in the order in which they came.

export interface SemaphoreOptions {
	/** Pieces of work that run at a time; 1 or more. */
	readonly maxRunning: number;
	/** Pieces that may wait; further ones are refused. Without it the callers themselves have to be bounded. */
	readonly maxWaiting?: number;
	/** Makes the error for what is refused. */
	readonly rejection?: () => Error;
}

export class Semaphore {
	private readonly options: SemaphoreOptions;
	private readonly waiting: (() => void)[] = [];
	private running = 0;

	constructor(options: SemaphoreOptions) {
		this.options = options;
	}

	/**
	 * Runs the work when there is a place for it.
	 *
	 * @throws what the work throws; the error of `rejection` when too many wait already.
	 */
	async run<Result>(work: () => Promise<Result>): Promise<Result> {
		const { maxRunning, maxWaiting = Number.POSITIVE_INFINITY, rejection } = this.options;
		if (this.running >= maxRunning) {
			if (this.waiting.length >= maxWaiting) throw rejection?.() ?? new Error("too many wait already");
			// What ends passes its place on, so that no newcomer gets in between.
			await new Promise<void>((resolve) => this.waiting.push(resolve));
		} else {
			this.running++;
		}
		try {
			return await work();
		} finally {
			const next = this.waiting.shift();
			if (next === undefined) this.running--;
			else next();
		}
	}
}
