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
	/** "" at the end of the list. */
	readonly nextCursor: string;
}

/** A page of a list: what was found, and how the next page is named. */
export interface Listing<Item> {
	/** In their order, one more than `limit` if there are more. */
	readonly found: Iterable<Item>;
	/** Items at most, whatever their bytes. */
	readonly limit: number;
	/** The cursor behind the last item shown, of which there are `count`. */
	readonly cursorBehind: (last: Item, count: number) => string;
	/** There are more items than are found here. */
	readonly hasMore?: boolean;
}

/** Fills a page. What is found may be made one by one: no more is taken than has room, and one more. */
export function fillPage<Item>(page: PageFill<Item>, listing: Listing<Item>): Filled<Item> {
	const { found, limit, cursorBehind } = listing;
	const shown: Item[] = [];
	let hasMore = listing.hasMore ?? false;
	for (const item of found) {
		if (shown.length >= limit || !page.take(item)) {
			hasMore = true;
			break;
		}
		shown.push(item);
	}
	const last = shown.at(-1);
	return { shown, nextCursor: hasMore && last !== undefined ? cursorBehind(last, shown.length) : "" };
}
