// Reads of long rows that end by bytes: first how long each row is, then the rows that are wanted. What is not wanted stays in the
// database.
import type { Database } from "./database.ts";

/** Drivers give sums and lengths as numbers or as text. */
type Length = number | string | bigint | null;

/**
 * @param lengths - of the rows, in their order.
 * @param maxBytes - no row is wanted behind the one with which this is reached.
 * @returns how many are wanted.
 */
export function rowsWithin(lengths: readonly Length[], maxBytes: number): number {
	return measure(lengths, maxBytes).count;
}

/**
 * Reads the first rows of those that are as long, as `rowsWithin` counts them, when `Database.longReads` has room for them.
 *
 * @param read - reads so many of them.
 * @throws what `read` throws.
 */
export async function readWithin<Rows>(
	{ longReads }: Pick<Database, "longReads">,
	lengths: readonly Length[],
	maxBytes: number,
	read: (count: number) => Promise<Rows>,
): Promise<Rows> {
	const { count, bytes } = measure(lengths, maxBytes);
	return await longReads.run(() => read(count), Math.max(1, bytes));
}

function measure(lengths: readonly Length[], maxBytes: number): { readonly count: number; readonly bytes: number } {
	let bytes = 0;
	for (const [index, length] of lengths.entries()) {
		bytes += Number(length ?? 0);
		if (bytes >= maxBytes) return { count: index + 1, bytes };
	}
	return { count: lengths.length, bytes };
}
