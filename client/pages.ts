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
