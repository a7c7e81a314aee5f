// Many items, some at a time: what one command, statement or round of promises takes.

/**
 * Splits items into batches, in their order. Items are taken as the batches are: what is added behind meanwhile comes, too,
 * where the items are a set or a map.
 *
 * @param size - items of a batch at most; 1 or more.
 * @returns no batch for no items.
 * @throws RangeError when the size is not a number of items.
 */
export function* batches<Item>(items: Iterable<Item>, size: number): Generator<Item[], void, void> {
	if (!(size >= 1)) throw new RangeError(`no batches of ${size} items`);
	let batch: Item[] = [];
	for (const item of items) {
		batch.push(item);
		if (batch.length < size) continue;
		yield batch;
		batch = [];
	}
	if (batch.length > 0) yield batch;
}
