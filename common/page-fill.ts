// The page of a list, as services and stores see it: it takes items until it has as many bytes as one reply may carry.

export interface PageFill<Item> {
	/** What it takes in all, in bytes of items as they are sent; a store needs read no more than that. */
	readonly maxBytes: number;
	/** @returns false when the item has no room, and belongs on the next page. The first item always has. */
	take(item: Item): boolean;
}

/** Takes everything: for the server's own use, where no message is made of it. */
export const wholePage: PageFill<unknown> = Object.freeze({ maxBytes: Number.MAX_SAFE_INTEGER, take: () => true });

export interface Filled<Item> {
	readonly shown: readonly Item[];
	/** Something that was found is not shown. */
	readonly hasMore: boolean;
}

/**
 * Fills a page.
 *
 * @param found - in their order, one more than `limit` if there are more.
 * @param limit - items at most, whatever their bytes.
 */
export function fillPage<Item>(page: PageFill<Item>, found: readonly Item[], limit: number): Filled<Item> {
	const shown: Item[] = [];
	for (const item of found) {
		if (shown.length >= limit || !page.take(item)) break;
		shown.push(item);
	}
	return { shown, hasMore: shown.length < found.length };
}
