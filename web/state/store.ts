// A value that components watch: replaced as a whole, never changed in place.

export class Store<Value> {
	private current: Value;
	private readonly listeners = new Set<() => void>();

	constructor(initial: Value) {
		this.current = initial;
	}

	get value(): Value {
		return this.current;
	}

	set(value: Value): void {
		if (value === this.current) return;
		this.current = value;
		for (const listener of this.listeners) listener();
	}

	update(change: (value: Value) => Value): void {
		this.set(change(this.current));
	}

	/** @returns ends the subscription. */
	onChange(listener: () => void): () => void {
		this.listeners.add(listener);
		return () => {
			this.listeners.delete(listener);
		};
	}
}

/** The list with one item more, and without its oldest beyond `limit`. */
export function appended<Item>(items: readonly Item[], item: Item, limit: number): readonly Item[] {
	return items.length < limit ? [...items, item] : [...items.slice(items.length - limit + 1), item];
}
