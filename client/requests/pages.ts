// Lists that come in pages, as one sequence.

interface Page {
	readonly nextCursor?: string;
}

/**
 * Reads page after page as the items are asked for.
 *
 * @param read - fetches the page at a cursor; "" for the first.
 * @param itemsOf - what is on a page.
 */
export async function* paged<Reply extends Page, Item>(
	read: (cursor: string) => Promise<Reply>,
	itemsOf: (reply: Reply) => readonly Item[] | null | undefined,
): AsyncGenerator<Item, void, undefined> {
	let cursor = "";
	do {
		const reply = await read(cursor);
		yield* itemsOf(reply) ?? [];
		const next = reply.nextCursor ?? "";
		// A gateway that gives the same page for ever would have us read it for ever.
		if (next !== "" && next === cursor) throw new Error("the gateway gave the same cursor twice");
		cursor = next;
	} while (cursor !== "");
}

/**
 * Reads what follows a reply that had no room for all of it, and makes one reply of both.
 *
 * @param cursorOf - "" when nothing follows.
 * @param read - the reply at a cursor.
 * @param merge - the first with what the next one has.
 */
export async function completed<Reply>(
	first: Reply,
	cursorOf: (reply: Reply) => string | undefined,
	read: (cursor: string) => Promise<Reply>,
	merge: (all: Reply, next: Reply) => Reply,
): Promise<Reply> {
	let all = first;
	let cursor = cursorOf(first) ?? "";
	while (cursor !== "") {
		const next = await read(cursor);
		all = merge(all, next);
		if (cursorOf(next) === cursor) throw new Error("the gateway gave the same cursor twice");
		cursor = cursorOf(next) ?? "";
	}
	return all;
}

/** Two lists as one. */
export function joined<Item>(
	one: readonly Item[] | null | undefined,
	other: readonly Item[] | null | undefined,
): Item[] {
	return [...(one ?? []), ...(other ?? [])];
}
