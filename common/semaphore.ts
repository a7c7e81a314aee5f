// Lets so much work run at a time; the rest waits for it, in the order in which it came.

export interface SemaphoreOptions {
	/** Pieces of work that run at a time, or the sum of their weights; 1 or more. */
	readonly maxRunning: number;
	/** Pieces that may wait; further ones are refused. Without it the callers themselves have to be bounded. */
	readonly maxWaiting?: number;
	/** Makes the error for what is refused. */
	readonly rejection?: () => Error;
}

export class Semaphore {
	private readonly options: SemaphoreOptions;
	private readonly waiting: { readonly weight: number; readonly begin: () => void }[] = [];
	private running = 0;

	constructor(options: SemaphoreOptions) {
		this.options = options;
	}

	/**
	 * Runs the work when there is a place for it.
	 *
	 * @param weight - how many places it takes; at most all of them.
	 * @throws what the work throws; the error of `rejection` when too many wait already.
	 */
	async run<Result>(work: () => Promise<Result>, weight = 1): Promise<Result> {
		const { maxRunning, maxWaiting = Number.POSITIVE_INFINITY, rejection } = this.options;
		const places = Math.min(weight, maxRunning);
		if (this.waiting.length > 0 || this.running + places > maxRunning) {
			if (this.waiting.length >= maxWaiting) throw rejection?.() ?? new Error("too many wait already");
			await new Promise<void>((begin) => this.waiting.push({ weight: places, begin }));
		} else {
			this.running += places;
		}
		try {
			return await work();
		} finally {
			this.running -= places;
			this.beginNext();
		}
	}

	/** What begins has its places at once, so that no newcomer gets in between. */
	private beginNext(): void {
		for (let next = this.waiting[0]; next !== undefined; next = this.waiting[0]) {
			if (this.running + next.weight > this.options.maxRunning) return;
			this.running += next.weight;
			this.waiting.shift();
			next.begin();
		}
	}
}
