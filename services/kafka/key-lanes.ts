// Work that keeps its order by key: of one key one piece runs at a time, in the order in which its items came; of several keys, a bounded
// number. What waits is bounded by the caller.

export interface KeyLanesParts<Item> {
	/** Pieces that run at once. */
	readonly maxRunning: number;
	/** How many of the first items that wait are one piece: 1 at least. */
	readonly pieceSize: (waiting: readonly Item[]) => number;
	/** Handles its own failures: it does not reject. */
	readonly run: (items: readonly Item[]) => Promise<void>;
}

export class KeyLanes<Item> {
	private readonly parts: KeyLanesParts<Item>;
	/** What waits, by key. */
	private readonly lanes = new Map<string, Item[]>();
	/** Keys that wait for a place. */
	private readonly ready: string[] = [];
	private running = 0;
	private idle: (() => void)[] = [];

	constructor(parts: KeyLanesParts<Item>) {
		this.parts = parts;
	}

	add(key: string, item: Item): void {
		const lane = this.lanes.get(key);
		if (lane !== undefined) {
			lane.push(item);
			return;
		}
		this.lanes.set(key, [item]);
		this.ready.push(key);
		this.start();
	}

	/** Resolves when nothing waits and nothing runs. */
	async settled(): Promise<void> {
		if (this.lanes.size === 0) return;
		await new Promise<void>((resolve) => this.idle.push(resolve));
	}

	private start(): void {
		while (this.running < this.parts.maxRunning) {
			const key = this.ready.shift();
			if (key === undefined) return;
			this.running++;
			void this.runOne(key);
		}
	}

	/** One piece, and then other keys have their turn. */
	private async runOne(key: string): Promise<void> {
		const lane = this.lanes.get(key) as Item[];
		await this.parts.run(lane.splice(0, this.parts.pieceSize(lane)));
		this.running--;
		if (lane.length > 0) this.ready.push(key);
		else this.lanes.delete(key);
		this.start();
		if (this.lanes.size > 0) return;
		for (const resolve of this.idle.splice(0)) resolve();
	}
}
