// Reads of long rows that end by bytes: first the keys and how long each row is, then the rows that are wanted. What is not
// wanted stays in the database.

/**
 * @param lengths - of the rows, in their order. Drivers give sums and lengths as numbers or as text.
 * @param maxBytes - no row is wanted behind the one with which this is reached.
 * @returns how many are wanted.
 */
export function rowsWithin(lengths: readonly (number | string | bigint | null)[], maxBytes: number): number {
	let bytes = 0;
	for (const [index, length] of lengths.entries()) {
		bytes += Number(length ?? 0);
		if (bytes >= maxBytes) return index + 1;
	}
	return lengths.length;
}
