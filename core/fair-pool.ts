// Items by owner, with the owner of the most at hand: what gives way when a shared bound is reached. Every operation takes
// constant time, however many owners there are.

/** How many items of the chosen owner are looked at for one that is not in use. */
const LOOK_AHEAD = 8;

export class FairPool<Item> {
	/** Items by owner, oldest first. */
	private readonly owners = new Map<string, Set<Item>>();
	/** Owners by their number of items; within a level, the one that has been on it longest comes first. */
	private readonly levels: Set<string>[] = [new Set()];
	private top = 0;
	private total = 0;

	/** Items of all owners. */
	get size(): number {
		return this.total;
	}

	/** Items of one owner. */
	count(owner: string): number {
		return this.owners.get(owner)?.size ?? 0;
	}

	add(owner: string, item: Item): void {
		const items = this.owners.get(owner) ?? new Set();
		if (items.has(item)) return;
		if (items.size === 0) this.owners.set(owner, items);
		items.add(item);
		this.total++;
		this.levels[items.size - 1]?.delete(owner);
		this.level(items.size).add(owner);
		this.top = Math.max(this.top, items.size);
	}

	/** Does nothing for an item that is not there. */
	delete(owner: string, item: Item): void {
		const items = this.owners.get(owner);
		if (!items?.delete(item)) return;
		this.total--;
		this.levels[items.size + 1]?.delete(owner);
		if (items.size === 0) this.owners.delete(owner);
		else this.level(items.size).add(owner);
		if (this.top > 0 && this.level(this.top).size === 0) this.top--;
	}

	/**
	 * The item that gives way: the oldest of the owner with the most.
	 *
	 * @param isBusy - items that are passed over, if one of the next few is not.
	 */
	victim(isBusy: (item: Item) => boolean): Item | undefined {
		const [owner] = this.level(this.top);
		return owner === undefined ? undefined : this.oldest(owner, isBusy);
	}

	/** The item of one owner that gives way. */
	oldest(owner: string, isBusy: (item: Item) => boolean): Item | undefined {
		let first: Item | undefined;
		let looked = 0;
		for (const item of this.owners.get(owner) ?? []) {
			first ??= item;
			if (!isBusy(item)) return item;
			if (++looked === LOOK_AHEAD) break;
		}
		return first;
	}

	private level(size: number): Set<string> {
		const level = this.levels[size] ?? new Set<string>();
		this.levels[size] = level;
		return level;
	}
}
