// Work that keeps its order by key: of one key one piece runs at a time, in the order in which they came; of several keys, a bounded
// number. What waits is bounded by the caller.

interface Lane {
	readonly waiting: (() => Promise<void>)[];
}

export class KeyLanes {
	private readonly maxRunning: number;
	private readonly lanes = new Map<string, Lane>();
	/** Keys whose first piece waits for a place. */
	private readonly ready: string[] = [];
	private running = 0;
	private idle: (() => void)[] = [];

	/** @param maxRunning - pieces that run at once. */
	constructor(maxRunning: number) {
		this.maxRunning = maxRunning;
	}

	/** @param work - handles its own failures: it does not reject. */
	add(key: string, work: () => Promise<void>): void {
		const lane = this.lanes.get(key);
		if (lane !== undefined) {
			lane.waiting.push(work);
			return;
		}
		this.lanes.set(key, { waiting: [work] });
		this.ready.push(key);
		this.start();
	}

	/** Resolves when nothing waits and nothing runs. */
	async settled(): Promise<void> {
		if (this.lanes.size === 0) return;
		await new Promise<void>((resolve) => this.idle.push(resolve));
	}

	private start(): void {
		while (this.running < this.maxRunning) {
			const key = this.ready.shift();
			if (key === undefined) return;
			this.running++;
			void this.runOne(key);
		}
	}

	/** One piece, and then other keys have their turn. */
	private async runOne(key: string): Promise<void> {
		const lane = this.lanes.get(key) as Lane;
		const work = lane.waiting.shift() as () => Promise<void>;
		await work();
		this.running--;
		if (lane.waiting.length > 0) this.ready.push(key);
		else this.lanes.delete(key);
		this.start();
		if (this.lanes.size > 0) return;
		for (const resolve of this.idle.splice(0)) resolve();
	}
}
