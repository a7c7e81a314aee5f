// Deletes the rows that a query finds. Their keys are read first: MySQL takes no limit in a subquery of `in`, and PostgreSQL none in
// `delete`, so that this is what bounds a deletion in every dialect.

/**
 * @param found - selects the keys of a bounded number of rows.
 * @param deletion - deletes the rows with these keys; not called when there are none.
 * @returns how many rows were deleted.
 */
export async function deleteFound<Key>(
	found: { execute(): Promise<readonly Key[]> },
	deletion: (keys: readonly Key[]) => { executeTakeFirst(): Promise<{ readonly numDeletedRows: bigint }> },
): Promise<number> {
	const keys = await found.execute();
	if (keys.length === 0) return 0;
	return Number((await deletion(keys).executeTakeFirst()).numDeletedRows);
}

/** The ids among keys, for the `in` of a deletion. */
export function idsOf(keys: readonly { readonly id: string }[]): string[] {
	return keys.map(({ id }) => id);
}
