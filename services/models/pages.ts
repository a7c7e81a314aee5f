// Pages of a list whose ids are known all at once, and whose records are read a page at a time.
import { decodeCursor, encodeCursor, FOREIGN_PART } from "../cursor.ts";

/** Ids that a list goes over; a box with more shows the first so many. */
export const MAX_LISTED = 10_000;

/**
 * @param ids - in their order.
 * @param get - records in the order asked, undefined for what is gone.
 * @throws GatewayError VALIDATION_FAILED naming the cursor when it is of another list; whatever `get` throws.
 */
export async function page<Item>(
	list: string,
	ids: readonly string[],
	cursor: string,
	limit: number,
	get: (ids: readonly string[]) => Promise<readonly (Item | undefined)[]>,
): Promise<{ readonly items: readonly Item[]; readonly nextCursor: string }> {
	const [after] = decodeCursor(list, cursor, 1, FOREIGN_PART) ?? [];
	const rest = after === undefined ? ids : ids.filter((id) => id > after);
	const shown = rest.slice(0, limit);
	const items = shown.length === 0 ? [] : await get(shown);
	const last = shown.at(-1);
	return {
		items: items.filter((item) => item !== undefined),
		nextCursor: last !== undefined && rest.length > shown.length ? encodeCursor(list, last) : "",
	};
}
