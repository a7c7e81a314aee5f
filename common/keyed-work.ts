// Work that is due for keys, such as users whose state has changed: one run at a time for each key, and not too many at once. A key
// that is added while its work runs gets another run after it.

export class KeyedWork<Key> {
	private readonly maxRunning: number;
	private readonly work: (key: Key) => Promise<void>;
	private readonly due = new Set<Key>();
	private readonly running = new Map<Key, Promise<void>>();

	/**
	 * @param maxRunning - runs at once; further keys wait, each once.
	 * @param work - handles its own failures: it does not reject.
	 */
	constructor(maxRunning: number, work: (key: Key) => Promise<void>) {
		this.maxRunning = maxRunning;
		this.work = work;
	}

	/** Keys that are due or whose work runs. */
	get size(): number {
		return this.due.size + this.running.size;
	}

	add(key: Key): void {
		this.due.add(key);
		this.start();
	}

	/** Resolves when nothing is due and nothing runs. */
	async settled(): Promise<void> {
		while (this.running.size > 0) await Promise.all(this.running.values());
	}

	private start(): void {
		for (const key of this.due) {
			if (this.running.size >= this.maxRunning) return;
			if (this.running.has(key)) continue;
			this.due.delete(key);
			const run = this.work(key).finally(() => {
				this.running.delete(key);
				this.start();
			});
			this.running.set(key, run);
		}
	}
}
