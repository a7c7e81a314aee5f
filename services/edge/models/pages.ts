// Pages of a list whose ids are all known at the start, and whose records are read a page at a time.

import { batches } from "../../../common/batches.ts";
import { decodeCursor, encodeCursor, FOREIGN_PART, numberAt } from "../../../common/cursor.ts";
import { type PageFill, wholePage } from "../../../common/page-fill.ts";

/** Ids that a list goes over; a box with more shows the first so many. */
export const MAX_LISTED = 10_000;

/** Records that are in memory at a time: a document has up to a mebibyte, and those behind the end of a page are for nothing. */
const READ_AT_ONCE = 16;

export interface Listed<Shown> {
	readonly items: readonly Shown[];
	/** "" at the end. */
	readonly nextCursor: string;
}

export interface Listing<Item, Shown> {
	/** Names the list in its cursors. */
	readonly list: string;
	/** In their order. */
	readonly ids: readonly string[];
	readonly cursor: string;
	readonly limit: number;
	/** Records in the order asked, undefined for what is gone. */
	get(ids: readonly string[]): Promise<readonly (Item | undefined)[]>;
	/** What is kept of a record, which may be much larger; undefined: nothing. */
	show(item: Item): Shown | undefined;
	readonly fill?: PageFill<Shown> | undefined;
}

/** @throws GatewayError VALIDATION_FAILED naming the cursor when it is of another list; whatever `get` throws. */
export async function page<Item, Shown>(listing: Listing<Item, Shown>): Promise<Listed<Shown>> {
	const { list, ids, cursor, limit, fill = wholePage } = listing;
	const [after] = decodeCursor(list, cursor, 1, FOREIGN_PART) ?? [];
	const rest = after === undefined ? ids : ids.filter((id) => id > after);
	const wanted = rest.slice(0, limit);
	const items: Shown[] = [];
	// The last id that is on this page, or gone.
	let last = "";
	for (const batch of batches(wanted, READ_AT_ONCE)) {
		const records = await listing.get(batch);
		for (const [index, id] of batch.entries()) {
			const record = records[index];
			const shown = record === undefined ? undefined : listing.show(record);
			if (shown !== undefined) {
				if (!fill.take(shown)) return { items, nextCursor: encodeCursor(list, last) };
				items.push(shown);
			}
			last = id;
		}
	}
	return { items, nextCursor: rest.length > wanted.length && wanted.length > 0 ? encodeCursor(list, last) : "" };
}

/** A list of one record, and the page that takes its items. */
export interface MemberList<Item> {
	readonly items: readonly Item[];
	readonly page: PageFill<Item>;
}

/** For `pageOfMembers`, which goes over lists of different items. */
export function memberList<Item>(items: readonly Item[], page: PageFill<Item>): MemberList<unknown> {
	return { items, page: page as PageFill<unknown> };
}

/**
 * Fills a page with the lists of one record, one behind the other. A place in them is a number, so that what changes
 * between two pages may be missed or come twice.
 *
 * @param name - names the record in the cursor.
 * @returns the cursor of the next page, "" at the end.
 * @throws GatewayError VALIDATION_FAILED naming the cursor when it is of another list.
 */
export function pageOfMembers(name: string, cursor: string, lists: readonly MemberList<unknown>[]): string {
	let at = numberAt(name, cursor);
	let start = 0;
	for (const { items, page } of lists) {
		for (const item of items.slice(Math.max(0, at - start))) {
			if (!page.take(item)) return encodeCursor(name, at);
			at++;
		}
		start += items.length;
		at = Math.max(at, start);
	}
	return "";
}
